"""The figures of Burns et al. (2023), and where each has its counterpart: notebook, section and claims.

`python -m w2s_kit.report.claims --write` puts the table into docs/figures.md.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd


@dataclass(frozen=True)
class Figure:
    """A figure or table of the paper, and where its counterpart is.

    Fields:

        name        its number, such as "3a, 3d"
        shows       what is in it
        notebook    of the counterpart, "": there is none
        section     the heading in that notebook; or why there is none
        claims      ids of the claims that it is about
    """

    name: str
    shows: str
    notebook: str = ""
    section: str = ""
    claims: tuple[str, ...] = ()


FIGURES = (
    Figure("1", "the analogy, and three kinds of model", "00", "The experiment"),
    Figure(
        "2",
        "best method in each domain",
        "07",
        "Which intervention helps where?",
        ("no_intervention_is_consistent",),
    ),
    Figure(
        "3a, 3d",
        "naive students, language",
        "02",
        "Figure 3: accuracy and PGR against the student's compute",
        ("students_beat_supervisors", "ceilings_grow", "naive_pgr_above_20", "pgr_grows_with_student"),
    ),
    Figure(
        "3b, 3e",
        "naive students, chess",
        "04",
        "Asked or taught",
        (
            *("chess_pgr_falls_with_gap", "chess_largest_gap", "chess_small_gaps"),
            *("real_puzzles_pgr_falls_with_gap", "real_puzzles_largest_gap", "real_puzzles_small_gap"),
        ),
    ),
    Figure(
        "3c, 3f",
        "naive students, reward modelling",
        "06",
        "Figure 3, reward modelling",
        ("reward_pgr_is_low",),
    ),
    Figure(
        "4",
        "bootstrapping on chess",
        "05",
        "Figure 4",
        ("bootstrapping_helps_across_large_gaps", "errors_compound_along_a_chain", "a_finer_ladder_helps"),
    ),
    Figure(
        "5",
        "confidence loss",
        "03",
        "Figure 5: the whole grid",
        ("confidence_helps_across_large_gaps", "confidence_hurts_near_pairs"),
    ),
    Figure("6", "confidence loss, task by task", "03", "Figure 6: task by task"),
    Figure("7", "overfitting of reward models", "06", "Within one epoch", ("stopping_by_truth_gains",)),
    Figure(
        "8",
        "agreement with the supervisor",
        "08",
        "Figure 8",
        (
            "agreement_follows_truth",
            "naive_students_imitate",
            "errors_are_imitated_less_by_larger_students",
            "confidence_lowers_agreement_with_errors",
        ),
    ),
    Figure("9", "prompting against finetuning", "11", "Asking", ("prompting_gains_with_size",)),
    Figure(
        "10",
        "generative finetuning",
        "07",
        "Figure 10",
        ("reading_answers_alone_helps", "reading_helps_reward_models"),
    ),
    Figure(
        "11",
        "linear probes and salience",
        "11",
        "Reading it off",
        ("weak_labels_make_concepts_salient", "finetuning_finds_more_than_a_probe"),
    ),
    Figure("12", "all 22 datasets", "02", "Figure 3: accuracy and PGR against the student's compute"),
    Figure(
        "13",
        "overfitting on language tasks",
        "09",
        "Three ways to stop",
        (
            "truth_stops_better_than_the_end",
            "truth_stops_better_than_weak_labels",
            "confidence_overfits_less",
        ),
    ),
    Figure("14", "two puzzles and their prompts", "04", "The paper's prompt, and ours"),
    Figure(
        "15",
        "chess: agreement, and students below zero-shot",
        "04",
        "Worse than before?",
        ("students_end_below_zero_shot",),
    ),
    Figure("16", "reward modelling: agreement", "08", "Three domains"),
    Figure(
        "17",
        "generative finetuning, stopped by ground truth",
        "07",
        "Figure 17: stopped by ground truth",
        ("reading_does_not_close_the_gap",),
    ),
    Figure("18", "generative finetuning of supervisors, too", "07", "Figure 18: the supervisor reads, too"),
    Figure("19, 20", "chess from easy to hard", "04", "Easy to hard"),
    Figure(
        "21, 22",
        "language from easy to hard, and difficulty as rated by a model",
        "21",
        "Students, from easy to hard",
        ("easy_truth_teaches_more_than_weak_labels",),
    ),
    Figure(
        "23",
        "the study with linear probes",
        "11",
        "The whole study, read off",
        ("probed_students_beat_supervisors",),
    ),
    Figure("24", "supervisors that a student can simulate, linear models", "10", "First, on vectors"),
    Figure(
        "25",
        "equal accuracy, other errors",
        "10",
        "Eleven structures",
        ("simulable_errors_cost_pgr", "confidence_helps_where_errors_are_simulable"),
    ),
    Figure("26", "agreement in training, by kind of error", "10", "While it learns"),
    Figure("Table 1", "the 22 datasets", "14", "The 22 datasets", ("real_students_beat_supervisors",)),
    Figure(
        "vision table",
        "AlexNet to DINO on ImageNet",
        "12",
        "The paper's numbers beside ours",
        ("vision_students_recover", "contrastive_students_recover"),
    ),
    Figure(
        "difficulty tables",
        "prompts and ratings of difficulty",
        "",
        "MiniWorld's difficulty is a word's rarity, that of sums their length: nobody has to rate it",
    ),
)


def markdown(scoreboard: pd.DataFrame) -> str:
    """The table for docs/figures.md, its verdicts from the scoreboard of claims."""
    verdicts = scoreboard.set_index("id")["verdict"]
    rows = [["paper's figure", "what it shows", "notebook", "section", "verdicts on its claims"], ["---"] * 5]
    for figure in FIGURES:
        each = [verdicts[claim] for claim in figure.claims]
        counts = ", ".join(
            f"{each.count(verdict)} {verdict}" if len(each) > 1 else verdict
            for verdict in dict.fromkeys(each)
        )
        rows.append([figure.name, figure.shows, figure.notebook or "none", figure.section, counts or "-"])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)
