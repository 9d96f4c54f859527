"""Debate (Lang, Huang and Li 2025), for notebook 23: results/debate.csv, debate_judges.csv.

    python data_prep/measure_debate.py --jobs 1    # an hour on one core

Resumable: every judge and student is kept in the store. debate.csv has a row for each way to make weak labels (`method`), with the accuracy
of the labels, of who made them on the test, and of the student that learned from them: by one judge and, as "... ensemble", by the mean
of four. debate_judges.csv has the labels of more and fewer judges, and of debates that are longer and shorter. The design was set up on
seeds from 100 on.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import pandas as pd
from measure_nlp import options, parallel, save

from w2s_kit.debate import DEBATE, beliefs, debate, mistaken, run_judge, speaks_for_yes, texts
from w2s_kit.experiment import run_ground_truth, run_labels, run_student
from w2s_kit.models import load_classifier, load_family, load_model
from w2s_kit.store import Run, Store
from w2s_kit.tasks import load_task
from w2s_kit.tasks.miniworld.taste import FACTS, TASK
from w2s_kit.writing import Writer

SUPERVISOR, STUDENT, MEMBERS, SEEDS = "m", "xl", 4, 10
TURNS, WRONG = (1, 2, 3, 4, 5), 0.3  # a debate has 3, as the paper's; and the share of facts of which a mistaken debater believes the opposite
# What judges read before the question: nothing, or a transcript that `debate` makes when it is told this.
WAYS = {"naive": None, "random": {}, "consultancy": {"consultancy": True}, "long consultancy": {"consultancy": True, "turns": 6}, "debate": {},
        "mistaken": {}, "cornered": {"lies": "cornered"}, "lying": {"lies": "always"}}
ENSEMBLES = ("naive", "consultancy", "long consultancy", "debate")  # of the others, one judge
ONE_FACT = {"naive": None, "debate": {}, "cornered": {"lies": "cornered"}}  # of the task "edible", where nothing else is to the point


def court(task: str, seed: int, store: Store):
    """`judges(way, name, members)` of one task and seed: their runs, each with transcripts of its own."""
    settings, family = replace(DEBATE, task=task, seed=seed), load_family()
    split, writer = load_task(task, seed, settings.n_train, settings.n_test), Writer(*load_model(family[STUDENT]))
    questions = {part: table["text"].tolist() for part, table in split.parts.items()}
    things = {part: [group[0] for group in table["group"]] for part, table in split.parts.items()}
    true = {part: beliefs(writer, rows) for part, rows in things.items()}
    wrong = {part: mistaken(true[part], rows, WRONG, seed) for part, rows in things.items()}
    to_the_point = np.array([task in (TASK, fact.name) for fact in FACTS])

    def judges(way: dict | None, name: str = "", members: int = 1, **how) -> list[Run]:
        runs = []
        for member in range(members):
            read = questions
            if way is not None:
                read, believed = {}, wrong if name == "mistaken" else true
                for place, part in enumerate(questions):
                    said = debate(believed[part], for_yes[name == "mistaken"] * to_the_point, seed=[seed, member, place], **way)
                    order = np.random.default_rng([seed, member, place]).permutation(len(said)) if name == "random" else range(len(said))
                    read[part] = texts([said[i] for i in order], questions[part])
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
    """Rows of both tables; those of the second have `members`."""
    quiet, rows, one = {"store": store, "progress": False}, [], task != TASK
    settings, judges = court(task, seed, store)
    found = {name: judges(way, name, MEMBERS if name in ENSEMBLES and not one else 1) for name, way in (ONE_FACT if one else WAYS).items()}
    ends = {"task": task, "supervisor": SUPERVISOR, "student": STUDENT, "seed": seed}
    ceiling = run_ground_truth(settings, STUDENT, half="student", **quiet).accuracy()
    for name, runs in found.items():
        for method, some in ((name, runs[:1]), (f"{name} ensemble", runs))[: 1 + (len(runs) > 1)]:
            labels = run_labels(settings, method, {part: mean_of(some, part) for part in ("student", "test")}, store=store)
            student = run_student(settings, labels, STUDENT, **quiet)
            rows.append(ends | {"method": method, "supervisor_accuracy": found["naive"][0].accuracy(), "labels": right(some, "student"), "judges": labels.accuracy(),
                                "student_accuracy": student.accuracy(), "ceiling_accuracy": ceiling})
    if one:
        return rows
    for name in ENSEMBLES:
        for size in range(1, MEMBERS + 1):
            rows.append(ends | {"method": name, "turns": WAYS[name].get("turns", 3) if WAYS[name] is not None else 0, "members": size, "labels": np.mean([right(some, "student") for some in combinations(found[name], size)])})
    for name in ("debate", "cornered"):
        for turns in TURNS:
            (run,) = found[name][:1] if turns == 3 else judges(WAYS[name] | {"turns": turns}, name)
            rows.append(ends | {"method": f"{name}, shorter or longer", "turns": turns, "members": 1, "labels": right([run], "student")})
    last = judges(WAYS["debate"], load=load_classifier)
    return [*rows, ends | {"method": "debate, last token", "turns": 3, "members": 1, "labels": right(last, "student")}]


if __name__ == "__main__":
    parser = options(__doc__)
    parser.add_argument("--first", type=int, default=0)
    parser.set_defaults(seeds=SEEDS)
    args = parser.parse_args()
    cells = [(task, seed) for seed in range(args.first, args.first + args.seeds) for task in (TASK, "edible")]
    table = pd.DataFrame(parallel(debates, cells, "debates", args.jobs, Store(args.store)))
    second = table["members"].notna()
    save(table[~second].drop(columns=["turns", "members"]), args.out / "debate.csv")
    save(table[second][["task", "seed", "method", "turns", "members", "labels"]], args.out / "debate_judges.csv")
