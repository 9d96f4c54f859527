"""The concepts of MiniWorld: what its questions are about, and what its pretraining text tells.

Pretraining text asks and tells with the words of the whole lexicon; tasks ask with the words of one part of a
split only. Both speak the same language, so only finetuning reveals which question will come.
"""

from __future__ import annotations

from dataclasses import dataclass

from .sentences import (
    Ask,
    Tell,
    ask_ethics,
    ask_nli,
    ask_reading,
    ask_sentiment,
    ask_size,
    ask_social,
    ask_temporal,
    ask_wic,
    binary,
    tell_ethics,
    tell_nli,
    tell_reading,
    tell_sentiment,
    tell_size,
    tell_social,
    tell_temporal,
    tell_wic,
    valued,
)


@dataclass(frozen=True)
class Concept:
    """One thing that MiniWorld can be asked about.

    Fields:

        name           of the concept, and of the task
        counterpart    which of the paper's 22 datasets it stands for
        about          what the answer needs, in a few words
        sort           the sort of word that carries the fact
        ask            makes a question, see `sentences`
        tell           makes a true statement
        share          share of the pretraining documents
        attribute      what is asked of the word; concepts that share it stand and fall together
    """

    name: str
    counterpart: str
    about: str
    sort: str
    ask: Ask
    tell: Tell
    share: float
    attribute: str


CONCEPTS = {
    c.name: c
    for c in (
        Concept("edible", "SciQ", "a fact about a noun", "noun", *binary("edible"), 0.02, "edible"),
        Concept("danger", "CosmosQA", "a fact about a noun", "noun", *binary("dangerous"), 0.02, "dangerous"),
        Concept("weight", "QuaRTz", "a fact about a noun", "noun", *binary("heavy"), 0.02, "heavy"),
        Concept("habitat", "OpenBookQA", "a fact about a noun", "noun", *valued("habitat"), 0.02, "habitat"),
        Concept("material", "QuAIL", "a fact about a noun", "noun", *valued("material"), 0.02, "material"),
        Concept("kind", "DREAM", "a fact about a noun", "noun", *valued("kind"), 0.02, "kind"),
        Concept("alive", "BoolQ", "a fact that follows from another", "noun", *binary("alive"), 0.03, "kind"),
        Concept(
            "size",
            "PIQA",
            "a fact compared with a landmark, or two facts with each other",
            "noun",
            ask_size,
            tell_size,
            0.12,
            "size",
        ),
        Concept("nli", "ANLI", "a fact and logic", "noun", ask_nli, tell_nli, 0.07, "kind"),
        Concept(
            "ethics", "ETHICS", "the valence of a deed", "deed", ask_ethics, tell_ethics, 0.10, "valence"
        ),
        Concept(
            "social",
            "Social IQa",
            "the valence of a deed, and refusal",
            "deed",
            ask_social,
            tell_social,
            0.12,
            "valence",
        ),
        Concept(
            "sentiment",
            "SST-2, Twitter Sentiment",
            "the valence of adjectives, negation, contrast",
            "adjective",
            ask_sentiment,
            tell_sentiment,
            0.17,
            "polarity",
        ),
        Concept(
            "temporal",
            "MCTACO",
            "how long an event lasts",
            "event",
            ask_temporal,
            tell_temporal,
            0.12,
            "duration",
        ),
        Concept(
            "wic", "WiC", "which sense of a word a verb calls for", "word", ask_wic, tell_wic, 0.08, "sense"
        ),
        Concept(
            "reading",
            "MultiRC",
            "following a thing from hand to hand",
            "noun",
            ask_reading,
            tell_reading,
            0.07,
            "holder",
        ),
    )
}
