"""All tables that claims read, in which each effect is exactly what is asked."""

from collections.abc import MutableMapping
from functools import cache

import pandas as pd
from alike_tables import alike_world
from analysis_tables import insides, salience_world
from effects import of_seed
from later_tables import (
    advice_world,
    arena_world,
    debate_world,
    elicitation_world,
    inside_world,
    sums_world,
    theory_world,
)
from oversight_tables import oversight_world
from pair_tables import MODELS, TASKS, chess_world, ladder_world, other_world, reading_world, summary
from reinforcement_tables import reinforcement_world
from shift_tables import shift_world


class World(MutableMapping):
    """Tables by name, of which only those that are read are made."""

    def __init__(self, n_seeds, effects):
        self.n_seeds, self.effects, self.made = n_seeds, effects, {}
        self.names = list(_makers())

    def __getitem__(self, name):
        if name in self.names and name not in self.made:
            maker = _makers()[name]
            theirs = {k: v for k, v in self.effects.items() if maker is language_world or k not in GIVEN}
            self.made[name] = _made(maker, self.n_seeds, **theirs)[name].copy()
        return self.made[name]

    def __setitem__(self, name, table):
        self.made[name], self.names = table, list(dict.fromkeys([*self.names, name]))

    def __delitem__(self, name):
        self.names.remove(name)
        self.made.pop(name, None)

    def __iter__(self):
        return iter(self.names)

    def __len__(self):
        return len(self.names)


def world(n_seeds=3, **effects):
    """Tables in which each effect is exactly what is asked; tables of one's own.

    An effect is a number, or (number, spread), spread growing with the seed so that the seeds' mean is the
    number. What there are: see the functions that make the tables.
    """
    return World(n_seeds, effects)


@cache
def _makers():
    """Which function makes each table."""
    return {name: maker for maker in MAKERS for name in _made(maker, 3)}


@cache
def _made(maker, n_seeds, **effects):
    return maker(n_seeds, effects)


def _at(effect, seed, n_seeds):
    """An effect in one seed."""
    return effect[0] + effect[1] * (seed - (n_seeds - 1) / 2) if isinstance(effect, tuple) else effect


def language_world(n_seeds, effects):
    """Five tasks and four models. Ceilings grow by `ceiling` a size; supervisors have the accuracies `weak`.
    Their weak labels are right as often, or as `labels` says.

    PGR is `pgr`, and more by `pgr_slope` for each size that a student is more than two above its supervisor.
    The confidence loss adds `far` across wide gaps and `near` across the narrowest. Agreement is higher by
    `agree` where the supervisor is right. EleutherAI's form of the loss gains `log`, and strong to strong
    `other`.
    """
    effects = (
        GIVEN
        | {
            "ceiling": 0.03,
            "pgr": 0.5,
            "pgr_slope": 0.05,
            "far": 0.1,
            "near": -0.02,
            "agree": 0.2,
            "shift": 0,
            "wrong_slope": 0,
            "lost": 0.1,
            "apart": 0.05,
            "log": 0.05,
            "other": -0.02,
        }
        | effects
    )
    weak, methods, labels = (effects.pop(name) for name in ("weak", "methods", "labels"))
    grid, imitation = [], []
    for seed in range(n_seeds):
        e = of_seed(effects, seed, n_seeds)
        for task, shift in TASKS.items():
            for w, supervisor in enumerate(MODELS):
                for s, student in enumerate(MODELS):
                    if s < w:
                        continue
                    ceiling = 0.8 + e["ceiling"] * (s - 1.5)
                    naive = weak[w] + (e["pgr"] + shift + e["pgr_slope"] * (s - w - 2)) * (ceiling - weak[w])
                    imitation.append(
                        {
                            "domain": "language",
                            "task": task,
                            "supervisor": supervisor,
                            "student": student,
                            "method": "naive",
                            "seed": seed,
                            "cross_entropy_wrong": 0.7 + e["apart"] * (s - 1.5),
                        }
                    )
                    for method in methods:
                        gain = (
                            0
                            if method == "naive"
                            else e["far"]
                            if s == 3 and w < 2
                            else e["near"]
                            if s == w + 1
                            else 0
                        )
                        grid.append(
                            {
                                "task": task,
                                "supervisor": supervisor,
                                "student": student,
                                "method": method,
                                "seed": seed,
                                "supervisor_accuracy": weak[w],
                                "student_accuracy": naive + gain,
                                "ceiling_accuracy": ceiling,
                                "label_accuracy": weak[w] if labels is None else labels[w],
                                "agreement_right": 0.6 + e["agree"] + e["shift"],
                                "agreement_wrong": 0.6
                                + e["shift"]
                                + e["wrong_slope"] * (s - 1.5)
                                - e["lost"] * (method != "naive"),
                                "supervisor_pretraining_flops": MODELS[supervisor],
                                "student_pretraining_flops": MODELS[student],
                            }
                        )
    grid = pd.DataFrame(grid)
    tried = {"naive": 0, "confidence": 0.2, "log_confidence": "log", "entropy": -0.05, "s2s": "other"}
    tried = [
        grid[(grid["supervisor"] == "m") & (grid["student"] == "l") & (grid["method"] == "naive")].assign(
            method=method,
            student_accuracy=lambda rows: [
                0.6 + (_at(effects[gain], seed, n_seeds) if isinstance(gain, str) else gain)
                for seed in rows["seed"]
            ],
        )
        for method, gain in tried.items()
    ]
    return {
        "interventions_grid": pd.concat(tried),
        "nlp_grid": grid,
        "nlp_summary": summary(grid),
        "imitation": pd.DataFrame(imitation),
    }


GIVEN = {
    "weak": (0.56, 0.58, 0.60, 0.62),
    "methods": ("naive", "confidence"),
    "labels": None,
}  # no effects with a spread
MAKERS = (
    language_world,
    chess_world,
    ladder_world,
    other_world,
    reading_world,
    insides,
    salience_world,
    theory_world,
    sums_world,
    advice_world,
    inside_world,
    arena_world,
    debate_world,
    elicitation_world,
    shift_world,
    reinforcement_world,
    oversight_world,
    alike_world,
)
