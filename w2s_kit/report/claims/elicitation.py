"""What is claimed of labels without a supervisor: notebook 27."""

from __future__ import annotations

import pandas as pd

from .ledger import POINTS, Table, Tables, anything, claim, judge, shares, table, within
from .resampled import PAIR, least, mean

ELICITATION = Table(
    "elicitation",
    anything(*PAIR, "seed")
    | shares("zero_shot", "coherent", "first_component", "test_confidence", "test_coherent", "test_truth"),
)
ELICITATION_SWITCH = Table("elicitation_switch", anything(*PAIR, "seed") | shares("truth", "manner"))
ELICITATION_LIMITS = Table(
    "elicitation_limits",
    anything(*PAIR, "what", "share", "seed") | shares("coherent") | anything("sure_unknown"),
)
ELICITATION_REPAIR = Table(
    "elicitation_repair", anything(*PAIR, "seed") | shares("kept", "forgotten") | within(0.5, 1, "right")
)
WEN = "Wen, Ankner et al. 2025 (2506.10139)"
CANAVAN = "Canavan et al. 2026 (2602.20400)"
#: Of all claims here.
TRIED = (
    "Entered after trials on seeds 50 to 52, which also chose the settings of the search. Judged on seeds "
    "from 100 on."
)


def _beyond(tables: Tables, ours: str, theirs: str, **criterion):
    """How many points `ours` is above `theirs`, a mean over tasks."""
    rows = table(tables, ELICITATION)
    return judge(rows, lambda p: mean(100 * (p[ours] - p[theirs])), POINTS, sample=True, **criterion)


@claim(
    "27",
    "later methods",
    "Labels that predict each other best teach a model as much as the truth does, with no supervisor at all.",
    f"{WEN}: on a par with gold labels on GSM8K verification, TruthfulQA and Alpaca (abstract)",
    "xl, mean over four tasks of test accuracy, taught by the most coherent labels − by the truth > −2 "
    "points; opposite: < −2",
    reads=ELICITATION,
    changed=TRIED,
)
def coherent_labels_teach_as_truth_does(tables):
    return _beyond(tables, "test_coherent", "test_truth", above=-2, opposite=-2)


@claim(
    "27",
    "later methods",
    "The most coherent labels are better than the model's own answers in words.",
    f"{WEN}: above zero-shot prompting (as told by a secondary source)",
    "xl, mean over four tasks of accuracy on the student's half, most coherent labels − answers in words > "
    "0; refuted: < 1 point",
    reads=ELICITATION,
    changed=TRIED,
)
def coherence_beats_answers_in_words(tables):
    return _beyond(tables, "coherent", "zero_shot", smallest=1)


@claim(
    "27",
    "later methods",
    "The most coherent labels are better than the sign of the first principal component.",
    "a baseline of this kit; for contrast pairs it is CRC of Burns, Ye et al. 2022 (2212.03827)",
    "xl, mean over four tasks of accuracy on the student's half, most coherent labels − the component's sign "
    "> 0; refuted: < 1 point",
    reads=ELICITATION,
    changed=TRIED,
)
def coherence_beats_the_first_component(tables):
    return _beyond(tables, "coherent", "first_component", smallest=1)


@claim(
    "27",
    "later methods",
    "The most coherent labels teach more than a weak supervisor's labels with the confidence loss.",
    f"a baseline of this kit for {WEN}, who compare with people's labels",
    "s and xl, mean over four tasks of test accuracy, taught by the most coherent labels − by s with the "
    "confidence loss > 0; refuted: < 1 point",
    reads=ELICITATION,
    changed=TRIED,
)
def coherence_beats_the_confidence_loss(tables):
    return _beyond(tables, "test_coherent", "test_confidence", smallest=1)


@claim(
    "27",
    "later methods",
    "The search finds the concept that is most salient to the model, which is truth only for some models.",
    f"{CANAVAN}: no technique does well where a feature is more salient than truth (abstract); {WEN}: it "
    "fails where the concept is not salient",
    "suggestions that differ in truth and manner, the smaller of xl's agreement with truth − with manner, "
    "and m's with manner − with truth, > 0; refuted: < 5 points",
    reads=ELICITATION_SWITCH,
    changed=TRIED,
)
def the_salient_concept_is_found(tables):
    def margin(p):
        lead = lambda size: p.one("truth", student=size) - p.one("manner", student=size)
        return 100 * least(lead("xl"), -lead("m"))

    return judge(table(tables, ELICITATION_SWITCH), margin, POINTS, smallest=5)


def _limit(tables: Tables, what: str, share: float) -> pd.DataFrame:
    rows = table(tables, ELICITATION_LIMITS, what=what)
    return rows[rows["share"] == share]


@claim(
    "27",
    "later methods",
    "The search for coherent labels fails where one answer is rare.",
    f"{CANAVAN}: no technique does well on data that are not balanced (abstract)",
    "edible, xl, balanced accuracy of the most coherent labels with one half yes − with one tenth yes > 10 "
    "points; opposite: < 0; refuted: < 10",
    reads=ELICITATION_LIMITS,
    changed=TRIED,
)
def imbalance_breaks_coherence(tables):
    even, rare = (
        _limit(tables, "balance", share).set_index("seed")["coherent"].rename(name)
        for share, name in ((0.5, "even"), (0.1, "rare"))
    )
    rows = pd.concat([even, rare], axis=1).reset_index().assign(task="edible", supervisor="", student="xl")
    return judge(rows, lambda p: mean(100 * (p["even"] - p["rare"])), POINTS, above=10)


@claim(
    "27",
    "later methods",
    "The search for coherent labels is sure of answers that the model cannot know.",
    f"{CANAVAN}: no technique does well where some questions have no answer that the model knows (abstract)",
    "edible, xl, half of the nouns new: mean confidence on these > 75 %; opposite: < 60; refuted: < 75",
    reads=ELICITATION_LIMITS,
    changed=TRIED,
)
def coherence_is_sure_of_the_unknown(tables):
    rows = _limit(tables, "unknown", 0.5).assign(sure=lambda t: 100 * t["sure_unknown"])
    figure = "{:.1f} [{:.1f}, {:.1f}] %"
    return judge(rows[[*PAIR, "seed", "sure"]], lambda p: mean(p["sure"]), figure, above=75, opposite=60)


def _repaired(tables: Tables, size: str, right: float, way: str, **criterion):
    rows = table(tables, ELICITATION_REPAIR, right=right)
    return judge(rows, lambda p: 100 * (p.one(way, student=size) - right), POINTS, **criterion)


@claim(
    "27",
    "later methods",
    "Kept as a prior, weak labels are repaired by coherence, if their concept is salient to the student.",
    f"this kit's variant of {WEN}",
    "suggestions, xl, labels of which 70 % are right: after the search − before > 10 points; opposite: < 0; "
    "refuted: < 10",
    reads=ELICITATION_REPAIR,
    changed=TRIED,
)
def coherence_repairs_weak_labels(tables):
    return _repaired(tables, "xl", 0.7, "kept", above=10)


@claim(
    "27",
    "later methods",
    "Weak labels that a search only starts from are lost where another concept is more salient.",
    f"the other side of {CANAVAN}, as a control of this kit",
    "suggestions, m, labels of which 90 % are right: after a search that only starts from them − before < "
    "−10 points; opposite: > 0; refuted: > −10",
    reads=ELICITATION_REPAIR,
    changed=TRIED,
)
def forgotten_labels_are_lost(tables):
    return _repaired(tables, "m", 0.9, "forgotten", above=-10, opposite=0, sign=-1)
