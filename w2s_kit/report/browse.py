"""Looks into a stored run: each answer of the student beside its supervisor's and the truth."""

from __future__ import annotations

import pandas as pd

from ..experiment.run import Run
from ..experiment.settings import Settings
from ..experiment.store import Store
from ..tasks import load_task
from ..tasks.split import SEPARATOR, Split

#: What became of the supervisor's answer, as in `metrics.answers.error_sources`.
CASES = ("corrected", "inherited", "replaced", "new", "kept")


def students(store: Store | None = None) -> dict[str, str]:
    """Every student in the store: what it is, in words, -> the name of its run.

    They are in the order of the words. `store`: the usual one, if none is given.
    """
    store, names = store or Store(), {}
    for name in store.names():
        if (run := store.load(name)) is not None and run.config["kind"] in ("student", "stopped"):
            words = _in_words(run.config)
            names[words if words not in names else f"{words} ({name[:4]})"] = name
    return dict(sorted(names.items()))


def _in_words(config: dict) -> str:
    """A student's task, models, method and seed."""
    stopped = " stopped by truth" if config["kind"] == "stopped" else ""
    options = "".join(f", {key}={value}" for key, value in config["options"].items())
    models = f"{config['supervisor']} → {config['model']}"
    return f"{config['task']} · {models} · {config['method']}{stopped}{options} · seed {config['seed']}"


def examples(run: Run | str, store: Store | None = None) -> pd.DataFrame:
    """The test of a student's `run` (or its name), one row a question.

    Columns: text, truth, supervisor and student (what each answered), sure (the student's probability of its
    own answer), and case, one of CASES. The rows on which the two disagree come first, and in either part
    those of which the student is surest. Raises ValueError for a run that is no student's, whose supervisor
    is gone, or whose task has changed since.
    """
    store = store or Store()
    if isinstance(run, str):
        if (loaded := store.load(run)) is None:
            raise ValueError(f"there is no run {run!r} in {store.root}; `students` lists those of students")
        run = loaded
    weak = _supervisor(run, store)
    predictions, student, supervisor, truth = run.split("test"), run.answers(), weak.answers(), run.labels()
    sure = predictions["probability"]
    if "answer" not in predictions:  # two answers, and the probability is that of yes
        sure = sure.where(student.astype(bool), 1 - sure)
    right, was_right, same = student == truth, supervisor == truth, student == supervisor
    case = (
        pd.Series("replaced", index=predictions.index)
        .mask(right & was_right, "kept")
        .mask(right & ~was_right, "corrected")
        .mask(~right & same, "inherited")
        .mask(~right & was_right, "new")
    )
    table = pd.DataFrame(
        {
            "text": texts(run),
            "truth": truth,
            "supervisor": supervisor,
            "student": student,
            "sure": sure.to_numpy(),
            "case": case.to_numpy(),
        }
    )
    return (
        table.assign(agree=same)
        .sort_values(["agree", "sure"], ascending=[True, False], kind="stable")
        .drop(columns="agree")
        .reset_index(drop=True)
    )


def _supervisor(run: Run, store: Store) -> Run:
    """The run of a student's supervisor."""
    if "supervisor_run" not in run.config:
        raise ValueError(
            f"run {run.name} is no student's but a {run.config['kind']} run: it has no supervisor to be "
            "compared with"
        )
    if (weak := store.load(run.config["supervisor_run"])) is None:
        raise ValueError(
            f"run {run.name} learned from run {run.config['supervisor_run']}, which is not in {store.root} "
            "any more: make it again with the same settings"
        )
    return weak


def texts(run: Run) -> pd.Series:
    """The texts of the test of a run, which its task gives again.

    Raises ValueError where the task has changed since the run.
    """
    config = run.config
    # parts for a chain of students change the deal, and no run says how many there were
    for fresh in range(Settings.fresh, 5):
        split: Split = load_task(
            config["task"], config["seed"], config["n_train"], config["n_test"], fresh, allow_rejected=True
        )
        if split.hash == config["data"]:
            return split.test["text"].str.replace(SEPARATOR, "   |   ", regex=False).reset_index(drop=True)
    raise ValueError(
        f"run {run.name}: the task {config['task']!r} gives other examples now than when it was run; "
        "run it again"
    )
