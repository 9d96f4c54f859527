"""A file of Lichess's puzzles is a task for models that choose among the legal moves: `chess:FILE`."""

from pathlib import Path

import chess
import pandas as pd
import pytest
from puzzle_files import HEADER, puzzle_lines

from w2s_kit.experiment.arguments import settings_for
from w2s_kit.experiment.settings import CHESS
from w2s_kit.tasks import files_of, load_task
from w2s_kit.tasks.chess import task as chess_task
from w2s_kit.tasks.chess.board import legal_moves

LICHESS = Path(__file__).parents[3] / "shared" / "data" / "lichess"


def lines(n):
    """Puzzles of which three in a row are of one game."""
    return [line.replace("abcdefgh", f"game{i // 3:04}") for i, line in enumerate(puzzle_lines(n))]


def written(path, n=120, header=True):
    path.write_text("\n".join([HEADER] * header + lines(n)))
    return f"chess:{path}"


def test_puzzles_of_a_file_are_a_task(tmp_path, capsys):
    split = load_task(written(tmp_path / "lichess.csv"), seed=1, n_train=15, n_test=30)
    assert split.kind == "choices" and [len(part) for part in split.parts.values()] == [15, 15, 15, 15, 30]
    assert capsys.readouterr().out.endswith("is taken as the position before the set-up move\n")
    assert split.report.kept == split.report.read == 120
    parts = []
    for part in split.parts.values():
        parts.append({group[1] for group in part["group"]})
        for fen, label in zip(part["text"], part["label"]):
            assert chess.Board(fen).turn == chess.WHITE, "the set-up move is Black's, and it is played"
            assert legal_moves(fen)[label] == "b1b8"
    assert sum(map(len, parts)) == len(set().union(*parts)), "no game stands in two parts"
    assert split.test["difficulty"].between(0, 1).all() and set(split.test["theme"]) == {"mate short"}
    again = load_task(written(tmp_path / "bare.csv", header=False), seed=1, n_train=15, n_test=30)
    assert again.test["text"].tolist() == split.test["text"].tolist(), "with or without a header"


def test_a_name_may_say_where_the_fen_stands(tmp_path):
    name = written(tmp_path / "a.csv")
    split, told = (load_task(one, n_train=15, n_test=30) for one in (name, f"{name}?fen=before"))
    assert told.test["text"].tolist() == split.test["text"].tolist()
    assert files_of(f"{name}?fen=before") == files_of(name) == [tmp_path / "a.csv"]
    with pytest.raises(
        ValueError, match="with the FEN after the set-up move, a complete solution has an odd"
    ):
        load_task(f"{name}?fen=after", n_train=15, n_test=30)
    with pytest.raises(ValueError, match='choose "before", "after"'):
        load_task(f"{name}?fen=now", n_train=15, n_test=30)


def test_a_changed_file_is_read_anew(tmp_path):
    name = written(tmp_path / "a.csv")
    before = load_task(name, n_train=15, n_test=30)
    written(tmp_path / "a.csv", 150)
    assert load_task(name, n_train=15, n_test=30).report.kept == 150 != before.report.kept


def test_what_a_file_does_not_tell_is_told(tmp_path, capsys, monkeypatch):
    frame = pd.read_csv(written(tmp_path / "a.csv").removeprefix("chess:"))
    frame.loc[3, "Rating"] = None  # pandas writes the others as 1500.0
    frame.drop(columns="GameUrl").to_csv(tmp_path / "b.csv", index=False)
    split = load_task(f"chess:{tmp_path / 'b.csv'}", n_train=15, n_test=30)
    assert split.report.kept == 120 and "names no games" in capsys.readouterr().out
    monkeypatch.setattr(chess_task, "MOST", 100)
    split = load_task(written(tmp_path / "c.csv"), n_train=15, n_test=30)
    assert split.report.kept == split.report.read == 100
    assert "the first 100 puzzles are taken" in capsys.readouterr().out


def test_files_that_make_no_task(tmp_path):
    with pytest.raises(ValueError, match="there is no file .*none.csv"):
        load_task(f"chess:{tmp_path / 'none.csv'}")
    with pytest.raises(ValueError, match="chess:.*/student: .* of 60 examples are left, of 120"):
        load_task(written(tmp_path / "a.csv"), n_train=60, n_test=30)
    with pytest.raises(ValueError, match="'chess:.*a.csv', and as text 'chess-text:"):
        load_task(str(tmp_path / "a.csv"))


def test_the_command_takes_the_settings_of_chess():
    found = settings_for("chess:lichess.csv", {"n_train": 15})
    assert (found.family, found.hard_labels, found.n_train, found.task) == (
        CHESS.family,
        True,
        15,
        "chess:lichess.csv",
    )


@pytest.mark.parametrize("name", ["puzzles_40k.csv.gz", "first_10000.csv.gz"])
def test_real_files(name, monkeypatch):
    if not (LICHESS / name).exists():
        pytest.skip("shared data is not here")
    monkeypatch.setattr(chess_task, "MOST", 3_000)
    split = load_task(f"chess:{LICHESS / name}", n_train=200, n_test=300)
    assert [len(part) for part in split.parts.values()] == [200, 200, 200, 200, 300]
