"""Measure easy to hard on sums (Sun et al. 2024), for notebook 21.

    python data_prep/measure_sums.py    # five seeds; eight minutes on one core
                                        # results/sums.csv, sums_inside.csv, sums_students.csv

A generator learns from solutions of easy problems. Reward models learn from its own solutions of other easy
problems, with exact labels: a label a step (prm), a label a solution (orm), the steps' labels dealt out anew
(shuffled). As a ceiling, "hard" is a prm whose labels, as many, are of hard problems. All of them choose
among 64 solutions of new problems. "more truth" is no reward model but another generator: it has also learned
the true solutions of the problems that the reward models have labels of.

sums           accuracy by level, judge, way to choose and n
sums_inside    what is wrong with all samples, and with the best of 64; and how well prm tells right steps
               from wrong ones of hard problems, where the fact was among its labels, and where it was not
sums_students  is the last step of this right? Students of weak labels of hard problems, of the truth of easy
               ones, of the truth of hard ones

Resumable: each seed, and each student, is kept in the store. Everything was set on seeds from 100 on.
"""

from __future__ import annotations

import random
from collections import Counter

import numpy as np
import pandas as pd
from measuring import grow_tables, options, parallel

from w2s_kit.experiment.digest import digest
from w2s_kit.experiment.settings import Settings
from w2s_kit.experiment.stages import run_ground_truth, run_student
from w2s_kit.experiment.store import Store
from w2s_kit.metrics.answers import auroc
from w2s_kit.models.families import load_family
from w2s_kit.models.writer import Writer
from w2s_kit.studies.easy_to_hard import (
    draw,
    generator,
    outcome_labels,
    process_labels,
    reward_model,
    solutions,
)
from w2s_kit.studies.reranking import best_of_n, step_scores, vote
from w2s_kit.tasks import sums

FAMILY, GENERATOR = load_family("sums"), "m"
# easy problems with a true solution; such as the generator solves, so many times each, to be labelled
SHOWN, JUDGED, EACH = 300, 1_200, 4
PROBLEMS, SAMPLES, NS = 60, 64, (1, 2, 4, 8, 16, 32, 64)
LEVELS = (3, 6, 9)
STUDENTS = [("xs", "s"), ("xs", "m"), ("xs", "l"), ("s", "m"), ("s", "l")]  # (supervisor, student)


def reward_models(writer: Writer, judged, hard, seed: int) -> tuple[dict, dict]:
    """Name -> reward model, and name -> the facts among its labels.

    The facts are of those that judge steps, of easy problems and of hard ones.
    """
    solved = solutions(writer, judged, EACH, seed)
    steps, outcomes = process_labels(judged, solved), outcome_labels(judged, solved)
    harder = process_labels(hard, solutions(writer, hard, EACH, seed))
    harder = dict(random.Random(seed).sample(sorted(harder.items()), min(len(harder), len(steps))))
    models = {
        "prm": reward_model(GENERATOR, steps, steps.values(), seed),
        "orm": reward_model(GENERATOR, outcomes, outcomes.values(), seed),
        "shuffled": reward_model(
            GENERATOR, steps, np.random.default_rng(seed).permutation(list(steps.values())), seed
        ),
        "hard": reward_model(GENERATOR, harder, harder.values(), seed),
    }
    labelled = {
        judge: {fact_of(text.split(" : ")[1].split(" ; ")[-1]) for text in texts}
        for judge, texts in (("prm", steps), ("hard", harder))
    }
    return models, labelled


def majorities(writer: Writer, problems, about: dict) -> tuple[list, list, np.ndarray, list[dict]]:
    """(samples, checked samples, answers, rows of the table) of a generator without a reward model."""
    seed = about["seed"]
    samples = solutions(writer, problems, SAMPLES, seed + 1)
    checked = [[sums.check(problem, one) for one in many] for problem, many in zip(problems, samples)]
    answers = np.array([[one.answer for one in many] for many in checked], dtype=object)
    truth = [problem.answer for problem in problems]
    rows = [
        about
        | {
            "way": "majority",
            "n": n,
            "accuracy": vote(answers, truth, np.ones(answers.shape), n, seed=seed),
        }
        for n in NS
    ]
    return samples, checked, answers, rows


def reranked(seed: int) -> dict[str, list[dict]]:
    rng = random.Random(f"easy-to-hard-{seed}")
    shown, judged, hard = (
        draw(SHOWN, sums.EASY, rng),
        draw(JUDGED, sums.EASY, rng),
        draw(JUDGED // 2, sums.HARD, rng),
    )
    writer, taught_more = generator(GENERATOR, shown, seed), generator(GENERATOR, [*shown, *judged], seed)
    models, labelled = reward_models(writer, judged, hard, seed)
    rows, inside = [], []
    for level in LEVELS:
        problems = draw(PROBLEMS, (level,), rng)
        cell = {"seed": seed, "level": level}
        samples, checked, answers, plain = majorities(writer, problems, cell | {"judge": "none"})
        rows += plain
        if level in sums.HARD:
            rows += majorities(taught_more, problems, cell | {"judge": "more truth"})[-1]
        truth = [problem.answer for problem in problems]
        right = answers == np.array(truth)[:, None]
        texts = [f"{problem.text} {one}" for problem, many in zip(problems, samples) for one in many]
        faults = {"samples": Counter(one.fault for many in checked for one in many)}
        for judge, model in models.items():
            by_step = step_scores(model, texts)
            scores = np.array([steps[-1] if judge == "orm" else steps.prod() for steps in by_step])
            scores = scores.reshape(right.shape)
            for n in NS:
                about = cell | {"judge": judge, "n": n}
                rows += [
                    about | {"way": "best", "accuracy": best_of_n(right, scores, n)},
                    about | {"way": "vote", "accuracy": vote(answers, truth, scores, n, seed=seed)},
                ]
            faults[judge] = Counter(many[best].fault for many, best in zip(checked, scores.argmax(axis=1)))
            if judge in labelled:
                areas = told([one for many in checked for one in many], by_step, labelled[judge])
                inside += [
                    cell | {"of": judge, "what": f"area, {what}", "value": areas[what]} for what in areas
                ]
        inside += [
            cell | {"of": who, "what": fault or "right", "value": count[fault] / count.total()}
            for who, count in faults.items()
            for fault in ("", *sums.FAULTS)
        ]
    return {"sums": rows, "sums_inside": inside}


def fact_of(step: str) -> tuple[int, str] | None:
    """The value and the operation; None for what is no step."""
    try:
        return sums.read_step(step)[:2]
    except ValueError:
        return None


def told(checked, by_step, labelled) -> dict[str, float]:
    """How well a prm distinguishes right steps from wrong ones, as areas under the ROC curve.

    Against wrong calculations, of facts that were among its labels and of others, and against wrong copies.
    Steps after a solution's first wrong one do not count, and a text counts once.
    """
    steps = {}
    for one, scores in zip(checked, by_step):
        for place, step in enumerate(one.steps[: len(one.steps) if one.wrong is None else one.wrong + 1]):
            if fact := fact_of(step):
                steps[one.steps[: place + 1], float(scores[place])] = (
                    fact in labelled,
                    one.fault if place == one.wrong else "",
                )
    scores, (known, fault) = np.array([score for _, score in steps]), map(np.array, zip(*steps.values()))
    groups = {
        "calculation, fact labelled": known & np.isin(fault, ["", "calculation"]),
        "calculation, fact new": ~known & np.isin(fault, ["", "calculation"]),
        "copying": np.isin(fault, ["", "copying"]),
    }
    return {
        what: auroc(scores[rows], fault[rows] == "")
        for what, rows in groups.items()
        if len(set(fault[rows])) == 2
    }


def measured(seed: int, store: Store) -> list[tuple[str, dict]]:
    """(name of the table, row) ..."""
    config = {
        "kind": "easy_to_hard",
        "seed": seed,
        "weights": FAMILY[GENERATOR].weights_hash,
        "code": digest(reranked),
    }
    # the store wants predictions; here the tables are all
    nothing = pd.DataFrame({"split": ["test"], "row": 0, "label": 1, "probability": 1.0})
    run = store.run(config, lambda: (reranked(seed), nothing))
    return [(name, row) for name in ("sums", "sums_inside") for row in run.metrics[name]]


def students(seed: int, store: Store) -> list[dict]:
    hard, easy = (Settings(task, family="sums", seed=seed) for task in sums.TASKS)
    quiet, rows = {"store": store, "progress": False}, []
    for supervisor, student in STUDENTS:
        weak = run_ground_truth(hard, supervisor, half="supervisor", **quiet)
        taught = {
            "supervisor": weak,
            "student": run_student(hard, weak, student, **quiet),
            "easy": run_ground_truth(easy, student, half="student", **quiet),
            "ceiling": run_ground_truth(hard, student, half="student", **quiet),
        }
        rows.append(
            {
                "task": hard.task,
                "supervisor": supervisor,
                "student": student,
                "seed": seed,
                **{f"{who}_accuracy": run.accuracy() for who, run in taught.items()},
            }
        )
    return rows


if __name__ == "__main__":
    parser = options(__doc__)
    parser.set_defaults(seeds=5)
    args = parser.parse_args()
    store = Store(args.store)

    def measure(seed: int) -> dict[str, list[dict]]:
        pairs = parallel(measured, [(seed,)], "judges", args.jobs, store)
        of = lambda wanted: [row for table, row in pairs if table == wanted]
        taught = parallel(students, [(seed,)], "students", args.jobs, store)
        return {"sums": of("sums"), "sums_inside": of("sums_inside"), "sums_students": taught}

    grow_tables(["sums", "sums_inside", "sums_students"], args, measure)
