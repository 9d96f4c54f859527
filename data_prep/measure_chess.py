"""Measure what notebooks 04 and 05 overlay: the chess grid, its controls, accuracy by difficulty and rating.

    python data_prep/measure_chess.py --jobs 2                    # results/chess_*.csv, five seeds
    python data_prep/measure_chess.py --lichess puzzles.csv.gz    # results/chess_lichess.csv, Lichess's file

Resumable: every run is kept in the store, a killed script continues where it stopped.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from measuring import grow_tables, options, parallel, save, save_summary
from tqdm.auto import tqdm

from w2s_kit.experiment.grid import grid
from w2s_kit.experiment.run import one_hot
from w2s_kit.experiment.settings import CHESS
from w2s_kit.experiment.stages import run_ground_truth, run_student, run_zero_shot
from w2s_kit.experiment.store import Store
from w2s_kit.metrics.answers import error_sources
from w2s_kit.models.families import SCRATCH, load_family
from w2s_kit.models.loading import load_classifier
from w2s_kit.tasks import load_task
from w2s_kit.tasks.chess import load_puzzles, puzzles
from w2s_kit.tasks.chess.board import place
from w2s_kit.training.loop import finetune
from w2s_kit.training.reading import predict

BANDS = 5  # of difficulty, equally many puzzles each
RATINGS = (400, 900, 1200, 1500, 1800, 2100, 2400, 3300)


def by_difficulty(settings, name: str, what: str, store: Store) -> list[dict]:
    """Accuracy of one model on the test, by band of difficulty and by theme.

    `what`: what the model learned from, or "zero-shot".
    """
    if what == "zero-shot":
        run = run_zero_shot(settings, name, store=store)
    else:
        run = run_ground_truth(
            replace(settings, task=what), name, half="student", store=store, progress=False
        )
    test = load_task("chess", settings.seed, settings.n_train, settings.n_test).test
    bands = pd.DataFrame(
        {
            "band": np.minimum((test["difficulty"] * BANDS).astype(int), BANDS - 1).astype(str),
            "theme": test["theme"],
            "right": run.correct(),
        }
    )
    rows = []
    for kind in ("band", "theme"):
        for value, group in bands.groupby(kind):
            rows.append(
                {
                    "student": name,
                    "learned_from": what,
                    "seed": settings.seed,
                    "by": kind,
                    "value": value,
                    "puzzles": len(group),
                    "accuracy": group["right"].mean(),
                }
            )
    return rows


def chain(settings, supervisor: str, student: str, store: Store) -> list[dict]:
    """One row a link of the bootstrapping chain.

    It says who taught, how good the student is, its ceiling, and where its errors come from.
    """
    run, rows = run_student(settings, supervisor, student, "bootstrap", store=store, progress=False), []
    while run.config["kind"] == "student":
        teacher, name = store.load(run.config["supervisor_run"]), run.config["model"]
        ceiling = run_ground_truth(settings, name, half="student", store=store, progress=False)
        rows.append(
            {
                "seed": settings.seed,
                "link": len(run.config.get("chain", [supervisor])),
                "teacher": teacher.config["model"],
                "student": name,
                "teacher_accuracy": teacher.accuracy(),
                "student_accuracy": run.accuracy(),
                "ceiling_accuracy": ceiling.accuracy(),
                **error_sources(run.answers(), teacher.answers(), run.labels()),
            }
        )
        run = teacher
    return rows[::-1]


def by_rating(path: Path, family, seeds: int, most: int) -> pd.DataFrame:
    """The accuracy of the shipped models on puzzles of Lichess.

    They are as pretrained, and finetuned on the student's half of seeds 0, 1, ...
    """
    real = pd.DataFrame(
        [(p.fen, p.solution[0], p.rating) for p in load_puzzles(path)], columns=["fen", "move", "rating"]
    ).dropna()
    real = real.sample(min(most, len(real)), random_state=0)
    texts, right = (
        real["fen"].tolist(),
        np.array([place(fen, move) for fen, move in zip(real["fen"], real["move"])]),
    )
    bands, rows = (
        pd.cut(
            real["rating"],
            RATINGS,
            right=False,
            labels=[f"{a}-{b - 1}" for a, b in zip(RATINGS, RATINGS[1:])],
        ),
        [],
    )
    for spec in tqdm(family, desc="by rating"):
        for seed in [None, *range(seeds)]:
            model = load_classifier(spec)
            if seed is not None:
                half, settings = (
                    load_task("chess", seed, CHESS.n_train, CHESS.n_test).student,
                    replace(CHESS, seed=seed),
                )
                finetune(
                    model,
                    half["text"].tolist(),
                    one_hot(half["label"]),
                    settings.train_config(spec, "none"),
                    progress=False,
                )
            correct = pd.Series(predict(model, texts).argmax(axis=1) == right, index=bands.index)
            for band, group in correct.groupby(bands, observed=True):
                rows.append(
                    {
                        "student": spec.name,
                        "learned_from": "zero-shot" if seed is None else "chess",
                        "seed": -1 if seed is None else seed,
                        "rating": band,
                        "puzzles": len(group),
                        "accuracy": group.mean(),
                    }
                )
    return pd.DataFrame(rows)


if __name__ == "__main__":
    parser = options(__doc__)
    parser.add_argument(
        "--lichess", type=Path, help="measure this file of puzzles by rating, and nothing else"
    )
    parser.add_argument("--puzzles", type=int, default=20_000, help="of --lichess")
    args = parser.parse_args()
    family, store = load_family("chess"), Store(args.store)
    if args.lichess:
        save(
            by_rating(args.lichess, family, min(args.seeds, 2), args.puzzles), args.out / "chess_lichess.csv"
        )
        raise SystemExit
    puzzles()  # a missing file should be noticed now
    names = family.names
    between = lambda seed, supervisors, students, methods: grid(
        ["chess"], supervisors, students, methods, [seed], CHESS, store, args.jobs, upward=True
    )

    def measure(seed: int) -> dict:
        settings = replace(CHESS, seed=seed)
        plain = between(seed, names[:-1], names, ["naive", "confidence", "bootstrap"])
        # controls, apart: a student, or a supervisor, that was never pretrained
        controls = (
            between(seed, names[:1], [name + SCRATCH for name in names[1:]], ["naive"]),
            between(seed, [names[0] + SCRATCH], names, ["naive"]),
        )
        stages = ("zero-shot", "chess", "chess-easy", "chess-hard")
        cells = [(settings, name, what) for name in names for what in stages]
        return {
            "chess_grid": plain,
            "chess_chain": chain(settings, names[0], names[-1], store),
            "chess_scratch_grid": pd.concat(controls),
            "chess_by_difficulty": parallel(by_difficulty, cells, "by difficulty", args.jobs, store),
        }

    measured = ("chess_grid", "chess_chain", "chess_scratch_grid", "chess_by_difficulty")
    tables = grow_tables(measured, args, measure)
    for name in ("chess", "chess_scratch"):
        save_summary(tables[f"{name}_grid"], args.out, name)
