"""Boards as token ids: 64 squares, then one token for each legal move.

    ids = [what stands on a1, b1, ..., h8] + [one id for each legal move, ascending]

The side to move is always shown as White: for Black the board is turned and the colours are exchanged. A
model that scores the move tokens answers with a distribution over the legal moves, whatever the position.
"""

from __future__ import annotations

from functools import lru_cache

import chess

SQUARES = 64
EMPTY = 1  # 0 is padding; then own pawn 2 ... own king 7, the opponent's 8 ... 13
#: The id of a move less from + 64 to + 4096 promotion (0: none or to a queen, 1 knight, 2 bishop, 3 rook).
FIRST_MOVE = 16
MOST_MOVES = 218  # in any legal position
VOCABULARY = FIRST_MOVE + 4 * 4096
_PIECES = {letter: i for i, letter in enumerate("PNBRQKpnbrqk", EMPTY + 1)}
_PROMOTIONS = {chess.KNIGHT: 1, chess.BISHOP: 2, chess.ROOK: 3}


def encode(board: chess.Board) -> tuple[list[int], list[chess.Move]]:
    """(ids, legal moves in the order of their tokens). Raises ValueError when no move is legal."""
    black = board.turn == chess.BLACK
    turn = 56 if black else 0  # xor with 56 turns the board over
    ids = [EMPTY] * SQUARES
    for square, piece in board.piece_map().items():
        ids[square ^ turn] = _PIECES[piece.symbol().swapcase() if black else piece.symbol()]
    tokens = sorted(
        (
            FIRST_MOVE
            + (m.from_square ^ turn)
            + 64 * (m.to_square ^ turn)
            + 4096 * _PROMOTIONS.get(m.promotion or 0, 0),
            i,
            m,
        )
        for i, m in enumerate(board.legal_moves)
    )
    if not tokens:
        raise ValueError(f"{board.fen()}: no move is legal, the game is over")
    return ids + [token for token, _, _ in tokens], [move for _, _, move in tokens]


@lru_cache(maxsize=50_000)  # the runs of a grid read the same puzzles
def _encoded(fen: str) -> tuple[tuple[int, ...], tuple[str, ...]]:
    ids, moves = encode(chess.Board(fen))
    return tuple(ids), tuple(move.uci() for move in moves)


class BoardTokenizer:
    """From FENs to ids, with the interface that `training.batches.encode` expects of a tokenizer."""

    pad_token_id = 0

    def __call__(self, fens) -> dict[str, list[tuple[int, ...]]]:
        """The ids of each position, under "input_ids". Raises ValueError where no move is legal."""
        return {"input_ids": [_encoded(fen)[0] for fen in fens]}


def legal_moves(fen: str) -> list[str]:
    """The legal moves in UCI, in the order of a model's distribution."""
    return list(_encoded(fen)[1])


def place(fen: str, uci: str) -> int:
    """Where the move stands in that order. Raises ValueError for a move that is not legal there."""
    moves = _encoded(fen)[1]
    if uci not in moves:
        raise ValueError(f"{fen}: {uci} is not a legal move here; legal are {', '.join(moves)}")
    return moves.index(uci)
