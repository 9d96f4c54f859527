"""Marks in the forms of other systems: Canvas's gradebook, and what a Gradescope autograder writes."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from ..shared.files import write_whole
from .checked import Unfit, lost
from .feedback import names, reason
from .marking import BY_HAND, marked


def canvas(root: Path, name: str, gradebook: Path, column: str | None = None, anyway: bool = False) -> Path:
    """Write grades/psN_canvas.csv, which Canvas imports: its gradebook with the scores of grades/psN.csv.

    `gradebook` is exported from Canvas. The scores go into its `column`, by default the only one whose name
    begins with psN. Students are known by "SIS Login ID", or "ID": the names of their folders in submitted/.
    Raises Unfit while answers are still to be read, but for `anyway`, and ValueError where someone graded is
    not in the gradebook, or the column is not clear.
    """
    table = pd.read_csv(root / "grades" / f"{name}.csv", index_col="student", dtype={"student": str})
    scores = table["score"]
    if "open" in table and (left := table.index[table["open"] > 0].tolist()) and not anyway:
        raise Unfit(
            f"{root / 'grades' / name}.csv: the answers in words of {len(left)} students are not marked yet "
            f"({', '.join(left[:5])}{', ...' * (len(left) > 5)}), and would count as 0. Type their points "
            "into the table and grade again, or take --anyway"
        )
    book = pd.read_csv(gradebook, dtype=str)
    if missing := [c for c in ("Student", "ID", "SIS Login ID", "Section") if c not in book]:
        raise ValueError(
            f"{gradebook}: no column {missing[0]!r}; export the gradebook from Canvas and take that file"
        )
    fitting = [c for c in book if c == column or column is None and c.lower().startswith(name.lower())]
    if len(fitting) != 1:
        raise ValueError(
            f"{gradebook}: {len(fitting)} columns could be {column or name!r} of "
            f"{', '.join(book.columns[5:])}; name one with --column, or make the assignment in Canvas first"
        )
    by = max(("SIS Login ID", "ID"), key=lambda c: book[c].isin(scores.index).sum())
    if strangers := sorted(set(scores.index) - set(book[by].dropna())):
        raise ValueError(
            f"{gradebook}: {', '.join(strangers)} not among its {by}s: name the folders in submitted/ by "
            "Canvas's login IDs"
        )
    book[fitting[0]] = book[by].map(scores.map("{:g}".format)).fillna(book[fitting[0]])
    target = root / "grades" / f"{name}_canvas.csv"
    columns = [c for c in ("Student", "ID", "SIS User ID", "SIS Login ID", "Section") if c in book]
    write_whole(target, book[[*columns, fitting[0]]].to_csv(index=False, lineterminator="\n"))
    return target


def gradescope(root: Path, name: str, submission: Path) -> dict:
    """What a Gradescope autograder writes into results.json for one submission: a test a question.

    Each test says why it has not all points. Answers in words are left to people. A submission that `lost`
    finds fault with gets no scores, but is told what to do.
    """
    if wrong := lost(submission, root / "release" / name / f"{name}.ipynb"):
        return {"score": 0, "output": "\n".join(wrong).replace(f"{submission}: ", "")}
    marks = marked(root, name, submission)
    named = names(marks)
    tests = [
        {
            "name": named[question],
            "score": score,
            "max_score": marks.of[question],
            "output": reason(marks, question) or "Right.",
        }
        for question, score in marks.scores.items()
        if marks.said[question] != BY_HAND and score is not None
    ]
    return {"tests": tests, "output": "\n".join(["Answers in words are read by people.", *marks.notes])}
