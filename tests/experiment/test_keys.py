"""Keys by meaning: what changes a result changes the key, and nothing else does."""

import functools
import importlib
import json
import os
import random
import re
import shutil
import subprocess
import sys
import textwrap
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

import w2s_kit
from w2s_kit.experiment.digest import Unnamed, changed, digest
from w2s_kit.training import losses

KIT = Path(w2s_kit.__file__).parent
ALPHA = 0.5


def module(folder, text, name="mine"):
    """A module of one's own, imported from a file with this text."""
    path = folder / f"{name}_{len(list(folder.iterdir()))}.py"
    path.write_text(textwrap.dedent(text))
    spec = importlib.util.spec_from_file_location(path.stem, path)
    made = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = made
    spec.loader.exec_module(made)
    return made


BASE = '''
    import numpy as np

    FLOOR = 0.1

    class Scale:
        factor = 3

        def __init__(self, by):
            self.by = by

        def of(self, x):
            return x * self.by * self.factor

    def helper(x, power=2):
        """Some words."""
        return np.clip(x ** power, FLOOR, 1)

    SCALE = Scale(2)

    def learn(student, texts, weak_labels, config, *, alpha=0.5, **kw):
        """How it learns."""
        if alpha < 0:
            raise ValueError(f"alpha is {alpha}")
        return [helper(SCALE.of(alpha)) for _ in texts]
'''

SAME = {
    "a comment": ("FLOOR = 0.1", "FLOOR = 0.1  # low"),
    "another docstring": ("How it learns.", "How it learns, in other words."),
    "another layout": (
        "return x * self.by * self.factor",
        "return (x *\n                self.by * self.factor)",
    ),
    "an annotation": ("def helper(x, power=2):", "def helper(x: float, power: int = 2) -> float:"),
    "the words of an error": ("alpha is {alpha}", "alpha must not be {alpha}"),
    "another name": ("helper(", "raised("),
    "a line above": ("import numpy as np", "import os\n    import numpy as np"),
    "another way to import": ("import numpy as np", "import numpy\n    np = numpy"),
    "a function beside it": ("def learn(", "def unused():\n        return 7\n\n    def learn("),
}
OTHER = {
    "a global": ("FLOOR = 0.1", "FLOOR = 0.2"),
    "a default of a function it calls": ("power=2", "power=3"),
    "its own default": ("alpha=0.5", "alpha=0.6"),
    "a field of an object": ("Scale(2)", "Scale(4)"),
    "an attribute of a class": ("factor = 3", "factor = 4"),
    "a method of a class": ("x * self.by", "x + self.by"),
    "an operator two calls down": ("np.clip(", "np.minimum("),
    "a condition": ("alpha < 0", "alpha <= 0"),
}


@pytest.mark.parametrize("what", SAME)
def test_what_does_not_compute_is_in_no_key(tmp_path, what):
    assert SAME[what][0] in BASE
    base, edited = (module(tmp_path, text).learn for text in (BASE, BASE.replace(*SAME[what])))
    assert digest(base) == digest(edited)


@pytest.mark.parametrize("what", OTHER)
def test_whatever_computes_is_in_the_key(tmp_path, what):
    assert OTHER[what][0] in BASE
    base, edited = (module(tmp_path, text).learn for text in (BASE, BASE.replace(*OTHER[what])))
    assert digest(base) != digest(edited)


def test_closures_partials_and_changed_globals(monkeypatch):
    def make(alpha):
        return lambda x: alpha * x

    assert digest(make(0.0)) == digest(make(0.0)) != digest(make(1.0))
    assert digest(functools.partial(sorted, reverse=True)) != digest(functools.partial(sorted, reverse=False))
    half = functools.partial(make, 0.5)
    assert digest(half) == digest(functools.partial(make, 0.5)) != digest(functools.partial(make, alpha=0.5))

    def uses_alpha(x):
        return ALPHA * x

    before = digest(uses_alpha)
    monkeypatch.setitem(globals(), "ALPHA", 1.0)
    assert digest(uses_alpha) != before
    two = [lambda x: x + 1, lambda x: x + 2]  # on one line
    assert digest(two[0]) != digest(two[1]) and digest(two[0]) == digest(lambda x: x + 1)
    assert digest(lambda x, /, y=1: x + y) != digest(lambda x, /, y=2: x + y)


def test_functions_that_call_each_other_come_to_an_end(tmp_path):
    text = "def even(n): return n == 0 or odd(n - 1)\ndef odd(n): return n != 0 and even(n - 1)\n"
    assert (
        digest(module(tmp_path, text).even)
        == digest(module(tmp_path, text).even)
        != digest(module(tmp_path, text.replace("- 1", "- 2")).even)
    )

    def count(n):
        return 0 if n == 0 else 1 + count(n - 1)

    assert digest(count) == digest(count)


@dataclass(frozen=True)
class Options:
    rate: float = 0.1
    steps: int = 3


VALUES = [
    (np.arange(3), np.arange(4)),
    (np.arange(3), np.arange(3.0)),
    (np.zeros((2, 3)), np.zeros((3, 2))),
    (torch.zeros(2), torch.ones(2)),
    (torch.zeros(2, dtype=torch.bfloat16), torch.ones(2, dtype=torch.bfloat16)),
    ({"a": 1}, {"a": 2}),
    ([1, 2], [2, 1]),
    ((1,), [1]),
    (1, 1.0),
    (1, True),
    ("1", 1),
    ({1, 2}, {1, 3}),
    (re.compile("a"), re.compile("a", re.I)),
    (Path("a"), Path("b")),
    (Options(), Options(rate=0.2)),
    (np.float32(1), np.float64(1)),
    (pd.DataFrame({"x": [1, 2]}), pd.DataFrame({"x": [1, 3]})),
    (pd.DataFrame({"x": ["a"]}), pd.DataFrame({"y": ["a"]})),
    (pd.Series([1.0]), pd.Series([2.0])),
    (np.random.default_rng(0), np.random.default_rng(1)),
    (random.Random(0), random.Random(1)),
    (slice(1), slice(2)),
    (np.array(["a", None]), np.array(["b", None])),
    (torch.nn.functional.relu, torch.nn.functional.gelu),
    (np.add, np.multiply),
    (np.mean, np.median),
    (str.upper, str.lower),
    (torch.float32, torch.float16),
    (-0.0, 0.0),
]


@pytest.mark.parametrize("one, other", VALUES, ids=lambda value: type(value).__name__)
def test_values_go_by_what_they_hold(one, other):
    import copy

    assert digest(one) == digest(copy.deepcopy(one)) != digest(other)
    use = lambda value: lambda x: (value, x)
    assert digest(use(one)) == digest(use(copy.deepcopy(one))) != digest(use(other))


# what a method may lean on -> a module with it, and the words to exchange; each changes what `mine` returns
SEEN = {
    "an attribute of a function": (
        "def help(): return help.rate\nhelp.rate = 3\ndef mine(): return help()",
        "3",
        "4",
    ),
    "what an exception carries": (
        "class Stop(Exception): pass\n"
        "def mine():\n"
        "    try:\n"
        "        raise Stop(3)\n"
        "    except Stop as stop:\n"
        "        return stop.args",
        "3",
        "4",
    ),
    "the kind of an exception": (
        "def mine():\n"
        "    try:\n"
        "        raise KeyError('so')\n"
        "    except KeyError:\n"
        "        return 1\n"
        "    except ValueError:\n"
        "        return 2",
        "raise KeyError",
        "raise ValueError",
    ),
    "the order of fields": (
        "from dataclasses import dataclass\n"
        "@dataclass\n"
        "class Two:\n"
        "    low: int\n"
        "    high: int\n"
        "def mine(): return Two(1, 2).low",
        "low: int\n    high: int",
        "high: int\n    low: int",
    ),
    "the order of a named tuple": (
        "from typing import NamedTuple\n"
        "class Two(NamedTuple):\n"
        "    low: int\n"
        "    high: int\n"
        "def mine(): return Two(1, 2).low",
        "low: int\n    high: int",
        "high: int\n    low: int",
    ),
    "a method of an option's Enum": (
        "import enum\n"
        "class Mode(enum.Enum):\n"
        "    A = 1\n"
        "    def rate(self): return 3\n"
        "def mine(mode=Mode.A): return mode.rate()",
        "3",
        "4",
    ),
    "a slot with a private name": (
        "class C:\n"
        "    __slots__ = ('__rate',)\n"
        "    def __init__(self): self.__rate = 3\n"
        "    def get(self): return self.__rate\n"
        "C1 = C()\n"
        "def mine(): return C1.get()",
        "3",
        "4",
    ),
    "the one slot": (
        "class C:\n    __slots__ = 'rate'\nC1 = C()\nC1.rate = 3\ndef mine(): return C1.rate",
        "3",
        "4",
    ),
    "a registered function": (
        "import functools\n"
        "@functools.singledispatch\n"
        "def f(x): return 0\n"
        "@f.register\n"
        "def _(x: int): return 3\n"
        "def mine(): return f(1)",
        "return 3",
        "return 4",
    ),
    "a decorator of a library": (
        "import torch\n"
        "def f(): return torch.is_grad_enabled()\n"
        "g = torch.no_grad()(f)\n"
        "def mine(): return g()",
        "no_grad",
        "enable_grad",
    ),
    "a context's argument": (
        "import contextlib\n"
        "@contextlib.contextmanager\n"
        "def c(k): yield k\n"
        "def f(): return 0\n"
        "g = c(3)(f)\n"
        "def mine(): return g()",
        "c(3)",
        "c(4)",
    ),
    "a class of classes": (
        "class Meta(type):\n"
        "    def f(self): return 3\n"
        "class C(metaclass=Meta): pass\n"
        "def mine(): return C.f()",
        "3",
        "4",
    ),
    "a mask": (
        "import numpy as np\nM = np.ma.array([1, 2], mask=[0, 1])\ndef mine(): return M.sum()",
        "[0, 1]",
        "[1, 0]",
    ),
    "names of columns": (
        "import numpy as np\n"
        "M = np.zeros(2, dtype=[('a', int), ('b', int)])\n"
        "def mine(): return M.dtype.names[0]",
        "('a', int), ('b', int)",
        "('b', int), ('a', int)",
    ),
    "a frozen weight": (
        "import torch\nW = torch.zeros(2).requires_grad_(True)\ndef mine(): return W.requires_grad",
        "True",
        "False",
    ),
    "an import that stands later": (
        "def mine():\n"
        "    def inside(): return taken\n"
        "    from w2s_kit.methods.kl import KL as taken\n"
        "    return inside()",
        "kl import KL",
        "entropy import Entropy",
    ),
    "a getter": (
        "from operator import itemgetter\nG = itemgetter(0)\ndef mine(): return G((1, 2))",
        "(0)",
        "(1)",
    ),
    "a namespace": (
        "from types import SimpleNamespace\nS = SimpleNamespace(rate=3)\ndef mine(): return S.rate",
        "3",
        "4",
    ),
    "a decimal number": ("from decimal import Decimal\nD = Decimal('3')\ndef mine(): return D", "3", "4"),
}


@pytest.mark.parametrize("what", SEEN)
def test_ways_to_lean_on_something(tmp_path, what):
    text, old, new = SEEN[what]
    assert old in text
    one, again, other = (module(tmp_path, it).mine for it in (text, text, text.replace(old, new)))
    assert str(one()) == str(again())
    assert str(one()) != str(other()) or what in ("a context's argument", "an import that stands later")
    assert digest(one) == digest(again) != digest(other)


def test_a_module_that_is_imported_inside_a_function_is_followed_before_it_runs(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    keys_of = []
    for constant in (1, 2):
        for way in ("from {} import part", "import {}.part"):
            name = f"package{len(keys_of)}"
            (tmp_path / name).mkdir()
            (tmp_path / name / "__init__.py").write_text("")
            (tmp_path / name / "part.py").write_text(f"def f(): return {constant}\n")
            called = "part.f()" if way.startswith("from") else f"{name}.part.f()"
            mine = module(tmp_path, f"def mine():\n    {way.format(name)}\n    return {called}\n").mine
            before = digest(mine)
            assert mine() == constant and digest(mine) == before
            keys_of.append(before)
    assert keys_of[0] != keys_of[2] and keys_of[1] != keys_of[3]


@pytest.mark.parametrize("used", ["eval('FLOOR')", "globals()['FLOOR']", "exec('pass')", "__import__('os')"])
def test_what_may_read_anything_is_refused(tmp_path, used):
    with pytest.raises(Unnamed, match=f"uses {used.partition('(')[0]}, .*key="):
        digest(module(tmp_path, f"FLOOR = 1\ndef mine(): return {used}\n").mine)
    assert digest(module(tmp_path, "def mine(model): return model.eval()\n").mine)


def test_a_logger_is_in_no_key(tmp_path):
    text = "import logging\nlog = logging.getLogger('mine')\n"
    text += "def mine():\n    log.info('here')\n    return 3\n"
    mine = module(tmp_path, text).mine
    before = digest(mine)
    import logging

    logging.getLogger("mine").setLevel(logging.DEBUG)
    assert digest(mine) == before != digest(module(tmp_path, text.replace("3", "4")).mine)


def test_what_nothing_names_for_certain_is_refused_by_its_name(tmp_path):
    stream, numbers = (tmp_path / "words").open("w"), (n for n in range(3))
    for value, told in (
        (stream, "TextIOWrapper"),
        (numbers, "generator"),
        (iter([1]), "list_iterator"),
        (torch.Generator(), "torch._C.Generator"),
        ({object}, "no certain order"),
        (json.JSONDecoder().scan_once, "Scanner"),
    ):

        def uses(x, value=value):
            return value

        with pytest.raises(Unnamed, match=rf"(?s)uses: defaults\[0\].*{re.escape(told)}.*key=\"\.\.\.\""):
            digest(uses)
        closed = lambda x: value  # noqa: B023
        with pytest.raises(Unnamed, match=r"<lambda>: value is "):
            digest(closed)
    stream.close()
    made = eval("lambda x: x + 1")  # no file and no cell
    with pytest.raises(Unnamed, match="source cannot be read"):
        digest(made)
    with pytest.raises(Unnamed, match="a whole module"):
        digest(lambda name: getattr(losses, name))


def test_an_edited_file_is_told_from_what_runs(tmp_path):
    first = module(tmp_path, BASE)
    Path(first.__file__).write_text(textwrap.dedent(BASE).replace("x ** power", "x * power"))
    with pytest.raises(Unnamed, match="changed after it was imported"):
        digest(first.learn)


CELL = """
RATE = 0.3
def helper(x):
    return x * RATE
def mine(student, texts, weak_labels, config, *, strength=1.0, **kw):
    return helper(strength)
"""


def test_the_same_cell_has_the_same_key_in_every_kernel(tmp_path):
    """Four kernels: the cell, the cell again, the cell with a comment and above others, the cell with another
    constant.
    """
    from IPython.core.interactiveshell import InteractiveShell  # noqa: F401  (what a kernel is made of)

    script = tmp_path / "kernel.py"
    script.write_text(
        "import sys\n"
        "from IPython.core.interactiveshell import InteractiveShell\n"
        "shell = InteractiveShell.instance()\n"
        "for cell in sys.argv[1:]:\n"
        "    shell.run_cell(cell)\n"
        "shell.run_cell('from w2s_kit.experiment.digest import digest; print(\"key\", digest(mine))')\n"
    )

    def key(*cells):
        told = subprocess.run(
            [sys.executable, script, *cells], capture_output=True, text=True, check=True, cwd=tmp_path
        )
        return re.search(r"key (\w{16})", told.stdout)[1]

    assert (
        key(CELL)
        == key("%matplotlib inline\nx = 1", "# why\n" + CELL.replace("RATE\n", "RATE  # small\n"))
        != key(CELL.replace("0.3", "0.4"))
    )


def test_a_new_field_changes_no_key_and_a_changed_default_does():
    before = {"rate": 0.1, "steps": 3}

    @dataclass(frozen=True)
    class Grown(Options):
        extra: bool = False

    @dataclass(frozen=True)
    class Moved:
        rate: float = 0.2
        steps: int = 3

    assert changed(Options(), before) == changed(Grown(), before) == {}
    assert changed(Grown(extra=True), before) == {"extra": True}
    assert changed(Moved(), before) == {"rate": 0.2} and changed(Moved(rate=0.1), before) == {}
    assert changed(Options(), {"rate": None, "steps": 3}) == {"rate": 0.1}, "always told"


# ---------------------------------------------------------------------------------------------- the kit's own
# file -> (an edit that changes numbers, whose keys change by it)
CONSTANTS = {
    "training/config.py": ("0.5 * (1 + math.cos", "0.4 * (1 + math.cos", "all"),
    "experiment/learn.py": ("HELD_OUT = 0.1", "HELD_OUT = 0.2", "kinds"),
    "models/heads.py": ("ANSWERS = (", 'ANSWERS = (("nay", "aye"), ', {"classes", "choices"}),
    "models/reward.py": ("lengths - 1 - first", "lengths - 2 - first", {"pairs", "relabel", "filter"}),
    "models/writer.py": ("1 / len(beyond)", "2 / len(beyond)", {"writing", "generative"}),
    "models/chess_policy.py": ("-1e9", "-1e8", {"choices"}),
    "training/losses.py": ("step_fraction / warmup)", "step_fraction / warmup / 2)", None),
    "methods/kl.py": ("loss=KL()", "loss=losses.cross_entropy", {"kl"}),
    "methods/confidence.py": ("*, alpha_max: float = 0.75", "*, alpha_max: float = 0.5", {"confidence"}),
    "methods/two_stage.py": ("threshold: float = 0.8", "threshold: float = 0.7", {"two_stage"}),
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


def test_every_setting_is_in_the_key_or_said_to_be_elsewhere():
    """Whoever adds a field of Settings or TrainConfig states at which value it says nothing."""
    from dataclasses import fields

    from w2s_kit.experiment import keys, settings
    from w2s_kit.training.config import HARMLESS, TrainConfig

    assert {f.name for f in fields(settings.Settings)} == {*keys.BEFORE, *keys.ELSEWHERE}
    assert {f.name for f in fields(TrainConfig)} == {*keys.TRAINED_BEFORE, *HARMLESS}
