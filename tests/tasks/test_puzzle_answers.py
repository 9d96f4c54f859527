"""What is done with puzzles: some are selected, and an answer is right or wrong."""

import chess
import chess.pgn
import pytest
from puzzle_files import line, write

from w2s_kit.tasks.chess import Puzzle, is_right, is_unique_mate_in_one, read_puzzles, select, table


def test_select():
    rows = [(900, 95, "mate short"), (1200, 50, "fork short"), (1201, None, "mate"), (None, 99, "")]
    puzzles = [
        Puzzle(str(r), "", ("e2e4",), rating=r, popularity=p, themes=frozenset(t.split())) for r, p, t in rows
    ]

    def ids(**what):
        return [p.id for p in select(puzzles, **what)]

    assert ids() == ["900", "1200", "1201", "None"]
    assert ids(rating=(0, 1200)) == ["900", "1200"] and ids(rating=(901, 9999)) == ["1200", "1201"]
    assert ids(any_theme=["fork", "mate"]) == ["900", "1200", "1201"] and ids(
        all_themes=["short", "mate"]
    ) == ["900"]
    assert ids(popularity=50) == ["900", "1200", "None"] and ids(popularity=60, rating=(0, 3000)) == ["900"]


def test_table(tmp_path):
    frame = table(read_puzzles(write(tmp_path / "p.csv", line(), line("black", rating=1700))))
    assert (
        frame["difficulty"].tolist() == [1500, 1700]
        and frame["solution"].tolist() == ["b1b8", "b8b1 c2c1 b1c1"]
        and frame["themes"][0] == "mate short"
    )
    assert table([]).columns.tolist() == frame.columns.tolist()


@pytest.mark.parametrize(
    "fen, move, unique",
    [
        ("6k1/5ppp/8/8/8/7r/5PPP/1R4K1 w - - 0 1", "b1b8", True),
        ("6k1/5ppp/8/8/8/7r/5PPP/1R4K1 w - - 0 1", "b1b7", False),  # no mate
        ("6k1/5ppp/8/8/8/7r/5PPP/1R4K1 w - - 0 1", "b1c8", False),  # not legal
        ("6k1/5ppp/8/8/8/7r/5PPP/RR4K1 w - - 0 1", "b1b8", False),  # so does a1a8
        ("6k1/5ppp/8/8/8/8/PP6/K6r b - - 0 1", "h1h2", False),  # the king already stands in check
        ("1r4k1/5ppp/8/8/8/8/2R2PPP/6K1 b - - 0 1", "b8b1", False),  # c2c1 comes between
        ("6k1/P4ppp/8/8/8/8/5PPP/6K1 w - - 0 1", "a7a8q", False),  # a rook mates, too
        ("7k/5Q2/6K1/8/8/8/8/8 w - - 0 1", "f7g7", False),
    ],
)
def test_unique_mate_in_one(fen, move, unique):
    board = chess.Board(fen)
    assert (
        is_unique_mate_in_one(board, move)
        == is_unique_mate_in_one(board, chess.Move.from_uci(move))
        == unique
    )
    assert board.fen() == fen


def test_an_answer_is_right():
    two = Puzzle("x", "6k1/5ppp/8/8/8/7r/5PPP/RR4K1 w - - 0 1", ("b1b8",))
    for answer in ("b1b8", " Rb8#", "Rb8#\n"):
        assert is_right(two, answer)
    # the paper's match is exact
    for answer in ("Ra8#", "a1a8", "Rb8", "Rb7", "", "0000", "--", "a1a9", "Qh5", "e2e4"):
        assert not is_right(two, answer), answer
    for answer in ("Ra8#", "a1a8", " Ra8"):
        assert is_right(two, answer, any_mate=True)
    for answer in ("Ra7", "a1a7", "", "0000", "--", "e2e4"):
        assert not is_right(two, answer, any_mate=True), answer
    quiet = Puzzle("x", two.fen, ("b1b7",))  # not a mate, so that no mate takes its place
    assert not is_right(quiet, "Rb8#", any_mate=True) and is_right(quiet, "Rb7", any_mate=True)
