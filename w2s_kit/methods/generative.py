"""Generative finetuning (Section 5.2.2; Radford et al. 2018): first read the texts of the task, then learn the labels.

    for each text x of the task, whatever its label, and both sides of a comparison:
        minimise the language model's loss on x
    then naive finetuning on the weak labels

The stage is no supervision: it makes what the task is about more salient. A fair ceiling has had it, too.
"""

from __future__ import annotations

from dataclasses import replace

from .naive import naive
from ..tasks import SEPARATOR
from ..train import History, TrainConfig, finetune
from ..writing import Reader


def generative(student, texts, weak_labels, config: TrainConfig, *, stage_epochs: float = 1, checkpoint=None, progress=None, **kw) -> History:
    """`stage_epochs`: how often the texts are read before the labels are learned. Raises ValueError for a student that is no
    language model. Only the second stage is checkpointed."""
    sides = list(dict.fromkeys(side for text in texts for side in text.split(SEPARATOR)))
    finetune(Reader(student), [""] * len(sides), sides, replace(config, epochs=stage_epochs, early_stopping="none"), progress=progress)
    return naive(student, texts, weak_labels, config, checkpoint=checkpoint, progress=progress, **kw)
