"""Puzzles against `chess` itself, asked row by row, on hand-made, mangled and real files."""

import csv
import gzip
import itertools
import json
import re
from pathlib import Path

import chess
import chess.pgn
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from w2s_kit.tasks.chess import (
    Puzzle,
    Report,
    is_right,
    is_unique_mate_in_one,
    join_games,
    load_puzzles,
    prompt,
    read_puzzles,
    read_text,
    select,
    table,
    target,
)
from w2s_kit.tasks.chess.lichess import game_id

DATA = Path(__file__).parents[3] / "shared" / "data"
few = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

HEADER = "PuzzleId,FEN,Moves,Rating,RatingDeviation,Popularity,NbPlays,Themes,GameUrl,OpeningTags"
# what it is: FEN before the set-up move, moves, the position to solve
KNOWN = {
    "backrank": (
        "6k1/5ppp/8/8/7r/8/5PPP/1R4K1 b - - 3 30",
        "h4h3 b1b8",
        "6k1/5ppp/8/8/8/7r/5PPP/1R4K1 w - - 4 31",
    ),
    "black": (
        "1r4k1/5ppp/8/8/8/8/R4PPP/6K1 w - - 3 30",
        "a2c2 b8b1 c2c1 b1c1",
        "1r4k1/5ppp/8/8/8/8/2R2PPP/6K1 b - - 4 30",
    ),
    "castles": ("5k2/8/8/8/8/8/6PP/4K2R b K - 0 30", "f8e7 e1g1", "8/4k3/8/8/8/8/6PP/4K2R w K - 1 31"),
    "passant": ("4k3/3p4/8/4P3/8/8/8/4K3 b - - 0 30", "d7d5 e5d6", "4k3/8/8/3pP3/8/8/8/4K3 w - d6 0 31"),
    "promotes": ("8/P4k2/8/8/8/8/8/K7 b - - 0 50", "f7e6 a7a8n", "8/P7/4k3/8/8/8/8/K7 w - - 1 51"),
}


def line(name="backrank", **cells):
    fen, moves, _ = KNOWN[name]
    row = {
        "id": name,
        "fen": fen,
        "moves": moves,
        "rating": 1500,
        "deviation": 80,
        "popularity": 90,
        "plays": 1000,
        "themes": "mate short",
        "game": "https://lichess.org/abcdefgh/black#60",
        "openings": "",
        **cells,
    }
    return ",".join(map(str, row.values()))


def puzzle_lines(n, **cells):
    """Of `n` puzzles in different positions: four more pieces stand where they change nothing."""
    squares = [
        square for square in range(32, 48) if chess.square_name(square) not in ("b5", "b6", "f6", "h6")
    ]
    board, moves = chess.Board(KNOWN["backrank"][0]), KNOWN["backrank"][1]
    for i, places in enumerate(itertools.islice(itertools.permutations(squares, 4), n)):
        other = board.copy()
        for square, piece in zip(places, "NnBb"):
            other.set_piece_at(square, chess.Piece.from_symbol(piece))
        yield line(**{"id": f"p{i}", "fen": other.fen(), "moves": moves, "rating": 500 + i, **cells})


def write(path, *rows, header=HEADER):
    path.write_text("\n".join([header] * bool(header) + list(rows)) + "\n")
    return path


def read(path, **how):
    report = Report()
    puzzles = list(read_puzzles(path, report, **how))
    assert report.read == report.kept + report.rejected.total() and report.kept == len(puzzles)
    return puzzles, report


def verdict(fen: str, moves: str, after: bool = False) -> bool:
    """Is this a puzzle?"""
    return bool(positions_of(fen, moves, after))


def positions_of(fen: str, moves: str, after: bool = False) -> list[str]:
    """From the position to solve to the last, or none where this is no puzzle. A second reading, with a new
    board for everything.
    """
    try:
        board = chess.Board(fen)
        if not board.is_valid() or len(fen.split()) not in (4, 6):
            return []
        found = [board.epd()]
        for move in moves.split():
            board.push(
                {board.uci(m, chess960=other): m for m in board.legal_moves for other in (True, False)}[move]
            )
            found.append(board.epd())
    except (ValueError, KeyError):
        return []
    return found[not after :] if moves.split() and len(moves.split()) % 2 == after else []


def check(puzzle: Puzzle) -> None:
    board = chess.Board(puzzle.fen)
    assert board.is_valid() and len(puzzle.solution) % 2 and puzzle.fen == board.fen()
    for move in puzzle.solution:
        assert move in [m.uci() for m in board.legal_moves]
        board.push_uci(move)


def compressed(path, data: bytes, codec: str):
    with pa.CompressedOutputStream(str(path), codec) as stream:
        stream.write(data)
    return path


# ---- rows --------------------------------------------------------------------------------------------
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


# ---- what a file is ----------------------------------------------------------------------------------
def after(name):
    fen, moves, solve = KNOWN[name]
    return {"id": name, "fen": solve, "moves": " ".join(moves.split()[1:])}


QUIET = ["castles", "passant", "promotes"]  # without mate at the end


def test_a_mate_decides_where_the_fen_stands(tmp_path):
    before, _ = read(write(tmp_path / "before.csv", *map(line, KNOWN)))
    later, _ = read(write(tmp_path / "after.csv", *(line(name, **after(name)) for name in KNOWN)))
    assert [(p.fen, p.solution) for p in before] == [(p.fen, p.solution) for p in later]
    assert {p.setup for p in later} == {""} and "" not in {p.setup for p in before}


def test_without_evidence_the_user_is_asked(tmp_path):
    quiet = write(tmp_path / "quiet.csv", *map(line, QUIET))
    with pytest.raises(ValueError, match=r'quiet.csv.*before or after.*fen="before"'):
        read_puzzles(quiet)  # asked at once, before anything is read
    assert len(read(quiet, fen="before")[0]) == len(QUIET)
    assert read(quiet, fen="after")[1].rejected == {"incomplete solution": len(QUIET)}
    both = write(tmp_path / "both.csv", *map(line, KNOWN), *(line(name, **after(name)) for name in KNOWN))
    with pytest.raises(ValueError, match="5 an even and 5 an odd number; 4 end in mate"):
        read_puzzles(both)
    for rows in [  # mates say one thing, parity another; parity is not clear; mates are not clear
        [line("black"), *(line(name, **after(name)) for name in QUIET)],
        [*map(line, KNOWN), line("castles", **after("castles"))],
        [*map(line, 7 * QUIET), line(), line(**after("backrank"))],
    ]:
        with pytest.raises(ValueError, match="before or after"):
            read_puzzles(write(tmp_path / "unclear.csv", *rows))
    with pytest.raises(ValueError, match="fen='begin'"):
        read_puzzles(quiet, fen="begin")


def test_few_bad_rows_do_not_hide_where_the_fen_stands(tmp_path):
    good = [*map(line, KNOWN), *puzzle_lines(15)]
    puzzles, report = read(write(tmp_path / "p.csv", *good, line(moves="h4h3"), line(fen="x")))
    assert len(puzzles) == 20 and report.rejected == {"incomplete solution": 1, "bad FEN": 1}


def test_a_missing_set_up_move_is_noticed(tmp_path):
    """FEN before the set-up move, moves from the solution's first on: as in the trainer's puzzles of 2020."""
    rows = [line(name, moves=" ".join(KNOWN[name][1].split()[1:])) for name in KNOWN]
    with pytest.raises(ValueError, match="0 have moves that are legal.*set-up move missing"):
        read_puzzles(write(tmp_path / "p.csv", *rows))


@pytest.mark.parametrize("width", [9, 10, 11])
def test_lichess_columns_are_known_without_header(tmp_path, width):
    rows = [
        ",".join([*line(name).split(",")[:9], "Italian_Game Italian_Game_Anti-Fried_Liver", "x"][:width])
        for name in KNOWN
    ]
    puzzles, report = read(write(tmp_path / "p.csv", *rows, header=""))
    assert (
        report.kept == 5
        and puzzles[0].id == "backrank"
        and puzzles[0].game_id == "abcdefgh"
        and puzzles[0].plays == 1000
    )
    assert puzzles[0].openings == (("Italian_Game", "Italian_Game_Anti-Fried_Liver") if width > 9 else ())


def test_fewer_columns_are_told_by_their_content_or_asked_about(tmp_path):
    cells = [(f"p{i:04}", *KNOWN[name][:2], 900 + 300 * i, 80 - i) for i, name in enumerate(KNOWN)]

    def rows(*order):
        return [",".join(str(row[i]) for i in order) for row in cells]

    for order in [(1, 2, 3), (0, 3, 2, 1), (2, 1)]:
        puzzles, _ = read(write(tmp_path / "p.csv", *rows(*order), header=""))
        assert [p.fen for p in puzzles] == [solve for _, _, solve in KNOWN.values()]
        assert [p.rating for p in puzzles] == ([row[3] for row in cells] if 3 in order else [None] * 5)
        assert [p.id for p in puzzles] == (
            [row[0] for row in cells] if 0 in order else [f"row{i}" for i in range(1, 6)]
        )
    # what is which?
    for order in [(1, 2, 4), (1, 2, 3, 4), (1, 3), (0, 3), (1, 2, 2), (0, 1, 2, 3, 3, 3, 3, 0, 0)]:
        path = write(tmp_path / "p.csv", *rows(*order), header="")
        with pytest.raises(ValueError, match=r"p.csv: there is no header.*pass columns=.*first row"):
            read_puzzles(path)
    path = write(tmp_path / "p.csv", *rows(1, 2, 3, 4), header="")
    puzzles, _ = read(path, columns=("FEN", "Moves", "", "Popularity"))
    assert [(p.rating, p.popularity) for p in puzzles] == [(None, row[4]) for row in cells]


def test_columns_are_found_by_their_names(tmp_path):
    fen, moves, _ = KNOWN["backrank"]
    puzzles, _ = read(
        write(
            tmp_path / "p.csv",
            f"1500,{moves},level 3,{fen},abcdefgh",
            header="rating, Moves,Level,fen,GameId",
        )
    )
    assert puzzles == [Puzzle("row2", KNOWN["backrank"][2], ("b1b8",), "h4h3", 1500, game_id="abcdefgh")]
    path = write(tmp_path / "p.csv", f"1500,{moves},{fen}", header="rating,best line,fen")
    with pytest.raises(
        ValueError, match="no columns FEN and Moves among rating, best line, fen; pass columns="
    ):
        read_puzzles(path)
    assert read(path, columns=("Rating", "Moves", "FEN"))[0][0].solution == ("b1b8",)
    one = read(write(tmp_path / "p.csv", f"{KNOWN['backrank'][2]},b1b8", header=""))[0][0]
    assert (one.id, one.setup, one.solution) == ("row1", "", ("b1b8",))


def test_files_that_hold_no_puzzles(tmp_path):
    with pytest.raises(FileNotFoundError, match="nowhere.csv"):
        read_puzzles(tmp_path / "nowhere.csv")
    for content in (b"", b"\n\n", b"\0" * 3000, b"\xff\xfe" + HEADER.encode("utf-16-le")):
        (tmp_path / "p.csv").write_bytes(content)
        with pytest.raises(ValueError, match="no text"):
            read_puzzles(tmp_path / "p.csv")
    (tmp_path / "p.csv").write_text("once upon a time\n")
    with pytest.raises(ValueError, match="no header"):
        read_puzzles(tmp_path / "p.csv")
    assert read(write(tmp_path / "p.csv"))[1].read == 0


# ---- compression, broken files -----------------------------------------------------------------------
@pytest.mark.parametrize("codec, name", [("gzip", "p.csv.gz"), ("zstd", "p.csv.zst")])
def test_compressed_files(tmp_path, codec, name):
    data = "\n".join([HEADER, *map(line, KNOWN)]).encode()
    path = compressed(tmp_path / name, data, codec)
    plain, _ = read(write(tmp_path / "p.csv", *map(line, KNOWN)))
    assert read(path)[0] == plain and path.read_bytes() != data
    more = "\n" + next(puzzle_lines(1))
    two = path.read_bytes() + compressed(tmp_path / "more", more.encode(), codec).read_bytes()
    path.write_bytes(two)  # compressed in two pieces
    assert len(read(path)[0]) == 6
    if codec == "zstd":  # pzstd begins with a frame to skip
        path.write_bytes(b"\x50\x2a\x4d\x18\x04\0\0\0abcd" + two)
        assert len(read(path)[0]) == 6


@pytest.mark.parametrize("codec", ["gzip", "zstd"])
@pytest.mark.parametrize("broken", ["cut", "garbage"])
def test_what_stands_before_a_break_is_kept(tmp_path, codec, broken):
    first = compressed(
        tmp_path / "first", "\n".join([HEADER, *map(line, KNOWN), line("black")[:-9]]).encode(), codec
    ).read_bytes()
    second = compressed(
        tmp_path / "second", b"".join(b"%d" % (i * i) for i in range(4000)), codec
    ).read_bytes()
    path = tmp_path / "p.csv"
    path.write_bytes(first + (second[:-20] if broken == "cut" else second[:9] + b"\xaa" * 500))
    puzzles, report = read(path)
    assert [p.id for p in puzzles] == list(KNOWN)  # nothing is made of the row that is cut
    assert report.read == 5
    assert (
        len(report.broken) == 1
        and "p.csv: breaks off in row 7" in report.broken[0]
        and report.broken[0] in str(report)
    )


def test_a_long_file_that_breaks_off(tmp_path):
    data = "\n".join([HEADER, *puzzle_lines(2000)]).encode()
    whole = gzip.compress(data, mtime=0)
    (tmp_path / "p.gz").write_bytes(whole[: len(whole) * 2 // 3])
    puzzles, report = read(tmp_path / "p.gz")
    assert [p.rating for p in puzzles] == list(range(500, 500 + len(puzzles))) and 500 < len(puzzles) < 2000
    assert f"breaks off in row {len(puzzles) + 2} " in report.broken[0]


def test_a_tail_without_end_of_line_does_not_fill_the_memory(tmp_path):
    path = write(tmp_path / "p.csv", *map(line, KNOWN))
    path.write_bytes(path.read_bytes() + b"\0" * (3 << 20))
    puzzles, report = read(path)
    assert len(puzzles) == 5 and report.rejected["NUL byte"] == report.read - 5 >= 2


# ---- what is done with puzzles -----------------------------------------------------------------------
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


# ---- games and text ----------------------------------------------------------------------------------
SCHOLAR = "e2e4 e7e5 f1c4 b8c6 d1h5 g8f6".split()
SOLVE = "r1bqkb1r/pppp1ppp/2n2n2/4p2Q/2B1P3/8/PPPP1PPP/RNB1K1NR w KQkq - 4 4"
SCHOLAR_PUZZLE = Puzzle("m8", SOLVE, ("h5f7",), "g8f6", 800, game_id="abcdefgh")
MOVES = """1. e4 { [%clk 0:10:00] a [comment] (of words) } 1... e5 $1 ( 1... c5 2. Nf3 ) 2. Bc4 Nc6
{ more of them,
[%eval 0.3] like ["so"]
[end] of [comment "it"] }
3. Qh5 Nf6?? 4. Qxf7# 1-0"""


def pgn(moves=MOVES, site="https://lichess.org/abcdefgh", extra=""):
    return f'[Event "Rated Blitz game"]\n[Site "{site}"]\n{extra}[Result "1-0"]\n\n{moves}\n\n'


def join(puzzles, path):
    report = Report()
    joined = list(join_games(puzzles, path, report))
    assert report.read == report.kept + report.rejected.total() and report.kept == len(joined)
    return joined, report


def test_prompt_numbers_every_half_move():
    assert prompt([]) == "1."
    assert prompt(["e2e4"]) == "1. e4 1..."
    assert prompt(SCHOLAR) == "1. e4 1... e5 2. Bc4 2... Nc6 3. Qh5 3... Nf6 4."
    assert target(SCHOLAR_PUZZLE) == " Qxf7#"
    with pytest.raises(ValueError, match="e7e5"):
        prompt(["e7e5"])


@pytest.mark.parametrize("codec", ["", "gzip", "zstd"])
def test_games_are_joined_by_id(tmp_path, codec):
    other = pgn("1. d4 d5 1/2-1/2", "https://lichess.org/12345678")
    text = (other + pgn() + pgn("1. e4 e5 1-0")).encode()  # the first game with the id counts
    path = compressed(tmp_path / "games", text, codec) if codec else tmp_path / "games"
    if not codec:
        path.write_bytes(text)
    second = Puzzle(
        "d4",
        chess.Board("rnbqkbnr/ppp1pppp/8/3p4/3P4/8/PPP1PPPP/RNBQKBNR w KQkq - 0 2").fen(),
        ("c2c4",),
        game_id="12345678",
    )
    joined, report = join([SCHOLAR_PUZZLE, second], path)
    assert [p.id for p in joined] == ["d4", "m8"] and not report.broken
    assert joined[1].game == tuple(SCHOLAR) and joined[1].rating == 800
    assert (
        prompt(joined[1].game) + target(joined[1]) == "1. e4 1... e5 2. Bc4 2... Nc6 3. Qh5 3... Nf6 4. Qxf7#"
    )


@pytest.mark.parametrize(
    "change, text, reason",
    [
        ({"game_id": ""}, pgn(), "no game id"),
        ({"game_id": "other123"}, pgn(), "game not found"),
        ({}, pgn(site="https://example.org/abcdefgh"), "game not found"),
        ({}, "", "game not found"),
        ({}, pgn("1. e4 e5 2. Bc4 Nc6 1-0"), "game too short"),
        (
            {},
            pgn("1. e4 e5 2. Bc4 Nc6 3. Qh6 Nf6 4. Qxf7# 1-0"),
            "game too short",
        ),  # a move that is not legal
        ({}, pgn("1. e4 e5 2. Bc4 Nc6 3. Qf3 Nf6 4. Qb3 1-0"), "another position"),
        ({"setup": "c6d4"}, pgn(), "another position"),
        ({"fen": SOLVE[:-1] + "3"}, pgn(), "another position"),  # right position, wrong number
        ({}, pgn("4. Qxf7# 1-0", extra=f'[FEN "{SOLVE}"]\n[SetUp "1"]\n'), "game too short"),
        ({}, pgn(extra='[Variant "Antichess"]\n'), "game too short"),
    ],
)
def test_a_game_that_does_not_lead_to_its_puzzle(tmp_path, change, text, reason):
    (tmp_path / "games.pgn").write_text(text)
    joined, report = join([Puzzle(**{**vars(SCHOLAR_PUZZLE), **change})], tmp_path / "games.pgn")
    assert not joined and report.rejected == {reason: 1} and "m8" in report.examples[reason][0]


def test_what_comes_after_the_puzzle_may_be_broken(tmp_path):
    text = gzip.compress(
        (
            pgn("1. d4 d5", "https://lichess.org/12345678") + pgn(MOVES.replace("Qxf7#", "Qxz9") + "\n")
        ).encode()
        + bytes(range(256)) * 40,
        mtime=0,
    )
    (tmp_path / "games.pgn.gz").write_bytes(text[:-30])
    joined, report = join([SCHOLAR_PUZZLE], tmp_path / "games.pgn.gz")
    assert [p.game for p in joined] == [
        tuple(SCHOLAR)
    ] and "games.pgn.gz: breaks off in row" in report.broken[0]


@few
@given(
    st.integers(0, 400),
    st.integers(0, 3),
    st.one_of(
        st.text(max_size=3),
        st.sampled_from(
            [
                "{",
                "}",
                "(",
                ")",
                "\n",
                "[",
                "--",
                "0000",
                "\0",
                "Z0 ",
                " 1-0 ",
                '\n[Site "https://lichess.org/abcdefgh"]\n',
            ]
        ),
    ),
)
def test_mangled_games_never_crash(tmp_path, at, drop, insert):
    text = pgn("1. d4 d5 *", "https://lichess.org/12345678") + pgn()
    at %= len(text)
    (tmp_path / "games.pgn").write_bytes(
        (text[:at] + insert + text[at + drop :]).encode("utf-8", "surrogatepass")
    )
    joined, _ = join(
        [SCHOLAR_PUZZLE, Puzzle(**{**vars(SCHOLAR_PUZZLE), "id": "again"})], tmp_path / "games.pgn"
    )
    for puzzle in joined:
        board = chess.Board()
        for move in puzzle.game:
            board.push_uci(move)
        assert board.fen() == SOLVE and puzzle.game == tuple(SCHOLAR)


@pytest.mark.parametrize(
    "text, name",
    [
        ("https://lichess.org/787zsVup/black#48", "787zsVup"),
        ("https://lichess.org/F8M8OS71#53", "F8M8OS71"),
        ("https://lichess.org/787zsVup", "787zsVup"),
        ("https://lichess.org/787zsVupAbCd", "787zsVup"),
        ("787zsVup", "787zsVup"),
        ("", ""),
        ("Saint Louis USA", ""),
        ("chess24.com INT", ""),
        ("https://example.org/787zsVup", ""),
        ("https://lichess.org/787zs", ""),
        ("https://lichess.org/training/787zs", ""),
    ],
)
def test_game_ids(text, name):
    assert game_id(text) == name


CTX = "1. e4 1... e5 2. Bc4 2... Nc6 3. Qh5 3... Nf6"


def texts(source):
    report = Report()
    puzzles = list(read_text(source, report))
    assert report.read == report.kept + report.rejected.total() and report.kept == len(puzzles)
    return puzzles, report


@pytest.mark.parametrize("end", [" 4.", ""])
def test_text_is_read_back(tmp_path, end):
    row = {"id": "m8", "ctx": CTX + end, "target": " Qxf7#"}
    expected = [Puzzle("m8", SOLVE, ("h5f7",), "g8f6", game=tuple(SCHOLAR))]
    assert (
        texts([row])[0] == expected
        and prompt(expected[0].game) == CTX + " 4."
        and target(expected[0]) == row["target"]
    )
    frame = pd.DataFrame([row])
    frame.to_parquet(tmp_path / "t.parquet")
    frame.to_csv(tmp_path / "t.csv", index=False)
    frame.to_csv(tmp_path / "t.csv.gz", index=False)
    frame[["target", "id", "ctx"]].to_csv(tmp_path / "turned.csv", index=False)
    frame.to_json(tmp_path / "t.jsonl", orient="records", lines=True)
    compressed(tmp_path / "t.jsonl.zst", (tmp_path / "t.jsonl").read_bytes(), "zstd")
    for name in ("t.parquet", "t.csv", "t.csv.gz", "turned.csv", "t.jsonl", "t.jsonl.zst"):
        assert texts(tmp_path / name)[0] == expected, name


@pytest.mark.parametrize(
    "change, reason",
    [
        ({"ctx": None}, "no text"),
        ({"target": 3}, "no text"),
        ({"ctx": CTX + " 5."}, "wrong move number"),
        ({"ctx": CTX.replace("2...", "2.")}, "wrong move number"),
        ({"ctx": "1. e4 e5 2. Bc4"}, "wrong move number"),
        ({"ctx": CTX.replace("Qh5", "Qh6")}, "bad move"),
        ({"ctx": CTX.replace("Nf6", "--")}, "bad move"),
        ({"target": ""}, "bad move"),
        ({"target": " --"}, "bad move"),
        ({"target": " Nf6"}, "bad move"),
        ({"ctx": CTX.replace("Nf6", "f6") + "\0"}, "bad move"),
    ],
)
def test_bad_text_is_counted(tmp_path, change, reason):
    good = {"id": "m8", "ctx": CTX, "target": " Qxf7#"}
    rows = [good, {**good, **change}]
    (tmp_path / "t.jsonl").write_text("\n".join(map(json.dumps, rows)))
    for source, where in ((rows, "row 2"), (tmp_path / "t.jsonl", f"{tmp_path / 't.jsonl'}, row 2")):
        puzzles, report = texts(source)
        assert (
            len(puzzles) == 1
            and report.rejected == {reason: 1}
            and report.examples[reason][0].startswith(where)
        )


def test_broken_text_files(tmp_path):
    good = json.dumps({"id": "m8", "ctx": CTX, "target": " Qxf7#"})
    last = json.dumps({"id": "m9", "ctx": CTX, "target": " Nf3"})
    (tmp_path / "t.jsonl").write_text("\n".join([good, good[:-5], "{" * 10, "[1]", "\0", last]))
    puzzles, report = texts(tmp_path / "t.jsonl")
    assert [puzzle.id for puzzle in puzzles] == ["m8", "m9"] and report.read == 6
    pd.DataFrame([json.loads(good)] * 50).to_parquet(tmp_path / "t.parquet")
    data = (tmp_path / "t.parquet").read_bytes()
    (tmp_path / "t.parquet").write_bytes(data[: len(data) // 2])
    puzzles, report = texts(tmp_path / "t.parquet")
    assert not puzzles and "t.parquet: cannot be read after row 0" in report.broken[0]


# ---- real files --------------------------------------------------------------------------------------
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
