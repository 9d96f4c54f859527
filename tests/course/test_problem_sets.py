"""Problem sets: what is handed out, and what answers earn.

The release is what the source makes, and gives nothing away. The solution earns everything and the blank
nothing. A plausible wrong answer, which passes what students see, fails what they do not see.
"""

import ast
import importlib.util
import json
import re
from functools import cache
from pathlib import Path

import nbformat
import pytest
from test_kernels import alive, files_left, place, posix, start, wait_until  # noqa: F401
from test_notebooks_skeleton import BADGE, MACHINE_PATHS, NOTEBOOKS, code_cells, read, setup_cell
from wrong_answers import WRONG

from w2s_kit.course import notebooks
from w2s_kit.course.grading import lost, problem_sets, release
from w2s_kit.course.marking import graded_cells, marked

ROOT = Path(__file__).parents[2] / "notebooks" / "assignments"
NAMES = problem_sets(ROOT)
HIDDEN = re.compile(r"### BEGIN HIDDEN TESTS\n(.*?)### END HIDDEN TESTS\n?", re.DOTALL)
SOLUTION = re.compile(r"### BEGIN SOLUTION\n(.*?)\s*### END SOLUTION", re.DOTALL)

each = pytest.mark.parametrize("name", NAMES)
needs_nbgrader = pytest.mark.skipif(
    not importlib.util.find_spec("nbgrader"), reason="nbgrader is not here: make test installs it"
)


def notebook(kind: str, name: str) -> Path:
    return ROOT / kind / name / f"{name}.ipynb"


def about(cell) -> dict:
    return cell.metadata.get("nbgrader", {})


# -------------------- what is handed out
@each
def test_source_and_release_keep_the_common_form(name):
    source, handed_out = read(notebook("source", name)), read(notebook("release", name))
    for nb in (source, handed_out):
        nbformat.validate(nb)
        assert BADGE.findall(nb.cells[0].source) == [f"notebooks/assignments/release/{name}/{name}.ipynb"]
        assert code_cells(nb)[0].source == setup_cell(NOTEBOOKS[0])
        assert nb.metadata == {"kernelspec": notebooks.KERNELSPEC, "language_info": {"name": "python"}}
        assert not [cell.source for cell in nb.cells if MACHINE_PATHS.search(json.dumps(cell))]
    counts = [cell.execution_count for cell in code_cells(source)]
    assert counts == list(range(1, len(counts) + 1)) and not [
        o for cell in code_cells(source) for o in cell.outputs if o.output_type == "error"
    ]
    assert all(not cell.outputs and cell.execution_count is None for cell in code_cells(handed_out)), (
        "students get no outputs"
    )


@each
def test_points_are_what_the_headings_say(name):
    cells = read(notebook("source", name)).cells
    points = [about(cell).get("points", 0) for cell in cells if about(cell).get("grade")]
    headings = [
        int(found)
        for cell in cells
        if cell.cell_type == "markdown"
        for found in re.findall(r"^## .*\((\d+) points\)", cell.source, re.MULTILINE)
    ]
    assert sum(points) == sum(headings) == int(
        re.search(r"\*\*Points\*\* (\d+)", cells[0].source)[1]
    ) and all(points)
    by_hand = [cell for cell in cells if about(cell).get("grade") and about(cell).get("solution")]
    assert len(by_hand) == 1 and "Marking" in by_hand[0].source, (
        "one answer in words, with a marking scheme for staff"
    )


@each
def test_every_test_has_visible_and_hidden_cases(name):
    for cell in read(notebook("source", name)).cells:
        if about(cell).get("grade") and cell.cell_type == "code":
            hidden = HIDDEN.search(cell.source)
            assert hidden and "assert" in hidden[1] and HIDDEN.sub("", cell.source).strip(), cell.source


@each
def test_ids_are_unique_and_all_are_handed_out(name):
    source, handed_out = (
        graded_cells(notebook(kind, name)) for kind in ("source", "release")
    )  # raises where an id stands twice
    assert (
        list(source) == list(handed_out) and lost(notebook("release", name), notebook("release", name)) == []
    )


@each
def test_nothing_is_given_away(name):
    text = "\n".join(cell.source for cell in read(notebook("release", name)).cells)
    assert "### " not in re.sub(r"^#+ .*$", "", text, flags=re.MULTILINE) and "Marking" not in text
    for cell in read(notebook("source", name)).cells:
        secrets = (
            HIDDEN.findall(cell.source)
            + SOLUTION.findall(cell.source)
            + ([cell.source] if about(cell).get("grade") and cell.cell_type == "markdown" else [])
        )
        for line in "\n".join(secrets).splitlines():
            line = line.strip()
            assert len(line) < 25 or line not in text, f"the release shows: {line}"


@needs_nbgrader
def test_the_release_is_what_the_source_makes(tmp_path):
    (tmp_path / "source").symlink_to(ROOT / "source")
    made = release(tmp_path)
    assert [path.stem for path in made] == NAMES and sorted(
        p.name for p in (ROOT / "release").iterdir()
    ) == NAMES
    for path in made:
        assert path.read_text(encoding="utf-8") == notebook("release", path.stem).read_text(
            encoding="utf-8"
        ), "run: make assignments"


# -------------------- what answers earn
def answers_of(nb) -> list[str]:
    return [about(cell)["grade_id"] for cell in code_cells(nb) if about(cell).get("solution")]


@cache
def before_each_answer(name: str) -> dict[str, dict]:
    """What the source has computed before each cell of an answer: its names and their values.

    The source runs once for all wrong answers of a problem set. That is fair as long as nothing before an
    answer uses it, which `test_nothing_uses_an_answer_before_it_is_given` says.
    """
    namespace, before = {"__name__": "__main__"}, {}
    for cell in code_cells(read(notebook("source", name))):
        if "%pip" in cell.source or about(cell).get("grade"):
            continue
        if about(cell).get("solution"):
            before[about(cell)["grade_id"]] = dict(namespace)
            if set(before) >= set(WRONG[name]):
                break
        exec(compile(cell.source, "a cell", "exec"), namespace)
    return before


def names_in(source: str) -> set[str]:
    return {node.id for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Name)}


@each
def test_nothing_uses_an_answer_before_it_is_given(name):
    used: set[str] = set()
    for cell in code_cells(read(notebook("source", name))):
        if "%pip" in cell.source:
            continue
        if about(cell).get("solution"):
            made = {node.name for node in ast.parse(cell.source).body if hasattr(node, "name")}
            assert made and not made & used, cell.source
        used |= names_in(cell.source)


def test_a_solution_earns_everything_where_submissions_run():
    """In the cage, and without a note: nothing that honest code does is taken for an attack."""
    marks = marked(ROOT, "ps5", notebook("source", "ps5"))
    earned = {question: score for question, score in marks.scores.items() if score is not None}
    assert earned == {question: marks.of[question] for question in earned} and len(earned) == 9
    assert marks.notes == []


@pytest.mark.parametrize("name, answer", [(name, answer) for name in NAMES for answer in WRONG.get(name, ())])
def test_a_wrong_answer_is_caught_by_a_hidden_case(name, answer, monkeypatch):
    monkeypatch.setattr("matplotlib.pyplot.show", lambda: None)
    cells = {about(cell).get("grade_id"): cell.source for cell in code_cells(read(notebook("source", name)))}
    test, namespace = cells[f"{answer}_test"], dict(before_each_answer(name)[answer])
    exec(compile(WRONG[name][answer], "an answer", "exec"), namespace)
    exec(compile(HIDDEN.sub("", test), "what is seen", "exec"), namespace)
    with pytest.raises(AssertionError):
        exec(compile(test, "with hidden cases", "exec"), namespace)


@each
def test_wrong_answers_are_known_for_most_questions(name):
    answers = answers_of(read(notebook("source", name)))
    assert set(WRONG[name]) <= set(answers) and len(WRONG[name]) >= len(answers) / 2


@each
def test_a_blank_form_raises_nothing_but_that_it_is_blank(name, tmp_path):
    from nbclient import NotebookClient

    blank = read(notebook("release", name))
    NotebookClient(blank, timeout=300, allow_errors=True, extra_arguments=["--log-level=ERROR"]).execute(
        env=notebooks.kernel_environment()
    )
    errors = {
        cell.id: [o.ename for o in cell.outputs if o.output_type == "error"] for cell in code_cells(blank)
    }
    assert {name for found in errors.values() for name in found} == {"NotImplementedError"}
    assert all(errors[cell.id] for cell in code_cells(blank) if about(cell).get("grade")), (
        "every test needs an answer"
    )
