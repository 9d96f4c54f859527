"""Texts that language models write, and how likely they find a text."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Sequence

import numpy as np
import torch
from tqdm.auto import tqdm
from transformers import GenerationConfig

from ..training.batches import encode, without_middle
from ..training.device import Device, resting
from ..training.reading import in_batches
from .writer import Writer


def write(
    writer: Writer,
    prompts: Sequence[str],
    longest: int = 8,
    among: Sequence[Sequence[str]] | None = None,
    batch_size: int = 64,
    device: Device | None = None,
) -> list[str]:
    """The greedy continuation of each prompt, up to the end of text or `longest` tokens.

    A prompt that leaves no room for so many loses its middle.
    among: for each prompt, the answers that are allowed; the likeliest first token decides among them, then
    the next.
    """
    return texts_of(writer, _continued(writer, prompts, longest, among, batch_size, device, do_sample=False))


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
    """`each` continuations of each prompt, drawn token by token from what the model thinks likely.

    The lower the `temperature`, the closer to greedy. `longest` and `among` are as in `write`. The same seed
    and batch size draw the same. Raises ValueError for a temperature that is not above 0.
    """
    ids = sample_ids(
        writer,
        prompts,
        each,
        temperature=temperature,
        seed=seed,
        longest=longest,
        among=among,
        batch_size=batch_size,
        device=device,
    )
    texts = texts_of(writer, ids)
    return [texts[i : i + each] for i in range(0, len(texts), each)]


def sample_ids(
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
) -> list[list[int]]:
    """The tokens of what `sample` draws, those of a prompt next to each other.

    The end of text is the last token of a continuation that ends before `longest`.
    """
    if not temperature > 0:
        raise ValueError(f"temperature is above 0, but is {temperature}; `write` is greedy")
    many = [prompt for prompt in prompts for _ in range(each)]
    allowed = among and [answers for answers in among for _ in range(each)]
    with torch.random.fork_rng():  # the caller's generator stays as it was
        torch.manual_seed(seed)
        return _continued(
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


def texts_of(writer: Writer, ids: Sequence[Sequence[int]]) -> list[str]:
    """Each row of tokens as text, without special tokens and without blanks at its ends."""
    return [text.strip() for text in writer.tokenizer.batch_decode(ids, skip_special_tokens=True)]


def log_likelihoods(
    writer: Writer, prompts: Sequence[str], answers: Sequence[str], device: Device | None = None
) -> np.ndarray:
    """Log-probability of each answer after its prompt, (n,), in nats, its end of text included.

    Raises ValueError for a prompt or answer without its other half.
    """
    device = resting(writer, device)
    texts, weights = writer.pairs(prompts, answers)
    log_p = in_batches(writer, encode(writer, texts, device.device), device)
    return (log_p * (weights > 0)).sum(axis=1)


@torch.no_grad()
def _continued(
    writer: Writer, prompts, longest: int, among, batch_size: int, device: Device | None, **how
) -> list[list[int]]:
    """The tokens that follow each prompt, the end of text included."""
    device = resting(writer, device)
    order = np.argsort([len(prompt) for prompt in prompts], kind="stable")
    tokenizer, continuations = writer.tokenizer, [[] for _ in prompts]
    for batch in tqdm(
        np.split(order, range(batch_size, len(order), batch_size)),
        "writing",
        delay=2,
        leave=False,
        disable=bool(os.environ.get("TQDM_DISABLE")),
    ):
        rows = tokenizer([prompts[i] for i in batch])["input_ids"]
        if writer.longest:  # what is to be written needs room, too
            rows = [without_middle(row, max(1, writer.longest - longest)) for row in rows]
        width = max(map(len, rows))
        ids = torch.tensor([[writer.pad_id] * (width - len(row)) + row for row in rows], device=device.device)
        mask = torch.tensor([[0] * (width - len(row)) + [1] * len(row) for row in rows], device=device.device)
        allowed = (
            None
            if among is None
            else _prefixes(tokenizer, [prompts[i] for i in batch], [among[i] for i in batch], width)
        )
        with device.autocast(), plain(writer.model):
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
        for i, row in zip(batch, out[:, width:].tolist()):
            ended = row.index(tokenizer.eos_token_id) + 1 if tokenizer.eos_token_id in row else len(row)
            continuations[i] = row[:ended]
    return continuations


@contextlib.contextmanager
def plain(model) -> Iterator[None]:
    """Within it, `generate` draws from what the model thinks likely.

    Many models come with settings of their own for it, such as a penalty for repetitions or words that they
    may not say. Those would stand wherever we give none.
    """
    own, model.generation_config = model.generation_config, GenerationConfig()
    try:
        yield
    finally:
        model.generation_config = own


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
