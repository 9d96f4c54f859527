"""Strong-to-strong (EleutherAI's w2s, `--s2s_iters`): the student teaches itself, anew each time.

    labels = the supervisor's
    repeat 1 + iterations times:
        student = its pretrained self, finetuned on (texts, labels)
        labels  = the student's own, on the same texts

Unlike bootstrapping, no model in between, and no fresh texts: what changes are the labels alone.
"""

from __future__ import annotations

import copy
from pathlib import Path

from ..training.config import TrainConfig
from ..training.history import History
from ..training.loop import finetune
from ..training.reading import predict
from ..training.student import answers_of
from .losses import get_loss
from .value import method


@method
def strong_to_strong(
    student,
    texts,
    weak_labels,
    config: TrainConfig,
    *,
    iterations: int = 2,
    loss: str = "naive",
    validation=None,
    checkpoint=None,
    **kw,
) -> History:
    """The student learns from its supervisor, and then from itself.

    iterations: how often it learns from itself; 0 is `loss` alone. loss: a name of `methods.losses.LOSSES`,
    that of every round; the blog post's is "log_confidence".

    The student's labels are soft, whatever the supervisor's were. Early stopping by "weak" labels goes by the
    labels of that round's teacher, so by the student's own from the second round on. The history is the last
    round's. Raises ValueError for a student that writes.
    """
    if answers_of(student) == "text":
        raise ValueError(
            f"{type(student).__name__} writes its answers: "
            "strong_to_strong needs a student that gives them probabilities"
        )
    if not (isinstance(iterations, int) and iterations >= 0):
        raise ValueError(f"iterations is a whole number, at least 0, but got {iterations!r}")
    start, labels = copy.deepcopy(student.state_dict()), weak_labels
    done = [checkpoint and Path(f"{checkpoint}.{i}") for i in range(iterations)] + [checkpoint]
    for i, file in enumerate(done):
        if i:
            labels = predict(student, texts)
            if validation is not None and config.early_stopping == "weak":
                validation = validation[0], predict(student, validation[0])
            student.load_state_dict(start)
        history = finetune(
            student,
            texts,
            labels,
            config,
            loss=get_loss(loss),
            validation=validation,
            checkpoint=file,
            keep_checkpoint=i < iterations,
            **kw,
        )
    for file in done[:-1]:
        if file:
            # kept until here, so that a run killed in a later round need not repeat the earlier ones
            file.unlink(missing_ok=True)
    return history
