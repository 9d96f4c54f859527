"""Measure baselines, a search, and attacks in the arena: the tables of notebook 25.

    python data_prep/measure_arena.py --first 100 --seeds 25    # results/arena.csv, arena_search.csv
                                                                # about 15 minutes on one core

Resumable: the tables grow study by study.

A study is five seeds of the task; studies share none. All methods here are our own code, so they run in this
process, and the script looks at both halves.
"""

from __future__ import annotations

import itertools
from functools import partial

import numpy as np
from measuring import grow_tables, options

from w2s_kit.studies.arena.board import MIN_SEEDS, Board
from w2s_kit.studies.arena.problems import miniworld
from w2s_kit.studies.arena.sandbox import run_here
from w2s_kit.studies.arena.search import KNOBS, NAIVE, flip_blocks, flip_one_by_one, recipe, repaired, search

STEPS, DRAWS = 40, 60
TASK, ELSEWHERE = "edible", "danger"  # methods are looked for on the first, and tried on both
# regularise, select, train oneself
STARTS = ({"C": 1e-3}, {"keep": 0.5}, {"rounds": 2, "mix": 1.0, "own": True})
TUNED = [
    {**NAIVE, "keep": keep, "soft": soft, "C": C}
    for keep, soft, C in itertools.product(KNOBS["keep"], KNOBS["soft"], KNOBS["C"])
]


def study(seed: int) -> tuple[list[dict], list[dict]]:
    seeds = range(MIN_SEEDS * seed, MIN_SEEDS * (seed + 1))
    drawn = [miniworld(s, TASK) for s in seeds]
    problems, rows, tried = [d.problem for d in drawn], [], {}
    board = Board(drawn, ladder=None, secret=seed)

    def of(knobs: dict) -> tuple[float, float]:
        key = tuple(knobs.values())
        if key not in tried:
            tried[key] = board.both(run_here(recipe, problems, **knobs))
        return tried[key]

    def enter(what: str, scores, **more):
        rows.append({"what": what, "seed": seed, "public": scores[0], "private": scores[1], **more})

    enter("naive", of(NAIVE))
    enter("confident", of({**NAIVE, "keep": 0.5}))
    enter("coherence", board.both(run_here(repaired, problems)))
    tuned = max(TUNED, key=lambda knobs: of(knobs)[0])
    history = search(lambda knobs: of(knobs)[0], STEPS, np.random.default_rng(seed), STARTS)
    searched = max(history, key=lambda one: one[1])[0]
    enter("tuned", of(tuned), **tuned)
    enter("searched", of(searched), **searched)
    curve = [
        {
            "seed": seed,
            "step": step + 1,
            **dict(zip(("public", "private"), of(max(history[: step + 1], key=lambda one: one[1])[0]))),
        }
        for step in range(STEPS)
    ]

    moved = [miniworld(s, ELSEWHERE) for s in seeds]
    there, theirs = Board(moved, ladder=None, secret=seed), [d.problem for d in moved]
    for what, knobs in (("naive", NAIVE), ("tuned", tuned), ("searched", searched)):
        enter(f"{what}, elsewhere", there.both(run_here(recipe, theirs, **knobs)))

    start = np.array([p.weak_test for p in problems])
    for name, ladder in (("open", None), ("ladder", 0.05)):
        shown = Board(drawn, ladder=ladder, secret=seed)
        enter(f"flips, {name}", board.both(flip_one_by_one(shown.score, start)))
        shown = Board(drawn, ladder=ladder, secret=seed)
        enter(
            f"blocks, {name}",
            board.both(flip_blocks(shown.score, start, start.size, 200, np.random.default_rng(seed))),
        )

    single = Board(drawn[:1], ladder=None, min_seeds=1, secret=seed)
    lucky = {"one seed": [], "five seeds": []}
    for draw in range(DRAWS):
        answers = np.array([run_here(partial(_redrawn, draw=draw), [p], **NAIVE)[0] for p in problems])
        lucky["one seed"].append(single.both(answers[:1]))
        lucky["five seeds"].append(board.both(answers))
    for what, scores in lucky.items():
        enter(f"luckiest of {DRAWS}, {what}", max(scores))
        enter(f"mean of {DRAWS}, {what}", np.mean(scores, axis=0))
    return rows, curve


def _redrawn(weak, inputs, model, draw: int, **knobs):
    """The naive method on four fifths of the examples, others in each `draw`.

    Nothing but luck distinguishes the draws.
    """
    model.rng = np.random.default_rng([draw, len(weak)])
    return recipe(weak, inputs, model, share=0.8, **knobs)


if __name__ == "__main__":
    args = options(__doc__).parse_args()
    grow_tables(
        ["arena", "arena_search"], args, lambda seed: dict(zip(("arena", "arena_search"), study(seed)))
    )
