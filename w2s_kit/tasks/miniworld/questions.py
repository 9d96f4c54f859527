"""MiniWorld as a set of tasks with two classes: one question about one word."""

from __future__ import annotations

import random

import pandas as pd

from ..split import PARTS, Split
from . import taste
from .concepts import CONCEPTS, Concept
from .world import WorldConfig, make_world

TASKS = tuple(name for name in CONCEPTS if name != "kind")  # "kind" is asked by nli and alive
TEMPER = 0.5  # tasks ask about rare words more often than the text names them: frequency^0.5


def load(
    name: str,
    seed: int = 0,
    n_train: int = 500,
    n_test: int = 500,
    fresh: int = 0,
    config: WorldConfig = WorldConfig(),
) -> Split:
    """The split of a task with two classes; see `w2s_kit.tasks.load_task`.

    No word that carries a fact stands in two parts.
    """
    concept, world = taste.CONCEPT if name == taste.TASK else CONCEPTS[name], make_world(config)
    rng = random.Random(f"{name}-{seed}")
    lexicon = world.lexicons[concept.sort]
    names = (*PARTS, *(f"fresh{i}" for i in range(1, fresh + 1)))
    tables = {}
    for part, words in lexicon.deal(names, rng, TEMPER).items():
        if not len(words):
            knob = "nouns" if concept.sort == "noun" else "words"
            raise ValueError(
                f"{name}/{part}: no words are left for this part of only {len(lexicon)}; "
                f"raise WorldConfig.{knob}"
            )
        tables[part] = _examples(
            concept, words, n_test if part == "test" else n_train, rng, lexicon.quantile, f"{name}/{part}"
        )
    supervisor, student, test = (tables.pop(part) for part in PARTS)
    return Split(name, supervisor, student, test, fresh=tuple(tables.values()))


def _examples(
    concept: Concept, words, n: int, rng: random.Random, rarity: dict[str, float], where: str
) -> pd.DataFrame:
    """`n` different questions, half of them with the answer yes."""
    rows, wanted, seen, in_vain = [], [n - n // 2, n // 2], set(), 0
    while any(wanted):
        text, label, carriers = concept.ask(lambda sort: words.draw(rng), rng)
        if text in seen or not wanted[label]:
            in_vain += 1
            if in_vain > 20_000:
                most = 2 * (n // 2 - max(wanted))
                raise ValueError(
                    f"{where}: MiniWorld has no more than about {most} different questions here, "
                    f"half of them yes; ask for at most {most}"
                )
            continue
        in_vain = 0
        seen.add(text)
        wanted[label] -= 1
        group = tuple(c.name for c in carriers)
        rows.append((text, int(label), group, max(rarity[g] for g in group)))
    rng.shuffle(rows)
    return pd.DataFrame(rows, columns=["text", "label", "group", "difficulty"])
