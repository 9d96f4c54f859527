"""Pictures of result tables, a module a part of the course; `general` has those that many notebooks draw.

Every function takes its data first and everything else by keyword, draws on `ax` (or the current axes) and
returns it.
"""

from .chess_board import PIECES, board
from .general import (
    LINES,
    MARKERS,
    SIZES,
    STAGES,
    UNBOUNDED,
    accuracy_by_compute,
    arrows,
    claims_board,
    expansion,
    interval_bars,
    pgr_bars,
    pgr_by_compute,
    small_multiples,
    split_diagram,
    stages,
    style,
)
