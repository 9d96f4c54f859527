"""Pictures of result tables, a module a part of the course; `general` has those that many notebooks draw.

Every function takes its data first and everything else by keyword, draws on `ax` (or the current axes) and returns it.
"""

from .eleuther import (
    forest,
    paired_differences,
    pgr_of_methods,
    task_gaps,
)
from .general import (
    LINES,
    MARKERS,
    PIECES,
    SIZES,
    STAGES,
    UNBOUNDED,
    accuracy_by_compute,
    arrows,
    board,
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
from .intervals import (
    interval_points,
)
