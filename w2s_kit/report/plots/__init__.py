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
from .later_methods import (
    accuracy_by_agreement,
    accuracy_by_method,
    by_share_kept,
    kept_and_dropped,
    method_differences,
    paired_bars,
)
from .later_studies import (
    changes_by_corrector,
    easy_to_hard,
    kinds_of_solutions,
    labels_and_student,
    lines_over_crowds,
    solved_by_samples,
    ways_to_choose,
)
from .theory import (
    accuracy_by_penalty,
    accuracy_by_set,
    bound_by_penalty,
    error_over_time,
    gain_by_misfit,
    guessed_error,
    projection,
    student_by_teacher_error,
    taught_and_learned,
    variance_by_overlap,
)
