"""Language models that write their answer, as the paper's chess players do: a prompt goes in, a short text
comes out.

Training is the one finetuning loop, with the language-model loss on the answer's tokens only. Decoding is
greedy, or drawn at random, and may be held to given answers (the legal moves): that is another measurement,
so report it as one.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn
from tqdm.auto import tqdm

from .training.batches import encode
from .training.device import Device, pick_device
from .training.reading import in_batches


class Writer(nn.Module):
    """A causal language model as `train.finetune` wants it. `forward` takes right-padded ids (batch, time),
    and gives the log-probability of each token after those before it, (batch, time); 0 for the first, and at
    padding.
    """

    writes = True
    ends = True  # it learns where an answer ends
    choices = True  # to the loop, its targets are (n, time): the weight of each token in the loss

    def __init__(self, model, tokenizer):
        super().__init__()
        self.model, self.tokenizer = model, tokenizer
        self.pad_id = (
            tokenizer.pad_token_id if tokenizer.pad_token_id is not None else tokenizer.eos_token_id or 0
        )

    def pairs(self, prompts: Sequence[str], answers: Sequence[str]) -> tuple[list[str], np.ndarray]:
        """What `finetune` trains on: prompt, blank, answer, end of text; and which of its tokens count: those
        of the last three.
        """
        if len(prompts) != len(answers):
            raise ValueError(f"{len(prompts)} texts and {len(answers)} answers: lengths must agree")
        end = (self.tokenizer.eos_token or "") if self.ends else ""
        texts = [f"{prompt} {answer}{end}" for prompt, answer in zip(prompts, answers)]
        return texts, answer_weights(self.tokenizer, prompts, texts)

    def forward(self, input_ids: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        logits = self.model(input_ids=input_ids, use_cache=False).logits[:, :-1]
        said = -F.cross_entropy(logits.transpose(1, 2).float(), input_ids[:, 1:], reduction="none")
        there = torch.arange(1, input_ids.shape[1], device=input_ids.device) < lengths[:, None]
        return F.pad(said.masked_fill(~there, 0.0), (1, 0))


class Reader(Writer):
    """The language model that a classifier or reward model was made of, with the same weights: what it reads,
    they know.
    """

    def __init__(self, student: Any, ends: bool = True):
        if not hasattr(student, "language_head"):
            raise ValueError(
                f"{type(student).__name__} was made of no language model, so it cannot read texts"
            )
        tokenizer = getattr(student.tokenizer, "tokenizer", student.tokenizer)  # of single texts
        super().__init__(_WithLogits(student.backbone, student.language_head[0]), tokenizer)
        self.ends = ends


class _WithLogits(nn.Module):
    def __init__(self, backbone: nn.Module, language_head: nn.Module):
        super().__init__()
        self.backbone, self.language_head = backbone, language_head

    def forward(self, **inputs):
        return SimpleNamespace(logits=self.language_head(self.backbone(**inputs).last_hidden_state))


def answer_weights(tokenizer, prompts: Sequence[str], texts: Sequence[str]) -> np.ndarray:
    """(n, longest text): the same weight for each token that goes beyond the prompt, 1 in all; a token across
    the border belongs to the answer. Raises ValueError that names the row for a text that has no answer after
    its prompt.
    """
    spans = tokenizer(list(texts), return_offsets_mapping=True)["offset_mapping"]
    weights = np.zeros((len(texts), max(map(len, spans))), np.float32)
    for row, (prompt, text, span) in enumerate(zip(prompts, texts, spans, strict=True)):
        beyond = [i for i, (_, end) in enumerate(span) if end > len(prompt)]
        if not text.startswith(prompt) or not beyond:
            raise ValueError(
                f"texts: row {row} is {text[:80]!r}, which is not its prompt and an answer after it"
            )
        weights[row, beyond] = 1 / len(beyond)
    return weights


def write(
    writer: Writer,
    prompts: Sequence[str],
    longest: int = 8,
    among: Sequence[Sequence[str]] | None = None,
    batch_size: int = 64,
    device: Device | None = None,
) -> list[str]:
    """The greedy continuation of each prompt, up to the end of text or `longest` tokens. `among`: for each
    prompt, the answers that are allowed; the likeliest first token decides among them, then the next.
    """
    return _continued(writer, prompts, longest, among, batch_size, device, do_sample=False)


def sample(
    writer: Writer,
    prompts: Sequence[str],
    each: int = 1,
    *,
    temperature: float = 1.0,
    seed: int = 0,
    longest: int = 8,
    among: Sequence[Sequence[str]] | None = None,
    batch_size: int = 256,
    device: Device | None = None,
) -> list[list[str]]:
    """`each` continuations of each prompt, drawn word by word from what the model thinks likely; the lower
    the `temperature`, the closer to greedy. `longest` and `among` as in `write`. The same seed and batch size
    draw the same. Raises ValueError for a temperature that is not above 0.
    """
    if not temperature > 0:
        raise ValueError(f"temperature is above 0, but is {temperature}; `write` is greedy")
    many = [prompt for prompt in prompts for _ in range(each)]
    allowed = among and [answers for answers in among for _ in range(each)]
    with torch.random.fork_rng():  # the caller's generator stays as it was
        torch.manual_seed(seed)
        said = _continued(
            writer,
            many,
            longest,
            allowed,
            batch_size,
            device,
            do_sample=True,
            temperature=temperature,
            top_k=0,
            top_p=1.0,
        )
    return [said[i : i + each] for i in range(0, len(said), each)]


def log_likelihoods(
    writer: Writer, prompts: Sequence[str], answers: Sequence[str], device: Device | None = None
) -> np.ndarray:
    """(n,): log-probability of each answer after its prompt, in nats, its end of text included. Raises
    ValueError for a prompt or answer without its other half.
    """
    device = device or pick_device(next(writer.parameters()).device.type)
    writer.to(device.device).eval()
    texts, weights = writer.pairs(prompts, answers)
    said = in_batches(writer, encode(writer, texts, device.device), device)
    return (said * (weights > 0)).sum(axis=1)


@torch.no_grad()
def _continued(
    writer: Writer, prompts, longest: int, among, batch_size: int, device: Device | None, **how
) -> list[str]:
    device = device or pick_device(next(writer.parameters()).device.type)
    writer.to(device.device).eval()
    order = np.argsort([len(prompt) for prompt in prompts], kind="stable")
    tokenizer, said = writer.tokenizer, [""] * len(prompts)
    for batch in tqdm(
        np.split(order, range(batch_size, len(order), batch_size)),
        "writing",
        delay=2,
        leave=False,
        disable=bool(os.environ.get("TQDM_DISABLE")),
    ):
        rows = tokenizer([prompts[i] for i in batch])["input_ids"]
        width = max(map(len, rows))
        ids = torch.tensor([[writer.pad_id] * (width - len(row)) + row for row in rows], device=device.device)
        mask = torch.tensor([[0] * (width - len(row)) + [1] * len(row) for row in rows], device=device.device)
        allowed = (
            None
            if among is None
            else _prefixes(tokenizer, [prompts[i] for i in batch], [among[i] for i in batch], width)
        )
        with device.autocast():
            out = writer.model.generate(
                input_ids=ids,
                attention_mask=mask,
                max_new_tokens=longest,
                num_beams=1,
                pad_token_id=writer.pad_id,
                eos_token_id=tokenizer.eos_token_id,
                prefix_allowed_tokens_fn=allowed,
                **how,
            )
        for i, text in zip(batch, tokenizer.batch_decode(out[:, width:], skip_special_tokens=True)):
            said[i] = text.strip()
    return said


def _prefixes(tokenizer, prompts, among, width: int):
    """What `generate` asks for: the tokens that may follow, given what a row has written."""
    end = [tokenizer.eos_token_id] if tokenizer.eos_token_id is not None else []
    nexts = []
    for prompt, answers in zip(prompts, among):
        tree, begins = {}, len(tokenizer(prompt)["input_ids"])
        for whole in tokenizer([f"{prompt} {answer}" for answer in answers])["input_ids"]:
            tokens = whole[begins:] + end
            for i, token in enumerate(tokens):
                tree.setdefault(tuple(tokens[:i]), set()).add(token)
        nexts.append(tree)
    return lambda row, ids: sorted(
        nexts[row].get(tuple(ids[width:].tolist()), end or [tokenizer.pad_token_id or 0])
    )
