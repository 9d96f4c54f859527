"""Boards as tokens, and the policy that reads them."""

import chess
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from transformers import AutoModel

from w2s_kit.models.chess_policy import ChessPolicy, ChessPolicyConfig
from w2s_kit.tasks.chess.board import (
    EMPTY,
    FIRST_MOVE,
    MOST_MOVES,
    SQUARES,
    VOCABULARY,
    BoardTokenizer,
    encode,
    legal_moves,
    place,
)

PROMOTING = "8/P6k/8/8/8/8/7K/8 w - - 0 1"


@st.composite
def boards(draw):
    """Positions of random games, some with Black to move, castling, checks and promotions."""
    board, moves = chess.Board(), draw(st.lists(st.integers(0, 10_000), max_size=60))
    for number in moves:
        legal = list(board.legal_moves)
        board.push(legal[number % len(legal)])
        if board.is_game_over():
            board.pop()
            break
    return board


@settings(max_examples=60, deadline=None)
@given(boards())
def test_every_legal_move_has_one_token_and_the_colours_do_not_matter(board):
    ids, moves = encode(board)
    assert len(ids) == SQUARES + board.legal_moves.count() and set(moves) == set(board.legal_moves)
    tokens = ids[SQUARES:]
    assert tokens == sorted(set(tokens)) and FIRST_MOVE <= tokens[0] and tokens[-1] < VOCABULARY
    turned, answers = encode(board.mirror())
    assert turned == ids
    assert [chess.square_mirror(m.from_square) for m in answers] == [m.from_square for m in moves]
    assert sum(i != EMPTY for i in ids[:SQUARES]) == len(board.piece_map())


def test_own_pieces_and_the_opponents_are_told_apart():
    white, black = (encode(chess.Board(f"4k3/8/8/8/8/8/4P3/4K3 {turn} - - 0 1"))[0] for turn in "wb")
    assert white[chess.E2] == EMPTY + 1 and white[chess.E1] == EMPTY + 6 and white[chess.E8] == EMPTY + 12
    assert black[chess.E7] == EMPTY + 7 and black[chess.E1] == EMPTY + 6 and black[chess.E8] == EMPTY + 12


def test_promotions_are_four_moves():
    moves = legal_moves(PROMOTING)
    assert {"a7a8q", "a7a8r", "a7a8b", "a7a8n"} <= set(moves)
    assert moves[place(PROMOTING, "a7a8n")] == "a7a8n"
    with pytest.raises(ValueError, match="a7a8 is not a legal move here; legal are .*a7a8q"):
        place(PROMOTING, "a7a8")


def test_a_finished_game_is_refused():
    with pytest.raises(ValueError, match="no move is legal, the game is over"):
        encode(chess.Board("7k/6Q1/6K1/8/8/8/8/8 b - - 0 1"))


def test_no_position_has_more_moves_than_we_say():
    assert len(legal_moves("R6R/3Q4/1Q4Q1/4Q3/2Q4Q/Q4Q2/pp1Q4/kBNN1KB1 w - - 0 1")) == MOST_MOVES


# ------------------------------------------------------------------------------------------------ the model
@pytest.fixture(scope="module")
def policy():
    torch.manual_seed(0)
    model = ChessPolicy(ChessPolicyConfig(filters=6, blocks=1)).eval()
    for parameter in (model.head.direction.weight, model.head.promotion.weight):
        torch.nn.init.normal_(parameter)
    return model


def logits(policy, fens, extra=0):
    rows = BoardTokenizer()(fens)["input_ids"]
    lengths = torch.tensor([len(row) for row in rows])
    ids = torch.zeros(len(rows), max(lengths) + extra, dtype=torch.int64)
    for i, row in enumerate(rows):
        ids[i, : len(row)] = torch.tensor(row)
    with torch.no_grad():
        return policy(ids, lengths), lengths


def test_a_logit_for_each_legal_move_and_none_elsewhere(policy):
    fens = [chess.STARTING_FEN, PROMOTING]
    found, lengths = logits(policy, fens)
    assert found.shape == (2, 20)
    for row, fen in zip(found, fens):
        n = len(legal_moves(fen))
        assert row[:n].isfinite().all() and (row[:n].abs() < 1e3).all() and (row[n:] == -1e9).all()
    alone, _ = logits(policy, fens[1:], extra=30)
    assert torch.allclose(alone[0, :9], found[1, :9], atol=1e-5), "padding is invisible"


def test_promotion_pieces_and_directions_are_told_apart(policy):
    found, _ = logits(policy, [PROMOTING])
    values = [round(found[0, place(PROMOTING, f"a7a8{piece}")].item(), 4) for piece in "qrbn"]
    assert len(set(values)) == 4


def test_saved_and_loaded_by_the_auto_class(policy, tmp_path):
    policy.save_pretrained(tmp_path)
    again = AutoModel.from_pretrained(tmp_path).eval()
    assert type(again) is ChessPolicy and not list(tmp_path.glob("*.bin"))
    fens = [chess.STARTING_FEN, PROMOTING]
    np.testing.assert_array_equal(logits(policy, fens)[0], logits(again, fens)[0])


def test_a_policy_from_scratch_settles_on_what_it_sees():
    """Its features are then centred and scaled on these positions, and its answers differ from before."""
    torch.manual_seed(0)
    model, fens = (
        ChessPolicy(ChessPolicyConfig(filters=6, blocks=1)),
        [chess.STARTING_FEN, PROMOTING, "6k1/5ppp/8/8/8/8/8/R6K w - - 0 1"],
    )
    before, weights = model.norm.running_var.clone(), model.stem.weight.clone()
    model.settle(fens, batch=8)
    assert not torch.equal(model.norm.running_var, before) and torch.equal(model.stem.weight, weights)
    seen = []
    model.norm.register_forward_hook(lambda module, inputs, out: seen.append(out))
    logits(model.eval(), fens)
    assert seen[0].mean((0, 2, 3)).abs().max() < 0.05 and (seen[0].std((0, 2, 3)) - 1).abs().max() < 0.1
