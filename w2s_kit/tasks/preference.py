"""Comparisons: two completions of one prompt, of which people preferred one.

Source: Burns et al. 2023, Section 3, reward modelling.

Read from what the hub usually holds:

    transcripts      chosen and rejected are whole dialogues that part ways at some answer (Anthropic/hh-rlhf)
    message lists    chosen and rejected are lists of {"role": ..., "content": ...} (UltraFeedback,
                     binarized), perhaps of the answer alone, with the prompt in a list of its own (as TRL
                     wants them)
    plain columns    prompt, chosen, rejected, and perhaps margin

A reward model has to see both sides: which one is shown says nothing by itself, and from one side alone the
label cannot be learned.
"""

from __future__ import annotations

import math
import random
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from . import rows
from .rows import Rejected, Repeated, Report, Source, records, rows_of, shown, text_of
from .split import LINKS, SEPARATOR, Split, deal, normalised, shuffled, together

PREFIX = "preference:"  # and then a file, or a dataset of the hub
TURN = re.compile(r"\n\n(Human|Assistant):")
BEGUN = re.compile(r"\s*((?:Human|Assistant):)")
SPEAKERS = {"user": "Human", "human": "Human", "assistant": "Assistant", "system": "System"}
LONGEST = 50_000  # characters of a side: no model of ours reads more, and a file gone wrong may hold anything
PROMPTS = ("prompt", "question", "instruction")  # what files call it, where it stands apart
MARGINS = ("margin", "score_difference")
SCORES = ("score_chosen", "score_rejected")  # their difference is a margin, too


@dataclass(frozen=True)
class Comparison:
    r"""Two answers to one prompt.

    Fields:

        prompt      the dialogue up to the answers; it ends with "\n\nAssistant:"
        chosen      the answer that was preferred; it goes on from there
        rejected    the other answer
        margin      by how much the one was preferred, None where the file does not tell
    """

    prompt: str
    chosen: str
    rejected: str
    margin: float | None = None


def read_comparisons(source: Source, report: Report | None = None) -> Iterator[Comparison]:
    """The comparisons of a file or of rows, one by one.

    A file is CSV with header, JSON lines, a JSON array, or parquet; see `rows`. Any other row is counted in
    `report`, with file, row and reason. Such rows have sides that are the same, or that answer different
    prompts or nothing; ties; margins or scores by which the rejected side is the better one; or a pair that
    was there before, in the same or in the opposite order.
    """
    report, seen = Report() if report is None else report, {}

    def parse(row: Mapping) -> Comparison:
        comparison = _comparison(row)
        pair = (comparison.prompt, frozenset((comparison.chosen, comparison.rejected)))
        if pair in seen:
            opposite = "" if seen[pair] == comparison.chosen else ", with opposite preferences"
            raise Repeated(f"twice{opposite}", comparison.chosen[:80])
        seen[pair] = comparison.chosen
        return comparison

    return records(rows_of(source, report), parse, report)


SAVED_LIST = re.compile(r"""\s*\[\s*\{\s*['"](role|content)['"]\s*:""")  # as pandas writes lists into CSV


def _comparison(row: Mapping) -> Comparison:
    name = next((name for name in PROMPTS if row.get(name) is not None), "prompt")
    sides, prompt = [_dialogue(row, name) for name in ("chosen", "rejected")], ""
    if row.get(name) is not None:
        prompt = _dialogue(row, name)
        if not prompt.strip():
            raise Rejected(
                "empty prompt",
                f"{name} is empty; fill it in, or leave the column out of a file of whole dialogues",
            )
    spoken = [TURN.match(side) for side in sides]
    if prompt and not all(turn and turn[1] == "Human" for turn in spoken):  # the sides are answers alone
        prompt = prompt if TURN.search(prompt) else f"\n\nHuman: {prompt.strip()}"
        prompt = prompt.rstrip().removesuffix("\n\nAssistant:").rstrip() + "\n\nAssistant:"
        sides = [
            side[turn.end() :] if turn and turn[1] == "Assistant" else side
            for side, turn in zip(sides, spoken)
        ]
    else:
        asked, prompt = prompt, _common_prompt(*sides)
        asked = asked.rstrip().removesuffix("Assistant:").strip().removeprefix("Human:")
        if normalised(asked) not in normalised(prompt):
            raise Rejected(
                "different prompts",
                f"the prompt is {asked[:80]!r}, and both sides begin with {prompt[:80]!r}",
            )
        sides = [side[len(prompt) :] for side in sides]
    chosen, rejected = (side.strip() for side in sides)
    if chosen == rejected:
        raise Rejected("identical sides", chosen[:80])
    if not chosen or not rejected:
        raise Rejected(
            "empty side", f"{'rejected' if chosen else 'chosen'} has no answer; write one, or delete the row"
        )
    return Comparison(prompt, f" {chosen}", f" {rejected}", _margin(row))


def _dialogue(row: Mapping, name: str) -> str:
    """A side, or a prompt, as text: a transcript, a completion, a question."""
    side: Any = row.get(name)
    if isinstance(side, Iterable) and not isinstance(
        side, (str, Mapping)
    ):  # pandas hands lists out as arrays
        turns = []
        for message in side:
            content, role = (
                message.get(key) if isinstance(message, Mapping) else None for key in ("content", "role")
            )
            if not isinstance(content, str) or not isinstance(role, str) or role not in SPEAKERS:
                raise Rejected(
                    "bad message",
                    f"{name} has {shown(message)}; it needs a role ({', '.join(SPEAKERS)}) and a content",
                )
            turns.append(f"\n\n{SPEAKERS[role]}: {content.strip()}")
        row = {name: "".join(turns)}
    side = text_of(row, name, LONGEST)
    if SAVED_LIST.match(side):
        remedy = "save the table as JSON lines or parquet"
        detail = f"{name} is a list of messages written as text, {side[:60]!r}; {remedy}"
        raise Rejected("bad message", detail)
    begun = BEGUN.match(side)  # files are often stripped of the blank lines before the first turn
    return f"\n\n{begun[1]}{side[begun.end() :]}" if begun else side


def _common_prompt(chosen: str, rejected: str) -> str:
    """The turns that both dialogues begin with, up to the colon of the answer in which they part."""
    same, end = (
        next(
            (i for i, (a, b) in enumerate(zip(chosen, rejected)) if a != b), min(len(chosen), len(rejected))
        ),
        None,
    )
    for turn in TURN.finditer(chosen):
        if turn.end() > same:
            break
        if rejected[: turn.end()] == chosen[: turn.end()]:
            end = turn if turn[1] == "Assistant" else end
            last = turn
    if end is None:
        spoke = all(
            any(turn[1] == "Assistant" for turn in TURN.finditer(side)) for side in (chosen, rejected)
        )
        if spoke:
            raise Rejected("different prompts", chosen[:80])
        raise Rejected(
            "no assistant's turn", f"{chosen[:80]!r} is no dialogue; put what was asked into a column prompt"
        )
    if last is not end and chosen != rejected:
        raise Rejected(
            "different prompts", f"they part in a human's turn: {chosen[last.start() : same + 40]!r}"[:300]
        )
    return chosen[: end.end()]


def _margin(row: Mapping) -> float | None:
    """By how much the chosen side is better.

    Raises Rejected where it is not, by the margin or by the scores.
    """
    told = [name for name in MARGINS if row.get(name) not in (None, "")][:1]
    margin = _number(row, told[0]) if told else None
    if margin is not None and margin < 0:
        raise Rejected(
            "negative margin",
            f"{told[0]} is {margin:g}: the rejected side would be better; exchange the two sides",
        )
    scores = [_number(row, name) for name in SCORES if row.get(name) not in (None, "")]
    if len(scores) == 2:
        better, worse = scores
        if better < worse:
            remedy = "exchange the sides, or delete the row"
            detail = f"chosen has {better:g}, rejected {worse:g}, which is more; {remedy}"
            raise Rejected("contradicting scores", detail)
        margin = better - worse if margin is None else margin
    if margin == 0:
        raise Rejected(
            "tie", "the two sides are equally good, which says nothing to learn from; delete the row"
        )
    return margin


def _number(row: Mapping, name: str) -> float:
    try:
        number = float(row[name])
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if not math.isfinite(number):
        detail = f"{name} is {shown(row[name])}; write a finite number, as in 1.5, or leave the cell empty"
        raise Rejected("bad margin", detail)
    return number


def load(
    name: str, seed: int = 0, n_train: int = 500, n_test: int = 500, allow_rejected: bool = False
) -> Split:
    """The split of comparisons; see `w2s_kit.tasks.load_task`.

    `name` is "preference:" and then a file for `read_comparisons`, or a dataset of the hub, as in
    "preference:Anthropic/hh-rlhf". The preferred side is the second in half of the pairs. `difficulty` is how
    near the two sides are, by margin where the file tells.

    Pairs with the same prompt key stand in one part. This is the text of the first human turn that says
    something, in the form of `normalised`, so it does not depend on blanks or on how turns are set apart.
    Equal pairs of texts stand in one part, too. Raises ValueError when no row can be used, when most are
    rejected, or when there are not enough.
    """
    source, rng = name.removeprefix(PREFIX), random.Random(f"preference-{seed}")
    # twice as many as needed: dialogues that open alike stand in one part, and some rows are rejected
    most = 2 * ((2 + LINKS) * n_train + n_test)
    comparisons, report = rows.load(source, read_comparisons, "comparison", most, seed, allow_rejected)
    keys = [prompt_key(one.prompt) for one in comparisons]
    pool = pd.DataFrame(
        {
            "comparison": comparisons,
            "key": keys,
            "margin": [abs(one.margin or math.nan) for one in comparisons],
        }
    )
    pool["difficulty"] = 1 - pool["margin"].rank(pct=True).fillna(0.5)
    pool["linked"] = together((f"key {key}", f"pair {_pair(one)}") for key, one in zip(keys, comparisons))
    parts = deal(shuffled(pool, "linked", rng), "linked", name, n_train, n_test, LINKS)
    test, supervisor, student, *fresh = (_pairs(part, rng) for part in parts)
    return Split(name, supervisor, student, test, "pairs", tuple(fresh), report=report)


def prompt_key(prompt: str) -> str:
    """The key by which comparisons of one prompt are known.

    It is what the human says first, or the whole prompt where that is nothing.
    """
    turns = TURN.split(prompt)
    said = (normalised(text) for speaker, text in zip(turns[1::2], turns[2::2]) if speaker == "Human")
    return next(filter(None, said), normalised(prompt))


def _pair(one: Comparison) -> str:
    return SEPARATOR.join(sorted(normalised(one.prompt + side) for side in (one.chosen, one.rejected)))


def _pairs(taken: pd.DataFrame, rng: random.Random) -> pd.DataFrame:
    second = [i % 2 for i in range(len(taken))]
    rng.shuffle(second)
    texts = []
    for one, label in zip(taken["comparison"], second):
        sides = (one.rejected, one.chosen) if label else (one.chosen, one.rejected)
        texts.append(SEPARATOR.join((one.prompt + side).replace(SEPARATOR, " ") for side in sides))
    groups, difficulty = [(key,) for key in taken["key"]], taken["difficulty"].to_numpy()
    return pd.DataFrame({"text": texts, "label": second, "group": groups, "difficulty": difficulty})
