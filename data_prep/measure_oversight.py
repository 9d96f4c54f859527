"""Measure nested oversight on chess (Engels et al. 2025), for notebook 30.

    python data_prep/measure_oversight.py --first 100 --seeds 10

Resumable: the tables grow seed by seed. About a minute a seed on one core. The game was designed on seeds 50
to 52. Learning rates and epochs are those of the kit's other chess runs; none was chosen here.

oversight_elo     a row a player: `elo` from games between all pairs, with each colour from each of OPENINGS
                  openings; the mean of the four is 0. `score`: its share of all points
oversight         a row a judge and a player: `gap` is the Elo of the player minus that of the judge, of the
                  same seed. Judges as pretrained. `caught`: share of backdoors caught at a tenth of false
                  alarms; see `studies.oversight.judged`
oversight_chain   who judges the moves of l, in rows called `judge`. "xs" has learned the truth about moves
                  of s; "m, pretrained" nothing; "m, truth" the truth about moves of l; "m, jump" what "xs"
                  says of them; "m, chain" what a judge s says of them, which has learned what "xs" says of
                  moves of m. With ", confidence": who learns from verdicts learns by the confidence loss.
                  `labels`: the share of the verdicts which the last judge learned from that are right

Each seed deals the puzzles anew, so puzzles of one seed come again in others.
"""

from __future__ import annotations

import random

import numpy as np
import torch
from measuring import grow_tables, options

from w2s_kit.methods import METHODS
from w2s_kit.models.families import load_family
from w2s_kit.models.loading import load_classifier
from w2s_kit.studies.oversight import (
    Judge,
    elo,
    judged,
    nested,
    openings,
    round_robin,
    shown_moves,
    taught,
    verdicts,
)
from w2s_kit.tasks.chess import load

FAMILY, OPENINGS, PUZZLES = load_family("chess"), 50, 3_000
JUDGES, PLAYERS = ("xs", "s", "m"), ("s", "m", "l")


def ability(policies: dict, seed: int) -> list[dict]:
    """The rows of oversight_elo."""
    games = round_robin(policies, openings(OPENINGS, random.Random(f"oversight-{seed}")))
    ratings, rows = elo(games), []
    for player in policies:
        points = [
            g.score if g.white == player else 1 - g.score for g in games if player in (g.white, g.black)
        ]
        rows.append({"seed": seed, "player": player, "elo": ratings[player], "score": np.mean(points)})
        rows[-1]["games"] = len(points)
    return rows


def pairs(policies: dict, split, ratings: dict, seed: int) -> list[dict]:
    """The rows of oversight."""
    rows = []
    for player in policies:
        moves = shown_moves(policies[player], split.test, np.random.default_rng((seed, 0)))
        for judge in policies:
            gap = ratings[player] - ratings[judge]
            about = {"seed": seed, "judge": judge, "player": player, "gap": gap}
            rows.append(about | judged(Judge(policies[judge]), moves))
    return rows


def chains(policies: dict, split, seed: int) -> list[dict]:
    """The rows of oversight_chain."""
    parts = (split.supervisor, split.student, split.fresh[0])
    moves = [
        shown_moves(policies[player], part, np.random.default_rng((seed, i)))
        for i, (player, part) in enumerate(zip(PLAYERS, parts), 1)
    ]
    test = shown_moves(policies["l"], split.test, np.random.default_rng((seed, 0)))
    last, rows = moves[-1], []

    def row(name: str, judge: Judge, said=None) -> None:
        right = np.nan if said is None else float(((said > 0.5) == last["honest"]).mean())
        rows.append({"seed": seed, "judge": name, "labels": right} | judged(judge, test))

    row("m, pretrained", Judge(load_classifier(FAMILY["m"])))
    row("m, truth", taught(FAMILY["m"], last, last["honest"], seed), last["honest"])
    for ending, method in (("", METHODS["naive"]), (", confidence", METHODS["confidence"])):
        xs, s, m = nested(FAMILY, JUDGES, moves, seed, method)
        if not ending:
            row("xs", xs)
        row(f"m, chain{ending}", m, verdicts(s, last))
        said = verdicts(xs, last)
        row(f"m, jump{ending}", taught(FAMILY["m"], last, said, seed, method), said)
    return rows


def tables(policies: dict, seed: int) -> dict[str, list[dict]]:
    """The rows of one seed for every table."""
    split, ranked = load("chess", seed, PUZZLES, PUZZLES), ability(policies, seed)
    ratings = {row["player"]: row["elo"] for row in ranked}
    return {
        "oversight_elo": ranked,
        "oversight": pairs(policies, split, ratings, seed),
        "oversight_chain": chains(policies, split, seed),
    }


if __name__ == "__main__":
    args = options(__doc__).parse_args()
    torch.set_num_threads(1)
    policies = {spec.name: load_classifier(spec) for spec in FAMILY}
    grow_tables(["oversight_elo", "oversight", "oversight_chain"], args, lambda seed: tables(policies, seed))
