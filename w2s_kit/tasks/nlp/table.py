"""The datasets of the paper, and three more: where they are, and which function reads a row."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ..hub import CONVERTED, Address
from .formats import (
    anli,
    boolq,
    cosmosqa,
    deontology,
    dream,
    hellaswag,
    justice,
    mctaco,
    multirc,
    openbookqa,
    paws,
    piqa,
    quail,
    quartz,
    review,
    sciq,
    sciq_support,
    sentence,
    social_iqa,
    tweet,
    tweet_of_three,
    utilitarianism,
    virtue,
    wic,
)


# ---- the table ---------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Dataset:
    """One line of the table.

    Fields:

        name        as `w2s_kit.tasks.load_task` knows it
        id          on the hub
        config      on the hub
        train       split of the hub, or several with a plus
        test        the same; where it equals train, the groups are dealt to all parts
        licence     what the source states ("?": nothing, or unclear)
        about       what no two parts share
        read        makes texts and labels of a row; None: comparisons, which `preference` reads
        revision    a commit where the facts name one in full
        label       the column whose words, such as yes and no, are told with the labels that became of them
    """

    name: str
    id: str
    config: str
    train: str
    test: str
    licence: str
    about: str
    read: Callable[[Mapping], tuple] | None
    revision: str = "main"
    label: str = "label"

    def address(self, split: str) -> Address:
        """Where one of its splits is on the hub."""
        return Address(self.id, self.config, split, self.revision)


# ETHICS: the hub's "validation" is the original plain test, its "test" the original hard test, which was
# filtered against models.
# MC-TACO has no train; its larger split is called test. SST-2's train holds phrases of whole sentences, which
# are not marked as such: a phrase may stand in one half and its sentence in the other.
PAPER = (
    Dataset(
        "boolq",
        "google/boolq",
        "default",
        "train",
        "validation",
        "CC BY-SA 3.0",
        "passage",
        boolq,
        label="answer",
    ),
    Dataset(
        "cosmosqa", "Samsoup/cosmos_qa", "default", "train", "validation", "CC BY 4.0", "context", cosmosqa
    ),
    Dataset(
        "dream",
        "dataset-org/dream",
        "plain_text",
        "train",
        "test",
        "non-commercial research",
        "dialogue",
        dream,
        CONVERTED,
    ),
    Dataset(
        "ethics-justice",
        "hendrycks/ethics",
        "justice",
        "train",
        "validation",
        "MIT",
        "first or last 8 words",
        justice,
        CONVERTED,
    ),
    Dataset(
        "ethics-deontology",
        "hendrycks/ethics",
        "deontology",
        "train",
        "validation",
        "MIT",
        "scenario",
        deontology,
        CONVERTED,
    ),
    Dataset(
        "ethics-virtue",
        "hendrycks/ethics",
        "virtue",
        "train",
        "validation",
        "MIT",
        "scenario",
        virtue,
        CONVERTED,
    ),
    Dataset(
        "ethics-utilitarianism",
        "hendrycks/ethics",
        "utilitarianism",
        "train",
        "validation",
        "MIT",
        "either scenario",
        utilitarianism,
        CONVERTED,
    ),
    Dataset(
        "anli-r2",
        "facebook/anli",
        "plain_text",
        "train_r2",
        "test_r2",
        "CC BY-NC 4.0",
        "premise",
        anli,
        "8e4813d81f46d313dac7892e1c28076917cfcdf9",
    ),
    Dataset(
        "cola",
        "nyu-mll/glue",
        "cola",
        "train",
        "validation",
        "research use",
        "sentence",
        sentence,
        "a3f3ab759b9d7018046ce361f115ef38276d2e1e",
    ),
    Dataset("sst2", "stanfordnlp/sst2", "default", "train", "validation", "?", "sentence", sentence),
    Dataset(
        "hellaswag",
        "Rowan/hellaswag",
        "default",
        "train",
        "validation",
        "MIT",
        "context or source",
        hellaswag,
    ),
    Dataset(
        "mctaco", "CogComp/mc_taco", "plain_text", "test", "validation", "?", "sentence", mctaco, CONVERTED
    ),
    Dataset(
        "openbookqa", "allenai/openbookqa", "main", "train", "validation+test", "?", "question", openbookqa
    ),
    Dataset(
        "paws",
        "google-research-datasets/paws",
        "labeled_final",
        "train",
        "test",
        "other",
        "either sentence",
        paws,
    ),
    Dataset(
        "quail",
        "textmachinelab/quail",
        "quail",
        "train",
        "validation",
        "CC BY-NC-SA 4.0",
        "passage",
        quail,
        "2bd9d7f90a532fe1a910b70972cef5fda341c8fe",
    ),
    Dataset("piqa", "baber/piqa", "default", "train", "validation", "AFL-3.0", "goal", piqa),
    Dataset("quartz", "allenai/quartz", "default", "train", "test", "CC BY 4.0", "paragraph", quartz),
    Dataset("sciq", "allenai/sciq", "default", "train", "test", "CC BY-NC 3.0", "question or support", sciq),
    Dataset(
        "social-iqa", "lighteval/siqa", "default", "train", "validation", "CC BY 4.0", "context", social_iqa
    ),
    Dataset(
        "multirc",
        "aps/super_glue",
        "multirc",
        "train",
        "validation",
        "other (SuperGLUE)",
        "paragraph",
        multirc,
    ),
    # "wic" is MiniWorld's
    Dataset("superglue-wic", "aps/super_glue", "wic", "train", "validation", "CC BY-NC 4.0", "word", wic),
    Dataset(
        "twitter-sentiment", "EleutherAI/twitter-sentiment", "default", "train", "test", "?", "tweet", tweet
    ),
)
MORE = (
    Dataset(
        "sciq-support",
        "allenai/sciq",
        "default",
        "train",
        "test",
        "CC BY-NC 3.0",
        "question or support",
        sciq_support,
    ),
    Dataset("amazon-polarity", "fancyzhx/amazon_polarity", "default", "train", "test", "?", "review", review),
    Dataset(
        "tweet-eval",
        "cardiffnlp/tweet_eval",
        "sentiment",
        "train",
        "test",
        "terms of Twitter and SemEval",
        "tweet",
        tweet_of_three,
    ),
    Dataset("anthropic-hh", "Anthropic/hh-rlhf", "default", "train", "train", "MIT", "opening", None),
)
DATASETS = {entry.name: entry for entry in PAPER + MORE}
