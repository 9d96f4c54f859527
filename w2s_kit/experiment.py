"""The paper's experiment (Burns et al. 2023, Section 3), one pair at a time and in grids.

`three_stages` is the whole of it. Every model goes through a run store, so a ceiling or a supervisor that
several pairs, methods or notebooks need is trained once. Notebook 01 takes the same steps in visible code.
"""

from __future__ import annotations

import hashlib
import json
import math
import numbers
import os
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property, lru_cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from joblib import Parallel, delayed
from joblib.parallel import get_active_backend
from tqdm.auto import tqdm

from .keys import changed, digest
from .methods import Method, NothingBetween, as_method
from .methods.bootstrap import teach
from .metrics.answers import same_answers
from .metrics.pgr import PGR, estimate_pgr
from .models.adapters import add_lora
from .models.chess_policy import ChessPolicy
from .models.families import ModelSpec, load_family
from .models.generation import write
from .models.loading import load_classifier, load_model
from .models.reward import RewardModel
from .models.writer import Writer
from .shared.files import touched
from .shared.names import nearest
from .shared.processes import end_with_parent, team
from .store import Run, Store, answers, one_hot, plain
from .tasks import load_task
from .tasks.hub import DATA
from .tasks.split import Split
from .training.config import HARMLESS, TrainConfig
from .training.loop import History, finetune
from .training.reading import predict
from .training.targets import check_targets

HELD_OUT = 0.1  # share of a half that is not learned but watched, when early stopping is on
PAIR = ["task", "supervisor", "student", "method"]


class OneSided(ValueError):
    """A supervisor's weak labels are all the same."""


@dataclass(frozen=True)
class Settings:
    """Everything about an experiment but its models and its method."""

    task: str
    n_train: int = 500  # examples in each half: small, as the tasks should be elicited rather than taught
    n_test: int = 500  # one standard error of an accuracy is then 2 points
    fresh: int = 0  # further parts that a task of MiniWorld is dealt into; a bootstrapping chain wants two
    seed: int = 0  # draws the split and the order of the examples
    epochs: int = 2  # the paper's (Appendix A.1), as is the batch size
    batch_size: int = 32
    hard_labels: bool = False  # the paper's NLP tasks use soft labels, its chess puzzles hard ones
    head: str = "zeros"  # a head without an opinion; "tokens" begins as the zero-shot answer
    linear_probe: bool = False  # train the head only
    # rank of low-rank adapters, trained instead of the model (8 in EleutherAI's study); 0: the model itself
    lora: int = 0
    # the pretrained weights in 4 bits, where memory asks for it; with `lora` or `linear_probe`
    quantised: bool = False
    # a rate for all models, or by their names; None: their own, with adapters ten times that
    lr: float | Mapping[str, float] | None = None
    # "weak": by the labels learned from; "ground_truth": illegitimate for students
    early_stopping: str = "none"
    # steps; 0 = off. Needed only where one run takes long; does not change its result
    checkpoint_every: int = 0
    recompute: bool = False  # a third slower, for less memory; the result is the same
    # tokens on the device at a time; None: a whole batch, or as much of it as fits. The result is the same
    token_budget: int | None = None
    family: str = "miniworld"
    # go on with a file of one's own of which more than half of the rows cannot be used
    allow_rejected: bool = False
    # models that write choose among the possible answers; report such numbers apart
    constrained: bool = False

    def __post_init__(self):
        least = {
            "n_train": 1,
            "n_test": 1,
            "fresh": 0,
            "seed": 0,
            "batch_size": 1,
            "lora": 0,
            "checkpoint_every": 0,
            "token_budget": 1,
        }
        for name, lowest in least.items():
            given = getattr(self, name)
            if given is not None and not (isinstance(given, numbers.Integral) and given >= lowest):
                raise ValueError(f"{name} is a whole number from {lowest} on, but {given!r} was given")
        for field in fields(self):
            if isinstance(field.default, bool) and (given := getattr(self, field.name)) not in (True, False):
                raise ValueError(f"{field.name} is True or False, but {given!r} was given")
        if not (isinstance(self.epochs, numbers.Real) and 0 < self.epochs < math.inf):
            raise ValueError(f"epochs is a number above 0, but {self.epochs!r} was given")
        for rate in (
            self.lr.values() if isinstance(self.lr, Mapping) else [] if self.lr is None else [self.lr]
        ):
            if not (isinstance(rate, numbers.Real) and 0 <= rate <= 1):
                raise ValueError(
                    f"lr is a rate from 0 to 1, but {rate!r} was given: a step moves each weight by about the rate, and rates here are 1e-5 to 1e-2"
                )
        if self.lora and self.linear_probe:
            raise ValueError(
                f"lora={self.lora} trains adapters in the model and linear_probe=True its head only: choose one"
            )
        if self.quantised and not (self.lora or self.linear_probe):
            raise ValueError(
                "quantised=True: weights in 4 bits cannot be trained; add adapters (lora=8) or train the head alone (linear_probe=True)"
            )

    def train_config(self, spec: ModelSpec, early_stopping: str) -> TrainConfig:
        same = {
            name: getattr(self, name)
            for name in ("epochs", "batch_size", "seed", "checkpoint_every", "recompute", "token_budget")
        }
        lr = spec.lr * (10 if self.lora else 1) if self.lr is None else self.lr
        if isinstance(lr, Mapping):
            if spec.name not in lr:
                raise ValueError(
                    f"lr names rates for {', '.join(lr)}, but none for {spec.name!r}: add one, or give one rate for all"
                )
            lr = lr[spec.name]
        return TrainConfig(lr=lr, early_stopping=early_stopping, **same)


# Hard labels, as in the paper (Section 3, Appendix A.2). Fewer puzzles and epochs than its 50,000 and 5:
# small players should
# be asked for what they know, too, not be taught.
CHESS = Settings(task="chess", n_train=1_000, n_test=2_000, hard_labels=True, family="chess")

# One epoch, as in the paper (Section 3, Appendix A.3), and as few comparisons as puzzles. Soft labels.
PREFERENCE = Settings(task="dialogue", n_train=1_000, n_test=1_000, epochs=1, family="miniworld-chat")


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
    spec, split, store = load_family(settings.family)[model_name], _split(settings), store or Store()
    examples = getattr(split, half)
    # the labels it learns from are ground truth, so either kind of early stopping is the same here
    train = settings.train_config(spec, "none" if settings.early_stopping == "none" else "ground_truth")
    config = {"kind": "ground_truth", "half": half, **_determined_by(settings, spec, split, train, taught)}
    parts = [part for part in split.parts if part != "supervisor"] if half == "supervisor" else ["test"]
    learn = partial(
        taught, checkpoint=store.checkpoint(config) if settings.checkpoint_every else None, progress=progress
    )
    return store.run(
        config,
        lambda: _learn(
            learn, *_ways(split.kind), settings, spec, train, examples, _truth(examples), split, parts
        ),
    )


def run_zero_shot(settings: Settings, model_name: str, *, store: Store | None = None) -> Run:
    """The pretrained model as it is, on the test: a language model answers by its own rows for the answer
    words.
    """
    settings, store = replace(settings, head="tokens"), store or Store()
    spec, split = load_family(settings.family)[model_name], _split(settings)
    train = settings.train_config(spec, "none")
    config = {"kind": "zero_shot", **_determined_by(settings, spec, split, train)}
    learn_nothing = lambda *data, **options: History()
    return store.run(
        config,
        lambda: _learn(
            learn_nothing,
            *_ways(split.kind),
            settings,
            spec,
            train,
            split.student,
            _truth(split.student),
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
    split, store = _split(settings), store or Store()
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
        [_predictions(part, split.parts[part], said) for part, said in labels.items()], ignore_index=True
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
    split = _split(settings)
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
    if supervisor.config["data"] != _split(settings).hash:
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
    spec, split, store = load_family(settings.family)[student], _split(settings), store or Store()
    train, watched = settings.train_config(spec, settings.early_stopping), None
    if by_test:
        train, some = replace(train, early_stopping="ground_truth", eval_every=1 / 8), split.test.iloc[::2]
        watched = some["text"].tolist(), _truth(some)
    config = {
        "kind": "stopped" if by_test else "student",
        "supervisor": supervisor,
        "supervisor_run": weak.name,
        "part": part,
        "hard_labels": settings.hard_labels,
        **_determined_by(settings, spec, split, train, method),
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
        lambda: _learn(
            learn,
            *_ways(split.kind),
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


@dataclass(frozen=True)
class Result:
    """What the three stages gave, and what the paper makes of it."""

    supervisor: Run
    student: Run
    ceiling: Run
    label: str | None = None  # of the student's method, for tables; None: its name, as the run has it

    def __post_init__(self):
        if (
            len({(r.config["data"], r.config["seed"]) for r in (self.supervisor, self.student, self.ceiling)})
            > 1
        ):
            raise ValueError(
                "the three runs are of different data or seeds, so their accuracies cannot be compared"
            )

    @cached_property
    def pgr(self) -> PGR:
        """Of this one seed: the interval is over test items only. `summarise` has the one over seeds."""
        return estimate_pgr(*(run.correct()[None] for run in (self.supervisor, self.student, self.ceiling)))

    @cached_property
    def agreement(self) -> dict[str, float]:
        """How often student and supervisor say the same on the test, where the supervisor is right and where
        wrong.
        """
        return same_answers(self.student.answers(), self.supervisor.answers(), self.student.labels())

    def row(self) -> dict:
        """One row of a tidy table."""
        config, same = self.student.config, self.agreement
        runs = {"supervisor": self.supervisor, "student": self.student, "ceiling": self.ceiling}
        return {
            "task": config["task"],
            "supervisor": self.supervisor.config["model"],
            "student": config["model"],
            "method": self.label or ("bootstrap" if "chain" in config else config["method"]),
            "seed": config["seed"],
            "hard_labels": config["hard_labels"],
            **{f"{who}_accuracy": run.accuracy() for who, run in runs.items()},
            "agreement": same["overall"],
            "agreement_right": same["supervisor_right"],
            "agreement_wrong": same["supervisor_wrong"],
            **{
                f"{who}_{f}": runs[who].metrics[f]
                for f in ("parameters", "pretraining_flops")
                for who in ("supervisor", "student")
            },
            **{f"{who}_run": run.name for who, run in runs.items()},
        }

    def __str__(self) -> str:
        return (
            f"supervisor {self.supervisor.accuracy():.3f}, student {self.student.accuracy():.3f}, "
            f"ceiling {self.ceiling.accuracy():.3f}, PGR {self.pgr}"
        )


# ---------------------------------------------------------------------------------------------------- grids
def grid(
    tasks: Sequence[str],
    supervisors: Sequence[str],
    students: Sequence[str],
    methods: Sequence[str | Method | Callable] | Mapping[Any, Any] = ("naive",),
    seeds: Sequence[int] = (0,),
    settings: Settings | None = None,
    store: Store | None = None,
    n_jobs: int = 1,
    upward: bool = False,
) -> pd.DataFrame:
    """Every combination, one row a (task, supervisor, student, method, seed), columns as in `Result.row`.

    `methods` are values, as in [naive, *(confidence(alpha_max=a) for a in (0.25, 0.5))], names, or functions
    of your own; or a mapping from names to options, {"naive": {}, "confidence": {"alpha_max": 0.5}}, or from
    labels to methods. `upward` leaves out students smaller than their supervisor. Tasks and seeds are dealt
    to `n_jobs` processes of one thread each, by joblib's current backend. Killed and started again, the grid
    continues; with everything in the store it only reads. Where a supervisor's weak labels are all the same,
    as hard ones may be, there is a warning and no row.
    """
    store, settings = store or Store(), settings or Settings(task="")
    if team() and n_jobs != 1:
        raise ValueError(
            f"n_jobs={n_jobs} trains models side by side, and this process is one of several that train each model together: choose one"
        )
    taught = _methods([methods] if isinstance(methods, str) or callable(methods) else methods)
    if len(set(seeds)) < len(list(seeds)):
        raise ValueError(f"seeds {list(seeds)}: one stands twice, and so would its rows")
    specs = load_family(settings.family)
    size = {name: specs[name].parameters for name in (*supervisors, *students)}
    pairs = [(w, s) for w in supervisors for s in students if not upward or size[s] >= size[w]]
    cells = [replace(settings, task=task, seed=seed) for seed in seeds for task in tasks]
    runs = len({w for w, _ in pairs}) + len({s for _, s in pairs}) + len(pairs) * len(taught)
    rows = []
    with tqdm(
        total=len(cells) * runs, unit="run", delay=2, disable=bool(os.environ.get("TQDM_DISABLE"))
    ) as bar:
        if n_jobs == 1:
            for cell in cells:
                rows += _cell(cell, pairs, taught, store, bar.update)
        else:
            travelling = [replace(method, code=_code_of(method), told=_told(method)) for method in taught]
            work = (delayed(_cell)(cell, pairs, travelling, store, None) for cell in cells)
            # ray's gives all at once
            one_by_one = getattr(get_active_backend()[0], "supports_return_generator", False)
            for done in Parallel(n_jobs=n_jobs, return_as="generator" if one_by_one else "list")(work):
                rows += done
                bar.update(runs)
    return pd.DataFrame(rows)


def _cell(
    settings: Settings, pairs, methods: Sequence[Method], store: Store, tick: Callable | None
) -> list[dict]:
    """The rows of one task and seed: ground truth first, each model once, then the students."""
    if tick is None:  # one of several processes: more threads would only fight for the cores
        end_with_parent()
        torch.set_num_threads(1)
        tick = int

    def ground_truth(names, half):
        runs = {}
        for name in dict.fromkeys(names):
            runs[name] = run_ground_truth(settings, name, half, store=store, progress=False)
            tick()
        return runs

    weak, ceilings = (
        ground_truth([w for w, _ in pairs], "supervisor"),
        ground_truth([s for _, s in pairs], "student"),
    )
    rows = []
    for supervisor, student in pairs:
        for method in methods:
            try:
                run = run_student(settings, weak[supervisor], student, method, store=store, progress=False)
                rows.append(Result(weak[supervisor], run, ceilings[student], method.label).row())
            except (OneSided, NothingBetween) as error:
                warnings.warn(f"no row for student {student!r}: {error}", stacklevel=2)
            tick()
    return rows


def _methods(given: Sequence | Mapping) -> list[Method]:
    """Methods with labels that differ. An unknown name should fail now, and not when all supervisors are
    trained.
    """
    if isinstance(given, Mapping):
        is_method = lambda it: isinstance(it, str) or callable(it)
        methods = [
            as_method(it).called(str(name)) if is_method(it) else as_method(name, it)
            for name, it in given.items()
        ]
    else:
        methods = [as_method(method) for method in given]
    labels = [method.label for method in methods]
    if twice := sorted({label for label in labels if labels.count(label) > 1}):
        raise ValueError(
            f"methods: {', '.join(twice)} stands twice, and rows of a table are told apart by it; give labels, for example naive.called('mine')"
        )
    return methods


def summarise(table_or_runs: pd.DataFrame | Iterable[Result], store: Store | None = None) -> pd.DataFrame:
    """One row a (task, supervisor, student, method): means over seeds, and PGR with its interval over seeds
    and test items, from the predictions in the store. `defined` is False where the ceiling does not clearly
    beat the supervisor.

    Takes a table as `grid` makes it, or `Result`s. Raises ValueError when a seed stands there twice, as in a
    table of two settings: filter it first.
    """
    if isinstance(table_or_runs, pd.DataFrame):
        table, store = table_or_runs, store or Store()
        known = lru_cache(maxsize=None)(lambda name: _stored(store, name).correct())
    else:
        results = list(table_or_runs)
        table = pd.DataFrame([result.row() for result in results])
        known = {
            run.name: run.correct() for r in results for run in (r.supervisor, r.student, r.ceiling)
        }.__getitem__
    means = [c for c in table if c.endswith("_accuracy") or c.startswith("agreement")]
    facts = [c for c in table if c.endswith(("_parameters", "_pretraining_flops"))]
    rows = []
    for pair, group in table.groupby(PAIR, sort=False):
        twice = group["seed"][group["seed"].duplicated()]
        if len(twice):
            raise ValueError(f"seed {twice.iloc[0]} stands twice under {pair}: keep one setting of the table")
        items = [
            [known(name) for name in group[f"{who}_run"]] for who in ("supervisor", "student", "ceiling")
        ]
        # tests of different sizes: no table of items, only of accuracies
        if len({len(seed) for seed in items[0]}) > 1:
            items = [[seed.mean() for seed in who] for who in items]
        pgr = estimate_pgr(*map(np.array, items))
        rows.append(
            {
                **dict(zip(PAIR, pair)),
                "seeds": len(group),
                **group[means].mean().to_dict(),
                **group[facts].iloc[0].to_dict(),
                "gap": pgr.gap.mean,
                "gap_low": pgr.gap.low,
                "gap_high": pgr.gap.high,
                "pgr": pgr.value,
                "pgr_low": pgr.low,
                "pgr_high": pgr.high,
                "defined": pgr.defined,
                "why": pgr.why,
            }
        )
    return pd.DataFrame(rows)


def _stored(store: Store, name: str) -> Run:
    if (run := store.load(name)) is None:
        raise ValueError(
            f"run {name} of the table is not in {store.root}: make the table again with this store"
        )
    return run


# --------------------------------------------------------------------------------------------- one run of them
def _learn(
    learn: Callable,
    make: Callable,
    ask: Callable,
    settings: Settings,
    spec: ModelSpec,
    train: TrainConfig,
    examples: pd.DataFrame,
    targets: np.ndarray,
    split: Split,
    parts: Sequence[str],
    watched: tuple | None = None,
) -> tuple[dict, pd.DataFrame]:
    """Finetune `spec` on `examples` with `targets` (soft labels, shape (n,)), then predict `parts` of the
    split, the test last: (metrics, predictions) for the store. Early stopping goes by `watched`, or by a part
    of the examples.
    """
    texts, judge = examples["text"].tolist(), targets
    if train.early_stopping == "ground_truth":
        judge = _truth(examples)
    # the caller's random numbers must not depend on what the store already has
    with torch.random.fork_rng([]):
        torch.manual_seed(settings.seed)
        model: Any = make(spec, settings)
        if hasattr(model, "settle") and not spec.pretrained:
            model.settle(texts)
        if settings.lora:
            add_lora(model, settings.lora)
        if split.kind == "choices":  # ground truth says which answer is right
            targets, judge = (one if one.ndim == 2 else one_hot(one) for one in (targets, judge))
            watched = watched and (watched[0], one_hot(watched[1]))
        if train.early_stopping != "none" and watched is None:
            n = len(texts) - max(1, round(HELD_OUT * len(texts)))
            texts, targets, watched = texts[:n], targets[:n], (texts[n:], judge[n:])
        history = learn(model, texts, targets, train, validation=watched)
    tables = [
        _predictions(part, split.parts[part], ask(model, split.parts[part], settings)) for part in parts
    ]
    metrics = {
        "accuracy": float((answers(tables[-1]) == tables[-1]["label"]).mean()),
        "parameters": spec.parameters,
        "pretraining_flops": spec.pretraining_flops,
        "seconds": history.seconds,
        "steps": history.steps,
        "device": history.device,
        "history": history.table().to_dict("records"),
    }
    return metrics, pd.concat(tables, ignore_index=True)


def _classifier(spec: ModelSpec, settings: Settings):
    return load_classifier(
        spec, head=settings.head, linear_probe=settings.linear_probe, quantised=settings.quantised
    )


def _reward_model(spec: ModelSpec, settings: Settings):
    return RewardModel(*load_model(spec, quantised=settings.quantised), linear_probe=settings.linear_probe)


def _writer(spec: ModelSpec, settings: Settings):
    return Writer(*load_model(spec, quantised=settings.quantised))


def _asked(model, questions: pd.DataFrame, settings: Settings) -> np.ndarray:
    return predict(model, questions["text"].tolist())


def _truth(examples: pd.DataFrame) -> np.ndarray:
    """Ground truth as targets: numbers, or texts."""
    return examples["label"].to_numpy(float if pd.api.types.is_numeric_dtype(examples["label"]) else object)


def _written(model, questions: pd.DataFrame, settings: Settings) -> np.ndarray:
    """The first word that the model writes after each prompt: a move in SAN has no blanks."""
    words = write(
        model, questions["text"].tolist(), among=questions["among"].tolist() if settings.constrained else None
    )
    return np.array([(text.split() or [""])[0] for text in words], dtype=object)


def _ways(kind: str) -> tuple[Callable, Callable]:
    """For a kind of task: what makes a model of a specification, and what asks it."""
    return {
        "classes": (_classifier, _asked),
        "choices": (_classifier, _asked),
        "pairs": (_reward_model, _asked),
        "writing": (_writer, _written),
    }[kind]


def _predictions(part: str, asked: pd.DataFrame, said: np.ndarray) -> pd.DataFrame:
    """What the store keeps of `predict`'s answers; whole distributions where they are weak labels, so not for
    the test.
    """
    table = pd.DataFrame({"split": part, "row": np.arange(len(asked)), "label": asked["label"].to_numpy()})
    if said.dtype == object:
        return table.assign(probability=1.0, answer=said)
    if said.ndim == 1:
        return table.assign(probability=said)
    table = table.assign(probability=said.max(axis=1), answer=said.argmax(axis=1))
    if part != "test":
        table["distribution"] = [row[: np.flatnonzero(row)[-1] + 1] for row in said]
    return table


# The values at which a setting says nothing in a run's key; None: it is always told, as people filter by it.
# A setting that
# is added later says nothing at its default. Who changes a default leaves the old one here, so that old runs
# keep their names.
BEFORE = {
    "n_train": None,
    "n_test": None,
    "seed": None,
    "family": None,
    "head": "zeros",
    "linear_probe": False,
    "lora": 0,
    "quantised": False,
    "constrained": False,
}
TRAINED_BEFORE = {
    "lr": None,
    "epochs": None,
    "batch_size": None,
    "seed": None,
    "early_stopping": None,
    "warmup": 0.0,
    "schedule": "cosine",
    "weight_decay": 0.0,
    "max_grad_norm": 1.0,
    "pool": 16,
    "eval_every": 0.25,
}
# Settings that something else tells: the name and the data of the task, the training, the student's run.
ELSEWHERE = (
    "task",
    "fresh",
    "allow_rejected",
    "hard_labels",
    "lr",
    "epochs",
    "batch_size",
    "early_stopping",
    *HARMLESS,
)


def _determined_by(
    settings: Settings, spec: ModelSpec, split: Split, train: TrainConfig, method: Method | None = None
) -> dict:
    """What every run depends on. `method`: None for a model that learns nothing."""
    told = {name: value for name, value in changed(settings, BEFORE).items() if name not in ELSEWHERE}
    training = {name: value for name, value in changed(train, TRAINED_BEFORE).items() if name not in HARMLESS}
    run = {
        "task": settings.task,
        "data": split.hash,
        **told,
        "model": spec.name,
        "weights": spec.weights_hash,
        "train": training,
        "code": _code(split.kind),
    }
    if method is not None:
        run |= {"method": method.name, "options": _told(method), "method_code": _code_of(method)}
    return run


def _code(kind: str) -> str:
    """Names the code that every run of a kind of task goes through, but for its method."""
    return digest(_learn, finetune, *_ways(kind), *([ChessPolicy] if kind == "choices" else []))


def _code_of(method: Method) -> str:
    return method.code or (f"key {method.key}" if method.key else digest(method.function))


def _told(method: Method) -> Mapping[str, Any]:
    return (
        {name: _option(value) for name, value in method.options.items()}
        if method.told is None
        else method.told
    )


def _option(value: Any) -> Any:
    """An option as a run's config holds it: itself, or where it is no plain value a name for what it is."""
    try:
        json.dumps(plain(value), allow_nan=False)
    except (TypeError, ValueError):
        return f"digest {digest(value)}"
    return value


def _split(settings: Settings) -> Split:
    numbers = settings.seed, settings.n_train, settings.n_test, settings.fresh
    return _load_split(
        _source(settings.task),
        settings.task,
        *numbers,
        **({"allow_rejected": True} if settings.allow_rejected else {}),
    )


def _source(task: str) -> tuple:
    """What a split that is remembered depends on beside its name: when the file of a task was last written,
    and where data are looked for.
    """
    file = Path(task.partition(":")[2])
    return os.environ.get(DATA), touched(file) if file.is_file() else None


_load_split = lru_cache(maxsize=8)(lambda touched, task, *numbers, **how: load_task(task, *numbers, **how))
