"""Keys by meaning: what changes a result changes the key, and nothing else does."""

import functools
import importlib
import json
import random
import re
import subprocess
import sys
import textwrap
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from w2s_kit.experiment.digest import Unnamed, changed, digest
from w2s_kit.training import losses

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


def test_a_type_that_somebody_wrote_beside_an_object_is_in_no_key(tmp_path):
    """`OrderedDict[str, int]()` keeps these types, and so does an object of a generic class."""
    text = """
        from collections import OrderedDict, defaultdict
        from typing import Generic, TypeVar
        T = TypeVar("T")
        class Box(Generic[T]):
            def __init__(self): self.content = 1
        {name} = {kind}()
        def mine(): return {name}
    """
    for bare, typed in [("OrderedDict", "OrderedDict[str, int]"), ("Box", "Box[int]"), ("Box", "Box[str]")]:
        one, other = (module(tmp_path, text.format(name="MADE", kind=kind)) for kind in (bare, typed))
        assert digest(one.mine) == digest(other.mine)


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
