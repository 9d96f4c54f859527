"""Measure what reading is worth where the text holds reactions, for notebook 07.

    python data_prep/measure_reactions.py --first 100 --seeds 16    # results/preference_reactions.csv

Before it learns preferences, a student reads dialogues in which some suggestions get a reaction: "yes ." or
"no .", by whether they are true. Its ceiling has read the same. Paper: Section 5.2.2 and Figure 10. The table
grows seed by seed, so a killed script continues.

    reading    none; answers only, half, all: the share of suggestions that get their reaction is 0, 0.5, 1,
               in dialogues about the nouns of the student's half; other nouns: all get theirs, about nouns
               that no part of the split names; all three read: as all, and the supervisor reads, too, about
               the nouns of its own half
    against    accuracy on the pairs whose surface speaks against the truth
    probe      of a linear probe on the last token, after reading and before any preference
"""

from __future__ import annotations

import copy
import random
from dataclasses import replace

import numpy as np
import pandas as pd
import torch
from measurements import salient
from measuring import grow, options

from w2s_kit.experiment.settings import PREFERENCE
from w2s_kit.methods.generative import read
from w2s_kit.models.families import load_family
from w2s_kit.models.loading import load_model
from w2s_kit.models.reward import RewardModel
from w2s_kit.tasks import load_task
from w2s_kit.tasks.miniworld import dialogue
from w2s_kit.tasks.miniworld.world import make_world
from w2s_kit.training.loop import finetune
from w2s_kit.training.reading import predict

TASK, SUPERVISOR, STUDENT = PREFERENCE.task, "m", "xl"
DIALOGUES, PROBED = 2_000, 1_500  # read before the preferences; single answers for the probes, a part
#: Which reading: the share of suggestions that get their reaction; None: nothing is read.
READINGS = {"none": None, "answers only": 0.0, "half": 0.5, "all": 1.0, "other nouns": 1.0}
FAMILY = load_family(PREFERENCE.family)


def config(size: str, seed: int):
    return replace(PREFERENCE, seed=seed).train_config(FAMILY[size], "none")


def reader(size: str, nouns, share: float | None, seed: int) -> RewardModel:
    """A pretrained model that has read."""
    torch.manual_seed(seed)
    model = RewardModel(*load_model(FAMILY[size]))
    if share is not None:
        texts = dialogue.talks(nouns, DIALOGUES, share, random.Random(f"talks-{seed}"))
        read(model, texts, config(size, seed), ends=False, progress=False)
    return model


def taught(model: RewardModel, size: str, part: pd.DataFrame, labels, seed: int) -> RewardModel:
    """A copy of it that has learned preferences."""
    torch.manual_seed(seed)
    model = copy.deepcopy(model)
    finetune(model, part["text"].tolist(), labels, config(size, seed), progress=False)
    return model


def reactions(seed: int) -> list[dict]:
    """A row a reading."""
    split = load_task(TASK, seed, PREFERENCE.n_train, PREFERENCE.n_test)
    own, everywhere = dialogue.named(split.student), set(dialogue.named(*split.parts.values()))
    others = [noun for noun in make_world().lexicons["noun"].items if noun not in everywhere]
    against = (split.test["kind"] == "truth against surface").to_numpy()
    truth = {part: split.parts[part]["label"].to_numpy(float) for part in ("supervisor", "student")}

    def right(model: RewardModel) -> np.ndarray:
        return (predict(model, split.test["text"].tolist()) > 0.5) == split.test["better"].to_numpy(bool)

    def supervisor(share: float | None):
        read_first = reader(SUPERVISOR, dialogue.named(split.supervisor), share, seed)
        weak = taught(read_first, SUPERVISOR, split.supervisor, truth["supervisor"], seed)
        return right(weak), predict(weak, split.student["text"].tolist())

    def row(reading: str, weak: np.ndarray, student: np.ndarray, ceiling: np.ndarray, probes: dict) -> dict:
        who = {"supervisor": weak, "student": student, "ceiling": ceiling}
        return {
            "task": TASK,
            "supervisor": SUPERVISOR,
            "student": STUDENT,
            "reading": reading,
            "seed": seed,
            **{f"{name}_accuracy": correct.mean() for name, correct in who.items()},
            **{f"{name}_against": correct[against].mean() for name, correct in who.items()},
            **{f"probe_{concept}": accuracy for concept, accuracy in probes.items()},
        }

    weak, labels = supervisor(None)
    weak_has_read, labels_of_reader = supervisor(1.0)
    rows = []
    for reading, share in READINGS.items():
        model = reader(STUDENT, others if reading == "other nouns" else own, share, seed)
        learned = lambda labels: right(taught(model, STUDENT, split.student, labels, seed))
        ceiling, probes = learned(truth["student"]), salient(model, split, seed, PROBED)
        rows.append(row(reading, weak, learned(labels), ceiling, probes))
        if reading == "all":
            rows.append(row("all three read", weak_has_read, learned(labels_of_reader), ceiling, probes))
    return rows


if __name__ == "__main__":
    args = options(__doc__).parse_args()

    def measure(tasks, seed: int) -> pd.DataFrame:
        torch.set_num_threads(1)
        return pd.DataFrame(reactions(seed))

    grow(args.out / "preference_reactions.csv", args, [TASK], measure)
