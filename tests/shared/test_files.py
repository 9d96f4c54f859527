"""Files are written whole or not at all."""

import numpy as np
import pytest

from w2s_kit.shared.files import write_whole, written_whole


def test_a_file_appears_when_it_is_complete(tmp_path):
    path = tmp_path / "table.csv"
    with written_whole(path) as temporary:
        temporary.write_text("half")
        assert not path.exists() and temporary.parent == path.parent and temporary.suffix == ".csv"
    assert path.read_text() == "half" and list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit])
def test_an_error_leaves_the_old_file_and_nothing_else(tmp_path, error):
    path = tmp_path / "table.csv"
    path.write_text("old")
    with pytest.raises(error), written_whole(path) as temporary:
        temporary.write_text("new")
        raise error
    assert path.read_text() == "old" and list(tmp_path.iterdir()) == [path]


def test_the_first_error_is_the_one_to_be_seen(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match="Not a directory|No such file|cannot find"):
        write_whole(tmp_path / "file" / "below", "text")
    with pytest.raises(ZeroDivisionError), written_whole(tmp_path / "never") as temporary:
        temporary.mkdir()  # a folder cannot be removed as a file
        raise ZeroDivisionError


def test_a_writer_that_adds_a_suffix_adds_none(tmp_path):
    with written_whole(tmp_path / "a.npy") as temporary:
        np.save(temporary, np.arange(3))
    assert [path.name for path in tmp_path.iterdir()] == ["a.npy"] and np.load(tmp_path / "a.npy").sum() == 3


def test_text_has_the_same_line_endings_everywhere(tmp_path):
    write_whole(str(tmp_path / "a.txt"), "é\nb\n")
    assert (tmp_path / "a.txt").read_bytes() == "é\nb\n".encode()
