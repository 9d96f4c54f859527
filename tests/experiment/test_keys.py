"""The keys of the kit itself: a constant changes those of what goes through it, a comment none."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import w2s_kit

KIT = Path(w2s_kit.__file__).parent

# file -> (an edit that changes numbers, whose keys change by it)
CONSTANTS = {
    "training/config.py": ("0.5 * (1 + math.cos", "0.4 * (1 + math.cos", "all"),
    "experiment/learn.py": ("HELD_OUT = 0.1", "HELD_OUT = 0.2", "kinds"),
    "models/heads.py": ("ANSWERS = (", 'ANSWERS = (("nay", "aye"), ', {"classes", "choices"}),
    "models/reward.py": (
        "lengths - 1 - first",
        "lengths - 2 - first",
        {"pairs", "relabel", "filter", "coherence"},
    ),
    "models/writer.py": ("1 / len(beyond)", "2 / len(beyond)", {"writing", "generative"}),
    "models/chess_policy.py": ("-1e9", "-1e8", {"choices"}),
    "training/losses.py": ("step_fraction / warmup)", "step_fraction / warmup / 2)", None),
    "methods/kl.py": ("loss=KL()", "loss=losses.cross_entropy", {"kl"}),
    "methods/confidence.py": ("*, alpha_max: float = 0.75", "*, alpha_max: float = 0.5", {"confidence"}),
    "methods/two_stage.py": ("threshold: float = 0.8", "threshold: float = 0.7", {"two_stage"}),
    "methods/anchor.py": ("weight: float = 1.0, **kw", "weight: float = 2.0, **kw", {"anchor"}),
    "methods/learned_weights.py": ("rate: float = 10.0", "rate: float = 1.0", {"learned_weights"}),
    "methods/relabel.py": ("max_iter=10_000", "max_iter=20", {"relabel", "filter"}),
}

# One process for all copies of the kit: what is heavy is imported once, and each copy in a fork.
PATH = """
import json, os, sys
import accelerate, datasets, joblib, pandas, scipy.sparse, sklearn.linear_model, torch, tqdm.auto
import transformers, transformers.modeling_layers
for root in sys.argv[1:]:
    if (child := os.fork()) == 0:
        sys.path.insert(0, root)
        import w2s_kit
        assert w2s_kit.__file__.startswith(root), w2s_kit.__file__
        from w2s_kit.experiment.keys import code, code_of
        from w2s_kit.methods import METHODS
        keys = {kind: code(kind) for kind in ("classes", "choices", "pairs", "writing")}
        keys |= {name: code_of(method) for name, method in METHODS.items()}
        with open(os.path.join(root, "keys.json"), "w") as file:
            json.dump(keys, file)
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0, root
"""


def commented(name, text):
    return text.replace("\ndef ", "\n# a comment\n\n\ndef ").replace(
        "\n    return ", "\n    # why\n    return "
    )


@pytest.fixture(scope="module")
def kit_keys(tmp_path_factory):
    """The keys of the kit "as it is", with comments "everywhere", and with each edit of CONSTANTS."""
    if not hasattr(os, "fork"):
        pytest.skip("imports the kit in forks")
    edits = {"as it is": lambda name, text: text, "everywhere": commented}
    edits |= {
        file: lambda name, text, file=file: text.replace(*CONSTANTS[file][:2]) if name == file else text
        for file in CONSTANTS
    }
    roots = {}
    for what, edit in edits.items():
        roots[what] = tmp_path_factory.mktemp("kit")
        shutil.copytree(
            KIT,
            roots[what] / "w2s_kit",
            ignore=shutil.ignore_patterns("weights", "*.gz", "__pycache__", "results"),
        )
        for file in (roots[what] / "w2s_kit").rglob("*.py"):
            file.write_text(
                edit(file.relative_to(roots[what] / "w2s_kit").as_posix(), file.read_text(encoding="utf-8")),
                encoding="utf-8",
            )
    told = subprocess.run(
        [sys.executable, "-c", PATH, *roots.values()],
        capture_output=True,
        text=True,
        check=False,
        cwd=roots["as it is"],
    )
    assert told.returncode == 0, told.stderr
    return {what: json.loads((root / "keys.json").read_text()) for what, root in roots.items()}


def test_a_comment_in_every_file_changes_no_key(kit_keys):
    assert len(kit_keys["as it is"]) > 15 and kit_keys["everywhere"] == kit_keys["as it is"]


@pytest.mark.parametrize("file", CONSTANTS)
def test_a_constant_changes_the_keys_of_what_goes_through_it(kit_keys, file):
    base, edited = kit_keys["as it is"], kit_keys[file]
    old, new, wanted = CONSTANTS[file]
    assert old in (KIT / file).read_text(encoding="utf-8"), (
        f"{file} has no {old!r} any more: choose another constant"
    )
    differ = {name for name in base if edited[name] != base[name]}
    kinds = {"classes", "choices", "pairs", "writing"}
    if wanted == "all":
        assert differ >= {*kinds, "naive", "confidence", "kl"}
    elif wanted == "kinds":
        assert differ == kinds
    elif wanted is None:  # the confidence loss, of OpenAI's name and of EleutherAI's
        assert "confidence" in differ and not differ & {*kinds, "naive", "kl", "window"}
    else:
        assert differ >= wanted & {*base} and not (differ - wanted), differ


def test_a_key_reads_no_table_of_a_library():
    """Its content is another in each release, so the key would be another, too; and reading it may load much.

    The table of encoders in transformers did both: 150 classes in every key, and 50 modules loaded for them.
    """
    code = """
import importlib, pkgutil, sys, w2s_kit
for module in pkgutil.walk_packages(w2s_kit.__path__, "w2s_kit."):
    if not module.name.endswith("__main__"):
        importlib.import_module(module.name)
from w2s_kit.experiment.keys import code, code_of
from w2s_kit.methods import METHODS
before = set(sys.modules)
keys = [code(kind) for kind in ("classes", "choices", "pairs", "writing")]
keys += [code_of(method) for method in METHODS.values()]
print(len(keys), *sorted(set(sys.modules) - before))
"""
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert told.returncode == 0, told.stderr
    count, *loaded = told.stdout.split()
    assert int(count) > 15 and loaded == []


def test_every_setting_is_in_the_key_or_said_to_be_elsewhere():
    """Whoever adds a field of Settings or TrainConfig states at which value it says nothing."""
    from dataclasses import fields

    from w2s_kit.experiment import keys, settings
    from w2s_kit.training.config import HARMLESS, TrainConfig

    assert {f.name for f in fields(settings.Settings)} == {*keys.BEFORE, *keys.ELSEWHERE}
    assert {f.name for f in fields(TrainConfig)} == {*keys.TRAINED_BEFORE, *HARMLESS}
