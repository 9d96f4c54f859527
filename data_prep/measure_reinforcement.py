"""Measure reinforcement learning from weak rewards (Rahman et al. 2026; Sun et al. 2024), for notebook 28.

    python data_prep/measure_reinforcement.py --first 100 --seeds 10    # reinforcement.csv, traces.csv

Resumable: every training is kept in the store, and so are its checkpoints. About seven minutes a seed on one
core. Settings were chosen on seeds 50 to 52, where the test was looked at; on later seeds it is only judged
by.

reinforcement    the generator of notebook 21 (m, taught by 300 easy solutions) learns on problems of level 6
                 from a `reward`: "truth"; "truth, N problems" has a pool of N, all others draw new problems
                 each time; "flipped R" turns the share R of the rewards round; "majority" is the group's
                 own; "outcome" and "process" are reward models of notebook 21, of easy problems; "process,
                 rule" gives nothing to solutions that do not copy their problem; "truth, answers only"
                 begins with m taught 1,500 true answers of all levels, without steps. A row each EVERY steps:
                 `reward` and `truth` are means of the steps since the last row; `saturated` is the share of
                 all steps after which the mean reward of five steps is within a tenth of its total rise; the
                 rest is measured on problems of level 9 (and `right_6`, of level 6), see
                 `studies.reinforcement.shares`
traces           m as pretrained ("start") learns solutions of s on problems of levels 6 and 9: "right",
                 "wrong" and "mixed" ones, as many of each; or true ones ("truth"); or learns from rewards by
                 truth ("rewards"). s has learned 1,200 true solutions of all levels. `sound_taught`: the
                 share of the solutions that have no wrong line
"""

from __future__ import annotations

import copy
import random
from collections.abc import Callable

import numpy as np
import pandas as pd
import torch
from measuring import grow_tables, options

from w2s_kit.experiment.digest import digest
from w2s_kit.experiment.store import Store
from w2s_kit.models.families import load_family
from w2s_kit.models.loading import load_model
from w2s_kit.models.writer import Writer
from w2s_kit.studies import easy_to_hard as easy
from w2s_kit.studies.reinforcement import PolicyConfig, reinforce, saturated, shares
from w2s_kit.studies.rewards import by_majority, by_truth, flipped, judged
from w2s_kit.tasks import sums
from w2s_kit.training.config import TrainConfig
from w2s_kit.training.loop import finetune

FAMILY, STUDENT, TEACHER = load_family("sums"), "m", "s"
SHOWN, JUDGED, EACH = 300, 1_200, 4  # as in measure_sums.py
LEVEL, TEST_LEVELS, TEST = 6, (9, 6), 100
RATES, POOLS, EVERY = (0.2, 0.4, 0.5), (16, 64), 20
TRACES, TAUGHT, ANSWERED = 400, 1_200, 1_500
NOTHING = pd.DataFrame({"split": ["test"], "row": 0, "label": 1, "probability": 1.0})  # the store wants some


def new(n: int, rng: random.Random) -> list[sums.Problem]:
    """Problems that nobody has seen."""
    return easy.draw(n, (LEVEL,), rng)


def out_of(pool) -> Callable:
    return lambda n, rng: rng.sample(pool, n)


def tested(writer: Writer, test: dict) -> dict:
    hard, same = (shares(writer, test[level]) for level in TEST_LEVELS)
    return hard | {"right_6": same["right"]}


def kept(store: Store, what: dict, compute: Callable[[str], list[dict]]) -> list[dict]:
    """The rows of a training, from the store or computed; `compute` gets the path of its checkpoint."""
    code = digest(rewarded) + digest(traced)
    config = {"kind": "reinforcement", "weights": FAMILY[STUDENT].weights_hash, "code": code, **what}
    path = store.checkpoint(config)
    return store.run(config, lambda: ({"rows": compute(path)}, NOTHING)).metrics["rows"]


def trained(writer: Writer, draw, reward, seed: int, test: dict, checkpoint) -> list[dict]:
    """The rows of the table, one each EVERY steps."""
    history = reinforce(
        copy.deepcopy(writer),
        draw,
        reward,
        PolicyConfig(seed=seed),
        truth=by_truth,
        measure=lambda w: tested(w, test),
        every=EVERY,
        checkpoint=checkpoint,
        progress=False,
    )
    steps = pd.DataFrame(history)
    late, rows = saturated(steps["reward"][1:]), []
    for end in range(0, len(steps), EVERY):
        since = steps.iloc[max(1, end - EVERY + 1) : end + 1]
        means = {name: float(since[name].mean()) for name in ("reward", "truth", "useful", "surprise")}
        rows.append(history[end] | means | {"step": end, "saturated": late})
    return rows


def rewarded(seed: int, store: Store) -> list[dict]:
    rng = random.Random(f"reinforcement-{seed}")
    shown, judging = easy.draw(SHOWN, sums.EASY, rng), easy.draw(JUDGED, sums.EASY, rng)
    test = {level: easy.draw(TEST, (level,), rng) for level in TEST_LEVELS}
    pools = {n: new(n, rng) for n in POOLS}
    base = easy.generator(STUDENT, shown, seed)
    answered = easy.draw(ANSWERED, range(1, 10), rng)
    answers = easy.taught(STUDENT, *written(answered, steps=False), seed, lr=2e-3, epochs=4)
    judges = {}

    def model(which: str):
        if not judges:  # not needed where the store has it all
            solved = easy.solutions(base, judging, EACH, seed)
            of = {"outcome": easy.outcome_labels, "process": easy.process_labels}
            for name, labels in of.items():
                pairs = labels(judging, solved)
                judges[name] = easy.reward_model(STUDENT, pairs, pairs.values(), seed)
        return judges[which]

    arms = {"truth": (base, new, lambda: by_truth)}
    arms |= {f"truth, {n} problems": (base, out_of(pools[n]), lambda: by_truth) for n in POOLS}
    arms |= {f"flipped {rate}": (base, new, lambda rate=rate: flipped(rate)) for rate in RATES}
    arms |= {
        "majority": (base, new, lambda: by_majority),
        "outcome": (base, new, lambda: judged(model("outcome"), steps=False)),
        "process": (base, new, lambda: judged(model("process"), steps=True)),
        "process, rule": (base, new, lambda: judged(model("process"), steps=True, rule=True)),
        "truth, answers only": (answers, new, lambda: by_truth),
    }
    rows = []
    for name, (writer, draw, reward) in arms.items():
        compute = lambda path, of=(writer, draw, reward): trained(of[0], of[1], of[2](), seed, test, path)
        about = {"seed": seed, "reward_by": name}
        rows += [about | row for row in kept(store, {"arm": name, "seed": seed}, compute)]
    return rows


def written(problems, steps: bool = True) -> tuple[list[str], list[str]]:
    """The texts of problems, and their true solutions, or the answers alone."""
    return [p.text for p in problems], [p.solution if steps else f"so {p.answer}" for p in problems]


def traced(seed: int, store: Store) -> list[dict]:
    rng = random.Random(f"traces-{seed}")
    known, asked = easy.draw(TAUGHT, range(1, 10), rng), easy.draw(4 * TRACES, sums.HARD, rng)
    test = {level: easy.draw(TEST, (level,), rng) for level in TEST_LEVELS}
    start = Writer(*load_model(FAMILY[STUDENT]))

    def learned(places, traces) -> dict:
        problems, student = [asked[i] for i in places], copy.deepcopy(start)
        sound = np.mean([sums.check(p, one).wrong is None for p, one in zip(problems, traces)])
        config = TrainConfig(lr=easy.GENTLE, seed=seed)
        finetune(student, [p.text for p in problems], traces, config, progress=False)
        return {"n": len(traces), "sound_taught": float(sound)} | tested(student, test)

    def compute(path) -> list[dict]:
        teacher = easy.taught(TEACHER, *written(known), seed, lr=1e-3, epochs=3)
        said = [one for (one,) in easy.solutions(teacher, asked, 1, seed)]
        right = np.array([sums.check(p, one).answer == p.answer for p, one in zip(asked, said)])
        everyone = np.arange(len(asked))
        chosen = {"right": everyone[right], "wrong": everyone[~right], "mixed": everyone}
        n, nothing = min(TRACES, *map(len, chosen.values())), {"n": 0, "sound_taught": np.nan}
        rows = [{"taught": "start"} | nothing | tested(start, test)]
        for which, places in chosen.items():
            rows.append({"taught": which} | learned(places[:n], [said[i] for i in places[:n]]))
        truth = learned(everyone[:n], [problem.solution for problem in asked[:n]])
        last = trained(start, new, by_truth, seed, test, path)[-1]
        # the table is about solutions, so what only rewards have stays out
        rewards = {name: last[name] for name in rows[0] if name in last}
        return [*rows, {"taught": "truth"} | truth, {"taught": "rewards"} | nothing | rewards]

    return [{"seed": seed} | row for row in kept(store, {"arm": "traces", "seed": seed}, compute)]


if __name__ == "__main__":
    args = options(__doc__).parse_args()
    torch.set_num_threads(1)
    store = Store(args.store)
    measure = lambda seed: {"reinforcement": rewarded(seed, store), "traces": traced(seed, store)}
    grow_tables(["reinforcement", "traces"], args, measure)
