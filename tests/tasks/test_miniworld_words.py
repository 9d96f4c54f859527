"""The words of MiniWorld, and that the same seed gives the same text."""

import itertools
import random
import subprocess
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from worlds import some, tokenizer, told, world  # noqa: F401  (fixtures)

from w2s_kit.tasks import load_task, task_names
from w2s_kit.tasks.miniworld.corpus import documents
from w2s_kit.tasks.miniworld.vocabulary import FIRST, FUNCTION_WORDS, HERE, LAST, MIDDLE, vocabulary
from w2s_kit.tasks.miniworld.world import WorldConfig, make_world


# ---- words -------------------------------------------------------------------------------------------
def test_every_word_is_known_to_the_tokenizer(told, tokenizer):
    words = Counter(itertools.chain.from_iterable(d.split() for d in told))
    unknown = [
        w for w, ids in zip(words, tokenizer(list(words))["input_ids"]) if tokenizer.unk_token_id in ids
    ]
    assert not unknown and len(words) > 3_000
    ids = tokenizer(told[:4000])["input_ids"]
    assert not any(tokenizer.unk_token_id in i for i in ids) and all(
        i[0] == tokenizer.eos_token_id for i in ids
    )
    assert max(map(len, ids)) <= 128  # positions that the family has
    assert tokenizer.decode(ids[0], skip_special_tokens=True).split() == told[0].split()


def test_task_questions_are_known_to_the_tokenizer(tokenizer):
    for name in task_names():
        assert not any(
            tokenizer.unk_token_id in i
            for i in tokenizer(load_task(name, 5).test["text"].tolist())["input_ids"]
        )


@pytest.mark.parametrize("seed", [0, 1])
def test_invented_words_are_read_as_their_syllables(tokenizer, seed):
    world = make_world(WorldConfig(seed=seed))
    real = set(pd.read_csv(HERE / "nouns.csv")["noun"]) | set(pd.read_csv(HERE / "words.csv")["word"])
    names = [item.name for lexicon in world.lexicons.values() for item in lexicon.items]
    assert len(set(names)) == len(names) and not set(names) - {"song", "fair"} & set(FUNCTION_WORDS) - real
    invented = [n for n in names if n not in real]
    assert len(invented) == WorldConfig().nouns + 4 * WorldConfig().words
    for name in invented:
        cuts = [(name[:i], name[i:j], name[j:]) for i in (2, 3) for j in (i, i + 2)]
        splits = [(a, m, b) for a, m, b in cuts if a in FIRST and (not m or m in MIDDLE) and b in LAST]
        assert len(splits) == 1, (name, splits)
        first, middle, last = splits[0]
        assert tokenizer.tokenize(name) == [first, *([f"##{middle}"] if middle else []), f"##{last}"]
    for name in real:
        assert tokenizer.tokenize(name) == [name]


def test_the_vocabulary_has_no_token_twice():
    assert len(set(vocabulary())) == len(vocabulary()) and vocabulary()[:3] == ["<pad>", "<eos>", "<unk>"]


def test_words_follow_the_frequency_law(world):
    lexicon, rng = world.lexicons["noun"], random.Random(0)
    drawn = Counter(lexicon.draw(rng).name for _ in range(100_000))
    weights = (np.arange(len(lexicon)) + 10.0) ** -WorldConfig().zipf
    for band in (slice(0, 20), slice(20, 200), slice(200, None)):
        assert sum(drawn[item.name] for item in lexicon.items[band]) / 1e5 == pytest.approx(
            weights[band].sum() / weights.sum(), abs=0.01
        )


def test_a_curriculum_begins_with_the_commonest_words(world):
    common = {
        item.name
        for lexicon in world.lexicons.values()
        for item in lexicon.items[: int(0.04 * len(lexicon)) + 1]
    }
    every = {item.name for lexicon in world.lexicons.values() for item in lexicon.items}
    words = set(" ".join(itertools.islice(documents(world, 1, reach=0.04), 3000)).split())
    assert words & every <= common | set(FUNCTION_WORDS)


# ---- determinism -------------------------------------------------------------------------------------
FINGERPRINT = """
import hashlib, itertools
from w2s_kit.tasks import load_task
from w2s_kit.tasks.miniworld.world import make_world
from w2s_kit.tasks.miniworld.corpus import documents
from w2s_kit.tasks.miniworld.vocabulary import vocabulary
hashes = load_task("size", 3).hash, load_task("sentiment", 3).hash
text = [*itertools.islice(documents(make_world(), 4), 500), *vocabulary(), *hashes]
print(hashlib.sha256("|".join(text).encode()).hexdigest())
"""


def test_the_same_seed_gives_the_same_everything_in_every_process():
    start = lambda salt: subprocess.Popen(
        [sys.executable, "-c", FINGERPRINT],
        env={"PYTHONHASHSEED": salt, "PYTHONPATH": str(Path(__file__).parents[2])},
        stdout=subprocess.PIPE,
        text=True,
    )
    (one, _), (other, _) = [process.communicate() for process in [start("1"), start("2")]]
    assert len(one) == 65 and one == other


def test_another_seed_gives_another_split_and_another_text(world):
    assert load_task("edible", 1).hash == load_task("edible", 1).hash
    assert len({load_task(name, seed).hash for name in ("edible", "danger") for seed in range(3)}) == 6
    assert some(50, seed=1) == some(50, seed=1) != some(50, seed=2)
    assert {n.name for n in make_world(WorldConfig(seed=1)).lexicons["noun"].items} != {
        n.name for n in world.lexicons["noun"].items
    }
