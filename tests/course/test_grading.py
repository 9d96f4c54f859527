"""Problem sets: the release is what the source makes, and gives nothing away; the solution earns everything, the blank nothing, and
a plausible wrong answer, which passes what students see, is caught by what they do not see."""

import copy
import importlib.util
import json
import re
import signal
from pathlib import Path

import nbformat
import pytest
from test_kernels import alive, files_left, place, posix, start, wait_until  # noqa: F401
from test_notebooks_skeleton import BADGE, MACHINE_PATHS, NOTEBOOKS, code_cells, read, setup_cell

from w2s_kit.course import grading, marking, notebooks
from w2s_kit.course.grading import Unfit, check, grade, lost, problem_sets, release, submissions
from w2s_kit.course.marking import graded_cells

ROOT = Path(__file__).parents[2] / "notebooks" / "assignments"
NAMES = problem_sets(ROOT)
HIDDEN = re.compile(r"### BEGIN HIDDEN TESTS\n(.*?)### END HIDDEN TESTS\n?", re.DOTALL)
SOLUTION = re.compile(r"### BEGIN SOLUTION\n(.*?)\s*### END SOLUTION", re.DOTALL)

each = pytest.mark.parametrize("name", NAMES)
needs_nbgrader = pytest.mark.skipif(
    not importlib.util.find_spec("nbgrader"), reason="nbgrader is not here: make test installs it"
)

# problem set -> answer -> what a student might write that passes the visible checks, and the test that finds it out
WRONG = {
    "ps1": {
        "harden": (
            "def harden(soft_labels):\n    return (np.asarray(soft_labels) >= 0.5).astype(int)",
            "harden_test",
        ),
        "imitated": (
            "def imitated_errors(student, supervisor, truth):\n    student, supervisor, truth = map(np.asarray, (student, supervisor, truth))\n"
            "    wrong = supervisor != truth\n    return float((student == supervisor)[wrong].sum() / max(1, wrong.sum()))",
            "imitated_test",
        ),
        "deal": (
            "def deal(groups, seed=0):\n    names = sorted(set(groups))\n    order = np.random.default_rng(seed).permutation(len(names))\n"
            "    part = {names[i]: ('supervisor', 'student', 'test')[k % 3] for k, i in enumerate(order)}\n    return [part[group] for group in groups]",
            "deal_test",
        ),
        "finetune": (
            "def finetune(model, texts, targets, lr, epochs=2, batch_size=32, seed=0):\n    targets = torch.tensor(np.asarray(targets), dtype=torch.float32)\n"
            "    optimizer = torch.optim.Adam(model.parameters(), lr=lr)\n    generator, history = torch.Generator().manual_seed(seed), []\n    for _ in range(epochs):\n        losses = []\n"
            "        for rows, ids, lengths in batches(model, texts, torch.randperm(len(targets), generator=generator), batch_size):\n            w = targets[rows]\n"
            "            loss = torch.nn.functional.cross_entropy(model(ids, lengths), torch.stack([1 - w, w], dim=1), reduction='sum')\n"
            "            optimizer.zero_grad(); loss.backward(); optimizer.step(); losses.append(loss.item())\n        history.append(float(np.mean(losses)))\n    return history",
            "finetune_test",
        ),
        "pgr": (
            "def pgr_over_seeds(supervisor, student, ceiling):\n    supervisor, student, ceiling = map(np.asarray, (supervisor, student, ceiling))\n    gaps = ceiling - supervisor\n"
            "    return float((student - supervisor).mean() / gaps.mean()) if gaps.mean() > 0.05 else math.nan",
            "pgr_test",
        ),
    },
    "ps2": {
        "cross_entropy": (
            "def cross_entropy(log_odds, targets):\n    f = torch.sigmoid(log_odds)\n    return -(targets * f.log() + (1 - targets) * (1 - f).log()).mean()",
            "cross_entropy_test",
        ),
        "wrong_pull": (
            "def wrong_pull(labels, truth):\n    labels, truth = np.asarray(labels, float), np.asarray(truth)\n    pull = np.abs(labels - 0.5)\n"
            "    return float((pull * ((labels > 0.5) != (truth == 1))).sum() / max(pull.sum(), 1e-12))",
            "wrong_pull_test",
        ),
        "resting": (
            "def resting(weak, alpha):\n    no, yes = (1 - alpha) * weak, (1 - alpha) * weak + alpha\n    return ([no] if no < 0.5 else []) + [yes] * (alpha > 0 or no >= 0.5)",
            "resting_test",
        ),
        "least_alpha": (
            "def least_alpha(weak):\n    return 1 - 0.5 / weak if weak > 0.5 else 0.0",
            "least_alpha_test",
        ),
        "own_answers": (
            "def own_answers(log_odds, share=0.5):\n    return (log_odds > torch.quantile(log_odds, 1 - share)).float()",
            "own_answers_test",
        ),
        "confidence_loss": (
            "def confidence_loss(alpha_max=0.75, warmup=0.2, share=0.5):\n    def loss(logits, targets, step_fraction):\n"
            "        alpha = alpha_max * min(1.0, step_fraction / max(warmup, 1e-9))\n        log_odds = logits[:, 1] - logits[:, 0]\n"
            "        return cross_entropy(log_odds, (1 - alpha) * targets + alpha * own_answers(log_odds, share))\n    return loss",
            "confidence_loss_test",
        ),
        "surest": (
            "def surest(labels, share):\n    return np.sort(np.argsort(-np.abs(labels - 0.5))[: int(share * len(labels))])",
            "surest_test",
        ),
        "believed": (
            "def believed(student, supervisor, truth, edges=(0.5, 0.6, 0.7, 0.8, 0.9, 1.0)):\n    wrong = (supervisor > 0.5) != truth\n"
            "    confidence, repeated = np.maximum(supervisor, 1 - supervisor), wrong & ((student > 0.5) != truth)\n    bins = [wrong & (confidence >= a) & (confidence < b) for a, b in zip(edges, edges[1:])]\n"
            "    return np.array([repeated[here].sum() / max(1, here.sum()) for here in bins])",
            "believed_test",
        ),
    },
    "ps3": {
        "policy": (
            "def policy(scores, legal):\n    scores = np.where(legal, scores, -1e9)\n    weight = np.exp(scores - scores.max(axis=1, keepdims=True))\n"
            "    return weight / weight.sum(axis=1, keepdims=True)",
            "policy_test",
        ),
        "labels": (
            "def weak_labels(p, power):\n    weight = np.eye(p.shape[1])[p.argmax(axis=1)] if power == math.inf else p ** power\n"
            "    return weight / weight.sum(axis=1, keepdims=True)",
            "labels_test",
        ),
        "chance": (
            "def by_chance(accuracy, moves):\n    return (1 - accuracy) / (np.mean(moves) - 1)",
            "chance_test",
        ),
        "same": (
            "def same_wrong(one, other, truth):\n    one, other, truth = map(np.asarray, (one, other, truth))\n    both = (one != truth) & (other != truth)\n"
            "    return float((one == other)[both].sum() / max(1, both.sum()))",
            "same_test",
        ),
        "band": (
            "def by_band(supervisor, student, ceiling, difficulty, bands):\n    n = len(difficulty)\n    band = bands * np.argsort(np.argsort(difficulty, kind='stable')) // n  # ties are cut\n"
            "    rows = []\n    for one in np.unique(band):\n        here = band == one\n"
            "        gap, gain = ((np.asarray(right, float) - supervisor)[here].sum() / n for right in (ceiling, student))\n"
            "        rows.append((one, here.sum(), gap, gain, gain / gap if gap >= 0.01 else math.nan))\n"
            "    return pd.DataFrame(rows, columns=['band', 'puzzles', 'gap', 'gain', 'pgr'])",
            "band_test",
        ),
        "rates": (
            "def rates(teacher, student, truth):\n    teacher, student, truth = map(np.asarray, (teacher, student, truth))\n    right, was = student == truth, teacher == truth\n"
            "    return float(right[was].sum() / max(1, was.sum())), float(right[~was].sum() / max(1, (~was).sum()))",
            "rates_test",
        ),
        "along": (
            "def along(accuracy, links):\n    found = [accuracy]\n    for keeps, corrects in links:\n        found.append(found[-1] * keeps + (1 - found[-1]) * corrects)\n    return found",
            "along_test",
        ),
        "ends": (
            "def ends(keeps, corrects):\n    return corrects / (1 - keeps + corrects) if 1 - keeps + corrects else math.nan",
            "ends_test",
        ),
        "climb": (
            "def climb(teacher, names, parts, learn):\n    students = []\n    for name, fens in zip(names, parts):\n"
            "        teacher = learn(name, fens, teacher(fens))\n        students.append(teacher)\n    return students",
            "climb_test",
        ),
        "direct": (
            "def direct(teacher, name, parts, learn):\n    fens = parts[0]\n    for more in parts[1:]:\n        fens += more\n    return learn(name, fens, teacher(fens))",
            "direct_test",
        ),
    },
    "ps4": {
        "loss": (
            "def loss(rewards, pairs, labels):\n    r, pairs, y = np.asarray(rewards, float), np.asarray(pairs), np.asarray(labels, float)\n"
            "    p = 1 / (1 + np.exp(r[pairs[:, 0]] - r[pairs[:, 1]]))\n    return float(-(y * np.log(p) + (1 - y) * np.log(1 - p)).mean())",
            "loss_test",
        ),
        "gradient": (
            "def gradient(rewards, pairs, labels):\n    r, pairs, y = np.asarray(rewards, float), np.asarray(pairs), np.asarray(labels, float)\n"
            "    surprise = (1 / (1 + np.exp(r[pairs[:, 0]] - r[pairs[:, 1]])) - y) / len(pairs)\n    pull = np.zeros(len(r))\n"
            "    pull[pairs[:, 1]] += surprise\n    pull[pairs[:, 0]] -= surprise\n    return pull",
            "gradient_test",
        ),
        "level": (
            "def same_level(rewards, prompts):\n    made = [np.array(list(those), float) for those in ([r for r, q in zip(rewards, prompts) if q == prompt] for prompt in dict.fromkeys(prompts))]\n"
            "    return np.concatenate([those - those.mean() for those in made])",
            "level_test",
        ),
        "unchanged": (
            "def unchanged(change):\n    return {'r + 7': {'likelihood', 'accuracy', 'best of n'}, '3 r': {'likelihood', 'accuracy', 'best of n'}}.get(change, set())",
            "unchanged_test",
        ),
        "factor": (
            "def factor(differences, labels):\n    from scipy.optimize import minimize_scalar\n    d, y = np.asarray(differences, float), np.asarray(labels, float)\n"
            "    cost = lambda beta: (y * np.logaddexp(0, -beta * d) + (1 - y) * np.logaddexp(0, beta * d)).mean()\n    return minimize_scalar(cost, bracket=(0.1, 1.0)).x",
            "factor_test",
        ),
        "best": (
            "def expected_best(rewards, values, n):\n    order, values = np.argsort(rewards, axis=1), np.asarray(values, float)\n    N = values.shape[1]\n"
            "    chance = np.array([math.comb(i, n - 1) / math.comb(N, n) for i in range(N)])\n    return float((np.take_along_axis(values, order, axis=1) @ chance).mean())",
            "best_test",
        ),
        "weak": (
            "def weak_labels(reward_of, texts, beta):\n    first, second = (reward_of([text.split(SEPARATOR)[side] for text in texts]) for side in (0, 1))\n"
            "    return np.exp(beta * second) / (np.exp(beta * first) + np.exp(beta * second))",
            "weak_test",
        ),
        "leaning": (
            "def leaning(reward_of, asked, counts):\n    shape = len(asked), len(asked[0][1])\n"
            "    given = np.asarray(reward_of([f'{prompt.text} {answer.text}' for prompt, answers in asked for answer in answers]), float)\n"
            "    level = given.reshape(shape) - given.reshape(shape).mean(axis=1, keepdims=True)\n    of = {'reward': level / given.std()} | {\n"
            "        name: np.array([[float(what(answer)) for answer in answers] for _, answers in asked])\n"
            "        for name, what in (('quality', lambda a: a.quality), ('true', lambda a: a.stance == 1), ('surface', lambda a: a.surface))}\n"
            "    return pd.DataFrame([{'n': n} | {name: expected_best(given.reshape(shape), values, n) for name, values in of.items()} for n in counts])",
            "leaning_test",
        ),
    },
    "ps5": {
        "three": (
            "def three_numbers(student, weak, truth):\n    s, w, g = (np.asarray(a, float) for a in (student, weak, truth))\n"
            "    return float(((w - g) ** 2).mean() - ((s - g) ** 2).mean()), float(((s - w) ** 2).mean()), float(((w - s) * (g - s)).mean())",
            "three_test",
        ),
        "needed": (
            "def share_needed(alpha, disagreement):\n    return disagreement / (2 * alpha) if alpha > 0 else math.nan",
            "needed_test",
        ),
        "promise": (
            "def promise(right, good, edges):\n    across = edges[good][:, ~good]\n    disagreement, alpha = (right != good).mean(), (~good).mean()\n    if good.all():\n        return disagreement\n"
            "    agrees = (across & (right[good][:, None] == right[~good])).any(axis=1)  # with one neighbour, not with all\n"
            "    return disagreement + alpha * (1 - 2 * across[right[good] & agrees].any(axis=0).mean())",
            "promise_test",
        ),
        "majority": (
            "def majority(labels, meaning):\n    labels, meaning = np.asarray(labels), np.asarray(meaning)\n"
            "    heard = [labels[(meaning == one) & (labels >= 0)] for one in meaning]\n    return np.array([-1 if not len(those) else int(those.mean() >= 0.5) for those in heard])",
            "majority_test",
        ),
        "shown": (
            "def shown(scores, step):\n    best, board = -math.inf, []\n    for score in scores:\n        best = score if score >= best + step - 1e-9 else best\n"
            "        board.append(math.floor(best / step + 1e-9) * step if step else score)\n    return board",
            "shown_test",
        ),
        "boost": (
            "def boost(ask, n, questions, rng):\n    found = []\n    for _ in range(questions):\n        answers = rng.integers(0, 2, n)\n        found.append(answers if ask(answers) > 0.5 else 1 - answers)\n"
            "    return (np.mean(found, axis=0) > 0.5).astype(int)",
            "boost_test",
        ),
        "vote": (
            "def vote(answers):\n    said, share = [], []\n    for row in np.asarray(answers):\n        kinds, times = np.unique(row, return_counts=True)\n"
            "        said.append(kinds[times.argmax()])\n        share.append(times.max() / len(row))\n    return np.array(said), np.array(share)",
            "vote_test",
        ),
        "keep": (
            "def keep(shares, k, rng):\n    kept = np.zeros(len(shares), bool)\n    kept[np.argsort(-np.asarray(shares), kind='stable')[:k]] = True\n    return kept",
            "keep_test",
        ),
    },
}


def notebook(kind: str, name: str) -> Path:
    return ROOT / kind / name / f"{name}.ipynb"


def about(cell) -> dict:
    return cell.metadata.get("nbgrader", {})


# ---------------------------------------------------------------------------------------------- what is handed out
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


# ---------------------------------------------------------------------------------------------- what answers earn
def run(nb, answers: dict[str, str], test: str, hidden: bool) -> None:
    """Runs what `test` needs: cells that are no tests, with the `answers` in place of the source's; then the test."""
    namespace = {"__name__": "__main__"}
    for cell in code_cells(nb):
        source = cell.source
        if "%pip" in source or about(cell).get("grade") and about(cell)["grade_id"] != test:
            continue
        if about(cell).get("grade_id") == test:
            exec(compile(source if hidden else HIDDEN.sub("", source), test, "exec"), namespace)
            return
        exec(compile(answers.get(about(cell).get("grade_id"), source), "a cell", "exec"), namespace)


@pytest.mark.parametrize("name, answer", [(name, answer) for name in NAMES for answer in WRONG.get(name, ())])
def test_a_wrong_answer_is_caught_by_a_hidden_case(name, answer, monkeypatch):
    monkeypatch.setattr("matplotlib.pyplot.show", lambda: None)
    (code, test), nb = WRONG[name][answer], read(notebook("source", name))
    run(nb, {answer: code}, test, hidden=False)
    with pytest.raises(AssertionError):
        run(nb, {answer: code}, test, hidden=True)


@each
def test_wrong_answers_are_known_for_most_questions(name):
    answers = [
        about(cell)["grade_id"]
        for cell in code_cells(read(notebook("source", name)))
        if about(cell).get("solution")
    ]
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


# ---------------------------------------------------------------------------------------------- grading
@pytest.fixture
def small(tmp_path):
    """A course with one short problem set."""

    def cell(source, grade_id=None, **kind):
        made = (
            nbformat.v4.new_markdown_cell(source)
            if kind.pop("words", False)
            else nbformat.v4.new_code_cell(source)
        )
        if grade_id:
            made.metadata["nbgrader"] = {
                "grade_id": grade_id,
                "schema_version": 3,
                "task": False,
                "locked": False,
                "solution": False,
                "grade": False,
            } | kind
        made.id = grade_id or "first"
        return made

    nb = nbformat.v4.new_notebook(
        cells=[
            cell("import math"),
            cell(
                "def half(x):\n    ### BEGIN SOLUTION\n    return x / 2\n    ### END SOLUTION",
                "half",
                solution=True,
            ),
            cell(
                "assert half(4) == 2\n### BEGIN HIDDEN TESTS\nassert half(3) == 1.5\n### END HIDDEN TESTS",
                "half_test",
                grade=True,
                locked=True,
                points=3,
            ),
            cell(
                "def twice(x):\n    ### BEGIN SOLUTION\n    return 2 * x\n    ### END SOLUTION",
                "twice",
                solution=True,
            ),
            cell(
                "assert twice(2) == 4\n### BEGIN HIDDEN TESTS\nassert twice(3) == 6\n### END HIDDEN TESTS",
                "twice_test",
                grade=True,
                locked=True,
                points=2,
            ),
            cell("Because. *Marking: any reason.*", "why", grade=True, solution=True, points=4, words=True),
        ]
    )
    nb.metadata = {"kernelspec": notebooks.KERNELSPEC, "language_info": {"name": "python"}}
    source = tmp_path / "source" / "ps1" / "ps1.ipynb"
    source.parent.mkdir(parents=True)
    nbformat.write(nb, source)
    return tmp_path


def hand_in(root: Path, student: str, edit=None) -> Path:
    """The release, edited by a function of its cells, handed in."""
    nb = nbformat.read(root / "release" / "ps1" / "ps1.ipynb", as_version=4)
    if edit:
        edit({about(cell).get("grade_id", cell.id): cell for cell in nb.cells}, nb)
    path = root / "submitted" / student / "ps1" / "ps1.ipynb"
    path.parent.mkdir(parents=True)
    nbformat.write(nb, path)
    return path


def answered(half: str = "return x / 2", twice: str = "return 2 * x"):
    def edit(cells, nb):
        cells["half"].source, cells["twice"].source = (
            f"def half(x):\n    {half}",
            f"def twice(x):\n    {twice}",
        )

    return edit


@needs_nbgrader
def test_the_round_trip(small, capsys):
    release(small)
    hand_in(small, "ann", answered())
    hand_in(small, "bob")
    hand_in(small, "eve", answered(half="return x // 2"))  # right for even numbers only
    hand_in(small, "kim", answered(twice="import time; time.sleep(9)"))
    marking.SECONDS_A_CELL, before = 4, marking.SECONDS_A_CELL
    try:
        table = grade(small, "ps1")
    finally:
        marking.SECONDS_A_CELL = before
    marks = {"ann": (3, 2), "bob": (0, 0), "eve": (0, 2), "kim": (3, 0)}
    assert (
        table[["half_test", "twice_test"]].apply(tuple, axis=1).to_dict() == marks
        and table["why"].isna().all()
    )
    assert (
        table["score"].to_dict() == {student: sum(points) for student, points in marks.items()}
        and set(table["of"]) == {9}
        and set(table["open"]) == {4}
    )
    file = small / "grades" / "ps1.csv"
    assert file.read_text().splitlines()[:2] == [
        "student,half_test,twice_test,why,score,of,open",
        "ann,3,2,,5,9,4",
    ]
    file.write_text(file.read_text().replace("ann,3,2,,", "ann,3,2,3.5,"))  # a person has read what ann wrote
    again = grade(small, "ps1")
    assert (
        again.loc["ann", ["why", "score", "open"]].tolist() == [3.5, 8.5, 0] and again.loc["eve", "open"] == 4
    )
    file.write_text(file.read_text().replace("ann,3,2,3.5,", "ann,3,2,35,"))
    with pytest.raises(ValueError, match="ann has 35 points for 'why', which is worth 4"):
        grade(small, "ps1")
    assert (small / "feedback" / "eve" / "ps1" / "ps1.html").exists() and {
        p.name for p in small.iterdir()
    } == {"source", "release", "submitted", "grades", "feedback"}
    assert (
        grading.main(["check", "ps1", "--root", str(small)]) == 0
        and "4 submissions are whole" in capsys.readouterr().out
    )


@needs_nbgrader
def test_what_was_lost_on_the_way_is_said_before_grading(small, capsys):
    release(small)
    hand_in(small, "ann", answered())

    def stripped(cells, nb):
        answered()(cells, nb)
        for cell in nb.cells:
            cell.metadata = {}

    def one_gone(cells, nb):
        answered()(cells, nb)
        nb.cells = [cell for cell in nb.cells if about(cell).get("grade_id") != "twice_test"]

    def copied(cells, nb):
        nb.cells.append(copy.deepcopy(cells["half"]))
        nb.cells[-1].id = "another"

    def dearer(cells, nb):
        cells["half_test"].metadata["nbgrader"]["points"] = 100

    for student, edit, said in (
        ("bob", stripped, "none of its cells says"),
        ("eve", one_gone, "cells twice_test are missing"),
        ("kim", copied, "'half' stands there 2 times"),
        ("leo", dearer, "no longer say what they are worth"),
    ):
        path = hand_in(small, student, edit)
        assert (
            said in lost(path, small / "release/ps1/ps1.ipynb")[0]
            and str(path) in lost(path, small / "release/ps1/ps1.ipynb")[0]
        )
    (small / "submitted" / "zoe" / "ps1").mkdir(parents=True)  # handed in under another name
    with pytest.raises(Unfit) as refused:
        grade(small, "ps1")
    assert all(
        student in str(refused.value) for student in ("bob", "eve", "kim", "leo", "zoe")
    ) and "ann" not in str(refused.value)
    assert not (small / "grades").exists()
    assert (
        grade(small, "ps1", anyway=True).index.tolist() == ["ann"]
        and "left out: bob, eve, kim, leo, zoe" in capsys.readouterr().err
    )
    assert set(submissions(small, "ps1")) == {"ann", "bob", "eve", "kim", "leo", "zoe"}


def test_scores_in_canvas_own_form(tmp_path):
    (tmp_path / "grades").mkdir()
    (tmp_path / "grades" / "ps1.csv").write_text("student,a,score\n007,1,5.5\nbob,2,3\n")
    export = tmp_path / "export.csv"
    export.write_text(
        "Student,ID,SIS Login ID,Section,Ps1 (99),Ps10 (98)\n    Points Possible,,,,9,9\nAnn,1,007,A,,\nBob,2,bob,A,1,\nZoe,3,zoe,A,7,\n"
    )
    with pytest.raises(ValueError, match="2 columns could be 'ps1' of .*--column"):
        grading.canvas(tmp_path, "ps1", export)
    made = grading.canvas(tmp_path, "ps1", export, "Ps1 (99)").read_text().splitlines()
    assert made == [
        "Student,ID,SIS Login ID,Section,Ps1 (99)",
        "    Points Possible,,,,9",
        "Ann,1,007,A,5.5",
        "Bob,2,bob,A,3",
        "Zoe,3,zoe,A,7",
    ]
    export.write_text("Student,ID,SIS Login ID,Section,Ps1 (99)\nBob,2,bob,A,1\n")
    with pytest.raises(ValueError, match="007 not among its SIS Login IDs"):
        grading.canvas(tmp_path, "ps1", export)
    export.write_text("name,score\nbob,1\n")
    assert grading.main(["canvas", "ps1", "--root", str(tmp_path), "--gradebook", str(export)]) == 2


@needs_nbgrader
def test_results_for_gradescope(small):
    release(small)
    path, results = hand_in(small, "eve", answered(half="return x // 2")), small / "results.json"
    assert (
        grading.main(
            ["gradescope", "ps1", "--root", str(small), "--submission", str(path), "--results", str(results)]
        )
        == 0
    )
    assert json.loads(results.read_text())["tests"] == [
        {"name": "half_test", "score": 0.0, "max_score": 3.0},
        {"name": "twice_test", "score": 2.0, "max_score": 2.0},
    ]
    path.write_text(json.dumps({"cells": []}))
    said = grading.gradescope(small, "ps1", path)
    assert (
        said["score"] == 0 and "none of its cells says" in said["output"] and str(small) not in said["output"]
    )


SPAWNS = """return x / 2
import os, subprocess
child = subprocess.Popen(["sleep", "300"])
with open(PIDS + ".tmp", "w") as file:
    file.write(f"{os.getpid()} {child.pid}")
os.rename(PIDS + ".tmp", PIDS)
"""


@needs_nbgrader
@posix
def test_what_a_student_started_ends_with_the_kernel(small):
    release(small)
    folder = small / "pids"
    folder.mkdir()
    path = hand_in(small, "ann", answered(half=SPAWNS.replace("PIDS", repr(str(folder / "pids")))))
    assert grading.gradescope(small, "ps1", path)["tests"][0]["score"] == 3
    assert alive(folder) == []


@needs_nbgrader
@posix
@pytest.mark.parametrize("name, code", [("SIGINT", 130), ("SIGTERM", 143)])
def test_a_signal_ends_grading_and_its_kernels(small, place, name, code):
    release(small)
    spawns = SPAWNS.replace("PIDS", repr(str(place / "pids"))) + "import time\ntime.sleep(300)"
    path = hand_in(small, "ann", answered(half=spawns))
    process = start(
        place,
        "-m",
        "w2s_kit.course.grading",
        "gradescope",
        "ps1",
        "--root",
        str(small),
        "--submission",
        str(path),
        "--results",
        str(small / "results.json"),
    )
    assert wait_until((place / "pids").exists, 120), (place.parent / "said").read_text()
    process.send_signal(getattr(signal, name))
    assert process.wait(20) == code and alive(place) == [] and files_left(place) == set()
    assert "Traceback" not in (place.parent / "said").read_text() and not (small / "results.json").exists()


@needs_nbgrader
def test_a_machine_that_lacks_a_package_is_noticed_before_grading(small):
    release(small)
    hand_in(small, "ann", answered())
    source = small / "source" / "ps1" / "ps1.ipynb"
    source.write_text(
        source.read_text()
        .replace("import math", "import a_package_that_is_not_here as math")
        .replace("return x / 2", "return x / 2 * math.e / math.e")
    )
    with pytest.raises(
        Unfit, match="solution itself does not get full marks for half_test.*Nothing was graded"
    ):
        check(small, "ps1")


@needs_nbgrader
def test_a_test_that_needs_no_answer_is_noticed(small):
    source = small / "source" / "ps1" / "ps1.ipynb"
    source.write_text(
        source.read_text().replace("assert twice(2) == 4", "pass").replace("assert twice(3) == 6", "pass")
    )
    release(small)
    with pytest.raises(Unfit, match="blank form gets marks for twice_test"):
        check(small, "ps1")


def test_what_is_not_there_is_named(small, capsys):
    with pytest.raises(ValueError, match="no psN/psN.ipynb"):
        problem_sets(small / "nowhere")
    with pytest.raises(ValueError, match="did you mean 'ps1'"):
        check(small, "ps2")
    with pytest.raises(Unfit, match="release/ps1/ps1.ipynb is not there: make it with"):
        check(small, "ps1")
    assert (
        grading.main(["grade", "ps7", "--root", str(small)]) == 2
        and "did you mean 'ps1'" in capsys.readouterr().err
    )
    (small / "torn.ipynb").write_text("{")
    with pytest.raises(ValueError, match="torn.ipynb: no notebook can be read"):
        graded_cells(small / "torn.ipynb")
