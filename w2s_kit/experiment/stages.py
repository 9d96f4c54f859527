"""The paper's experiment (Burns et al. 2023, Section 3), one pair at a time and in grids.

`three_stages` is the whole of it. Every model goes through a run store, so a ceiling or a supervisor that
several pairs, methods or notebooks need is trained once. Notebook 01 takes the same steps in visible code.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd

from ..methods import Method, as_method
from ..methods.bootstrap import teach
from ..models.families import load_family
from ..shared.names import nearest
from ..training.loop import History
from ..training.targets import check_targets
from .keys import determined_by
from .learn import learn_and_predict, prediction_table, truth, ways
from .result import Result
from .run import Run
from .settings import Settings
from .splits import split_of
from .store import Store


class OneSided(ValueError):
    """A supervisor's weak labels are all the same."""


# ------------------------------------------------------------------------------------------ the three stages
def three_stages(
    settings: Settings,
    supervisor: str | Run,
    student: str,
    method: str | Method | Callable = "naive",
    *,
    supervisor_method: str | Method | Callable = "naive",
    ceiling_method: str | Method | Callable = "naive",
    store: Store | None = None,
    progress: bool = True,
    **options,
) -> Result:
    """Section 3: can a `student` learn from a weaker `supervisor` what it could have learned from ground
    truth?

    method: how the student learns, for example `methods.confidence(alpha_max=0.5)`. The other two may have a
    method as well: a reading stage for all three would be fair. options: of `method`, and of the others where
    they are the same method, by name or as a value. What cannot be fails before anything is trained.
    """
    taught, alone = as_method(method, options), as_method(method)
    others = (as_method(given) for given in (supervisor_method, ceiling_method))
    supervised, ceiled = (taught if other == alone else other for other in others)
    for other in (supervised, ceiled):
        _check_no_chain(other)
    _chain(
        settings, supervisor.config["model"] if isinstance(supervisor, Run) else supervisor, student, taught
    )
    # 1. the weak supervisor learns from ground truth, on its own half of the data
    weak = _weak(settings, supervisor, supervised, store, progress)
    # 2. the strong student learns from the labels that the supervisor gives to the other half
    weak_to_strong = run_student(settings, weak, student, taught, store=store, progress=progress)
    # 3. the strong ceiling is the same model, on the same half, with ground truth in place of weak labels
    ceiling = run_ground_truth(settings, student, "student", method=ceiled, store=store, progress=progress)
    return Result(weak, weak_to_strong, ceiling, taught.label)


def run_ground_truth(
    settings: Settings,
    model_name: str,
    half: str = "supervisor",
    *,
    method: str | Method | Callable = "naive",
    store: Store | None = None,
    progress: bool = True,
    **options,
) -> Run:
    """A model finetuned on ground truth: a supervisor on the "supervisor" half, a ceiling on the "student"
    half. The supervisor's predictions on "student" are the weak labels. `method` is for ceilings that have
    all that a student had, such as the reading stage of "generative". Raises ValueError for an unknown name.
    """
    if half not in ("supervisor", "student"):
        raise ValueError(nearest("half", half, ("supervisor", "student")))
    taught = as_method(method, options)
    _check_no_chain(taught)
    spec, split, store = load_family(settings.family)[model_name], split_of(settings), store or Store()
    examples = getattr(split, half)
    # the labels it learns from are ground truth, so either kind of early stopping is the same here
    train = settings.train_config(spec, "none" if settings.early_stopping == "none" else "ground_truth")
    config = {"kind": "ground_truth", "half": half, **determined_by(settings, spec, split, train, taught)}
    parts = [part for part in split.parts if part != "supervisor"] if half == "supervisor" else ["test"]
    learn = partial(
        taught, checkpoint=store.checkpoint(config) if settings.checkpoint_every else None, progress=progress
    )
    return store.run(
        config,
        lambda: learn_and_predict(
            learn, *ways(split.kind), settings, spec, train, examples, truth(examples), split, parts
        ),
    )


def run_zero_shot(settings: Settings, model_name: str, *, store: Store | None = None) -> Run:
    """The pretrained model as it is, on the test: a language model answers by its own rows for the answer
    words.
    """
    settings, store = replace(settings, head="tokens"), store or Store()
    spec, split = load_family(settings.family)[model_name], split_of(settings)
    train = settings.train_config(spec, "none")
    config = {"kind": "zero_shot", **determined_by(settings, spec, split, train)}
    learn_nothing = lambda *data, **options: History()
    return store.run(
        config,
        lambda: learn_and_predict(
            learn_nothing,
            *ways(split.kind),
            settings,
            spec,
            train,
            split.student,
            truth(split.student),
            split,
            ["test"],
        ),
    )


def run_labels(
    settings: Settings, name: str, labels: Mapping[str, np.ndarray], *, store: Store | None = None
) -> Run:
    """A supervisor that is no model: its `labels` for the "student" half and the "test", P(label 1), shape
    (n,) each. What `run_student` takes for a supervisor. Raises ValueError for a part that is missing, or
    labels that do not fit it.
    """
    split, store = split_of(settings), store or Store()
    if set(labels) != {"student", "test"}:
        raise ValueError(
            f"labels of {name!r} are for {sorted(labels)}, but wanted are those of 'student' and 'test'"
        )
    labels = {
        part: check_targets(
            labels[part], len(split.parts[part]), f"labels of {name!r} for {part!r}", constant=True
        )
        for part in ("student", "test")
    }
    told = hashlib.sha256(b"".join(said.tobytes() for said in labels.values())).hexdigest()[:16]
    config = {
        "kind": "labels",
        "task": settings.task,
        "data": split.hash,
        "seed": settings.seed,
        "model": name,
        "labels": told,
    }
    predictions = pd.concat(
        [prediction_table(part, split.parts[part], said) for part, said in labels.items()], ignore_index=True
    )
    metrics = {
        "accuracy": float(((labels["test"] > 0.5) == split.test["label"]).mean()),
        "parameters": 0,
        "pretraining_flops": math.nan,
    }
    return store.run(config, lambda: (metrics, predictions))


def run_student(
    settings: Settings,
    supervisor: str | Run,
    student: str,
    method: str | Method | Callable = "naive",
    *,
    supervisor_method: str | Method | Callable = "naive",
    store: Store | None = None,
    progress: bool = True,
    **options,
) -> Run:
    """A model finetuned on weak labels.

    supervisor: a model, which is trained first if need be, or a run whose labels are there. method: a value
    or a name of `w2s_kit.methods`, or a function of your own with the same signature; `options` go to it.
    Raises OneSided for weak labels that are all the same; soft labels all on one side of 0.5 are learned
    from, with their errors.

    Method "bootstrap" takes the option `through`: the names of the sizes between, or how many at most
    (default 2). Its links learn naively. Raises ValueError where no size lies between, or where the task has
    no fresh examples.
    """
    taught = as_method(method, options)
    first = supervisor.config["model"] if isinstance(supervisor, Run) else supervisor
    chain = _chain(settings, first, student, taught)
    weak = _weak(settings, supervisor, as_method(supervisor_method), store, progress)
    return teach(
        weak,
        chain,
        lambda teacher, name, part: _taught(settings, teacher, name, taught.step, part, store, progress),
    )


def _chain(settings: Settings, supervisor: str, student: str, taught: Method) -> list[str]:
    """The models that learn one after the other. What cannot be fails here, before a supervisor is trained."""
    split = split_of(settings)
    if split.kind == "writing" and not settings.hard_labels:
        raise ValueError(
            f"{settings.task}: its models write their answers, so there are no soft labels to learn from: set hard_labels=True"
        )
    family = load_family(settings.family)
    family[student]  # raises for an unknown one
    chain = taught.path(family.names, supervisor, student)
    missing = {f"fresh{i}" for i in range(1, len(chain))} - set(split.parts)
    if missing:
        raise ValueError(
            f"{taught.name}: a chain of {len(chain)} students needs fresh examples for its links, and {settings.task} with "
            f"n_train={settings.n_train} has none for {', '.join(sorted(missing))}; take a shorter chain, a smaller n_train, or Settings(fresh=2)"
        )
    return chain


def run_stopped(
    settings: Settings,
    supervisor: str | Run,
    student: str,
    method: str | Method | Callable = "naive",
    *,
    store: Store | None = None,
    progress: bool = True,
    **options,
) -> Run:
    """The student of `run_student`, stopped where it was best on every other example of the test (Figure 7).

    No legitimate method: it needs the ground truth that weak supervision has not. What there was to gain
    shows on the other examples, `run.correct()[1::2]`; the way there is in `run.metrics["history"]`, an
    eighth of an epoch at a time.
    """
    taught = as_method(method, options)
    return _taught(
        settings,
        _weak(settings, supervisor, as_method("naive"), store, progress),
        student,
        taught,
        "student",
        store,
        progress,
        by_test=True,
    )


def _check_no_chain(method: Method) -> None:
    """Raises ValueError for a method that no model can learn ground truth by."""
    if method.step is not method:
        raise ValueError(
            f"{method.name} is a chain of students, so no supervisor and no ceiling can "
            "learn by it: take another method for them, as naive"
        )


def _weak(
    settings: Settings, supervisor: str | Run, method: Method, store: Store | None, progress: bool
) -> Run:
    """The run with the weak labels."""
    if not isinstance(supervisor, Run):
        return run_ground_truth(
            settings, supervisor, half="supervisor", method=method, store=store, progress=progress
        )
    if supervisor.config["data"] != split_of(settings).hash:
        raise ValueError(
            f"the labels of {supervisor.config['model']!r} are for other examples than those of {settings.task}, seed {settings.seed}, "
            f"n_train={settings.n_train}: make them with the same settings"
        )
    return supervisor


def _taught(
    settings: Settings,
    weak: Run,
    student: str,
    method: Method,
    part: str,
    store: Store | None,
    progress: bool,
    by_test: bool = False,
) -> Run:
    """The run of a `student` that learns by `method` from the labels that the run `weak` has put on `part`."""
    supervisor = weak.config["model"]
    weak_labels = weak.weak_labels(part, hard=settings.hard_labels)
    if weak_labels.ndim == 1 and weak_labels.min() == weak_labels.max():
        raise OneSided(
            f"{settings.task}, seed {settings.seed}: all {len(weak_labels)} weak labels of supervisor {supervisor!r} are "
            f"{str(weak_labels[0]).removesuffix('.0')}, so there is nothing to learn from it; take a better supervisor, more data, or soft labels"
        )
    spec, split, store = load_family(settings.family)[student], split_of(settings), store or Store()
    train, watched = settings.train_config(spec, settings.early_stopping), None
    if by_test:
        train, some = replace(train, early_stopping="ground_truth", eval_every=1 / 8), split.test.iloc[::2]
        watched = some["text"].tolist(), truth(some)
    config = {
        "kind": "stopped" if by_test else "student",
        "supervisor": supervisor,
        "supervisor_run": weak.name,
        "part": part,
        "hard_labels": settings.hard_labels,
        **determined_by(settings, spec, split, train, method),
    }
    if weak.config["kind"] == "student":  # a link of a chain
        config["chain"] = [*weak.config.get("chain", [weak.config["supervisor"]]), supervisor]
    learn = partial(
        method, checkpoint=store.checkpoint(config) if settings.checkpoint_every else None, progress=progress
    )
    names = list(split.parts)  # a link of a chain labels what comes after it
    parts = ["test"] if part == "student" else ["student", *names[names.index(part) + 1 :]]
    return store.run(
        config,
        lambda: learn_and_predict(
            learn,
            *ways(split.kind),
            settings,
            spec,
            train,
            split.parts[part],
            weak_labels,
            split,
            parts,
            watched,
        ),
    )
