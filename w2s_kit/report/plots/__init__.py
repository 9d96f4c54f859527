"""Pictures of result tables, a module for each idea or part of the course.

Every function takes its data first and everything else by keyword, draws on `ax` (or the current axes) and
returns it. Nothing is computed here beyond means, medians and intervals over seeds and tasks. `looks` has the
colours and axes that the modules share, and `intervals` the points with whiskers.
"""

from .alike import gain_by_likeness
from .analysis import (
    accuracy_and_agreement,
    auc_bars,
    bars_by_reading,
    dial_curves,
    errors_imitated_by_epoch,
    gain_tiles,
    grouped_intervals,
    lines_by_student,
    median_by_compute,
    overfitting_curves,
    pgr_by_simulability,
    prompting_by_compute,
    reading_bars,
    salience_bars,
    salience_by_stage,
    students_by_supervisor,
)
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
from .chess_and_rewards import (
    accuracy_by_dose,
    accuracy_by_epoch,
    accuracy_by_kind,
    agreement_by_compute,
    agreement_by_dose,
    best_of_n_curves,
    error_source_bars,
    likeliest_moves,
    pgr_by_dose,
    pgr_by_gap,
    solved_by_difficulty,
    solved_by_rating,
)
from .chess_board import (
    PIECES,
    board,
)
from .correctors import (
    arrows,
    changes_by_corrector,
    learned_from_labels,
    lines_over_crowds,
)
from .diagram import (
    pgr_bars,
    split_diagram,
    stages,
)
from .eleuther import (
    forest,
    paired_differences,
    pgr_of_methods,
    task_gaps,
)
from .elicitation import (
    concept_bars,
    lines_over,
    search_traces,
)
from .intervals import (
    interval_bars,
    interval_points,
)
from .language import (
    accuracy_measured_again,
    amplifier,
    loss_gradients,
    pgr_scatter,
    weak_label_histogram,
    worth,
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
    easy_to_hard,
    kinds_of_solutions,
    labels_and_students,
    labels_by_judges,
    labels_by_turns,
    mean_searches,
    public_and_private,
    right_by_reading,
    share_matrix,
    solved_by_samples,
    ways_to_choose,
)
from .looks import (
    LINES,
    MARKERS,
    SIZES,
    STAGES,
    style,
)
from .oversight import caught_by_gap
from .real_text import (
    memory_bars,
    paper_figure_5,
    published_accuracies,
    stages_by_dataset,
)
from .scaling import (
    UNBOUNDED,
    accuracy_by_compute,
    pgr_by_compute,
    small_multiples,
)
from .shift import inside_and_outside
from .theory import (
    accuracy_by_penalty,
    accuracy_by_set,
    bound_by_penalty,
    error_over_time,
    expansion,
    gain_by_misfit,
    guessed_error,
    projection,
    student_by_teacher_error,
    taught_and_learned,
    variance_by_overlap,
)
from .vision import (
    accuracy_by_digit,
    confusion,
    image_rows,
    pgr_by_passes,
    pgr_by_source,
    stage_levels,
)
