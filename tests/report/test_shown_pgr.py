"""No notebook computes a PGR by hand where nothing has looked at the gap.

The search goes by form: it finds (a - b) / (c - b) and, of errors, (b - a) / (b - c), a division by something
named a gap, and calls of the bare formula `metrics.pgr`. A gap under another name escapes it. What it finds
is changed to `estimate_pgr`, `mean_pgr` or `pgr_by_row`, which do look, or named below with the reason why
it may stay.
"""

import ast
import re
from pathlib import Path

import nbformat
import pytest

from w2s_kit.course.notebooks import name_of, whole_course

FOLDER = Path(__file__).parents[2] / "notebooks"
NOTEBOOKS = sorted([*whole_course(FOLDER), *FOLDER.glob("assignments/source/*/*.ipynb")])

# notebook: {what is found there: why it may stay}
ALLOWED = {
    "01_three_stages": {"pgr(*measured)": "on purpose, to show what the formula does without a gap"},
    "06_reward_modeling": {"gain.mean / gap.mean": "only where no_clear_gap finds nothing"},
    "09_overfitting": {
        "(mean[accuracy] - mean.supervisor_accuracy) / gap[clear]": "only tasks with a clear gap"
    },
    "10_simulation_difficulty": {
        "pgr(point.supervisor, point.student, point.ceiling)": "only where no_clear_gap finds nothing"
    },
    "11_prompting_and_probing": {"gained / gap": "means of groups with a clear gap only"},
    "12_vision": {"pgr(*accuracies)": "only where no_clear_gap finds nothing"},
    "solutions/30_oversight": {
        "1 / (1 + 10 ** ((gap / n - lead) / 400))": "a gap of Elo points, as the exercise gives it; no PGR"
    },
    "18_random_features": {
        "(finite.teacher_error - finite.late_error) / (finite.teacher_error - finite.student_error)": (
            "no PGR, but a share of a gain in squared error"
        )
    },
    "solutions/00_start_here": {"recovered / gap": "the exercise asks for the bare formula"},
    "solutions/02_nlp_scaling": {"gain / gap": "on purpose, to show what the undefined would do"},
    "solutions/07_generative_finetuning": {
        "pgr(weak, generative, ceiling_that_read)": "the exercise asks for the bare formula",
        "pgr(weak, naive, ceiling)": "the exercise asks for the bare formula",
    },
    "solutions/10_simulation_difficulty": {
        "pgr(weak, student, ceiling)": "only where no_clear_gap finds nothing",
        "pgr(weak.accuracy(), student.accuracy(), ceiling)": "only where no_clear_gap finds nothing",
    },
    "solutions/12_vision": {"pgr(supervisor, best, 1.0)": "the ceiling is the truth, forty points above"},
    "solutions/15_eleuther_replication": {"pgr(*areas)": "only where the gap in accuracy is clear"},
    "ps1": {"(student - supervisor).mean() / gaps.mean()": "an exercise: nan unless the interval is above 0"},
    "ps3": {"gain / gap": "an exercise: nan unless the gap is a point or more"},
}


def ends(node: ast.AST) -> set[tuple[str, str]]:
    """Both sides of all x - y inside, without those of a number, as in 1 - x."""
    found = [part for part in ast.walk(node) if isinstance(part, ast.BinOp) and isinstance(part.op, ast.Sub)]
    found = [part for part in found if ast.Constant not in (type(part.left), type(part.right))]
    return {(side, ast.unparse(getattr(part, side))) for part in found for side in ("left", "right")}


def by_hand(source: str) -> list[str]:
    """What looks like a PGR without a check, each as Python writes it."""
    tree = ast.parse(re.sub(r"^(\s*)[%!].*$", r"\1pass", source, flags=re.MULTILINE))
    bare = {
        name.asname or name.name
        for part in ast.walk(tree)
        if isinstance(part, ast.ImportFrom)
        for name in part.names
        if name.name == "pgr"
    } | {"pgr"}
    bare -= {
        target.id
        for part in ast.walk(tree)
        if isinstance(part, ast.Assign)
        for target in part.targets
        if isinstance(target, ast.Name)
    }
    found = []
    for part in ast.walk(tree):
        if isinstance(part, ast.BinOp) and isinstance(part.op, ast.Div):
            above, below = map(ends, (part.left, part.right))
            if above & below or re.search(r"\bgaps?\b", ast.unparse(part.right)):
                found.append(ast.unparse(part))
        elif isinstance(part, ast.Call) and ast.unparse(part.func) in bare | {"metrics.pgr"}:
            found.append(ast.unparse(part))
    return found


@pytest.mark.parametrize(
    "source, count",
    [
        ("(student - weak) / (ceiling - weak)", 1),
        ("t['pgr'] = (t.student - t.supervisor) / (t.ceiling - t.supervisor)", 1),
        ("x = mean_interval((a[name] - rows.weak) / gap)", 1),
        ("(a - b).mean() / (c - b).mean()", 1),
        ("(weak_error - student_error) / (weak_error - ceiling_error)", 1),
        ("%pip install x\nprint(f'{pgr(a, b, c):.2f}')", 1),
        ("metrics.pgr(a, b, c)", 1),
        ("from w2s_kit.metrics import pgr as formula\nformula(a, b, c)", 1),
        ("estimate_pgr(a, b, c)", 0),
        ("pgr = lambda name: mean_pgr(weak, at[name], truth)\npgr('x')", 0),
        ("(1 - accuracy) / (moves - 1)", 0),
        ("p * (1 - k) / (p * (1 - k) + (1 - p) * k)", 0),
    ],
)
def test_the_search_finds_the_kind(source, count):
    assert len(by_hand(source)) == count


@pytest.mark.parametrize("path", NOTEBOOKS, ids=name_of)
def test_no_pgr_by_hand(path):
    cells = [cell.source for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
    found, allowed = {one for source in cells for one in by_hand(source)}, set(ALLOWED.get(name_of(path), {}))
    assert not found - allowed, "no look at the gap: take estimate_pgr, mean_pgr or pgr_by_row"
    assert not allowed - found, "no longer in the notebook: take it off the list"


def test_allowed_are_notebooks_there_are():
    assert set(ALLOWED) <= {name_of(path) for path in NOTEBOOKS}
