"""No code of other people is run, beside a model or beside a dataset."""

import ast
import json
import re
import shutil
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version
from saved_models import saved, spec  # noqa: F401  (fixtures)
from transformers import LlamaForCausalLM

from w2s_kit.models.families import load_family
from w2s_kit.models.loading import load_model

ROOT = Path(__file__).parents[2]


@pytest.fixture
def with_code(saved, tmp_path, monkeypatch):
    """A folder with a module that leaves a mark when it runs, and somebody who says yes to every question."""
    folder, mark = tmp_path / "m", tmp_path / "mark"
    shutil.copytree(saved / "llama", folder)
    (folder / "custom.py").write_text(
        f"open({str(mark)!r}, 'w').close()\n"
        "from transformers import LlamaConfig as Config, LlamaForCausalLM as Model\n"
        "from transformers import PreTrainedTokenizerFast as Tokenizer\n"
    )
    for file, autos in (
        (
            "config.json",
            {
                "AutoConfig": "custom.Config",
                "AutoModel": "custom.Model",
                "AutoModelForCausalLM": "custom.Model",
            },
        ),
        ("tokenizer_config.json", {"AutoTokenizer": ["custom.Tokenizer", "custom.Tokenizer"]}),
    ):
        facts = json.loads((folder / file).read_text())
        (folder / file).write_text(json.dumps(facts | {"auto_map": autos}))
    monkeypatch.setenv("HF_MODULES_CACHE", str(tmp_path / "modules"))
    monkeypatch.setattr("builtins.input", lambda question="": "y")
    return folder, mark


def test_code_beside_a_known_architecture_is_not_run(with_code):
    """The library's own class loads it."""
    folder, mark = with_code
    assert type(load_model(spec(folder))[0]) is LlamaForCausalLM
    assert type(load_model(load_family(f"{folder},{folder}")[folder.name])[0]) is LlamaForCausalLM
    assert not mark.exists()


def test_an_architecture_that_needs_code_is_refused(with_code):
    folder, mark = with_code
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"model_type": "of_my_own"}))
    with pytest.raises(OSError, match=f"{folder.name}: this model cannot be loaded whole"):
        load_model(spec(folder))
    with pytest.raises(OSError, match="no language model or encoder is found there"):
        load_family(str(folder))
    assert not mark.exists()


def loaders(tree: ast.AST):
    """Calls of transformers' loaders."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            of_torch = (
                isinstance(node.func, ast.Attribute) and getattr(node.func.value, "attr", "") == "Embedding"
            )
            if name in ("from_pretrained", "from_config", "pipeline") and not of_torch:
                yield node


def says_no(call: ast.Call) -> bool:
    return any(
        k.arg == "trust_remote_code" and isinstance(k.value, ast.Constant) and k.value.value is False
        for k in call.keywords
    )


def sources():
    for file in sorted(
        file for folder in ("w2s_kit", "data_prep", "benchmarks") for file in (ROOT / folder).rglob("*.py")
    ):
        yield file.relative_to(ROOT), file.read_text(encoding="utf-8")
    for file in sorted((ROOT / "notebooks").rglob("*.ipynb")):
        cells = json.loads(file.read_text(encoding="utf-8"))["cells"]
        code = "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")
        yield file.relative_to(ROOT), re.sub(r"(?m)^( *)[%!].*", r"\1pass", code)


def test_no_call_of_a_loader_runs_code_of_others():
    found = 0
    for file, source in sources():
        if not any(name in source for name in ("from_pretrained", "from_config", "pipeline")):
            continue
        for call in loaders(ast.parse(source)):
            found += 1
            assert says_no(call), f"{file}, line {call.lineno}: say trust_remote_code=False"
    assert found > 10
    assert not says_no(next(loaders(ast.parse("AutoModel.from_pretrained(name)")))), "the test can fail"
    assert not says_no(next(loaders(ast.parse("pipeline('x', trust_remote_code=flag)"))))


def test_datasets_is_a_version_that_runs_no_code():
    """From version 4 on it has no loading scripts, and no argument to allow them."""
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    (datasets,) = (r for r in map(Requirement, wanted) if r.name == "datasets")
    (least,) = datasets.specifier
    assert least.operator == ">=" and Version(least.version) >= Version("4")
