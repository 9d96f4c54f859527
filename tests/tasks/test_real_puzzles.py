"""Real files of puzzles and games have the verdict of `chess`."""

import csv
import gzip
import itertools
import re
from pathlib import Path

import chess
import chess.pgn
import pytest
from puzzle_files import check, join, verdict

from w2s_kit.tasks.chess import Puzzle, Report, is_right, prompt, read_puzzles, read_text, target

DATA = Path(__file__).parents[3] / "shared" / "data"


def real(name):
    path = DATA / name
    if not path.exists():
        pytest.skip(f"no {name} here")
    return path


@pytest.mark.parametrize("name, fen, moves", [("puzzles_40k.csv.gz", 1, 2), ("first_10000.csv.gz", 0, 1)])
def test_real_puzzles_have_the_verdict_of_chess(name, fen, moves):
    path, report, n = real(f"lichess/{name}"), Report(), 1500
    puzzles = list(itertools.islice(read_puzzles(path, report), n))
    assert report.read == report.kept == n
    with gzip.open(path, "rt") as stream:
        # where there is a header, there is an id before the FEN
        rows = itertools.islice(csv.reader(stream), fen, n + fen)
        for puzzle, row in zip(puzzles, rows, strict=True):
            board = chess.Board(row[fen])
            assert board.is_valid()
            board.push_uci(row[moves].split()[0])
            assert (
                puzzle.fen == board.fen()
                and [puzzle.setup, *puzzle.solution] == row[moves].split()
                and verdict(row[fen], row[moves])
            )
    for puzzle in puzzles[::10]:
        check(puzzle)
        if "mateIn1" in puzzle.themes:
            assert is_right(puzzle, target(puzzle)) and chess.Board(puzzle.fen).gives_check(
                chess.Move.from_uci(puzzle.solution[0])
            )


def test_the_trainers_puzzles_of_2020_lack_the_set_up_move():
    path = real("lichess/puzzles_2020_64k.csv.gz")
    with pytest.raises(ValueError, match="no columns FEN and Moves"):
        read_puzzles(path)
    with pytest.raises(ValueError, match="0 have moves that are legal.*set-up move missing"):
        read_puzzles(path, columns=["id", "rating", "", "", "", "", "gameId", "fen", "moves", "", ""])


def test_real_games_are_joined_and_written(tmp_path):
    """The games of the file under made-up ids, and a puzzle somewhere in each."""
    with gzip.open(real("pgn/gm_games_2400.pgn.gz"), "rt") as stream:
        games = [chess.pgn.read_game(stream) for _ in range(30)]
    puzzles, text = [], []
    for i, game in enumerate(games):
        game.headers["Site"] = f"https://lichess.org/{i:08}"
        text.append(str(game))
        moves = [move.uci() for move in game.mainline_moves()]
        ply, board = len(moves) * i // len(games), chess.Board()
        for move in moves[:ply]:
            board.push_uci(move)
        puzzles.append(
            Puzzle(str(i), board.fen(), (moves[ply],), moves[ply - 1] if ply else "", game_id=f"{i:08}")
        )
    (tmp_path / "games.pgn").write_text("\n\n".join(text))
    joined, _ = join(puzzles, tmp_path / "games.pgn")
    assert [p.id for p in joined] == [p.id for p in puzzles] and sum(len(p.game) > 30 for p in joined) > 10
    for puzzle, game in zip(joined, games):
        unnumbered = re.sub(r"\d+\.+ ?", "", prompt(puzzle.game) + target(puzzle)).split()
        whole = game.accept(
            chess.pgn.StringExporter(headers=False, columns=None, comments=False, variations=False)
        )
        assert (
            unnumbered == re.sub(r"\d+\.+ ?", "", whole).split()[: len(unnumbered)]
            and len(unnumbered) == len(puzzle.game) + 1
        )
        assert re.findall(r"\d+\.+", prompt(puzzle.game)) == [
            f"{i // 2 + 1}{'.' if i % 2 == 0 else '...'}" for i in range(len(puzzle.game) + 1)
        ]
        row = {"id": puzzle.id, "ctx": prompt(puzzle.game), "target": target(puzzle)}
        assert list(read_text([row])) == [
            Puzzle(puzzle.id, puzzle.fen, puzzle.solution, puzzle.setup, game=puzzle.game)
        ]
