"""Batches: every row once, little padding, and memory for the tokens that there are."""

import math
import tracemalloc
import weakref

import numpy as np
import pytest
import torch
from tiny import Tiny
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from w2s_kit.training import batches
from w2s_kit.training.batches import encode, length_batches, within
from w2s_kit.training.config import TrainConfig
from w2s_kit.training.device import pick_device

CPU = pick_device("cpu")
CONFIG = TrainConfig(lr=0.02, epochs=3, batch_size=32)


def test_batches_hold_every_row_once_and_little_padding():
    sizes = np.random.default_rng(0).integers(5, 40, 5000)
    groups = length_batches(sizes, 32, 16, (0, 0))
    assert sorted(np.concatenate(groups)) == list(range(5000))
    assert len(groups) == math.ceil(5000 / 32) and {len(g) for g in groups} <= {31, 32}
    waste = lambda groups: 1 - sizes.sum() / sum(len(g) * sizes[g].max() for g in groups)
    assert waste(groups) < 0.06 < 0.3 < waste(length_batches(sizes, 32, 1, (0, 0)))
    assert any(not np.array_equal(a, b) for a, b in zip(groups, length_batches(sizes, 32, 16, (0, 1)))), (
        "a new order each epoch"
    )
    assert [len(g) for g in length_batches(np.ones(33, int), 32, 16, 0)] in ([16, 17], [17, 16]), (
        "no batch of a single row"
    )


def test_encoding_pads_right_and_slices_to_the_longest():
    model, texts = Tiny(), ["w1 w2 w3", "w4", "w5 w6"]
    data = encode(model, texts, CPU.device)
    assert data.ids.tolist() == [[2, 3, 4], [5, 0, 0], [6, 7, 0]] and data.sizes.tolist() == [3, 1, 2]
    (rows, ids, lengths), (_, last, _) = data.batches([np.array([2, 1]), np.array([0])])
    assert (rows.tolist(), ids.tolist(), lengths.tolist()) == ([2, 1], [[6, 7], [5, 0]], [2, 1])
    assert last.tolist() == [[2, 3, 4]]
    assert [row.tolist() for row in data.rows()] == [[2, 3, 4], [5], [6, 7]] and data.area == 9


class Given:
    """A model whose tokenizer gives these ids, whatever the texts."""

    def __init__(self, rows: list[list[int]], pad_id: int):
        self.tokenizer, self.pad_id = lambda texts: {"input_ids": rows}, pad_id


@pytest.mark.parametrize("pad_id", [0, 7])
@pytest.mark.parametrize("seed", range(5))
def test_batches_are_those_of_one_padded_rectangle(seed, pad_id):
    """The straightforward way, which costs n times the longest text: same ids, widths, lengths and order,
    whether or not texts hold the padding's id."""
    rng = np.random.default_rng(seed)
    rows = [rng.integers(0, 50_000, rng.integers(1, 30)).tolist() for _ in range(200)] + [[7] * 300, [3]]
    data = encode(Given(rows, pad_id), ["text"] * len(rows), CPU.device)
    rectangle = torch.full((len(rows), 300), pad_id)
    for row, ids in zip(rectangle, rows):
        row[: len(ids)] = torch.tensor(ids)
    assert torch.equal(data.ids, rectangle) and data.ids.dtype == torch.int64
    trained = length_batches(data.sizes, 16, 4, (seed, 0))
    predicted = within(data.sizes, np.argsort(data.sizes), 400)
    for groups in (trained, predicted, [np.array([201])]):
        batches = list(data.batches(groups))
        assert len(batches) == len(groups)
        for group, (places, ids, lengths) in zip(groups, batches):
            assert places.tolist() == group.tolist() and lengths.tolist() == [len(rows[i]) for i in group]
            width = max(len(rows[i]) for i in group)
            assert torch.equal(ids, rectangle[group, :width]) and ids.dtype == torch.int64


class Alive(TorchDispatchMode):
    """Bytes of the tensors made inside that are still there. NumPy's memory is left to tracemalloc."""

    def __init__(self):
        super().__init__()
        self.bytes, self.users = 0, {}

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        made = func(*args, **(kwargs or {}))
        given = {t.untyped_storage().data_ptr() for t in tree_leaves(args) if isinstance(t, torch.Tensor)}
        for tensor in tree_leaves(made):
            place, size = tensor.untyped_storage().data_ptr(), tensor.untyped_storage().nbytes()
            if place in given and place not in self.users:
                continue  # a view of what was there before
            if place not in self.users:
                self.users[place] = 0
                self.bytes += size
            self.users[place] += 1
            weakref.finalize(tensor, self._gone, place, size)
        return made

    def _gone(self, place, size):
        self.users[place] -= 1
        if not self.users[place]:
            del self.users[place]
            self.bytes -= size


def test_one_long_text_costs_its_own_tokens_only():
    """20,000 texts of 20 tokens, and one of 4,000: as one rectangle 640 MB."""
    rows = [[5] * 20 for _ in range(20_000)] + [[6] * 4_000]
    texts, own = ["text"] * len(rows), 8 * sum(map(len, rows))
    with Alive():
        torch.zeros(1) + 1  # the first use imports a great deal
    tracemalloc.start()
    try:
        with Alive() as alive:
            data = encode(Given(rows, 0), texts, CPU.device)
            goal = torch.zeros(len(rows))
            assert alive.bytes + tracemalloc.get_traced_memory()[0] < 1.3 * own
            for epoch in range(2):
                seen = 0
                for sizes, ids, lengths, wanted in batches.epoch_batches(data, goal, CONFIG, epoch):
                    seen += len(ids)
                    held = alive.bytes + tracemalloc.get_traced_memory()[0]
                    assert held < 1.3 * own + 2 * ids.nbytes, "besides the batch, and what it was made of"
                assert seen == len(rows)
            assert tracemalloc.get_traced_memory()[1] < 1.3 * own, "nor for a moment"
    finally:
        tracemalloc.stop()


def test_groups_within_a_budget():
    sizes, order = np.random.default_rng(0).integers(1, 40, 500), np.random.default_rng(1).permutation(500)
    groups = within(sizes, order, 100)
    assert np.concatenate(groups).tolist() == order.tolist()
    assert all(len(g) * sizes[g].max() <= 100 for g in groups)
    assert all(len(np.r_[a, b[0]]) * sizes[np.r_[a, b[0]]].max() > 100 for a, b in zip(groups, groups[1:])), (
        "none could be larger"
    )
    assert [len(g) for g in within(sizes, order, 1)] == [1] * 500, "a long row stands alone"


def test_one_text_is_not_a_list_of_letters():
    with pytest.raises(ValueError, match="'w1 w2 w3' is one text, and a list of texts is expected"):
        encode(Tiny(), "w1 w2 w3", CPU.device)
