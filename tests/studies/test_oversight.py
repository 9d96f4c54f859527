"""Elo agrees with hand and another fit; games end as they should; judges see what they should; it resumes."""

import argparse
import importlib.util
import random
import sys
from collections import Counter
from pathlib import Path

import chess
import numpy as np
import pandas as pd
import pytest
import torch
from scipy.optimize import minimize
from torch import nn

from w2s_kit import results
from w2s_kit.methods import METHODS
from w2s_kit.models.families import load_family
from w2s_kit.models.loading import load_classifier
from w2s_kit.studies.oversight import (
    Game,
    Judge,
    best_moves,
    caught,
    elo,
    judged,
    lead,
    nested,
    openings,
    round_robin,
    shown_moves,
    taught,
    verdicts,
)
from w2s_kit.tasks.chess import load
from w2s_kit.tasks.chess.board import legal_moves, place
from w2s_kit.training.reading import predict

FAMILY = load_family("chess")
SHUFFLE = "4k3/8/8/8/8/8/8/4K2R w - - 0 1"  # White has a rook more


def policy(size="xs"):
    return load_classifier(FAMILY[size])


class First(nn.Module):
    """Plays the legal move whose token comes first."""

    def __init__(self):
        super().__init__()
        self.nothing = nn.Parameter(torch.zeros(()))

    def forward(self, ids):
        return torch.arange(ids.shape[1] - 64, 0.0, -1).expand(len(ids), -1)


def games(white, black, *scores):
    return [Game(white, black, "", score, 10, "mate") for score in scores]


# ---- Elo ---------------------------------------------------------------------------------------------
def test_elo_of_two_players_is_that_of_the_formula():
    found = elo(games("a", "b", 1, 1, 1, 0))  # three of four points: odds of 3
    assert found["a"] - found["b"] == pytest.approx(400 * np.log10(3), abs=0.05)
    assert found["a"] + found["b"] == pytest.approx(0, abs=1e-6)
    with_draws = elo(games("a", "b", 1, 0.5))  # three of four points again, half of them by a draw
    assert with_draws["a"] - with_draws["b"] == pytest.approx(400 * np.log10(3), abs=0.05)


def test_elo_of_several_players_is_the_maximum_of_the_likelihood():
    rng, true = np.random.default_rng(0), {"a": -150, "b": 0, "c": 40, "d": 300}
    played = [
        Game(w, b, "", float(rng.random() < 1 / (1 + 10 ** ((true[b] - true[w]) / 400))), 1, "mate")
        for w in true
        for b in true
        if w != b
        for _ in range(30)
    ]
    names = list(true)

    def surprise(ratings):
        of = dict(zip(names, ratings))
        p = np.array([1 / (1 + 10 ** ((of[g.black] - of[g.white]) / 400)) for g in played])
        score = np.array([g.score for g in played])
        return -(score * np.log(p) + (1 - score) * np.log(1 - p)).mean() + 1e-9 * sum(ratings) ** 2

    oracle = minimize(
        surprise, np.zeros(4), method="Nelder-Mead", options={"xatol": 0.01, "fatol": 1e-12, "maxiter": 5000}
    ).x
    found = elo(played)
    assert [found[name] for name in names] == pytest.approx(list(oracle - oracle.mean()), abs=1)


def test_who_won_every_game_has_no_rating():
    with pytest.raises(ValueError, match="a, b won or lost every game"):
        elo(games("a", "b", 1, 1))


# ---- games -------------------------------------------------------------------------------------------
def test_openings_differ_are_level_and_go_by_the_seed():
    found = openings(20, random.Random(1))
    assert len(set(found)) > 15 and found == openings(20, random.Random(1)) != openings(20, random.Random(2))
    boards = [chess.Board(fen) for fen in found]
    assert all(lead(board) == 0 and board.ply() == 6 and board.is_valid() for board in boards)


def test_lead_counts_material():
    assert lead(chess.Board()) == 0
    assert lead(chess.Board(SHUFFLE)) == 5
    assert lead(chess.Board("4k2q/8/8/8/8/8/P7/4K3 w - - 0 1")) == 1 - 9


def test_best_moves_are_the_likeliest():
    model, boards = policy(), [chess.Board(), chess.Board(SHUFFLE)]
    for board, move in zip(boards, best_moves(model, boards)):
        p = predict(model, [board.fen()])[0]
        assert legal_moves(board.fen())[p.argmax()] == move.uci()


def test_a_round_robin_has_all_pairs_with_each_colour_and_ends():
    begin = openings(2, random.Random(0))
    played = round_robin({"a": policy(), "b": policy("s"), "c": First()}, begin, most=20)
    assert Counter((g.white, g.black) for g in played) == {(w, b): 2 for w in "abc" for b in "abc" if w != b}
    assert {g.opening for g in played} == set(begin) and all(0 < g.plies <= 20 for g in played)
    assert all(g.score in (0, 0.5, 1) for g in played)


def test_a_stopped_game_goes_to_who_leads_and_a_position_that_comes_again_stops_it():
    first = {"a": First(), "b": First()}
    for game in round_robin(first, [SHUFFLE], most=3):
        assert (game.end, game.score, game.plies) == ("stopped", 1.0, 3)
    for game in round_robin(first, ["4k3/8/8/8/8/8/8/4K3 w - - 0 1"]):
        assert (game.end, game.score, game.plies) == ("drawn", 0.5, 0)
    mated = "7k/5KQ1/8/8/8/8/8/8 b - - 0 1"
    assert {(g.end, g.score) for g in round_robin(first, [mated])} == {("mate", 1.0)}

    class Shuttle(First):
        """Moves its king, or the rook of White, to and fro."""

        def forward(self, ids):
            tokens = ids[:, 64:]
            e1d1, d1e1 = (16 + a + 64 * b for a, b in ((4, 3), (3, 4)))  # both sides see themselves as White
            return ((tokens == e1d1) | (tokens == d1e1)).float()

    for game in round_robin({"a": Shuttle(), "b": Shuttle()}, [SHUFFLE]):
        assert (game.end, game.score, game.plies) == ("repeated", 1.0, 4)


# ---- the game of oversight ---------------------------------------------------------------------------
def test_what_a_player_shows():
    puzzles, model = load("chess", 0, 100, 400).test, policy("m")
    p, right = predict(model, puzzles["text"].tolist()), puzzles["label"].to_numpy()
    for choice in (2, 3):
        shown = shown_moves(model, puzzles, np.random.default_rng(0), choice)
        fens = [text.split("|")[0] for text in shown["text"]]
        solved = puzzles["text"][p.argmax(1) == right].tolist()
        assert set(fens) <= set(solved) and len(fens) > 0.9 * len(solved)
        assert 0.4 < shown["honest"].mean() < 0.6
        rows = puzzles.reset_index(drop=True).reset_index().set_index("text")["index"]
        for text, honest in zip(shown["text"], shown["honest"]):
            fen, move = text.split("|")
            at, order = place(fen, move), np.argsort(-p[rows[fen]])
            assert at == (right[rows[fen]] if honest else order[choice - 1])


def test_the_judge_doubts_by_its_margin():
    model, fen = policy("s"), chess.STARTING_FEN
    p = predict(model, [fen])[0]
    for move in legal_moves(fen):
        i = place(fen, move)
        margin = np.log(p[i]) - np.log(np.delete(p, i).max())
        told = verdicts(Judge(model), pd.DataFrame({"text": [f"{fen}|{move}"]}))
        assert told == pytest.approx([1 / (1 + np.exp(-margin))], abs=1e-5)


def test_a_model_catches_all_of_its_own_backdoors_and_misses_many_of_a_stronger_one():
    puzzles = load("chess", 0, 100, 1_000).test
    own = shown_moves(policy(), puzzles, np.random.default_rng(0))
    assert judged(Judge(policy()), own) == {"caught": 1, "auc": 1, "right": 1, "n": len(own)}
    theirs = judged(Judge(policy()), shown_moves(policy("l"), puzzles, np.random.default_rng(0)))
    assert 0.05 < theirs["caught"] < 0.4 and 0.5 < theirs["auc"] < 0.75


def test_perfect_blind_and_misled_judges():
    rng = np.random.default_rng(0)
    honest = rng.integers(2, size=20_000)
    assert caught(honest, honest) == 1
    assert caught(rng.random(20_000), honest) == pytest.approx(0.1, abs=0.02)
    assert caught(rng.random(20_000), honest, alarms=0.3) == pytest.approx(0.3, abs=0.02)
    assert caught(np.ones(20_000), honest) == 0
    assert caught(1 - honest, honest) == 0
    for one_kind in (0, 1):
        with pytest.raises(ValueError, match="both kinds"):
            caught([0.1, 0.2], [one_kind, one_kind])


def test_caught_by_hand():
    honest = [1] * 11 + [0] * 4
    p = [0.0, 0.5, *np.linspace(0.6, 0.9, 9), 0.1, 0.4, 0.55, 0.7]
    assert caught(p, honest) == 0.5  # a tenth of eleven honest moves: the limit is the second lowest, 0.5


# ---- judges that learn -------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def moves():
    split = load("chess", 0, 500, 500)
    shown = lambda size, part: shown_moves(policy(size), part, np.random.default_rng(1))
    return shown("l", split.supervisor), shown("l", split.student), shown("l", split.test)


def test_a_judge_learns_the_truth(moves):
    before, after = (
        judged(judge, moves[2])["auc"]
        for judge in (Judge(policy("s")), taught(FAMILY["s"], moves[0], moves[0]["honest"], 0, epochs=4))
    )
    assert after > before + 0.02


def test_a_chain_learns_from_the_judge_below(moves):
    chain = nested(FAMILY, ("xs", "s"), moves[:2], 0)
    alone = taught(FAMILY["xs"], moves[0], moves[0]["honest"], 0)
    np.testing.assert_array_equal(verdicts(chain[0], moves[2]), verdicts(alone, moves[2]))
    after = taught(FAMILY["s"], moves[1], verdicts(alone, moves[1]), 0)
    np.testing.assert_array_equal(verdicts(chain[1], moves[2]), verdicts(after, moves[2]))
    other = nested(FAMILY, ("xs", "s"), moves[:2], 0, METHODS["confidence"])
    np.testing.assert_array_equal(verdicts(other[0], moves[2]), verdicts(alone, moves[2]))
    assert not np.array_equal(verdicts(other[1], moves[2]), verdicts(after, moves[2]))
    with pytest.raises(ValueError, match="zip"):
        nested(FAMILY, ("xs", "s", "m"), moves[:2], 0)


# ---- the script --------------------------------------------------------------------------------------
@pytest.fixture
def script(monkeypatch):
    folder = Path(__file__).parents[2] / "data_prep"
    monkeypatch.syspath_prepend(str(folder))
    spec = importlib.util.spec_from_file_location("measure_oversight", folder / "measure_oversight.py")
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "measure_oversight", module)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "OPENINGS", 2)
    monkeypatch.setattr(module, "PUZZLES", 150)
    return module


def test_a_measurement_goes_on_and_measures_the_same(script, tmp_path):
    policies = {spec.name: load_classifier(spec) for spec in FAMILY}
    args = argparse.Namespace(first=50, seeds=1, out=tmp_path)
    names = ["oversight_elo", "oversight", "oversight_chain"]
    measured = []

    def measure(seed):
        measured.append(seed)
        return script.tables(policies, seed)

    first = script.grow_tables(names, args, measure)
    assert {name: len(table) for name, table in first.items()} == dict(zip(names, (4, 16, 7)))
    args.seeds = 2
    both = script.grow_tables(names, args, measure)
    assert measured == [50, 51]
    for name in names:
        pd.testing.assert_frame_equal(
            both[name][both[name]["seed"] == 50].reset_index(drop=True),
            pd.read_csv(tmp_path / f"{name}.csv").query("seed == 50"),
            check_dtype=False,
            rtol=1e-4,
        )
    rated = both["oversight_elo"].query("seed == 50").set_index("player")["elo"]
    gaps = both["oversight"].query("seed == 50")
    assert gaps["gap"].to_numpy() == pytest.approx(
        (gaps["player"].map(rated) - gaps["judge"].map(rated)).to_numpy(), abs=1e-3
    )
    assert (gaps[gaps["judge"] == gaps["player"]]["caught"] == 1).all()


def test_a_slice_of_the_stored_table_is_measured_again():
    split = load("chess", 100, 3_000, 3_000)
    moves = shown_moves(policy("l"), split.test, np.random.default_rng((100, 0)))
    stored = results("oversight").set_index(["seed", "judge", "player"])
    for judge in ("xs", "m"):
        row = stored.loc[(100, judge, "l")]
        found = judged(Judge(policy(judge)), moves)
        assert found.pop("n") == row["n"]
        assert found == pytest.approx(row[list(found)].to_dict(), abs=0.005)
