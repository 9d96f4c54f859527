"""Every exercise of a notebook has a worked answer in notebooks/solutions: folded, and in the same order."""

import re

import nbformat
import pytest
from test_notebooks_skeleton import BADGE, NOTEBOOKS, ROOT, every_notebook, read

FOLDER = ROOT / "notebooks" / "solutions"
# Notebooks whose answers are not written yet. Whoever writes them takes the line out.
NOT_YET: list[str] = []
EXERCISE = re.compile(r"^\*\*(\d+\. .+?)\*\*", re.M)
EFFORT = re.compile(r"^\*\*\d+\. .+?\*\* · difficulty [●○]{3} · (?:\d+ minutes|an evening)", re.M)
CHECK = re.compile(r"\bcheck\(\s*[\"']([^\"']*)[\"']")
DETAILS = re.compile(r"<details><summary>Answer</summary>\n\n.*\n\n</details>", re.S)
TEACHES = "*What it teaches:* "
SHARED_LINES = 10  # of the cell that all answers of a file share


def link(stem: str) -> str:
    """The line that leads from the exercises of a notebook to their answers."""
    return f"Worked answers: [solutions/{stem[:2]}](solutions/{stem}.ipynb)."


def sections(cells: list, title: re.Pattern) -> dict[str, list]:
    """What stands below each title in the Markdown of a notebook: pieces of text, and cells of code."""
    found: dict[str, list] = {}
    pieces: list = []
    for cell in cells:
        if cell.cell_type == "code":
            pieces.append(cell)
            continue
        before, *titled = title.split(cell.source)
        pieces += [before] * bool(before.strip())
        for name, text in zip(titled[::2], titled[1::2], strict=True):
            pieces = found.setdefault(name, [])
            pieces.append(text)
    return found


def checks(pieces: list) -> list[str]:
    return [name for piece in pieces if not isinstance(piece, str) for name in CHECK.findall(piece.source)]


def is_folded(cell) -> bool:
    """On the site, in JupyterLab and on Colab."""
    hidden = cell.metadata.get("jupyter", {})
    return (
        "hide-cell" in cell.metadata.get("tags", [])
        and bool(hidden.get("source_hidden") and hidden.get("outputs_hidden"))
        and cell.metadata.get("cellView") == "form"
    )


def faults_of_answer(question: str, *answer) -> list[str]:
    """What is wrong with what stands below the heading of one exercise."""
    words = [piece.strip() for piece in answer if isinstance(piece, str)]
    code = [piece for piece in answer if not isinstance(piece, str)]
    lines = "\n".join(words).replace("</details>", "").strip().splitlines()
    wrong = []
    if not question.strip():
        wrong.append("the question is not repeated below the heading")
    if [cell for cell in code if not is_folded(cell)]:
        wrong.append("a cell of code is not folded: it wants the metadata of the other answers")
    if [text for text in words if not (DETAILS.fullmatch(text) or text.startswith(TEACHES))]:
        wrong.append("words are not folded: <details><summary>Answer</summary>, and blank lines inside")
    if not lines or not lines[-1].startswith(TEACHES) or "\n".join(lines).count(TEACHES) != 1:
        wrong.append(f"one line {TEACHES}is to stand at its end")
    if not code and not [text for text in words if DETAILS.fullmatch(text)]:
        wrong.append("there is no answer")
    shown = [output.get("text", "") for cell in code for output in cell.outputs]
    if "Your turn" in "".join(shown):
        wrong.append("the check says that it is your turn")
    return wrong


def faults(stem: str, notebook: list, answers: list) -> list[str]:
    """What is wrong with the worked `answers` to the exercises of a `notebook`, both as lists of cells."""
    first, *rest = [cell for cell in answers if not cell.source.startswith("# Setup: ")]
    shared, *rest = rest
    asked = sections(notebook, EXERCISE)
    answered = sections(rest, re.compile(r"^## (.+)$", re.M))
    wrong = []
    heading = first.source.splitlines()[2 if BADGE.search(first.source) else 0]
    if not heading.startswith("# Answers: ") or f"](../{stem}.ipynb)" not in first.source:
        wrong.append(f"the heading is to begin with '# Answers: ', and the cell to link ../{stem}.ipynb")
    lines = shared.source.splitlines()
    if shared.cell_type != "code" or is_folded(shared) or len(lines) > SHARED_LINES:
        wrong.append(
            f"after the setup comes an open cell that all answers share, at most {SHARED_LINES} lines"
        )
    if list(asked) != list(answered):
        return [*wrong, f"the exercises are {list(asked)}, and the headings {list(answered)}"]
    for name, pieces in answered.items():
        wrong += [f"{name}: {fault}" for fault in faults_of_answer(*pieces)]
        if checks(pieces) != checks(asked[name]):
            wrong.append(f"{name}: the notebook checks {checks(asked[name])}, its answer {checks(pieces)}")
    if link(stem) not in "\n".join(cell.source for cell in notebook):
        wrong.append(f"the notebook lacks the line: {link(stem)}")
    return wrong


@every_notebook
def test_every_exercise_has_a_worked_answer(path):
    answers = FOLDER / path.name
    if path.stem in NOT_YET:
        assert not answers.exists(), f"there is {answers.name}: take it off NOT_YET"
        return
    assert answers.exists(), f"no notebooks/solutions/{path.name}"
    assert not faults(path.stem, read(path).cells, read(answers).cells)


def test_all_answers_belong_to_a_notebook():
    stems = {path.stem for path in NOTEBOOKS}
    assert {path.stem for path in FOLDER.glob("*.ipynb")} <= stems and set(NOT_YET) <= stems


@every_notebook
def test_exercises_are_numbered_and_say_how_hard_and_how_long_they_are(path):
    text = "\n".join(cell.source for cell in read(path).cells if cell.cell_type == "markdown")
    names = EXERCISE.findall(text)
    assert [int(name.partition(".")[0]) for name in names] == list(range(1, len(names) + 1)) != []
    assert len(EFFORT.findall(text)) == len(names), "**1. Title** · difficulty ●○○ · 5 minutes."


# ------------------------------------------------------------------------------------- faults that are found
HIDDEN = {
    "cellView": "form",
    "jupyter": {"source_hidden": True, "outputs_hidden": True},
    "tags": ["hide-cell"],
}


def words(text: str):
    return nbformat.v4.new_markdown_cell(text)


def code(text: str, hidden: bool = False, printed: str = ""):
    outputs = [nbformat.v4.new_output("stream", text=printed)] if printed else []
    return nbformat.v4.new_code_cell(text, metadata=HIDDEN if hidden else {}, outputs=outputs)


def folded(text: str) -> str:
    return f"<details><summary>Answer</summary>\n\n{text}\n\n</details>"


def a_notebook() -> list:
    return [
        words("# 09 · Plants\n\n**Time** 5 minutes"),
        words("## Exercises\n\n**1. Count** · difficulty ●○○ · 3 minutes"),
        code('check("09-count", count)'),
        words(f"**2. Think** · difficulty ●●○ · 10 minutes. Why?\n\n{link('09_plants')}"),
    ]


def its_answers() -> list:
    return [
        words("# Answers: 09 Plants\n\nTry [the notebook](../09_plants.ipynb) first. Then unfold."),
        code("import w2s_kit"),
        words("## 1. Count\n\nCount them."),
        code('check("09-count", count)', hidden=True, printed="Right."),
        words(folded(f"Two.\n\n{TEACHES}counting.")),
        words("## 2. Think\n\nSay why."),
        words(folded("Because.")),
        words(f"{TEACHES}reasons."),
    ]


def test_answers_as_they_should_be_have_no_fault():
    assert faults("09_plants", a_notebook(), its_answers()) == []


def test_a_badge_and_a_setup_cell_are_no_fault():
    first, *rest = its_answers()
    link_to_colab = "[![Open](https://x.org)](https://colab.research.google.com/github/a/b/blob/c/d.ipynb)"
    answers = [words(f"{link_to_colab}\n\n{first.source}"), code("# Setup: on Colab"), *rest]
    assert faults("09_plants", a_notebook(), answers) == []


@pytest.mark.parametrize(
    "place, cell, fault",
    [
        (0, words("# Answers: 09 Plants"), "to link ../09_plants.ipynb"),
        (1, code("import w2s_kit", hidden=True), "after the setup comes"),
        (1, code("import w2s_kit\n" * 11), "after the setup comes"),
        (2, words("## 1. Count"), "1. Count: the question is not repeated"),
        (2, words("## 1. Counting\n\nCount them."), "the headings ['1. Counting', '2. Think']"),
        (3, code('check("09-count", count)'), "1. Count: a cell of code is not folded"),
        (3, code("count = len", hidden=True), "the notebook checks ['09-count'], its answer []"),
        (3, code('check("09-count", count)', hidden=True, printed="Your turn: it"), "it is your turn"),
        (4, words(f"Two.\n\n{TEACHES}counting."), "1. Count: words are not folded"),
        (4, words(folded("Two.")), "1. Count: one line *What it teaches:*"),
        (5, words("## 1. Count\n\nAgain."), "the headings ['1. Count']"),
        (5, words("More.\n\n## 2. Think\n\nSay why."), "1. Count: words are not folded"),
        (6, words("Because."), "2. Think: words are not folded"),
        (6, words("<details><summary>Answer</summary>\nBecause.\n</details>"), "2. Think: words are not"),
        (6, words(f"{TEACHES}twice."), "2. Think: there is no answer"),
        (7, words(folded("More.")), "2. Think: one line *What it teaches:*"),
    ],
)
def test_faults_of_answers_are_found(place, cell, fault):
    answers = its_answers()
    answers[place] = cell
    assert fault in "\n".join(faults("09_plants", a_notebook(), answers))


@pytest.mark.parametrize("name", HIDDEN)
def test_an_answer_is_folded_everywhere(name):
    cell = code("1", hidden=True)
    assert is_folded(cell)
    del cell.metadata[name]
    assert not is_folded(cell)


def test_a_notebook_leads_to_its_answers():
    notebook = [*a_notebook()[:3], words("**2. Think** · difficulty ●●○ · 10 minutes. Why?")]
    assert faults("09_plants", notebook, its_answers()) == [
        "the notebook lacks the line: Worked answers: [solutions/09](solutions/09_plants.ipynb)."
    ]
