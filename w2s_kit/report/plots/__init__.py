"""Pictures of result tables, a module a part of the course; `general` has those that many notebooks draw.

Every function takes its data first and everything else by keyword, draws on `ax` (or the current axes) and returns it.
"""

from .assignments import (
    accuracy_by_seed,
    best_of_n,
    corrected_and_covered,
    errors_by_confidence,
    gains_by_band,
    gap_and_gain,
    kept_labels,
    solved_by_seed,
)
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
from .later_knowledge import (
    aurocs_of_latents,
    by_layer,
    read_out_by_layer,
    steered_by_dose,
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
    best_so_far,
    changes_by_corrector,
    easy_to_hard,
    kinds_of_solutions,
    labels_and_students,
    labels_by_judges,
    labels_by_turns,
    learned_from_labels,
    lines_over_crowds,
    mean_searches,
    public_and_private,
    right_by_reading,
    share_matrix,
    solved_by_samples,
    ways_to_choose,
)
from .scoreboard import (
    claims_about_pgr,
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
