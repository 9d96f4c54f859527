"""Comparisons: two completions of one prompt, of which people preferred one (Burns et al. 2023, Section 3, reward modelling).

Read from what the hub usually holds:

    transcripts      chosen and rejected are whole dialogues that part ways at some answer (Anthropic/hh-rlhf)
    message lists    chosen and rejected are lists of {"role": ..., "content": ...} (UltraFeedback, binarized), perhaps of the
                     answer alone, with the prompt in a list of its own (as TRL wants them)
    plain columns    prompt, chosen, rejected, and perhaps margin

A reward model has to see both sides: which one is shown says nothing by itself, and from one side alone the label cannot
be learned.
"""

from __future__ import annotations

import math
import random
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from . import LINKS, SEPARATOR, Split, deal, shuffled
from .rows import Rejected, Report, fetched, rows_of

PREFIX = "preference:"  # and then a file, or a dataset of the hub
TURN = re.compile(r"\n\n(Human|Assistant):")
SPEAKERS = {"user": "Human", "human": "Human", "assistant": "Assistant", "system": "System"}
LONGEST = 50_000  # characters of a side: no model of ours reads more, and a file gone wrong may hold anything
PROMPTS = ("prompt", "question", "instruction")  # what files call it, where it stands apart
MARGINS = ("margin", "score_difference")  # and score_chosen - score_rejected


@dataclass(frozen=True)
class Comparison:
    """`prompt` is the dialogue up to the answers, and ends with "\\n\\nAssistant:"; `chosen` and `rejected` go on from there."""

    prompt: str
    chosen: str
    rejected: str
    margin: float | None = None  # by how much the one was preferred, where the file tells


def read_comparisons(source: str | Path | Iterable[Mapping], report: Report | None = None) -> Iterator[Comparison]:
    """The comparisons of a file (parquet; CSV with header or JSON lines, also gzip or zstd), or of rows, one by one. Any
    other row is counted in `report`, with file, row and reason: sides that are the same, that answer different prompts or
    nothing, ties (a margin of 0), and pairs that were there before, in the same or in the opposite order."""
    report, seen = Report() if report is None else report, {}
    for where, row in rows_of(source, report):
        report.read += 1
        try:
            found = _comparison(row)
            pair = (found.prompt, frozenset((found.chosen, found.rejected)))
            if pair in seen:
                raise Rejected("twice" if seen[pair] == found.chosen else "twice, with opposite preferences", found.chosen[:80])
        except Rejected as why:
            report.reject(where, why)
            continue
        seen[pair] = found.chosen
        report.kept += 1
        yield found


def _comparison(row: Mapping | Rejected) -> Comparison:
    if isinstance(row, Rejected):
        raise row
    name = next((name for name in PROMPTS if row.get(name) is not None), "prompt")
    sides, prompt = [_dialogue(row, name) for name in ("chosen", "rejected")], "" if row.get(name) is None else _dialogue(row, name)
    spoken = [TURN.match(side) for side in sides]
    if name in row and row[name] is not None and not prompt.strip():
        raise Rejected("empty prompt")
    if prompt and not all(turn and turn[1] == "Human" for turn in spoken):  # the sides are answers alone
        prompt = prompt if TURN.search(prompt) else f"\n\nHuman: {prompt.strip()}"
        prompt = prompt.rstrip().removesuffix("\n\nAssistant:").rstrip() + "\n\nAssistant:"
        sides = [side[turn.end():] if turn and turn[1] == "Assistant" else side for side, turn in zip(sides, spoken)]
    else:
        prompt = _common_prompt(*sides)
        sides = [side[len(prompt):] for side in sides]
    chosen, rejected = (side.strip() for side in sides)
    if chosen == rejected:
        raise Rejected("identical sides", chosen[:80])
    if not chosen or not rejected:
        raise Rejected("empty side", "chosen" if not chosen else "rejected")
    margin = _margin(row)
    if margin == 0:
        raise Rejected("tie", chosen[:80])
    return Comparison(prompt, f" {chosen}", f" {rejected}", margin)


def _dialogue(row: Mapping, name: str) -> str:
    """A side, or a prompt, as text: a transcript, a completion, a question."""
    side: Any = row.get(name)
    if isinstance(side, (list, tuple)) or hasattr(side, "tolist"):  # parquet hands lists out as arrays
        turns = []
        for message in side:
            if not isinstance(message, Mapping) or not isinstance(message.get("content"), str) or message.get("role") not in SPEAKERS:
                raise Rejected("bad message", f"{name} has {message!r}"[:300])
            turns.append(f"\n\n{SPEAKERS[message['role']]}: {message['content'].strip()}")
        side = "".join(turns)
    if not isinstance(side, str):
        raise Rejected("no text", f"{name} is {side!r}"[:300])
    if len(side) > LONGEST:
        raise Rejected("too long", f"{name} has {len(side):,} characters, more than {LONGEST:,}")
    return side


def _common_prompt(chosen: str, rejected: str) -> str:
    """The turns that both dialogues begin with, up to the colon of the answer in which they part."""
    same, end = next((i for i, (a, b) in enumerate(zip(chosen, rejected)) if a != b), min(len(chosen), len(rejected))), None
    for turn in TURN.finditer(chosen):
        if turn.end() > same:
            break
        if rejected[:turn.end()] == chosen[:turn.end()]:
            end = turn if turn[1] == "Assistant" else end
            last = turn
    if end is None:
        spoke = all(any(turn[1] == "Assistant" for turn in TURN.finditer(side)) for side in (chosen, rejected))
        raise Rejected("different prompts" if spoke else "no assistant's turn", chosen[:80])
    if last is not end and chosen != rejected:
        raise Rejected("different prompts", f"they part in a human's turn: {chosen[last.start():same + 40]!r}"[:300])
    return chosen[: end.end()]


def _margin(row: Mapping) -> float | None:
    told = [row[name] for name in MARGINS if row.get(name) not in (None, "")][:1]
    scores: list[Any] = [row.get(name) for name in ("score_chosen", "score_rejected")]
    if not told and (None in scores or "" in scores):
        return None
    try:
        margin = float(told[0]) if told else float(scores[0]) - float(scores[1])
    except (TypeError, ValueError) as error:
        raise Rejected("bad margin", error) from None
    if not math.isfinite(margin):
        raise Rejected("bad margin", margin)
    return margin


def load(name: str, seed: int = 0, n_train: int = 500, n_test: int = 500) -> Split:
    """See `w2s_kit.tasks.load_task`. `name` is "preference:" and a file for `read_comparisons`, or a dataset of the hub, as in
    "preference:Anthropic/hh-rlhf". The preferred side is the second
    in half of the pairs. Dialogues that open with the same words stand in one part. difficulty: how near the two sides are,
    by margin where the file tells. Raises ValueError when no row can be used, or when there are not enough."""
    source, rng = name.removeprefix(PREFIX), random.Random(f"preference-{seed}")
    # twice as many as needed: dialogues that open alike stand in one part, and some rows are rejected
    found = list(read_comparisons(fetched(source, 2 * ((2 + LINKS) * n_train + n_test), seed), report := Report()))
    if not found:
        raise ValueError(f"{source}: no comparison can be read ({report})")
    pool = pd.DataFrame({"comparison": found, "opening": [_opening(one.prompt) for one in found], "margin": [abs(one.margin or math.nan) for one in found]})
    pool["difficulty"] = 1 - pool["margin"].rank(pct=True).fillna(0.5)
    test, supervisor, student, *fresh = (_pairs(part, rng) for part in deal(shuffled(pool, "opening", rng), "opening", name, n_train, n_test, LINKS))
    return Split(name, supervisor, student, test, "pairs", tuple(fresh))


def _opening(prompt: str) -> str:
    turns = TURN.split(prompt)
    return turns[2].strip() if len(turns) > 2 else prompt.strip()


def _pairs(taken: pd.DataFrame, rng: random.Random) -> pd.DataFrame:
    second = [i % 2 for i in range(len(taken))]
    rng.shuffle(second)
    texts = []
    for one, label in zip(taken["comparison"], second):
        sides = (one.rejected, one.chosen) if label else (one.chosen, one.rejected)
        texts.append(SEPARATOR.join((one.prompt + side).replace(SEPARATOR, " ") for side in sides))
    return pd.DataFrame({"text": texts, "label": second, "group": [(opening,) for opening in taken["opening"]], "difficulty": taken["difficulty"].to_numpy()})
