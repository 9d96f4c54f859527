"""A class with hostile and broken submissions, killed in the middle and continued: right marks, and how long?

    python benchmarks/grading.py                       # forty submissions, eight of them hostile or broken
    python benchmarks/grading.py --students 10 --hostile 2
    python benchmarks/grading.py --of notebooks/assignments/source/ps1/ps1.ipynb    # a problem set as it is

It grades two classes of the same size by the staff's command: one is honest, in the other some are not. The
second is killed with SIGKILL when half of its table is there, and started again. It prints both times, and
which honest marks are wrong.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pandas as pd

ROOT = Path(__file__).resolve().parent.parent
CELLS = (  # name, whether it is an answer, points, text
    ("", False, 0, "import math"),
    ("half", True, 0, "def half(x):\n    ### BEGIN SOLUTION\n    return x / 2\n    ### END SOLUTION"),
    (
        "half_test",
        False,
        3,
        "assert half(4) == 2\n### BEGIN HIDDEN TESTS\nassert half(3) == 1.5\n### END HIDDEN TESTS",
    ),
    ("twice", True, 0, "def twice(x):\n    ### BEGIN SOLUTION\n    return 2 * x\n    ### END SOLUTION"),
    (
        "twice_test",
        False,
        2,
        "assert twice(2) == 4\n### BEGIN HIDDEN TESTS\nassert twice(3) == 6\n### END HIDDEN TESTS",
    ),
)
#: Honest answers to the first question, and its points. The second is always right, and gives 2.
HONEST = (("return x / 2", 3), ("return x // 2", 0), ("return 0.5 * x", 3), ("return x - 2", 0))
#: Hostile answers to the first question; "" is a file that is no notebook.
HOSTILE = (
    "import os; os._exit(0)",
    "while True: pass",
    "import signal, time\n    signal.signal(signal.SIGINT, signal.SIG_IGN)\n    while True: time.sleep(9)",
    "import os\n    for _ in range(200): os.write(2, bytes(10 ** 6))",
    "import os\n    if os.fork() == 0: os._exit(0)\n    return x / 2",
    "ip = get_ipython()\n    ip.input_transformers_cleanup.append(lambda lines: ['pass'])\n    return 2",
    "y = bytes(10 ** 13)\n    return x / 2",
    "",
)


SOLUTION = re.compile(r"^( *)### BEGIN SOLUTION\n(.*?)^ *### END SOLUTION", re.DOTALL | re.MULTILINE)
HIDDEN = re.compile(r"### BEGIN HIDDEN.*?### END HIDDEN TESTS", re.DOTALL)


def answered(source: str, answer: Callable[[int, str], str]) -> str:
    """The problem set `source` without its hidden tests, with answers.

    `answer` gives the text of an answer from its number, 0 for the first, and the staff's own, without the
    indentation of its first line.
    """
    problem_set, numbers = json.loads(source), itertools.count()
    for cell in problem_set["cells"]:
        text = HIDDEN.sub("", "".join(cell["source"]))
        cell["source"] = SOLUTION.sub(lambda own: own[1] + answer(next(numbers), own[2].lstrip(" ")), text)
    return json.dumps(problem_set)


def small() -> str:
    """The staff's problem set of two questions, CELLS."""
    cells = []
    for name, answer, points, text in CELLS:
        about = {"grade_id": name, "solution": answer, "grade": points > 0, "points": points}
        cell = {"cell_type": "code", "id": name or "first", "source": text, "outputs": []}
        cells.append(cell | {"execution_count": None, "metadata": {"nbgrader": about} if name else {}})
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


def worth(source: str) -> float:
    """The points of all cells of the problem set `source` that a program marks."""
    told = [cell["metadata"].get("nbgrader", {}) for cell in json.loads(source)["cells"]]
    return sum(float(about["points"]) for about in told if about.get("grade") and not about.get("solution"))


def classroom(root: Path, honest: int, hostile: int, source: str | None = None) -> dict[str, float]:
    """Write a course with so many submissions; returns the points of the honest ones, by student.

    source: the text of a problem set, of which honest students give the staff's own answers; without it, the
    two questions of CELLS, answered as HONEST says.
    """
    if source is None:
        staff, answers = small(), [(answer, of_half + 2.0) for answer, of_half in HONEST]
    else:
        staff, answers = source, [("", worth(source))]
    made = lambda mine: answered(staff, lambda number, own: own if number or not mine else mine)
    release = answered(staff, lambda number, own: "raise NotImplementedError()")
    files, points = {"source/ps1": staff, "release/ps1": release}, {}
    for number in range(honest):
        answer, points[f"honest{number:02}"] = answers[number % len(answers)]
        files[f"submitted/honest{number:02}/ps1"] = made(answer)
    for number in range(hostile):
        answer = HOSTILE[number % len(HOSTILE)]
        # their names stand among those of the honest ones
        files[f"submitted/honest{number * honest // hostile:02}x/ps1"] = made(answer) if answer else "{"
    for name, text in files.items():
        (root / name).mkdir(parents=True)
        (root / name / "ps1.ipynb").write_text(text, encoding="utf-8")
    return points


def rows(root: Path) -> int:
    """How many submissions stand in the table."""
    table = root / "grades" / "ps1.csv"
    return len(pd.read_csv(table)) if table.exists() else 0


def graded(root: Path, kill_at: int = 0) -> float:
    """Seconds of the staff's command. With `kill_at` it is killed at so many rows, and started again."""
    command = [
        sys.executable,
        "-m",
        "w2s_kit.course.grading",
        "grade",
        "ps1",
        "--anyway",
        "--root",
        str(root),
    ]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    streams = {"stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE, "text": True}
    begin = time.monotonic()
    if kill_at:
        first = subprocess.Popen(
            command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        while rows(root) < kill_at and first.poll() is None:
            time.sleep(0.1)
        if first.poll() is not None:
            raise RuntimeError("it ended before it could be killed")
        first.kill()
        first.wait()
    done = subprocess.run(command, env=environment, **streams)
    if done.returncode:
        raise RuntimeError(done.stderr)
    return time.monotonic() - begin


def compared(root: Path, points: dict[str, float]) -> tuple[list[str], dict[str, float]]:
    """The honest students whose score is not their `points`, and the scores of all others in the table."""
    table = pd.read_csv(root / "grades" / "ps1.csv", index_col="student")["score"]
    wrong = [student for student, of in points.items() if table.get(student) != of]
    return wrong, {student: float(table[student]) for student in table.index.difference(list(points))}


def measure(folder: Path, students: int, hostile: int, source: str | None = None) -> dict:
    """Both classes: their seconds, their ratio, and the honest students whose marks are wrong."""
    classroom(folder / "honest", students, 0, source)
    points = classroom(folder / "mixed", students - hostile, hostile, source)
    honest, mixed = graded(folder / "honest"), graded(folder / "mixed", kill_at=students // 2)
    wrong, others = compared(folder / "mixed", points)
    return {
        "students": students,
        "hostile": hostile,
        "honest class, s": round(honest, 1),
        "mixed class, killed and continued, s": round(mixed, 1),
        "ratio": round(mixed / honest, 2),
        "right honest marks": len(points) - len(wrong),
        "wrong honest marks": ", ".join(wrong),
        "others": others,
    }


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--students", type=int, default=40, help="of each class (default: 40)")
    parser.add_argument("--hostile", type=int, default=8, help="of the second class (default: 8)")
    parser.add_argument(
        "--of", type=Path, help="the staff's notebook of a problem set (default: a small one)"
    )
    args = parser.parse_args()
    source = args.of.read_text(encoding="utf-8") if args.of else None
    with tempfile.TemporaryDirectory() as folder:
        for name, value in measure(Path(folder), args.students, args.hostile, source).items():
            print(f"{name:38} {value}", flush=True)


if __name__ == "__main__":
    main()
