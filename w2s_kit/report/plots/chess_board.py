"""A chess board with arrows."""

from __future__ import annotations

import chess
import matplotlib.pyplot as plt
import seaborn as sns
from matplotlib.patheffects import withStroke

from .looks import current

PIECES = dict(zip("KQRBNPkqrbnp", "♚♛♜♝♞♟" * 2))


def board(fen: str, arrows=None, *, ax=None, legend=True):
    """A chess position, with moves as arrows: {what: move in UCI}. The side to move is at the bottom."""
    ax, position = current(ax), chess.Board(fen)
    turn = (lambda square: square) if position.turn else (lambda square: 63 - square)
    at = lambda square: (turn(square) % 8, turn(square) // 8)
    for square in chess.SQUARES:
        x, y = at(square)
        color = "#f0e4cf" if (square + square // 8) % 2 else "#b59a78"
        ax.add_patch(plt.Rectangle((x - 0.5, y - 0.5), 1, 1, color=color, lw=0))
        if (piece := position.piece_at(square)) is not None:
            white, black = "#ffffff", "#111111"
            ax.text(
                x,
                y - 0.05,
                PIECES[piece.symbol()],
                fontsize=19,
                ha="center",
                va="center",
                family="DejaVu Sans",
                color=white if piece.color else black,
                path_effects=[withStroke(linewidth=1.2, foreground=black if piece.color else white)],
                zorder=2,
            )
    colors, lines = sns.color_palette("colorblind"), ("-", "--", ":")
    for i, (what, move) in enumerate((arrows or {}).items()):
        color, line = colors[i], lines[i % 3]
        # so that equal moves stand side by side
        uci, shift = chess.Move.from_uci(move), 0.09 * (i - (len(arrows) - 1) / 2)
        (x0, y0), (x1, y1) = at(uci.from_square), at(uci.to_square)
        ax.annotate(
            "",
            (x1 + shift, y1 + shift),
            (x0 + shift, y0 + shift),
            zorder=3,
            arrowprops=dict(
                arrowstyle="-|>",
                color=color,
                lw=2.5,
                ls=line,
                mutation_scale=14,
                shrinkA=0,
                shrinkB=0,
            ),
        )
        ax.plot([], [], line, color=color, lw=2.5, label=f"{what}: {position.san(uci)}")
    ax.set(
        xlim=(-0.5, 7.5),
        ylim=(-0.5, 7.5),
        aspect="equal",
        title="White to move" if position.turn else "Black to move",
    )
    ax.set_xticks(range(8), [chess.FILE_NAMES[turn(i) % 8] for i in range(8)])
    ax.set_yticks(range(8), [chess.RANK_NAMES[turn(8 * i) // 8] for i in range(8)])
    ax.tick_params(length=0, labelsize=7)
    if arrows and legend:
        ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.06), frameon=False, fontsize=9)
    return ax
