"""Aligner (Ji et al. 2024, 2402.02416): a small model learns to correct the answers of larger ones.

    given triples (question q, answer a, correction c)
    stage I:  corrector finetuned on (q, a) -> a      it learns to copy
    stage II: corrector finetuned on (q, a) -> c      it learns what to change
    whatever model answers q with a: show the corrector's text after (q, a) in place of a

Headline of the preprint (v2): 11 models, helpfulness +21.9 %, harmlessness +23.8 %, by one corrector of 7B
parameters. It is trained on the corrections only; the models it corrects may be anybody's. What it writes
about a strong model's own answers can be that model's labels.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..models.generation import write
from ..models.writer import Writer
from ..training.config import TrainConfig
from ..training.history import History
from ..training.loop import finetune

PROMPT = "{question} {answer} is it so ?"  # in MiniWorld's words
PAPERS_PROMPT = "##Question: {question}\n##Answer: {answer}\n##Correction:"


def aligner(
    corrector: Writer,
    questions: Sequence[str],
    corrections: Sequence[str],
    config: TrainConfig,
    *,
    answers: Sequence[str],
    warm_up: tuple[Sequence[str], Sequence[str]] | None = None,
    prompt: str = PROMPT,
    **kw,
) -> History:
    """Finetune a corrector in its two stages; the history is of stage II.

    `answers`: what is corrected, one for each question. `warm_up`: questions and answers to copy first, by
    the same `config`, or None for no stage I. Further keywords are those of `finetune`. Raises ValueError for
    lengths that do not agree.
    """
    if warm_up:
        finetune(corrector, prompts(*warm_up, prompt), warm_up[1], config, **kw)
    return finetune(corrector, prompts(questions, answers, prompt), corrections, config, **kw)


def correct(
    corrector: Writer,
    questions: Sequence[str],
    answers: Sequence[str],
    longest: int = 20,
    prompt: str = PROMPT,
    **kw,
) -> list[str]:
    """The corrector's text for each answer, greedily, of at most `longest` tokens.

    Further keywords are those of `write`. Raises ValueError for lengths that do not agree.
    """
    return write(corrector, prompts(questions, answers, prompt), longest, **kw)


def prompts(questions: Sequence[str], answers: Sequence[str], prompt: str = PROMPT) -> list[str]:
    """What the corrector reads: each question with its answer.

    Raises ValueError for lengths that do not agree.
    """
    if len(questions) != len(answers):
        raise ValueError(f"{len(questions)} questions and {len(answers)} answers: lengths must agree")
    return [prompt.format(question=question, answer=answer) for question, answer in zip(questions, answers)]
