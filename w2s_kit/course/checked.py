"""What is looked at before grading: is everything here, and is every submission whole?"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from ..shared.files import write_whole
from ..shared.names import nearest
from .caged_cells import Allowed
from .marking import as_table, graded_cells, marked
from .notebooks import KERNELSPEC
from .releasing import must, nbgrader_course

SOLUTION, BLANK = "solution", "blank"


class Unfit(ValueError):
    """Grading would give wrong marks: here, or for some submissions.

    Fields:

        allowed    how long a submission may run, where the solution is right; None where it is not
    """

    allowed: Allowed | None = None


def problem_sets(root: Path) -> list[str]:
    """The names in `root`/source. Raises ValueError where there are none."""
    notebooks = root.glob("source/*/*.ipynb")
    names = sorted(path.parent.name for path in notebooks if path.stem == path.parent.name)
    if not names:
        raise ValueError(
            f"{root / 'source'}: no psN/psN.ipynb in it; run this in notebooks/assignments, or name the "
            "folder with --root"
        )
    return names


def release(root: Path, names: Iterable[str] | None = None) -> list[Path]:
    """Make `root`/release/psN/psN.ipynb of the source, for students.

    It holds no solutions, hidden tests, marking schemes or outputs. The same source gives the same file.
    """
    made = []
    for name in names or problem_sets(root):
        with nbgrader_course(root, name) as (course, api):
            must(api.generate_assignment(name), f"{name}: no release could be made")
            notebook = json.loads((course / "release" / name / f"{name}.ipynb").read_text(encoding="utf-8"))
        notebook["metadata"] = {"kernelspec": KERNELSPEC, "language_info": {"name": "python"}}
        target = root / "release" / name / f"{name}.ipynb"
        target.parent.mkdir(parents=True, exist_ok=True)
        write_whole(target, json.dumps(notebook, indent=1, ensure_ascii=False) + "\n")
        made.append(target)
    return made


def lost(submission: Path, released: Path) -> list[str]:
    """Why `submission` cannot be graded, a line each; none if it can.

    What was changed in it is no reason: it is put back, and told (`putting_back.assembled`).
    """
    try:
        here, wanted = graded_cells(submission), graded_cells(released)
    except ValueError as error:
        return [f"{error}. Hand in the notebook as Jupyter saves it"]
    missing = [name for name in wanted if name not in here]
    way = "take a fresh copy of the release, paste the answers into it, and hand that in"
    if wanted and len(missing) == len(wanted):
        return [
            f"{submission}: none of its cells says which question it answers; its metadata was lost on "
            f"the way (some editors and copies drop it): {way}"
        ]
    if missing:
        return [f"{submission}: cells {', '.join(missing)} are missing, or lost their metadata: {way}"]
    return []


def submissions(root: Path, name: str) -> dict[str, Path]:
    """student -> notebook. A folder submitted/STUDENT/psN without psN.ipynb counts, too: `lost` says so."""
    folders = sorted(root.glob(f"submitted/*/{name}"))
    return {folder.parent.name: folder / f"{name}.ipynb" for folder in folders}


def check(root: Path, name: str, image: str = "") -> Allowed:
    """Raise Unfit where this machine, or a submission, would give wrong marks, with all that is wrong.

    Returns how long a submission may run here: it is several times as long as the solution has run. `image`:
    of the containers that all of them run in, if they do.
    """
    if name not in problem_sets(root):
        raise ValueError(nearest("problem set", name, problem_sets(root)))
    released = root / "release" / name / f"{name}.ipynb"
    if not released.exists():
        raise Unfit(f"{released} is not there: make it with python -m w2s_kit.course.grading release {name}")
    solution = marked(root, name, root / "source" / name / f"{name}.ipynb", Allowed(image=image))
    trial = as_table({SOLUTION: solution, BLANK: marked(root, name, released, Allowed(image=image))})
    by_machine = trial[~trial["by_hand"]].pivot_table(
        index="question", columns="student", values=["score", "of"], aggfunc="sum", sort=False
    )
    broken = by_machine.index[by_machine["score", SOLUTION] < by_machine["of", SOLUTION]].tolist()
    free = by_machine.index[by_machine["score", BLANK] > 0].tolist()
    if broken:
        first = trial[(trial["student"] == SOLUTION) & (trial["question"] == broken[0])]["said"].iloc[0]
        raise Unfit(
            f"{name}: the solution itself does not get full marks for {', '.join(broken)} ({first}). A "
            "package is missing here, or is another version than the kit was tested with: python -m w2s_kit "
            "doctor. Run the source notebook to see the error. Nothing was graded."
        )
    if free:
        raise Unfit(
            f"{name}: the blank form gets marks for {', '.join(free)}: its tests do not need an answer. "
            "Nothing was graded."
        )
    allowed = Allowed.after(solution.longest, solution.seconds, image)
    if problems := [line for path in submissions(root, name).values() for line in lost(path, released)]:
        what_to_do = "Ask for these files again, or leave them out: grade --anyway"
        unfit = Unfit("\n".join([*problems, what_to_do]))
        unfit.allowed = allowed
        raise unfit
    return allowed
