"""What ships is what loads: no bit of a shipped model may be another one."""

import hashlib
import os
import re
import shutil
from pathlib import Path

import numpy as np
import pytest

from w2s_kit.models import families, loading
from w2s_kit.models.families import load_family
from w2s_kit.models.loading import load_model
from w2s_kit.shared import shipped

SAID = r"is not the file that ships with the kit .*reinstall the kit, or in a clone .*: git checkout -- {}"


@pytest.fixture
def weights(tmp_path, monkeypatch):
    """A copy of two shipped models, loaded as if they were shipped."""
    for name in ("miniworld/xs", "chess/xs"):
        shutil.copytree(shipped.WEIGHTS / name, tmp_path / name)
    shutil.copy(shipped.WEIGHTS / shipped.TABLE, tmp_path)
    monkeypatch.setattr(families, "WEIGHTS", tmp_path)
    monkeypatch.setattr(loading, "WEIGHTS", tmp_path)
    return tmp_path


def flip(file: Path, rng) -> None:
    content = bytearray(file.read_bytes())
    content[rng.integers(len(content))] ^= 1 << rng.integers(8)
    file.write_bytes(content)


def restore(file: Path, weights: Path) -> None:
    file.write_bytes((shipped.WEIGHTS / file.relative_to(weights)).read_bytes())


def test_the_table_is_that_of_the_files():
    lines = [line.split("  ") for line in (shipped.WEIGHTS / shipped.TABLE).read_text().splitlines()]
    files = [file for file in shipped.WEIGHTS.rglob("*") if file.is_file() and file.name != shipped.TABLE]
    expected = {
        file.relative_to(shipped.WEIGHTS).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in files
    }
    assert {name: digest for digest, name in lines} == expected and len(lines) == len(expected)
    again = "after a model was pretrained into weights/: python -m w2s_kit.shared.shipped"
    assert [name for _, name in lines] == sorted(expected), again


def test_every_shipped_family_loads():
    for family in ("miniworld", "miniworld-chat", "miniworld-dials", "chess", "chess-fine", "sums"):
        for spec in load_family(family):
            shipped.check_folder(Path(spec.path), families.WEIGHTS)


@pytest.mark.parametrize("model", ["miniworld/xs", "chess/xs"])
def test_any_flipped_bit_of_a_weight_file_is_refused(weights, model):
    file, rng = weights / model / "model.safetensors", np.random.default_rng(0)
    spec = load_family(model.split("/")[0])["xs"]
    for _ in range(75):
        flip(file, rng)
        with pytest.raises(OSError, match=SAID.format(re.escape(str(file)))) as error:
            load_model(spec)
        assert str(error.value).startswith(f"{file}: ")
        restore(file, weights)
    load_model(spec)


def test_any_flipped_bit_of_what_stands_beside_them_is_refused(weights):
    """Flips that stay valid JSON, too: a size, a name in the vocabulary, the cost of pretraining."""
    rng, folder = np.random.default_rng(0), weights / "miniworld" / "xs"
    spec = load_family("miniworld")["xs"]
    for name in (
        "config.json",
        "tokenizer.json",
        "tokenizer_config.json",
        "generation_config.json",
        "pretraining.json",
    ):
        for _ in range(20):
            flip(folder / name, rng)
            with pytest.raises(OSError, match=SAID.format(re.escape(str(folder / name)))):
                load_model(spec)
            if name == "pretraining.json":  # what the figures' x axis is made of is read without a model
                with pytest.raises(OSError, match=SAID.format(re.escape(str(folder / name)))):
                    load_family("miniworld")
            restore(folder / name, weights)


def test_a_missing_file_and_one_too_many_are_named(weights):
    folder, spec = weights / "miniworld" / "xs", load_family("miniworld")["xs"]
    (folder / "tokenizer.json").unlink()
    with pytest.raises(
        OSError, match=r"tokenizer.json: this file ships with the kit and is missing; reinstall the kit"
    ):
        load_model(spec)
    restore(folder / "tokenizer.json", weights)
    (folder / "added_tokens.json").write_text("{}")  # which would be read
    with pytest.raises(
        OSError,
        match=r"added_tokens.json: this file is not in .*SHA256SUMS.*python -m w2s_kit.shared.shipped",
    ):
        load_model(spec)
    (folder / "added_tokens.json").unlink()
    (folder / ".hidden").write_text("of a file manager")
    load_model(spec)
    (weights / shipped.TABLE).unlink()
    with pytest.raises(OSError, match="SHA256SUMS: this file ships with the kit and is missing; reinstall"):
        load_model(load_family("miniworld")["xs"])


def test_a_table_that_is_none_is_refused(weights):
    (weights / shipped.TABLE).write_text("no sums here\n")
    with pytest.raises(OSError, match="SHA256SUMS: line 1 is no digest and path; reinstall the kit"):
        load_family("miniworld")


def test_a_file_is_read_once_as_long_as_it_is_not_touched(weights):
    folder = weights / "miniworld" / "xs"
    shipped.check_folder(folder, weights)
    misses = shipped._digest.cache_info().misses
    shipped.check_folder(folder, weights)
    assert shipped._digest.cache_info().misses == misses
    os.utime(folder / "config.json", (1, 1))
    shipped.check_folder(folder, weights)
    assert shipped._digest.cache_info().misses == misses + 1


def test_a_model_that_was_just_made_is_recorded_and_others_stay(weights):
    """Also a damaged one stays damaged: recording a model says nothing of the others."""
    before = (weights / shipped.TABLE).read_text().splitlines()
    made = weights / "miniworld" / "xs" / "config.json"
    made.write_text(made.read_text() + "\n")
    other = weights / "chess" / "xs" / "config.json"
    other.write_text(other.read_text() + "\n")
    shipped.record(made.parent, weights)
    after = (weights / shipped.TABLE).read_text().splitlines()
    changed = set(after) - set(before)
    assert [line.split("  ")[1] for line in changed] == ["miniworld/xs/config.json"] and len(after) == len(
        before
    )
    load_model(load_family("miniworld")["xs"])
    with pytest.raises(OSError, match=SAID.format(re.escape(str(other)))):
        load_model(load_family("chess")["xs"])
    table = (weights / shipped.TABLE).read_bytes()
    shipped.record(weights.parent / "elsewhere", weights)
    assert (weights / shipped.TABLE).read_bytes() == table, "what does not ship has no checksums"


def test_a_copy_elsewhere_is_a_model_of_ones_own(weights, monkeypatch):
    """It has no table, so a tokenizer or configuration of one's own is nobody's business."""
    folder = weights / "miniworld" / "xs"
    monkeypatch.setattr(families, "WEIGHTS", shipped.WEIGHTS)
    monkeypatch.setattr(loading, "WEIGHTS", shipped.WEIGHTS)
    (folder / "pretraining.json").write_text("{}")
    assert load_model(load_family(str(folder))["xs"])
