"""Numbers that no refactoring may change, see golden.py; and that each kind of change is seen.

A failure says: this code trains otherwise than the code that wrote golden.json. If nobody meant that, it is a
fault. Else the commit says what changed the numbers and why, and renews them: python tests/golden.py --renew.
Never widen WITHIN.
"""

import itertools

import pytest
from golden import CASES, COMMITTED, NAMES, compute, difference, keep, machine, new_store, read

from w2s_kit.experiment import learn
from w2s_kit.experiment.store import Store
from w2s_kit.methods import METHODS
from w2s_kit.tasks.split import KINDS
from w2s_kit.training import batches, config, losses

WITHIN = 1e-5  # processors add in other orders; golden.py compares to the bit, on one machine
HOW = """{name!r} has other numbers than {file}: {difference}
Golden numbers are of the code before a change. They show that what should alter nothing alters nothing.
If they are meant to be others, say why in the commit, and renew them: python tests/golden.py --renew"""
EXPECTED, _ = read(COMMITTED)


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    """One store for all cases: two runs that were taken for one would show, too."""
    return new_store(tmp_path_factory.mktemp("golden"))


@pytest.mark.parametrize("name", NAMES)
def test_numbers_are_those_of_before(name, shared):
    told = difference(compute(name, shared), EXPECTED.get(name, {}), WITHIN)
    assert not told, HOW.format(name=name, file=COMMITTED.name, difference=told)


def test_every_case_is_kept_and_every_kept_one_is_a_case():
    assert list(EXPECTED) == NAMES


def test_each_method_kind_and_rule_has_a_case():
    rule = lambda case: "the test" if case.kind == "stopped" else case.settings.early_stopping
    found = {(name.split(", ")[0], rule(case)) for name, case in CASES.items()}
    wanted = set(itertools.product(KINDS, [*config.STOPPING, "the test"]))
    assert wanted - found == {("writing", one) for one in ("weak", "ground_truth", "the test")}, "has none"
    assert {case.method for case in CASES.values()} >= {*METHODS, "bootstrap"}


BACKWARDS = lambda batches: lambda *args: batches(*args)[::-1]


@pytest.mark.parametrize(
    "module, part, change, name",
    [
        (losses, "ramp", lambda ramp: lambda step, warmup: 0.98 * ramp(step, warmup), "classes, confidence"),
        (learn, "HELD_OUT", lambda share: 0.8 * share, "classes, student stopped by weak"),
        *[(batches, "length_batches", BACKWARDS, f"{kind}, three stages") for kind in KINDS],
    ],
)
def test_a_small_change_of_training_is_seen(module, part, change, name, shared, monkeypatch):
    monkeypatch.setattr(module, part, change(getattr(module, part)))
    found = compute(name, Store(shared.root.with_name(f"{part} changed")))
    assert difference(found, EXPECTED[name], 10 * WITHIN), "ten times of what the test allows"


@pytest.mark.parametrize(
    "change, told",
    [
        ({"loss": [0.5, 0.25 + 1e-9]}, "loss: 1 of 2 differ, by up to 1.0e-09"),
        ({"loss": [0.5, float("nan")]}, "loss: 1 of 2 differ"),
        ({"loss": [0.5]}, "loss: 1 in place of 2"),
        ({"answer": ["a3", "b5"]}, "answer: 1 of 2 are others"),
        ({"more": []}, "other parts: ['more']"),
    ],
)
def test_differences_are_named(change, told):
    numbers = {"loss": [0.5, 0.25], "answer": ["a3", "b4"], "agreement": [1.0]}
    assert difference(numbers, numbers) == "" and told in difference(numbers | change, numbers)
    assert ("e-09" in told) == (difference(numbers | change, numbers, within=1e-8) == "")


def test_numbers_are_kept_to_the_bit_or_in_seven_digits(tmp_path):
    numbers = {"a": {"loss": [1 / 3, 1e-12 / 3], "answer": ['a"3', 4]}, "b": {"text": ["é"]}}
    keep(numbers, tmp_path / "deep/exact.json", None)
    keep(numbers, tmp_path / "short.json", 7)
    assert read(tmp_path / "deep/exact.json") == (numbers, machine())
    numbers["a"]["loss"] = [0.3333333, 3.333333e-13]
    assert read(tmp_path / "short.json") == (numbers, machine())
