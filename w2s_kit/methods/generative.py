"""Generative finetuning (Section 5.2.2; Radford et al. 2018): read the texts first, then learn the labels.

    for each text x of the task, whatever its label, and both sides of a comparison:
        minimise the language model's loss on x
    then naive finetuning on the weak labels

The stage is no supervision: it makes what the task is about more salient. A fair ceiling has had it, too.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from ..models.writer import Reader
from ..tasks.split import SEPARATOR
from ..training.config import TrainConfig
from ..training.history import History
from ..training.loop import finetune
from .naive import naive
from .value import method


@method
def generative(
    student,
    texts,
    weak_labels,
    config: TrainConfig,
    *,
    stage_epochs: float = 1,
    ends: bool = True,
    checkpoint=None,
    progress=None,
    **kw,
) -> History:
    """The student reads the texts, then learns naively.

    stage_epochs: how often the texts are read before the labels are learned. ends: with the end of each text,
    or without. Raises ValueError for a student that is no language model.
    """
    done = checkpoint and Path(f"{checkpoint}.read")
    read(
        student,
        texts,
        replace(config, epochs=stage_epochs),
        ends,
        checkpoint=done,
        keep_checkpoint=True,
        progress=progress,
    )
    history = naive(student, texts, weak_labels, config, checkpoint=checkpoint, progress=progress, **kw)
    if done:
        # kept until here, so that a run killed in its second stage need not read again
        done.unlink(missing_ok=True)
    return history


def read(student, texts, config: TrainConfig, ends: bool = True, **kw) -> History:
    """The first stage alone, which leaves the student's head as it is.

    `texts`: those of the task, or others, such as the dialogues of `tasks.miniworld.dialogue.talks`.
    """
    sides = list(dict.fromkeys(side for text in texts for side in text.split(SEPARATOR)))
    prompts, config = [""] * len(sides), replace(config, early_stopping="none")
    return finetune(Reader(student, ends), prompts, sides, config, **kw)
