"""What is claimed of automated researchers: notebook 25."""

from __future__ import annotations

import pandas as pd

from .ledger import PGR, Table, Tables, anything, claim, judge, table, within
from .resampled import least

ARENA = Table("arena", anything("what", "seed") | within(-9, 9, "public", "private"))

#: Of all claims here.
AGAIN = (
    "Studies 0 to 9 had left two of these claims undecided. The criteria stayed, and 25 new studies judge, "
    "from 100 on."
)


def _arena(tables: Tables) -> pd.DataFrame:
    return table(tables, ARENA).assign(task="arena", supervisor="arena", student=lambda rows: rows["what"])


@claim(
    "25",
    "later methods",
    "A search over methods that sees one half of the test gains on the other half, against baselines tuned "
    "as long.",
    "Wen, Qiu, Benton, Kirchner and Leike 2026: PGR 0.97 by automated researchers, 0.23 by people, on the "
    "test that both could query",
    "private PGR, best of 40 methods searched for − best of 40 settings of one-stage baselines, each by "
    "its public score, > 0; refuted: < 0.02",
    reads=ARENA,
    changed=AGAIN,
)
def search_gains_on_the_private_half(tables):
    private = lambda p, what: p.one("private", student=what)
    return judge(_arena(tables), lambda p: private(p, "searched") - private(p, "tuned"), PGR, smallest=0.02)


@claim(
    "25",
    "later methods",
    "What the search found on one task also gains on a task that it never saw.",
    "Wen, Qiu, Benton, Kirchner and Leike 2026: the best method of chat has PGR 0.94 on math, 0.47 on "
    "code; the second best fails on code",
    "danger, after a search on edible: private PGR, searched − best of 40 settings of one-stage baselines, "
    "both chosen on edible, > 0; refuted: < 0.05",
    reads=ARENA,
    changed=AGAIN,
)
def found_methods_carry_over(tables):
    private = lambda p, what: p.one("private", student=f"{what}, elsewhere")
    return judge(_arena(tables), lambda p: private(p, "searched") - private(p, "tuned"), PGR, smallest=0.05)


@claim(
    "25",
    "later methods",
    "Labels that also predict each other teach more than the supervisor's labels as they are.",
    "Wen, Ankner et al. 2025 (2506.10139): labels by mutual predictability, here as an entry of this kit",
    "edible: private PGR, method coherence − naive, > 0; refuted: < 0.02",
    reads=ARENA,
    changed=f"Entered with the method, before it was measured in the arena. {AGAIN}",
)
def coherence_gains_in_the_arena(tables):
    private = lambda p, what: p.one("private", student=what)
    return judge(_arena(tables), lambda p: private(p, "coherence") - private(p, "naive"), PGR, smallest=0.02)


@claim(
    "25",
    "later methods",
    "Flipping one answer at a time reads the public labels off an open board, and nothing off a Ladder.",
    "Wen, Qiu, Benton, Kirchner and Leike 2026: labels exfiltrated by differences of scores; Blum and "
    "Hardt 2015: the Ladder",
    "from the supervisor's answers, PGR 0: smallest of public PGR − 0.9 (open), 0.1 − public PGR (Ladder), "
    "0.1 − |private PGR| (both), > 0; refuted: < 0.02",
    reads=ARENA,
    changed=AGAIN,
)
def a_ladder_stops_one_flip_attacks(tables):
    def margin(p):
        opened, ladder = (p.where(student=f"flips, {board}") for board in ("open", "ladder"))
        return least(
            opened["public"] - 0.9,
            0.1 - ladder["public"],
            *(0.1 - abs(board["private"]) for board in (opened, ladder)),
        )

    return judge(_arena(tables), margin, PGR, smallest=0.02)


@claim(
    "25",
    "later methods",
    "The luckiest of sixty runs on one seed is worth less than its public score says.",
    "Wen, Qiu, Benton, Kirchner and Leike 2026: cherry-picked seeds among the reward hacks",
    "public − private PGR of the run with the best public score, less that of the mean of the runs, > "
    "0.05; opposite: < 0; refuted: < 0.05",
    reads=ARENA,
    changed=AGAIN,
)
def lucky_seeds_do_not_last(tables):
    def gap(p):
        gap_of = lambda what: p.one("public", student=what) - p.one("private", student=what)
        return gap_of("luckiest of 60, one seed") - gap_of("mean of 60, one seed")

    return judge(_arena(tables), gap, PGR, above=0.05)
