"""What is claimed of students under a distribution shift: notebook 29."""

from __future__ import annotations

from .ledger import POINTS, Table, Tables, anything, claim, judge, shares, table, together
from .resampled import PAIR, mean

COLUMNS = anything(*PAIR, "shift", "method", "seed") | shares(
    "labels", *(f"{who}_{at}" for who in ("supervisor", "student", "ceiling") for at in ("in", "out"))
)
SHIFT, MANNERS = Table("shift", COLUMNS), Table("shift_manners", COLUMNS)
RAVEN = "Jeon et al. 2025 (RAVEN, 2510.21332)"
ANCHOR = "Le et al. 2026 (2605.25629)"
#: Of all claims here.
TRIED = "Entered after trials on seeds 50 to 52, which also chose the settings. Judged on seeds from 100 on."
MANNERS_TRIED = (
    "Entered after trials on seeds 50 and 51, which chose shifts, epochs and the size of the halves: there "
    "students did not fall, the anchor helped, and rude answers cost no gain. Judged on seeds from 100 on."
)
WHERE = "supervisor l, student xl, mean over edible and danger"
#: Of the claims on reward models.
DIALOGUE = "supervisor l, student xl, comparisons of answers"


def _above_supervisor(tables: Tables, shift: str, at: str, of: Table = SHIFT, **criterion):
    """How many points the naive student is above its supervisor, `at` "in" or "out"."""
    rows = table(tables, of, shift=shift, method="naive")
    gain = lambda p: mean(100 * (p[f"student_{at}"] - p[f"supervisor_{at}"]))
    return judge(rows, gain, POINTS, **criterion)


def _lost(tables: Tables, shift: str, of: Table = SHIFT):
    """How many points less the naive student gains over its supervisor outside than inside."""
    rows = table(tables, of, shift=shift, method="naive")

    def lost(p):
        inside, outside = (p[f"student_{at}"] - p[f"supervisor_{at}"] for at in ("in", "out"))
        return mean(100 * (outside - inside))

    return judge(rows, lost, POINTS, smallest=2, sign=-1)


def _gain(
    tables: Tables, shift: str, ours: str, theirs: str, at: str = "out", of: Table = SHIFT, **criterion
):
    """How many points students by method `ours` are above those by `theirs`, `at` "in" or "out"."""
    one, other = (
        table(tables, of, shift=shift, method=name).set_index([*PAIR, "seed"])[f"student_{at}"]
        for name in (ours, theirs)
    )
    rows = (100 * (one - other)).rename("gain").reset_index()
    return judge(rows, lambda p: mean(p["gain"]), POINTS, **criterion)


@claim(
    "29",
    "later methods",
    "A naive student falls below its supervisor when its own half is outside what the supervisor learned.",
    f"{RAVEN}: under a shift often worse than its weak supervisors (abstract)",
    f"{WHERE}; the student's half holds the other questions: accuracy outside, naive student − supervisor < "
    "0; refuted: > −2 points",
    reads=SHIFT,
    changed=TRIED,
)
def students_fall_below_under_shift(tables):
    return _above_supervisor(tables, "student", "out", smallest=2, sign=-1)


@claim(
    "29",
    "later methods",
    "A naive student falls below its supervisor on questions that neither of them has learned.",
    f"{ANCHOR}: students look well inside and fail to transfer (abstract)",
    f"{WHERE}; both halves hold the shortcut: accuracy outside, naive student − supervisor < 0; refuted: > "
    "−2 points",
    reads=SHIFT,
    changed=TRIED,
)
def students_fall_below_where_only_the_test_shifts(tables):
    return _above_supervisor(tables, "test", "out", smallest=2, sign=-1)


@claim(
    "29",
    "later methods",
    "What a naive student gains over its supervisor is less on kinds of things that it did not learn.",
    f"{ANCHOR}: gains inside do not carry over (abstract)",
    f"{WHERE}; the halves ask about living things only: (naive student − supervisor) outside − inside < 0; "
    "refuted: > −2 points",
    reads=SHIFT,
    changed=TRIED,
)
def gains_shrink_on_other_kinds(tables):
    return _lost(tables, "kind")


@claim(
    "29",
    "later methods",
    "An anchor on the representation helps outside and costs little inside.",
    f"{ANCHOR}: consistently better outside, competitive inside (abstract)",
    f"{WHERE}; both halves hold the shortcut, students learn for 8 epochs: accuracy outside, anchor − "
    "naive > 0, and inside > −2 points; refuted: < 1 point",
    reads=SHIFT,
    changed=TRIED,
)
def an_anchor_helps_outside(tables):
    outside = _gain(tables, "long", "anchor", "naive", smallest=1)
    return together(outside, inside=_gain(tables, "long", "anchor", "naive", "in", above=-2, opposite=-2))


@claim(
    "29",
    "later methods",
    "Learned weights over several supervisors teach more under a shift than the mean of their labels.",
    f"{RAVEN}: over 30 % better than other methods outside (abstract; over 40 % on the project's page)",
    f"{WHERE}; four supervisors, the student's half outside: accuracy outside, learned weights − mean of the "
    "panel > 0; refuted: < 2 points",
    reads=SHIFT,
    changed=TRIED,
)
def learned_weights_help_under_shift(tables):
    return _gain(tables, "student", "learned_weights", "panel mean", smallest=2)


@claim(
    "29",
    "later methods",
    "Where most weak labels are wrong, the confidence loss makes the fall deeper.",
    "this kit's prediction: the loss trusts a student that has learned the opposite",
    f"{WHERE}; the student's half outside: accuracy outside, confidence loss − naive < 0; refuted: > −2 "
    "points",
    reads=SHIFT,
    changed=TRIED,
)
def confidence_deepens_the_fall(tables):
    return _gain(tables, "student", "confidence", "naive", smallest=2, sign=-1)


@claim(
    "29",
    "later methods",
    "A reward model taught by polite truths only falls below its supervisor on rude truths.",
    f"{ANCHOR}: reward models look well inside and fail to transfer (abstract)",
    f"{DIALOGUE}; in all of the student's half the truer answer is the politer one, in half of the "
    "supervisor's: accuracy where it is the ruder one, naive student − supervisor < 0; refuted: > −2 points",
    reads=MANNERS,
    changed=MANNERS_TRIED,
)
def polite_truths_make_reward_models_fall(tables):
    return _above_supervisor(tables, "half", "out", MANNERS, smallest=2, sign=-1)


@claim(
    "29",
    "later methods",
    "An anchor on the representation helps reward models outside and costs little inside.",
    f"{ANCHOR}: consistently better outside, competitive inside (abstract)",
    f"{DIALOGUE}; in both halves the truer answer is the politer one, students learn for 4 epochs: accuracy "
    "where it is the ruder one, anchor − naive > 0, and inside > −2 points; refuted: < 1 point",
    reads=MANNERS,
    changed=MANNERS_TRIED,
)
def an_anchor_helps_reward_models_outside(tables):
    outside = _gain(tables, "both", "anchor", "naive", of=MANNERS, smallest=1)
    inside = _gain(tables, "both", "anchor", "naive", "in", MANNERS, above=-2, opposite=-2)
    return together(outside, inside=inside)


@claim(
    "29",
    "later methods",
    "What a naive reward model gains over its supervisor is less on rude answers, if it has seen none.",
    f"{ANCHOR}: gains inside do not carry over (abstract)",
    f"{DIALOGUE}; no answer of the halves is rude: (naive student − supervisor) outside − inside < 0; "
    "refuted: > −2 points",
    reads=MANNERS,
    changed=MANNERS_TRIED,
)
def gains_shrink_on_rude_answers(tables):
    return _lost(tables, "kind", MANNERS)
