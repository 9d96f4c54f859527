"""Rows of puzzles against `chess` itself, hand-made and mangled."""

import csv
import itertools
import re

import chess
import chess.pgn
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from puzzle_files import HEADER, KNOWN, check, few, line, positions_of, read, verdict, write

from w2s_kit.tasks.chess import Puzzle, Report, load_puzzles, read_puzzles


def test_the_solution_starts_at_the_second_move(tmp_path):
    puzzles, report = read(write(tmp_path / "p.csv", *map(line, KNOWN)))
    assert report.kept == len(KNOWN) and not report.broken
    for puzzle in puzzles:
        _, moves, solve = KNOWN[puzzle.id]
        assert (puzzle.fen, [puzzle.setup, *puzzle.solution]) == (solve, moves.split())
        check(puzzle)
    assert puzzles[0] == Puzzle(
        "backrank",
        KNOWN["backrank"][2],
        ("b1b8",),
        "h4h3",
        1500,
        80,
        90,
        1000,
        frozenset({"mate", "short"}),
        "abcdefgh",
    )


@pytest.mark.parametrize(
    "cells, reason",
    [
        ({"fen": ""}, "bad FEN"),
        ({"fen": "6k1/5ppp/8/8/7r/8/5PPP/1R4K1"}, "bad FEN"),  # `chess` alone would take White to be to move
        ({"fen": "6k1/5ppp/8/8/7r/8/5PPP/1R4K1 b"}, "bad FEN"),
        ({"fen": "6k1/5ppp/8/8/7r/8/5PPP/1R4K2 b - - 3 30"}, "bad FEN"),
        ({"fen": "6k1/5ppp/8/8/7r/8/5PPP/1R4K1 x - - 3 30"}, "bad FEN"),
        ({"fen": "6k1/5ppp/8/8/7r/8/5PPP/1R6 b - - 3 30"}, "impossible position"),  # no white king
        ({"fen": "6k1/5ppp/8/8/7r/8/5PPP/1R4K1 b KQ - 3 30"}, "impossible position"),
        # Black is in check, White to move
        ({"fen": "1R4k1/5ppp/8/8/7r/8/5PPP/6K1 w - - 3 30"}, "impossible position"),
        ({"fen": "6k1/5ppp/8/8/7r/8/5PPP/1R4K1 w - - 3 30"}, "wrong side to move"),
        ({"moves": "h4h3 b1b9"}, "bad move"),
        ({"moves": "h4h3 0000"}, "illegal move"),
        ({"moves": "h4h3 b1c8"}, "illegal move"),
        ({"moves": "h4g3 b1b8"}, "illegal move"),
        (
            {"fen": "4k3/4r3/8/8/8/8/8/4RK2 b - - 0 1", "moves": "e7d7 e1e8"},
            "illegal move",
        ),  # the rook is pinned
        ({"fen": KNOWN["castles"][0], "moves": "f8e7 e1g1q"}, "illegal move"),  # parse_uci() would take it
        ({"moves": "h4h3 P@e4"}, "illegal move"),
        ({"moves": "h4h3"}, "incomplete solution"),
        ({"moves": ""}, "incomplete solution"),
        ({"rating": "15OO"}, "bad number"),
        ({"rating": "1500.5"}, "bad number"),
        ({"rating": "1500."}, "bad number"),
        ({"rating": "nan"}, "bad number"),
        ({"rating": " 1500 "}, None),
        ({"plays": "1_000"}, "bad number"),  # int() would take it
        ({"rating": "\N{ARABIC-INDIC DIGIT FIVE}00"}, "bad number"),
        ({"themes": "mate,short"}, "wrong number of columns"),
        ({"id": "nul\0"}, "NUL byte"),
        ({"themes": 'a "quote'}, None),  # only a quote that begins a cell means anything
        ({"themes": "a\rb"}, "bad CSV"),
        ({"themes": '"never closed'}, "bad CSV"),
    ],
)
def test_a_bad_row_is_counted_with_file_row_and_reason(tmp_path, cells, reason):
    path = write(tmp_path / "p.csv", line("castles"), line(**cells), line("black"))
    puzzles, report = read(path, fen="before")
    assert [p.id for p in puzzles] == (["castles", "black"] if reason else ["castles", "backrank", "black"])
    assert report.rejected == ({reason: 1} if reason else {})
    if reason:
        assert report.examples[reason][0].startswith(f"{path}, row 3: {reason}") and str(path) in str(report)


def test_three_examples_of_a_reason_are_kept(tmp_path):
    _, report = read(write(tmp_path / "p.csv", line(), *[line(moves="h4h3")] * 5), fen="before")
    assert report.rejected["incomplete solution"] == 5 and len(report.examples["incomplete solution"]) == 3


def test_bytes_that_are_no_text_cost_one_row(tmp_path):
    path = write(tmp_path / "p.csv", line(), line("black"))
    # with BOM
    path.write_bytes(
        b"\xef\xbb\xbf"
        + path.read_bytes().replace(b"\n", b"\r\n")
        + b"caf\xe9,x\r\n\r\n"
        + line("passant").encode()
    )
    puzzles, report = read(path)
    assert [p.id for p in puzzles] == ["backrank", "black", "passant"] and report.rejected == {"not UTF-8": 1}
    assert "row 4" in report.examples["not UTF-8"][0]


def test_a_missing_rating_makes_pandas_write_floats(tmp_path):
    frame = pd.read_csv(
        write(tmp_path / "p.csv", line(), line("black", rating=""), line("castles", rating=400))
    )
    frame.to_csv(tmp_path / "again.csv", index=False)
    assert ",1500.0," in (tmp_path / "again.csv").read_text()
    frame.to_json(tmp_path / "again.jsonl", orient="records", lines=True)
    frame.to_parquet(tmp_path / "again.parquet")
    frame.to_csv(tmp_path / "again.tsv", index=False, sep="\t")
    for name in ("p.csv", "again.csv", "again.jsonl", "again.parquet", "again.tsv"):
        puzzles, report = read(tmp_path / name)
        assert [p.rating for p in puzzles] == [1500, None, 400] and not report.rejected, (name, report)
    assert load_puzzles(tmp_path / "again.csv") == puzzles


def test_a_puzzle_that_was_there_before_is_counted(tmp_path):
    rows = [line(), line("black", id="backrank"), line(id="other"), line("castles")]
    puzzles, report = read(write(tmp_path / "p.csv", *rows))
    assert (
        [p.id for p in puzzles] == ["backrank", "castles"]
        and report.rejected == {"stands twice": 2}
        and report.repeated == 2
    )


def test_castling_is_written_as_chess_does(tmp_path):
    puzzles, _ = read(write(tmp_path / "p.csv", line(), line("castles", moves="f8e7 e1h1")))
    assert puzzles[1].solution == ("e1g1",)


def test_a_row_is_read_when_it_is_asked_for(tmp_path):
    report = Report()
    puzzles = read_puzzles(write(tmp_path / "p.csv", *[line()] * 5000), report)
    assert report.read == 0
    next(puzzles)
    assert report.read == report.kept == 1


mangled = st.tuples(
    st.sampled_from(sorted(KNOWN)),
    st.sampled_from(["none", "drop", "set", "swap", "cut", "bytes"]),
    st.integers(0, 200),
    st.integers(0, 200),
    st.one_of(
        st.sampled_from('1278/ KQkqPpwb-0,;"\n\r\0~@=#\u212a\u0665\ufeff'), st.characters(codec="utf-8")
    ),
)


def mangle(change) -> bytes:
    name, kind, i, j, character = change
    text = line(name, id=f"id{j}", rating=1000 + i)
    i, j = i % len(text), j % len(text)
    if kind == "drop":
        text = text[:i] + text[i + 1 :]
    elif kind == "set":
        text = text[:i] + character + text[i + 1 :]
    elif kind == "swap":
        i, j = sorted((i, j))
        text = text[:i] + text[j : j + 1] + text[i + 1 : j] + text[i : i + 1] + text[j + 1 :]
    elif kind == "cut":
        text = text[:i]
    return text.encode()[:i] + bytes([j % 256]) + text.encode()[i:] if kind == "bytes" else text.encode()


@few
@given(st.lists(mangled, max_size=8))
def test_mangled_rows_never_crash_and_have_the_verdict_of_chess(tmp_path, changes):
    path, rows = tmp_path / "p.csv", [mangle(change) for change in changes]
    path.write_bytes(HEADER.encode() + b"\n" + b"\n".join(rows))
    puzzles, report = read(path, fen="before")
    expected, seen = [], []
    for row in b"\n".join(rows).split(b"\n"):
        try:
            cells = [
                cell.strip()
                for cell in next(csv.reader([row.decode("utf-8-sig").strip("\r")], strict=True), [])
            ]
        except (UnicodeDecodeError, csv.Error):
            continue
        torn = any(cell.endswith('"') for cell in cells)  # a quote closes the cell that none opens
        numbers = all(re.fullmatch(r"(-?[0-9]{1,9}(\.0+)?)?", n) for n in cells[3:7])
        if (
            b"\0" not in row
            and len(cells) == 10
            and not torn
            and numbers
            and (solved := positions_of(cells[1], cells[2]))
        ):
            if cells[0] not in seen and solved not in seen:
                seen += [cells[0], solved]
                expected.append((cells[2].split()[0], len(cells[2].split())))
    assert [(p.setup, len(p.solution) + 1) for p in puzzles] == expected
    for puzzle in puzzles:
        check(puzzle)
    try:
        again, _ = read(path)
    except ValueError as error:
        assert 'fen="before"' in str(error) or "cannot be used" in str(error)
    else:
        assert again == puzzles


@st.composite
def positions(draw):
    """Few pieces anywhere; often valid, but for the parts of the FEN that come after."""
    board = chess.Board(None)
    for i, square in enumerate(draw(st.lists(st.integers(0, 63), min_size=3, max_size=16, unique=True))):
        kind, color = (
            (chess.KING, i == 0)
            if i < 2
            else (draw(st.sampled_from([1, 1, 1, 2, 3, 4, 5, 6])), draw(st.booleans()))
        )
        board.set_piece_at(square, chess.Piece(kind, color))
    board.turn = draw(st.booleans())
    return board


@few
@given(
    positions(),
    st.sampled_from(["-", "-", "KQkq", "K", "q"]),
    st.sampled_from(["-", "-", "e6", "d3", "a1"]),
    st.integers(0, 10**6),
    st.booleans(),
)
def test_any_position_and_move_have_the_verdict_of_chess(tmp_path, board, castling, passant, n, legal):
    fen = f"{board.board_fen()} {'w' if board.turn else 'b'} {castling} {passant} 0 20"
    moves = [move.uci() for move in board.legal_moves] if legal and board.is_valid() else []
    move = moves[n % len(moves)] if moves else chess.square_name(n % 64) + chess.square_name(n // 64 % 64)
    puzzles, _ = read(write(tmp_path / "p.csv", f"x,{fen},{move}", header="PuzzleId,FEN,Moves"), fen="after")
    assert len(puzzles) == verdict(fen, move, after=True)


@few
@given(positions())
def test_a_legal_move_from_a_valid_position_leads_to_a_valid_one(board):
    """... which is why the position to solve is not checked again."""
    for board.turn, passant in itertools.product([chess.WHITE, chess.BLACK], [None, *range(8)]):
        board.ep_square = None if passant is None else passant + (40 if board.turn else 16)
        if board.is_valid():
            for move in list(board.legal_moves):
                board.push(move)
                assert board.is_valid(), board.fen()
                board.pop()
