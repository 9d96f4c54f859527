"""Families of the hub by name: one table says sizes, licences and what fits, and the how-to page shows it."""

from pathlib import Path

import pytest

from w2s_kit.models import families
from w2s_kit.models.hub_families import FAMILIES, T4, hub_table, markdown, way_on_gpu
from w2s_kit.training.memory import finetuning_bytes

ROOT = Path(__file__).parents[2]


def test_the_table_of_the_page_is_that_of_the_code():
    assert markdown() in (ROOT / "docs" / "howto" / "real_models.md").read_text(encoding="utf-8")


def test_every_family_is_whole_and_smallest_first():
    table = hub_table()
    assert set(table["family"]) == set(FAMILIES) == set(families.HUB)
    for _, family in table.groupby("family"):
        assert family["billions"].is_monotonic_increasing and family["model"].is_unique and len(family) >= 2
    assert table["model"].str.fullmatch(r"[\w-]+/[\w.-]+").all() and (table["licence"] != "").all()


@pytest.mark.parametrize("free", [T4, 40e9, 80e9])
def test_what_is_said_to_fit_fits_and_the_next_size_does_not(free):
    way = lambda billions: way_on_gpu(billions, free)
    ways = ["as it is", "lora=8", "lora=8, quantised=True", "no"]
    sizes = [0.01 * 1.1**i for i in range(120)]
    places = [ways.index(way(size)) for size in sizes]
    assert places == sorted(places) and set(places) == {0, 1, 2, 3}
    largest = max(size for size, place in zip(sizes, places) if place == 0)
    assert finetuning_bytes(1e9 * largest) <= 0.8 * free < finetuning_bytes(1.1e9 * largest)


def test_a_gated_model_that_cannot_be_fetched_says_how(monkeypatch):
    def refused(*args, **kw):
        raise OSError("401: access is restricted")

    monkeypatch.setattr("transformers.AutoConfig.from_pretrained", refused)
    families._from_elsewhere.cache_clear()
    with pytest.raises(OSError, match="restricted.*accept its licence on the hub, and log in: hf auth login"):
        families.load_family("llama")
    with pytest.raises(OSError) as error:
        families.load_family("qwen")
    assert "licence" not in str(error.value)
    families._from_elsewhere.cache_clear()
