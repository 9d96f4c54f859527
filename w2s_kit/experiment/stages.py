"""The paper's experiment (Burns et al. 2023, Section 3) for one pair: supervisor, student, ceiling.

`three_stages` is the whole of it: weak labels go into `run_student`, and its `Result` holds the PGR. Every
model goes through a run store, so a ceiling or a supervisor that several pairs, methods or notebooks need is
trained once. Notebook 01 takes the same steps in visible code.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from ..methods import Method, as_method
from ..methods.bootstrap import teach
from ..models.families import load_family
from ..shared.names import nearest
from ..tasks.split import Split
from ..training.history import History
from ..training.targets import check_targets
from .checks import check_no_chain, check_soft, check_two_sided, check_words
from .keys import determined_by
from .learn import learn_and_predict, prediction_table, truth, ways
from .result import Result
from .run import Run
from .settings import Settings
from .splits import split_of
from .store import Store


# -------------------- the three stages
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
    """Can a `student` learn from a weaker `supervisor` what it could have learned from ground truth?

    method: how the student learns, for example `methods.confidence(alpha_max=0.5)`.
    supervisor_method, ceiling_method: how the other two learn. A fair comparison gives a reading stage, for
    example, to all three.
    options: of `method`, and of the other two where they are the same method, by name or as a value.
    Errors that can be foreseen are raised before anything is trained. Source: Section 3.
    """
    student_method, without_options = as_method(method, options), as_method(method)
    others = (as_method(other) for other in (supervisor_method, ceiling_method))
    weak_method, ceiling_method = (student_method if other == without_options else other for other in others)
    for other in (weak_method, ceiling_method):
        check_no_chain(other)
    _chain(settings, supervisor, student, student_method)
    # 1. the weak supervisor learns from ground truth, on its own half of the data
    weak = _supervisor_run(settings, supervisor, weak_method, store=store, progress=progress)
    # 2. the strong student learns from the labels that the supervisor gives to the other half
    weak_to_strong = run_student(settings, weak, student, student_method, store=store, progress=progress)
    # 3. the strong ceiling is the same model, on the same half, with ground truth in place of weak labels
    ceiling = run_ground_truth(
        settings, student, "student", method=ceiling_method, store=store, progress=progress
    )
    return Result(weak, weak_to_strong, ceiling, student_method.label)


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
    """A model finetuned on ground truth: a supervisor or a ceiling.

    half: "supervisor" for a supervisor, whose predictions on the "student" half are the weak labels;
    "student" for a ceiling.
    method: for ceilings that have all that a student had, such as the reading stage of "generative".
    Raises ValueError for an unknown name.
    """
    if half not in ("supervisor", "student"):
        raise ValueError(nearest("half", half, ("supervisor", "student")))
    method = as_method(method, options)
    check_no_chain(method)
    spec, split, store = load_family(settings.family)[model_name], split_of(settings), store or Store()
    examples = getattr(split, half)
    # the labels it learns from are ground truth, so either kind of early stopping is the same here
    train = settings.train_config(spec, "none" if settings.early_stopping == "none" else "ground_truth")
    return _run(
        settings,
        split,
        config={"kind": "ground_truth", "half": half, **determined_by(settings, spec, split, train, method)},
        learn=method,
        store=store,
        progress=progress,
        spec=spec,
        train=train,
        examples=examples,
        targets=truth(examples),
        parts=[part for part in split.parts if part != "supervisor"] if half == "supervisor" else ["test"],
    )


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

    supervisor: a model, which is trained first if need be, or a run that has the labels.
    method: a value or a name of `w2s_kit.methods`, or a function of your own with the same signature.
    options: of `method`. "bootstrap" takes `through`: the names of the sizes between, or how many at most
    (default 2). Its links learn naively.

    Raises OneSided for weak labels that are all the same. Soft labels that are all on one side of 0.5 differ,
    so a student learns from them, with their errors. Raises ValueError where bootstrapping finds no size
    between, or the task has no fresh examples.
    """
    method = as_method(method, options)
    chain = _chain(settings, supervisor, student, method)
    weak = _supervisor_run(settings, supervisor, as_method(supervisor_method), store=store, progress=progress)

    def learn(teacher: Run, name: str, part: str) -> Run:
        return _student_run(settings, teacher, name, method.step, part, store=store, progress=progress)

    return teach(weak, chain, learn)


# -------------------- other students and supervisors
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

    This is no legitimate method: it needs the ground truth that weak supervision does not have. The other
    examples, `run.correct()[1::2]`, show what there was to gain. `run.metrics["history"]` shows the way
    there, an eighth of an epoch at a time.
    """
    weak = _supervisor_run(settings, supervisor, as_method("naive"), store=store, progress=progress)
    method = as_method(method, options)
    return _student_run(
        settings, weak, student, method, "student", store=store, progress=progress, stopped_by_test=True
    )


def run_zero_shot(settings: Settings, model_name: str, *, store: Store | None = None) -> Run:
    """The pretrained model as it is, on the test.

    A language model answers by its own rows of the unembedding for the answer words.
    """
    settings, store = replace(settings, head="tokens"), store or Store()
    spec, split = load_family(settings.family)[model_name], split_of(settings)
    train = settings.train_config(spec, "none")
    return _run(
        settings,
        split,
        config={"kind": "zero_shot", **determined_by(settings, spec, split, train)},
        learn=_learn_nothing,
        store=store,
        progress=False,
        spec=spec,
        train=train,
        examples=split.student,
        targets=truth(split.student),
        parts=["test"],
    )


def run_labels(
    settings: Settings, name: str, labels: Mapping[str, np.ndarray], *, store: Store | None = None
) -> Run:
    """A supervisor that is no model but has labels; `run_student` takes it for a supervisor.

    labels: P(label 1) for the parts "student" and "test", shape (n,) each. Raises ValueError for a part that
    is missing, or labels that do not fit it.
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
    content = b"".join(part_labels.tobytes() for part_labels in labels.values())
    config = {
        "kind": "labels",
        "task": settings.task,
        "data": split.hash,
        "seed": settings.seed,
        "model": name,
        "labels": hashlib.sha256(content).hexdigest()[:16],
    }
    tables = [prediction_table(part, split.parts[part], part_labels) for part, part_labels in labels.items()]
    metrics = {
        "accuracy": float(((labels["test"] > 0.5) == split.test["label"]).mean()),
        "parameters": 0,
        "pretraining_flops": math.nan,
    }
    return store.run(config, lambda: (metrics, pd.concat(tables, ignore_index=True)))


# -------------------- the steps of a run
def _supervisor_run(
    settings: Settings, supervisor: str | Run, method: Method, *, store: Store | None, progress: bool
) -> Run:
    """The run whose predictions are the weak labels: trained now, or as it was given."""
    if not isinstance(supervisor, Run):
        return run_ground_truth(
            settings, supervisor, "supervisor", method=method, store=store, progress=progress
        )
    if supervisor.config["data"] != split_of(settings).hash:
        raise ValueError(
            f"the labels of {supervisor.config['model']!r} are for other examples than those of "
            f"{settings.task}, seed {settings.seed}, n_train={settings.n_train}: make them with the same "
            "settings"
        )
    return supervisor


def _student_run(
    settings: Settings,
    weak: Run,
    student: str,
    method: Method,
    part: str,
    *,
    store: Store | None,
    progress: bool,
    stopped_by_test: bool = False,
) -> Run:
    """The run of a `student` that learns by `method` from the predictions of the run `weak` on `part`."""
    weak_labels = weak.weak_labels(part, hard=settings.hard_labels)
    check_two_sided(settings, weak, weak_labels)
    spec, split, store = load_family(settings.family)[student], split_of(settings), store or Store()
    train, watched = settings.train_config(spec, settings.early_stopping), None
    if stopped_by_test:
        train, every_other = replace(train, early_stopping="ground_truth", eval_every=1 / 8), split.test[::2]
        watched = every_other["text"].tolist(), truth(every_other)
    config = {
        "kind": "stopped" if stopped_by_test else "student",
        "supervisor": weak.config["model"],
        "supervisor_run": weak.name,
        "part": part,
        "hard_labels": settings.hard_labels,
        **determined_by(settings, spec, split, train, method),
    }
    if weak.config["kind"] == "student":  # a link of a chain
        before = weak.config.get("chain", [weak.config["supervisor"]])
        config["chain"] = [*before, weak.config["model"]]
    names = list(split.parts)  # a link of a chain labels what comes after it
    return _run(
        settings,
        split,
        config=config,
        learn=method,
        store=store,
        progress=progress,
        spec=spec,
        train=train,
        examples=split.parts[part],
        targets=weak_labels,
        parts=["test"] if part == "student" else ["student", *names[names.index(part) + 1 :]],
        watched=watched,
    )


def _run(
    settings: Settings,
    split: Split,
    *,
    config: dict,
    learn: Callable,
    store: Store,
    progress: bool,
    **data: Any,
) -> Run:
    """The run of `config`: from the store, or made now by `learn`; `data` goes to `learn_and_predict`."""
    checkpoint = store.checkpoint(config) if settings.checkpoint_every else None
    if settings.report_to:
        about = ("task", "kind", "half", "supervisor", "model", "seed")
        called = " ".join(str(config[name]) for name in about if name in config)
        data["train"] = replace(data["train"], report_as=called)
    learn = partial(learn, checkpoint=checkpoint, progress=progress)
    make, ask = ways(split.kind)

    def compute() -> tuple[dict, pd.DataFrame]:
        check_words(settings, data["spec"], split)
        return learn_and_predict(learn, make, ask, settings=settings, split=split, **data)

    return store.run(config, compute)


def _learn_nothing(student, texts, weak_labels, config, **options) -> History:
    return History()


def _chain(settings: Settings, supervisor: str | Run, student: str, method: Method) -> list[str]:
    """The models that learn one after the other, the student last.

    Raises ValueError for what could not be trained later.
    """
    split = split_of(settings)
    check_soft(settings, split)
    family = load_family(settings.family)
    family[student]  # raises for an unknown one
    first = supervisor.config["model"] if isinstance(supervisor, Run) else supervisor
    chain = method.path(family.names, first, student)
    missing = {f"fresh{i}" for i in range(1, len(chain))} - set(split.parts)
    if missing:
        raise ValueError(
            f"{method.name}: a chain of {len(chain)} students needs fresh examples for its links, and "
            f"{settings.task} with n_train={settings.n_train} has none for {', '.join(sorted(missing))}; "
            "take a shorter chain, a smaller n_train, or Settings(fresh=2)"
        )
    return chain
