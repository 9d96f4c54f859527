"""Measure weak to strong on handwritten digits (Appendix D.1 of the paper), for notebook 12.

    python data_prep/measure_vision.py    # results/vision.csv, within a minute

A supervisor that sees six pixels, and linear probes on two representations that were learned without labels.
"""

from __future__ import annotations

from measuring import grow_tables, options

from w2s_kit.studies.vision import STUDENTS, three_stages

SUPERVISOR, SEEDS = "centre", 10


def students(seed: int) -> list[dict]:
    """A row a student."""
    cell = lambda student: {"task": "digits", "supervisor": SUPERVISOR, "student": student, "seed": seed}
    return [cell(one) | three_stages(one, SUPERVISOR, seed=seed).accuracies() for one in STUDENTS]


if __name__ == "__main__":
    parser = options(__doc__)
    parser.set_defaults(seeds=SEEDS)
    grow_tables(["vision"], parser.parse_args(), lambda seed: {"vision": students(seed)})
