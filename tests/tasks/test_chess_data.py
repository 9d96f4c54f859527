"""How the chess games and puzzles are made: what is proved, and what no model was pretrained on."""

import random
from pathlib import Path

import chess
import pandas as pd
import playing
import pytest
from make_puzzles import (
    COLUMNS,
    composed,
    hunted_king,
    key,
    mate_in_two,
    mating_moves,
    merge,
    pretraining_keys,
    solved,
)
from playing import FOR_PUZZLES, pretraining_shards, replay, shard_path, write_packed

from w2s_kit.tasks.chess import puzzles

CORNER = "7k/8/5K2/8/8/8/8/6R1 w - - 0 1"  # Kf7, and Rh1 mates
LADDER = "6k1/8/8/8/8/8/R7/1R5K w - - 0 1"  # two rooks: either may begin
BACK_RANK = "6k1/5ppp/8/8/8/8/8/R6K w - - 0 1"


def shard(folder, number, *games):
    folder.mkdir(exist_ok=True)
    write_packed(shard_path(number, folder), "".join(f"{fen}\t{moves}\n" for fen, moves in games))
    return shard_path(number, folder)


def test_replay_gives_each_position_with_its_move(tmp_path):
    path = shard(tmp_path, 3, (chess.STARTING_FEN, "e2e4 e7e5"), (BACK_RANK, "a1a8"))
    assert [(board.fen(), move.uci()) for _, board, move in replay(path)] == [
        (chess.STARTING_FEN, "e2e4"),
        ("rnbqkbnr/pppppppp/8/8/4P3/8/PPPP1PPP/RNBQKBNR b KQkq - 0 1", "e7e5"),
        (BACK_RANK, "a1a8"),
    ]
    written = path.read_bytes()
    assert shard(tmp_path, 3, (chess.STARTING_FEN, "e2e4 e7e5"), (BACK_RANK, "a1a8")).read_bytes() == written


def test_no_model_is_pretrained_on_the_games_that_give_puzzles(tmp_path):
    for number in (0, 7, FOR_PUZZLES - 1, FOR_PUZZLES, FOR_PUZZLES + 5):
        shard(tmp_path, number, (chess.STARTING_FEN, "e2e4"))
    assert pretraining_shards(tmp_path) == [shard_path(n, tmp_path) for n in (0, 7, FOR_PUZZLES - 1)]


def test_positions_of_pretraining_are_known_from_either_side(tmp_path):
    shard(tmp_path, 0, (BACK_RANK, "a1a8"))
    shard(tmp_path, FOR_PUZZLES, (LADDER, "a2a7"))
    seen = pretraining_keys(tmp_path)
    assert hash(key(chess.Board(BACK_RANK))) in seen and hash(key(chess.Board(BACK_RANK).mirror())) in seen
    assert hash(key(chess.Board(LADDER))) not in seen


def brute_force(board: chess.Board, depth: int) -> list[str]:
    """The first moves that force mate in `depth`, without any shortcut."""
    found = []
    for move in list(board.legal_moves):
        board.push(move)
        if board.is_checkmate():
            found.append(move.uci())
        elif depth > 1 and not board.is_game_over():
            good = True
            for reply in list(board.legal_moves):
                board.push(reply)
                good = good and bool(brute_force(board, depth - 1))
                board.pop()
            if good:
                found.append(move.uci())
        board.pop()
    return found


@pytest.mark.parametrize(
    "fen, theme, first",
    [
        (BACK_RANK, "mate_in_one", "a1a8"),
        (CORNER, "mate_in_two", "f6f7"),
        (LADDER, None, None),
        (chess.STARTING_FEN, None, None),
    ],
)
def test_known_positions(fen, theme, first):
    found = solved(chess.Board(fen), two=True)
    assert (found and found[2]) == theme and (found is None or found[1].split()[0] == first)


def test_what_is_called_solved_is_solved_by_brute_force(tmp_path):
    rng, themes = random.Random(1), []
    while len(themes) < 12:
        board = hunted_king(rng)
        before, found = board.fen(), solved(board, two=True)
        assert board.fen() == before
        if found is None or (found[2] == "mate_in_one" and themes.count("mate_in_one") > 8):
            continue
        _, moves, theme, tempting, verified = found
        themes.append(theme)
        line = moves.split()
        depth = {"mate_in_one": 1, "mate_in_two": 2}[theme]
        assert brute_force(board, depth) == line[:1] and verified == "rules"
        for move in line:
            board.push_uci(move)
        assert board.is_checkmate() and len(line) == 2 * depth - 1
    assert set(themes) == {"mate_in_one", "mate_in_two"}


def test_two_ways_to_mate_are_no_puzzle():
    board = chess.Board("6k1/5ppp/8/8/8/8/8/RR5K w - - 0 1")
    assert len(mating_moves(board)) == 2 and solved(board, two=True) is None
    assert mate_in_two(chess.Board(BACK_RANK)) is None, "a mate in one is not a mate in two"


def test_shards_are_the_same_on_every_machine(tmp_path):
    a, b = (composed(5, tmp_path / name, tries=150) for name in "ab")
    assert a.read_bytes() == b.read_bytes() and a.read_text().count("\n") > 3


def test_what_was_seen_in_pretraining_is_left_out(tmp_path):
    """Also from the other side of the board, and also when the same position comes twice."""
    part = composed(5, tmp_path / "parts", tries=150)
    puzzles = pd.read_csv(part, header=None, names=COLUMNS[1:])
    seen, other = puzzles["fen"][0], chess.Board(puzzles["fen"][1]).mirror().fen()
    shard(
        tmp_path / "games",
        0,
        (seen, next(iter(chess.Board(seen).legal_moves)).uci()),
        (other, next(iter(chess.Board(other).legal_moves)).uci()),
    )
    twice = tmp_path / "parts" / "composed-0006.csv"
    twice.write_bytes(part.read_bytes())
    merge([part, twice], tmp_path / "games", tmp_path / "puzzles.csv.gz")
    kept = pd.read_csv(tmp_path / "puzzles.csv.gz")
    assert (
        list(kept.columns) == COLUMNS
        and sorted(kept["fen"]) == sorted(puzzles["fen"][2:])
        and kept["id"].is_unique
    )


# ---- what ships --------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def shipped():
    return puzzles()


def test_the_shipped_puzzles_are_many_and_each_position_is_there_once(shipped):
    counts = shipped["theme"].value_counts()
    assert (
        len(shipped) >= 12_000
        and counts["mate_in_one"] >= 8_000
        and counts["mate_in_two"] >= 3_000
        and counts["tactic"] >= 200
    )
    assert shipped["id"].is_unique and not shipped.isna().any(axis=None)
    assert len({key(chess.Board(fen)) for fen in shipped["fen"]}) == len(shipped), (
        "also when seen from the other side"
    )
    assert shipped["difficulty"].between(0, 1).all()


def test_what_the_shipped_puzzles_say_is_true(shipped):
    for theme, n in (("mate_in_one", 400), ("mate_in_two", 60), ("tactic", 100)):
        for puzzle in shipped[shipped["theme"] == theme].sample(n, random_state=1).itertuples():
            board, line = chess.Board(puzzle.fen), puzzle.moves.split()
            assert board.is_valid()
            if theme == "tactic":
                assert chess.Move.from_uci(line[0]) in board.legal_moves and "centipawns" in puzzle.verified
            else:
                assert (
                    brute_force(board, {"mate_in_one": 1, "mate_in_two": 2}[theme]) == line[:1]
                    and puzzle.verified == "rules"
                )


def test_the_shipped_puzzles_were_not_seen_in_pretraining(shipped):
    games = Path(playing.__file__).parent / "cache/games"
    if not pretraining_shards(games):
        pytest.skip("the games are not here; data_prep/make_games.py makes them")
    assert not pretraining_keys(games) & {hash(key(chess.Board(fen))) for fen in shipped["fen"]}
