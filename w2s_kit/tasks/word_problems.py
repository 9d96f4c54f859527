r"""Problems of arithmetic in words, with levels: GSM8K and MATH.

    GSM8K   Cobbe et al. 2021, openai/gsm8k
            level: the number of its solution's calculations, "<<16-3-4=9>>"
            the answer stands after "####"
    MATH    Hendrycks et al. 2021, EleutherAI/hendrycks_math
            level: 1 to 5, as its authors rate it
            the answer stands in the last \boxed{...}

For the real tier of notebook 21: what a generator is asked, what it should have written, and whether two
answers are the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

import pandas as pd

from .rows import Rejected, Report, Source, records, rows_of, shown, tell, text_of

CALCULATION = re.compile(r"<<[^<>]*>>")
LEVEL = re.compile(r"\s*(?:Level )?([1-9])(?:\.0+)?\s*")
LONGEST = 50_000  # characters of a problem or a solution
WORDS = re.compile(r"\\(?:text|textbf|mbox|mathrm|mathbf)\s*\{([^{}]*)\}")
ARGUMENT = r"(\d|\{(?:[^{}]|\{[^{}]*\})*\})"  # TeX takes the next sign for an argument
SHORT = re.compile(rf"\\frac{ARGUMENT}{ARGUMENT}")
#: What an answer may say or leave out: the unknown before it, and the unit after it.
ASIDE = re.compile(
    r"^\s*\$?\s*[A-Za-z]\s*(?:=|\\in(?![a-z]))"
    r"|(?<=[\d}%])(?:\\[ ,;!]|\s)*\\(?:text|mbox|mathrm)\s*\{[^{}]*\}(?:\^\{?\d\}?)?[\s.$]*$"
)
UNIT = re.compile(r"(\^\\circ|\^\{\\circ\}|\\degree|°|\\?%)$")


def problems(
    source: Source,
    levels: Iterable[int] | None = None,
    report: Report | None = None,
    allow_rejected: bool = False,
) -> pd.DataFrame:
    """The problems of a file, or of rows: a table with the columns text, solution, answer and level.

    A file is CSV with a header, JSON lines, a JSON array or parquet (see `rows`). Only problems of `levels`
    are taken, where these are given. A row that states no level or no answer cannot be used; it is counted in
    `report` and printed, with its place and the reason. Raises ValueError when no row can be used, and when
    more than half are rejected, unless `allow_rejected`.
    """
    report = Report() if report is None else report
    found = list(records(rows_of(source, report), _problem, report))
    if report.read:
        tell(
            report, source if isinstance(source, (str, Path)) else "word problems", "problem", allow_rejected
        )
    table = pd.DataFrame(found, columns=["text", "solution", "answer", "level"])
    return table if levels is None else table[table["level"].isin(list(levels))].reset_index(drop=True)


def _problem(row: Mapping) -> tuple[str, str, str, int]:
    of_gsm = {"question", "answer"} <= row.keys()
    if not of_gsm and not {"problem", "solution", "level"} <= row.keys():
        names = ", ".join(map(str, row))[:200]
        expected = "question and answer, as in GSM8K, or problem, level and solution, as in MATH"
        raise Rejected("other columns", f"the row has {names}: expected {expected}")
    text, solution = (
        text_of(row, name, LONGEST)
        for name in (("question", "answer") if of_gsm else ("problem", "solution"))
    )
    if not text.strip():
        raise Rejected("empty text", "there is no problem; fill it in, or delete the row")
    level = len(CALCULATION.findall(solution)) if of_gsm else _level(row["level"])
    if not level:
        raise Rejected("no level", "the solution marks no calculation, as <<1+1=2>>")
    answer = answer_of(solution)
    if answer is None:
        raise Rejected("no answer", f"neither #### nor \\boxed{{...}} in {solution[:80]!r}")
    return text.strip(), CALCULATION.sub("", solution).strip(), answer, level


def _level(value: object) -> int:
    """A level from 1 on.

    It may be "Level 3", as in MATH, 3, as in MATH-500, or 3.0, which pandas makes of it where a level is
    missing.
    """
    try:
        found = LEVEL.fullmatch(str(value))
    except (ValueError, RecursionError):  # a number of 5,000 digits, lists in lists in lists
        found = None
    if not found:
        raise Rejected("no level", f'level is {shown(value)}; write a whole number from 1 on, or "Level 1"')
    return int(found[1])


def answer_of(solution: str) -> str | None:
    r"""The answer that a solution gives, or None.

    It stands after the last "####", or in the last \boxed{...}, with its braces balanced.
    """
    if "####" in solution:
        return next(iter(solution.rsplit("####", 1)[1].strip().splitlines()), "").strip() or None
    begins = solution.rfind("\\boxed{")
    depth, start = 0, begins + len("\\boxed{")
    for i in range(start, len(solution) if begins >= 0 else 0):
        if solution[i] == "}" and depth == 0:
            return solution[start:i].strip() or None
        depth += (solution[i] == "{") - (solution[i] == "}")
    return None


def same(a: str | None, b: str | None) -> bool:
    r"""Whether two answers are the same.

    They are compared as numbers, or else as texts. What only sets an answer does not count: blanks, "$",
    "\left", "\right", "\text{...}" and its like, a point at the end, and a sign for degrees or percent at the
    end. \dfrac and \tfrac are \frac, \frac12 is \frac{1}{2}, and 1\frac12 is 1.5. Where only one of the two
    answers has a unit ("5\text{ cm}", "5") or names its unknown ("x=5", "5"), that does not count either.
    Answers that are equal by algebra alone ("x+1", "1+x") are not the same: the comparison errs on the side
    of "no".
    """
    if a is None or b is None:
        return False
    only_one = bool(ASIDE.search(a)) != bool(ASIDE.search(b))
    return _equal(a, b) or only_one and _equal(ASIDE.sub("", a), ASIDE.sub("", b))


def _equal(a: str, b: str) -> bool:
    """Whether two answers are the same number, or else the same text."""
    try:
        return abs(_number(a) - _number(b)) < 1e-6 * max(1, abs(_number(b)))
    except ValueError:
        return _plain(a) == _plain(b)


def _number(text: str) -> float:
    text = _plain(text)
    if found := re.fullmatch(r"(-?)(?:(\d*)\\frac\{(-?\d+)\}\{(\d+)\}|(-?\d+)/(\d+))", text):
        over, under = (found[3], found[4]) if found[3] else (found[5], found[6])
        if int(under) == 0:
            raise ValueError("division by 0")
        return (-1 if found[1] else 1) * (int(found[2] or 0) + int(over) / int(under))
    if not re.fullmatch(r"[+-]?(\d{1,3}(,\d{3})+|\d+)?(\.\d*)?", text) or not re.search(r"\d", text):
        raise ValueError(f"{text!r} is no number")
    return float(text.replace(",", ""))


def _plain(text: str) -> str:
    text = WORDS.sub(r"\1", text.replace("\u2212", "-").replace("{,}", ","))
    text = re.sub(r"\\(left|right|!|,|;| )|\\?\$|\s", "", text)
    text = re.sub(r"\\sqrt(\w)", r"\\sqrt{\1}", re.sub(r"\\[dt]frac", r"\\frac", text))
    text = SHORT.sub(_braced, text)
    return UNIT.sub("", text.rstrip("."))


def _braced(found: re.Match) -> str:
    over, under = (part[1:-1] if part[0] == "{" else part for part in found.groups())
    return f"\\frac{{{over}}}{{{under}}}"
