r"""Problems of arithmetic in words, with levels: GSM8K (Cobbe et al. 2021, openai/gsm8k) and MATH (Hendrycks et al. 2021, EleutherAI/hendrycks_math).

    GSM8K   level: the number of its solution's calculations, "<<16-3-4=9>>"; the answer stands after "####"
    MATH    level: 1 to 5, as its authors rate it; the answer stands in the last \boxed{...}

For the real tier of notebook 21: what a generator is asked, what it should have written, and whether two answers are the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

import pandas as pd

CALCULATION = re.compile(r"<<[^<>]*>>")


def problems(rows: Iterable[Mapping], levels: Iterable[int] | None = None) -> pd.DataFrame:
    """Columns text, solution, answer, level of rows of either; only those of `levels`, where these are given. What states no level or
    no answer is left out. Raises ValueError for a row of neither."""
    found = []
    for i, row in enumerate(rows, 1):
        if {"question", "answer"} <= row.keys():
            text, solution = row["question"], row["answer"]
            level = len(CALCULATION.findall(solution))
        elif {"problem", "solution", "level"} <= row.keys():
            text, solution = row["problem"], row["solution"]
            level = int(row["level"].removeprefix("Level ")) if re.fullmatch(r"Level \d", row["level"]) else 0
        else:
            raise ValueError(f"row {i} has {', '.join(row)}: expected question and answer, as in GSM8K, or problem, level and solution, as in MATH")
        answer = answer_of(solution)
        if level and answer is not None:
            found.append((text.strip(), CALCULATION.sub("", solution).strip(), answer, level))
    table = pd.DataFrame(found, columns=["text", "solution", "answer", "level"])
    return table if levels is None else table[table["level"].isin(list(levels))].reset_index(drop=True)


def answer_of(solution: str) -> str | None:
    r"""What stands after the last "####", or in the last \boxed{...}, its braces balanced; None where there is neither."""
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
    r"""Whether two answers are the same as numbers, or else as texts without blanks, "$", "\left", "\right", and with \dfrac as \frac.
    Answers that are equal by algebra alone ("x+1", "1+x") are not: it errs on the side of "no"."""
    if a is None or b is None:
        return False
    try:
        return abs(_number(a) - _number(b)) < 1e-6 * max(1, abs(_number(b)))
    except ValueError:
        return _plain(a) == _plain(b)


def _number(text: str) -> float:
    text = _plain(text)
    if found := re.fullmatch(r"(-?)(?:\\frac\{(-?\d+)\}\{(\d+)\}|(-?\d+)/(\d+))", text):
        over, under = (found[2], found[3]) if found[2] else (found[4], found[5])
        if int(under) == 0:
            raise ValueError("division by 0")
        return (-1 if found[1] else 1) * int(over) / int(under)
    if not re.fullmatch(r"[+-]?(\d{1,3}(,\d{3})+|\d+)?(\.\d*)?", text) or not re.search(r"\d", text):
        raise ValueError(f"{text!r} is no number")
    return float(text.replace(",", ""))


def _plain(text: str) -> str:
    text = re.sub(r"\\(left|right|!|,|;| )|\\?\$|\s", "", text)
    return text.replace("\\dfrac", "\\frac").replace("\\tfrac", "\\frac").rstrip(".")
