"""Measure three kinds of students of a mostly silent supervisor (Lang et al., 2405.16043), for notebook 17.

    python data_prep/measure_expansion.py    # results/theory_expansion.csv, some five minutes

The supervisor is a list of words. Seeds draw the list and the reviews. Three numbers were chosen on seeds 101
to 103, which are not in the table: how strongly the students' probes are penalised (`C`), how many words are
on the list, and how many reviews are drawn.
"""

from __future__ import annotations

import numpy as np
from measuring import grow_tables, options

from w2s_kit.inside.probes import fit_probe, fit_words
from w2s_kit.models.families import load_family
from w2s_kit.models.loading import load_classifier
from w2s_kit.studies.theory.expansion import evaluate
from w2s_kit.tasks.miniworld.reviews import SILENT, draw_reviews, rule, word_list
from w2s_kit.training.reading import features

SEEDS, TRAIN, TEST = 20, 12_000, 4_000
SIZES, C = ("xs", "m", "xl"), 0.001
PENALTIES = (1e-4, 1e-3, 1e-2, 1e-1, 1.0, 10.0)  # of xl


def students(seed: int, models: dict, penalties=PENALTIES) -> list[dict]:
    """One row a student and set of test reviews.

    "rule" is the supervisor itself, and "truth" the probe of xl on true labels of as many reviews as the
    supervisor has words for.
    """
    listed, drawn, test = (
        word_list(seed),
        draw_reviews(TRAIN, "train", seed),
        draw_reviews(TEST, "test", seed),
    )
    labels, drawn_labels = rule(test, listed), rule(drawn, listed)
    covered, weak = drawn[drawn_labels != SILENT], drawn_labels[drawn_labels != SILENT]
    answers = {
        ("rule", np.nan): labels,
        ("words", np.nan): fit_words(covered["text"], weak).predict(test["text"]),
    }
    for name, model in models.items():
        train_features, test_features = (
            features(model, covered["text"].tolist()),
            features(model, test["text"].tolist()),
        )
        answers |= {
            (name, c): fit_probe(train_features, weak, c).predict(test_features)
            for c in (penalties if name == "xl" else (C,))
        }
        if name == "xl":
            some = drawn[: len(covered)]
            answers["truth", C] = fit_probe(features(model, some["text"].tolist()), some["label"], C).predict(
                test_features
            )
    rows = []
    for (name, c), theirs in answers.items():
        table = evaluate(theirs, test, labels).reset_index()
        if name == "rule":
            table = table[table["set"].str.startswith("S")]  # elsewhere it says nothing
        rows += [{"student": name, "C": c, "seed": seed, **row} for row in table.to_dict("records")]
    return rows


if __name__ == "__main__":
    parser = options(__doc__)
    parser.set_defaults(seeds=SEEDS)
    args = parser.parse_args()
    models = {size: load_classifier(load_family()[size]) for size in SIZES}
    grow_tables(["theory_expansion"], args, lambda seed: {"theory_expansion": students(seed, models)})
