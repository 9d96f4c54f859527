"""Pictures of result tables, a module a part of the course; `general` has those that many notebooks draw.

Every function takes its data first and everything else by keyword, draws on `ax` (or the current axes) and returns it.
"""

from .analysis import (
    accuracy_and_agreement,
    auc_bars,
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
from .chess_and_rewards import (
    accuracy_by_epoch,
    accuracy_by_kind,
    agreement_by_compute,
    best_of_n_curves,
    error_source_bars,
    likeliest_moves,
    pgr_by_gap,
    solved_by_difficulty,
    solved_by_rating,
)
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
from .language import (
    accuracy_measured_again,
    loss_gradients,
    pgr_scatter,
    weak_label_histogram,
)
from .real_text import (
    memory_bars,
    paper_figure_5,
    published_accuracies,
    stages_by_dataset,
)
from .vision import (
    accuracy_by_digit,
    confusion,
    image_rows,
    pgr_by_source,
    stage_levels,
)
