"""What a file of puzzles is: its columns, where its FEN stands, its compression, its broken end."""

import gzip

import pytest
from puzzle_files import HEADER, KNOWN, compressed, line, puzzle_lines, read, write

from w2s_kit.tasks.chess import Puzzle, read_puzzles


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
        ValueError, match="no columns FEN and Moves among rating, best line, fen; name them.*pass columns="
    ):
        read_puzzles(path)
    assert read(path, columns=("Rating", "Moves", "FEN"))[0][0].solution == ("b1b8",)
    one = read(write(tmp_path / "p.csv", f"{KNOWN['backrank'][2]},b1b8", header=""))[0][0]
    assert (one.id, one.setup, one.solution) == ("row1", "", ("b1b8",))


def test_files_that_hold_no_puzzles(tmp_path):
    with pytest.raises(FileNotFoundError, match="nowhere.csv"):
        read_puzzles(tmp_path / "nowhere.csv")
    for content in (b"", b"\n\n", b"\0" * 3000):
        (tmp_path / "p.csv").write_bytes(content)
        with pytest.raises(ValueError, match="no text"):
            read_puzzles(tmp_path / "p.csv")
    for codec in ("utf-16", "utf-16-le", "utf-32"):
        (tmp_path / "p.csv").write_bytes(HEADER.encode(codec))
        with pytest.raises(ValueError, match="p.csv is text in UTF-16 or UTF-32. Save"):
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
