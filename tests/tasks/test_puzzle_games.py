"""Games are joined to their puzzles, also mangled games."""

import gzip

import chess
import chess.pgn
import pytest
from hypothesis import given
from hypothesis import strategies as st
from puzzle_files import SCHOLAR, SOLVE, compressed, few, join

from w2s_kit.tasks.chess import Puzzle, prompt, target
from w2s_kit.tasks.chess.lichess import game_id

SCHOLAR_PUZZLE = Puzzle("m8", SOLVE, ("h5f7",), "g8f6", 800, game_id="abcdefgh")
MOVES = """1. e4 { [%clk 0:10:00] a [comment] (of words) } 1... e5 $1 ( 1... c5 2. Nf3 ) 2. Bc4 Nc6
{ more of them,
[%eval 0.3] like ["so"]
[end] of [comment "it"] }
3. Qh5 Nf6?? 4. Qxf7# 1-0"""


def pgn(moves=MOVES, site="https://lichess.org/abcdefgh", extra=""):
    return f'[Event "Rated Blitz game"]\n[Site "{site}"]\n{extra}[Result "1-0"]\n\n{moves}\n\n'


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
