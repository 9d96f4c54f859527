"""Measure debate (Lang, Huang and Li 2025), for notebook 23: results/debate.csv, debate_judges.csv.

    python data_prep/measure_debate.py --first 200 --jobs 1    # half an hour on one core

Resumable: every judge and student is kept in the store. debate.csv has a row for each way to make weak labels
(`method`): the accuracy of the labels, of who made them on the test, and of the student that learned from
them. Labels are by one judge or, as "... ensemble", by the mean of four. debate_judges.csv has labels alone,
on the first seeds: of more and fewer judges, of other rules, and of debates that are longer and shorter. The
design was set up on seeds from 100 on.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from itertools import combinations

import numpy as np
from measuring import grow_tables, options, over_tasks

from w2s_kit.experiment.run import Run
from w2s_kit.experiment.stages import run_ground_truth, run_labels, run_student
from w2s_kit.experiment.store import Store
from w2s_kit.models.families import load_family
from w2s_kit.models.loading import load_classifier, load_model
from w2s_kit.models.writer import Writer
from w2s_kit.studies.debate import DEBATE, beliefs, debate, mistaken, run_judge, speaks_for_yes, texts
from w2s_kit.tasks import load_task
from w2s_kit.tasks.miniworld.taste import FACTS, TASK
from w2s_kit.tasks.miniworld.world import make_world

SUPERVISOR, STUDENT, MEMBERS = "m", "xl", 4
SEEDS, SEEDS_OF_JUDGES = 12, 4  # of the two tables
WRONG = 0.3  # the share of facts of which a mistaken debater believes the opposite
# What judges read before the question: nothing, or a transcript that `debate` makes when it is told this.
WAYS = {"naive": None, "random": {}, "consultancy": {"consultancy": True}, "debate": {}, "mistaken": {}}
ENSEMBLES = ("naive", "consultancy", "debate")  # of the others, one judge
# of the task "edible", where nothing else is to the point
ONE_FACT = {"naive": None, "debate": {}, "cornered": {"lies": "cornered"}}
RULES = {
    "long consultancy": {"consultancy": True, "turns": 6},
    "lying": {"lies": "always"},
    **{f"debate, {turns}": {"turns": turns} for turns in (1, 2, 4, 5)},
    **{f"cornered, {turns}": {"lies": "cornered", "turns": turns} for turns in (1, 3, 5)},
}


@cache
def known(family: str, size: str) -> dict[str, np.ndarray]:
    """What a model believes of every thing, asked once for all tasks and seeds."""
    names = [noun.name for noun in make_world().lexicons["noun"].items]
    return dict(zip(names, beliefs(Writer(*load_model(load_family(family)[size])), names)))


def court(task: str, seed: int, store: Store):
    """`judges(way, name, members)` of one task and seed: their runs, each with transcripts of its own."""
    settings = replace(DEBATE, task=task, seed=seed)
    split, believes = (
        load_task(task, seed, settings.n_train, settings.n_test),
        known(settings.family, STUDENT),
    )
    questions = {part: table["text"].tolist() for part, table in split.parts.items()}
    things = {part: [group[0] for group in table["group"]] for part, table in split.parts.items()}
    true = {part: np.stack([believes[thing] for thing in rows]) for part, rows in things.items()}
    wrong = {part: mistaken(true[part], rows, WRONG, seed) for part, rows in things.items()}
    to_the_point = np.array([task in (TASK, fact.name) for fact in FACTS])

    def judges(way: dict | None, name: str = "", members: int = 1, **how) -> list[Run]:
        runs = []
        for member in range(members):
            read = questions
            if way is not None:
                read, believed = {}, wrong if name == "mistaken" else true
                for place, part in enumerate(questions):
                    transcripts = debate(
                        believed[part],
                        for_yes[name == "mistaken"] * to_the_point,
                        seed=[seed, member, place],
                        **way,
                    )
                    order = (
                        np.random.default_rng([seed, member, place]).permutation(len(transcripts))
                        if name == "random"
                        else range(len(transcripts))
                    )
                    read[part] = texts([transcripts[i] for i in order], questions[part])
            runs.append(run_judge(settings, SUPERVISOR, read, member=member, store=store, **how))
        return runs

    weak = judges(None)[0].weak_labels()
    for_yes = [speaks_for_yes(believed["student"], weak) for believed in (true, wrong)]
    return settings, judges


def mean_of(runs: list[Run], part: str) -> np.ndarray:
    return np.mean([run.probabilities(part) for run in runs], axis=0)


def right(runs: list[Run], part: str) -> float:
    return float(((mean_of(runs, part) > 0.5) == runs[0].labels(part)).mean())


def debates(task: str, seed: int, store: Store) -> list[dict]:
    """Rows of debate.csv."""
    quiet, rows = {"store": store, "progress": False}, []
    settings, judges = court(task, seed, store)
    ends = {"task": task, "supervisor": SUPERVISOR, "student": STUDENT, "seed": seed}
    ceiling, supervisor = (
        run_ground_truth(settings, STUDENT, half="student", **quiet).accuracy(),
        judges(None)[0].accuracy(),
    )
    for name, way in (WAYS if task == TASK else ONE_FACT).items():
        runs = judges(way, name, MEMBERS if task == TASK and name in ENSEMBLES else 1)
        for method, some in [(name, runs[:1]), (f"{name} ensemble", runs)][: 1 + (len(runs) > 1)]:
            labels = run_labels(
                settings, method, {part: mean_of(some, part) for part in ("student", "test")}, store=store
            )
            student = run_student(settings, labels, STUDENT, **quiet)
            rows.append(
                ends
                | {
                    "method": method,
                    "supervisor_accuracy": supervisor,
                    "labels": right(some, "student"),
                    "judges": labels.accuracy(),
                    "student_accuracy": student.accuracy(),
                    "ceiling_accuracy": ceiling,
                }
            )
    return rows


def more_judges(task: str, seed: int, store: Store) -> list[dict]:
    """Rows of debate_judges.csv."""
    _, judges = court(task, seed, store)
    ends, rows = {"task": task, "seed": seed}, []
    for name in ENSEMBLES:
        runs = judges(WAYS[name], name, MEMBERS)
        rows += [
            ends
            | {
                "method": name,
                "members": size,
                "labels": np.mean([right(some, "student") for some in combinations(runs, size)]),
            }
            for size in range(1, MEMBERS + 1)
        ]
    for name, way in RULES.items():
        rows.append(ends | {"method": name, "members": 1, "labels": right(judges(way), "student")})
    last = judges(WAYS["debate"], load=load_classifier)
    return [*rows, ends | {"method": "debate, last token", "members": 1, "labels": right(last, "student")}]


if __name__ == "__main__":
    parser = options(__doc__)
    parser.set_defaults(seeds=SEEDS)
    args = parser.parse_args()
    grow_tables(["debate"], args, lambda seed: {"debate": over_tasks(debates, (TASK, "edible"), seed, args)})
    args.seeds = min(args.seeds, SEEDS_OF_JUDGES)
    judged = lambda seed: {"debate_judges": over_tasks(more_judges, (TASK,), seed, args)}
    grow_tables(["debate_judges"], args, judged)
