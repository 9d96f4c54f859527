"""A class with numbers of its own: the varied solution is right, and the published one is not."""

import json
import tomllib

import pytest
from test_grading import needs_nbgrader, small  # noqa: F401
from test_problem_sets import HIDDEN, NAMES, ROOT, before_each_answer, notebook

from w2s_kit.course.__main__ import main
from w2s_kit.course.checked import Unfit
from w2s_kit.course.putting_back import by_id, text_of
from w2s_kit.course.varying import BADGE, prove, replaced, vary, vary_cells

TABLE = tomllib.loads((ROOT / "source" / "varied.toml").read_text(encoding="utf-8"))
EVERY = [(name, entry["question"]) for name in TABLE for entry in TABLE[name]]
#: Its tests train models, which takes minutes for all values; `vary` itself runs them.
TRAINS = {"three_test"}
CHANGES_OF_PS4 = "cell-13"  # of ps4: the form names the changes that the answer is about


def cells_of(name: str) -> list[dict]:
    return json.loads(notebook("source", name).read_text(encoding="utf-8"))["cells"]


def entry_of(name: str, question: str) -> dict:
    return next(entry for entry in TABLE[name] if entry["question"] == question)


def test_every_set_has_numbers_to_vary():
    assert list(TABLE) == NAMES and all(len(entries) >= 2 for entries in TABLE.values())
    assert all(len(entry["values"]) >= 4 for entries in TABLE.values() for entry in entries)


def passes(test: str, solution: str, name: str, answer: str) -> bool:
    """Whether a solution passes a test, with all that the published source has computed before the answer."""
    namespace = dict(before_each_answer(name)[answer])
    try:
        exec(compile(solution, "an answer", "exec"), namespace)
        exec(compile(test, "its test", "exec"), namespace)
    except AssertionError:
        return False
    return True


@pytest.mark.parametrize("name, question", [pair for pair in EVERY if pair[1] not in TRAINS])
def test_the_varied_solution_passes_with_each_value_and_the_published_one_fails(name, question):
    answer = question.removesuffix("_test")
    published = text_of(by_id(cells_of(name))[answer])
    for value in entry_of(name, question)["values"]:
        cells = cells_of(name)
        replaced(cells, entry_of(name, question), value)
        now = by_id(cells)
        before = CHANGES_OF_PS4 if question == "unchanged_test" else ""
        form = "".join(text_of(cell) + "\n" for cell in cells if cell["id"] == before)
        test = text_of(now[question])
        assert HIDDEN.search(test), "hidden cases are still marked"
        assert passes(test, form + text_of(now[answer]), name, answer), value
        assert not passes(test, form + published, name, answer), f"{value}: the published answer still fits"


@pytest.mark.parametrize("name", NAMES)
def test_a_seed_draws_and_the_same_seed_draws_the_same(name):
    made = {}
    for seed in range(8):
        cells, again = cells_of(name), cells_of(name)
        drawn = vary_cells(cells, TABLE[name], seed, name)
        assert vary_cells(again, TABLE[name], seed, name) == drawn and cells == again
        made[seed] = tuple(number.value for number in drawn)
        text = "".join(map(text_of, cells))
        assert "«" not in text and not BADGE.search(text_of(cells[0])), "the badge opens the published form"
        assert not any(cell.get("outputs") for cell in cells), "outputs of other numbers"
        assert text_of(cells[0]).startswith("# Problem set")
    assert len(set(made.values())) > 3, "classes differ"


def test_a_table_that_does_not_fit_is_told():
    cells = [{"id": "a", "source": "x = 1", "cell_type": "code"}]
    for place in (["a", "x = 2", "x = 3"], ["b", "x = 1", "x = 3"]):
        with pytest.raises(ValueError, match="does not hold .*change the table, too"):
            replaced(cells, {"question": "q", "places": [place]}, {"v": "3"})
    assert cells[0]["source"] == "x = 1"


OF_SMALL = """
[[ps1]]
question = "half_test"
what = "what x is divided by"
values = [{ v = "4" }, { v = "8" }]
places = [
  ["half", "x / 2", "x / «v»"],
  ["half_test", "half(4), 2", "half(4), 4 / «v»"],
  ["half_test", "half(3) == 1.5", "half(3) == 3 / «v»"],
]
"""


@needs_nbgrader
def test_a_small_set_from_the_table_to_the_proof(small, tmp_path):
    (small / "source" / "varied.toml").write_text(OF_SMALL)
    target = tmp_path / "class"
    drawn = vary(target, "ps1", 5, small)
    assert [number.question for number in drawn] == ["half_test"] and drawn[0].value in "48"
    released = (target / "release" / "ps1" / "ps1.ipynb").read_text()
    assert f"4 / {drawn[0].value}" in released and "x / " not in released
    assert prove(target, "ps1", drawn, small) == (2, 5), "the published solution has twice, and not half"
    with pytest.raises(ValueError, match="is there already"):
        vary(target, "ps1", 5, small)


@needs_nbgrader
def test_a_change_that_changes_nothing_is_refused(small, tmp_path):
    idle = OF_SMALL.replace('["half", "x / 2", "x / «v»"]', '["half", "x / 2", "x / 2 + 0 * «v»"]')
    idle = idle.replace("4 / «v»", "4 / 2").replace("3 / «v»", "1.5")
    (small / "source" / "varied.toml").write_text(idle)
    drawn = vary(tmp_path / "class", "ps1", 5, small)
    with pytest.raises(Unfit, match="the published solution passes half_test"):
        prove(tmp_path / "class", "ps1", drawn, small)


def test_the_command_says_what_is_wrong(tmp_path, capsys):
    (tmp_path / "source" / "ps1").mkdir(parents=True)
    assert main(["vary", str(tmp_path), "--seed", "1", "--only", "ps1"]) == 2
    assert "is there already" in capsys.readouterr().err
