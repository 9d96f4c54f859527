"""The ledger: each claim can be shown, refuted and left open; nothing is invented; the README shows what
results/ say.
"""

import itertools
import json
import math
import sys
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from w2s_kit.experiment.result import Result, summarise
from w2s_kit.experiment.store import Store
from w2s_kit.metrics.intervals import mean_interval
from w2s_kit.metrics.pgr import estimate_pgr
from w2s_kit.report import claims
from w2s_kit.report.claims import (
    CLAIMS,
    TABLES,
    VERDICTS,
    Table,
    markdown,
    page,
    paper_figures,
    scoreboard,
    with_scoreboard,
    write,
)
from w2s_kit.shared.files import results_folder

ROOT = Path(__file__).parents[2]
MODELS = {"xs": 1e10, "s": 1e11, "m": 1e12, "l": 1e13}  # one factor of ten apart: slopes below are a size
LANGUAGE = ("00", "01", "02", "03", "08")  # notebooks whose claims are about the language grid
# added to PGR: the median task is c, the mean is not
TASKS = {"a": -0.02, "b": -0.01, "c": 0.0, "d": 0.01, "e": 0.4}
BY_ID = {claim.id: claim for claim in CLAIMS}


def world(*args, **effects):
    """See `_world`; tables of one's own."""
    return {name: table.copy() for name, table in _world(*args, **effects).items()}


@cache
def _world(n_seeds=3, weak=(0.56, 0.58, 0.60, 0.62), methods=("naive", "confidence"), **effects):
    """Tables in which each effect is exactly what is asked: a number, or (number, spread), spread growing
    with the seed so that the seeds' mean is the number.
    """
    effects = {
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
    } | effects
    grid, imitation = [], []
    for seed in range(n_seeds):
        e = {
            k: v[0] + v[1] * (seed - (n_seeds - 1) / 2) if isinstance(v, tuple) else v
            for k, v in effects.items()
        }
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
    return {
        "nlp_grid": grid,
        "nlp_summary": summary(grid),
        "imitation": pd.DataFrame(imitation),
        **chess_world(n_seeds, effects),
        **other_world(n_seeds, effects),
        **insides(n_seeds, effects),
        **theory_world(n_seeds, effects),
        **sums_world(n_seeds, effects),
        **advice_world(n_seeds, effects),
        **inside_world(n_seeds, effects),
        **arena_world(n_seeds, effects),
        **debate_world(n_seeds, effects),
    }


def other_world(n_seeds, effects):
    """Gaps of 10 points a size. Reward modelling, one task: PGR is `reward`, and its interventions add
    `pref_...`; stopping adds `stop`. Language with all three, two tasks: PGR is 0.4, and they add `lang_...`.
    Ceilings that have read are 2 points better.
    """
    effects = {
        "reward": 0.1,
        "stop": 0.05,
        "pref_read": 0.15,
        "pref_conf": -0.01,
        "pref_boot": -0.01,
        "lang_read": -0.01,
        "lang_conf": 0.2,
        "lang_boot": -0.01,
    } | effects
    grids, stops, accuracy = {"preference": [], "methods": []}, [], [0.55 + 0.1 * i for i in range(4)]
    for seed in range(n_seeds):
        e = {
            k: v[0] + v[1] * (seed - (n_seeds - 1) / 2) if isinstance(v, tuple) else v
            for k, v in effects.items()
        }
        for domain, tasks, level, gain in (
            ("preference", ["dialogue"], e["reward"], "pref"),
            ("methods", ["a", "b"], 0.4, "lang"),
        ):
            for task, (w, supervisor), (s, student) in itertools.product(
                tasks, enumerate(MODELS), enumerate(MODELS)
            ):
                if s <= w:
                    continue
                for method, more, better in (
                    ("naive", 0, 0),
                    ("confidence", e[f"{gain}_conf"], 0),
                    ("bootstrap", e[f"{gain}_boot"], 0),
                    (claims.FAIR, e[f"{gain}_read"], 0.02),
                ):
                    if method == "bootstrap" and s == w + 1:
                        continue
                    ceiling = accuracy[s] + better
                    grids[domain].append(
                        {
                            "task": task,
                            "supervisor": supervisor,
                            "student": student,
                            "method": method,
                            "seed": seed,
                            "supervisor_accuracy": accuracy[w],
                            "student_accuracy": accuracy[w] + (level + more) * (ceiling - accuracy[w]),
                            "ceiling_accuracy": ceiling,
                            "agreement_right": 0.8,
                            "agreement_wrong": 0.5,
                            "supervisor_pretraining_flops": MODELS[supervisor],
                            "student_pretraining_flops": MODELS[student],
                        }
                    )
                if domain == "preference" and s == 3:
                    at = lambda pgr: accuracy[w] + pgr * (accuracy[s] - accuracy[w])
                    stops.append(
                        {
                            "supervisor": supervisor,
                            "student": student,
                            "method": "naive",
                            "seed": seed,
                            "supervisor_accuracy": at(0),
                            "student_accuracy": at(level),
                            "stopped_accuracy": at(level + e["stop"]),
                            "ceiling_accuracy": at(1),
                        }
                    )
    tables = {f"{domain}_grid": pd.DataFrame(rows) for domain, rows in grids.items()}
    return (
        tables
        | {f"{domain}_summary": summary(tables[f"{domain}_grid"]) for domain in grids}
        | {"preference_stopping": pd.DataFrame(stops)}
    )


def insides(n_seeds, effects):
    """What is behind notebooks 09 to 13. Supervisors are right in 60 %, ceilings in 90 %, so that PGR of 0.1
    is 3 points; every effect is a PGR or an accuracy, added where its name says.
    """
    effects = {
        "stop_naive": 0.15,
        "stop_weakly": 0.1,
        "stop_conf": 0.05,
        "simulable": -0.5,
        "conf_there": 0.1,
        "prompt": 0.02,
        "salient": 0.06,
        "hidden": 0.1,
        "probed": 0.05,
        "sight": 0.6,
        "says": -0.3,
        "leak": 0.2,
        "auc": 0.9,
        "real": 0.4,
        "real_conf": 0.05,
        "freed": 0.002,
        "corrects": 0.1,
        "promised": 0.05,
        "tells": 0.3,
        "asked": 0,
        "late": 0.03,
        "late_truth": 0.0,
        "first": 0.1,
        "second": 0.2,
        "hard": 0.02,
        "filtered": 0.02,
        "weighted": 0.02,
        "fooled": -0.02,
        "adapt": 0.02,
        "bag": 0.02,
        "co": 0.02,
    } | effects
    rows = {
        name: []
        for name in (
            "ideas",
            "reliability",
            "two_stage",
            "two_stage_late",
            "theory_expansion",
            "real_grid",
            "overfitting",
            "simulation",
            "prompting",
            "probing",
            "probe_grid",
            "vision",
            "dials",
            "deception",
        )
    }
    at = lambda pgr: 0.6 + 0.3 * pgr
    for seed in range(n_seeds):
        e = {
            k: v[0] + v[1] * (seed - (n_seeds - 1) / 2) if isinstance(v, tuple) else v
            for k, v in effects.items()
        }
        for task in TASKS:
            ends = {"task": task, "seed": seed, "supervisor_accuracy": at(0), "ceiling_accuracy": at(1)}
            cell = ends | {"supervisor": "s", "student": "l"}
            for method, gain in (("naive", e["stop_naive"]), ("confidence", e["stop_conf"])):
                stopped = {
                    "student_accuracy": at(0.4),
                    "stopped_accuracy": at(0.4 + gain),
                    "weakly_stopped_accuracy": at(0.4 + gain - e["stop_weakly"]),
                }
                rows["overfitting"].append(cell | {"method": method} | stopped)
                for i in range(6):
                    simulable = 0.1 * i
                    pgr = (
                        0.6
                        + e["simulable"] * simulable
                        + (method == "confidence" and i > 2) * e["conf_there"]
                    )
                    rows["simulation"].append(
                        ends
                        | {
                            "structure": f"errors {i}",
                            "student": "l",
                            "method": method,
                            "simulable": simulable,
                            "student_accuracy": at(pgr),
                        }
                    )
            for s, student in enumerate(MODELS):
                rows["prompting"].append(
                    cell
                    | {
                        "student": student,
                        "student_pretraining_flops": MODELS[student],
                        "few_true": 0.6 + e["prompt"] * (s - 1.5),
                        "naive": 0.6,
                    }
                )
            for method, gain in (("naive", 0), ("confidence", e["real_conf"])):
                rows["real_grid"].append(cell | {"method": method, "student_accuracy": at(e["real"] + gain)})
            rows["probing"].append(
                cell | {"lp_true": 0.6, "ft_weak_lp_true": 0.6 + e["salient"], "ft_true": 0.6 + e["hidden"]}
            )
            rows["probe_grid"].append(cell | {"student_accuracy": 0.6 + e["probed"]})
            for share in (0, 0.5, 1):
                rows["dials"].append(
                    cell
                    | {
                        "dial": "says",
                        "share": share,
                        "student": f"l {share}",
                        "student_accuracy": at(0.5 + e["says"] * share),
                    }
                )
            rows["reliability"].append(
                cell
                | {
                    "kept": 0.5 + e["tells"],
                    "dropped": 0.5,
                    "naive": 0.8,
                    "unweighted": 0.8 + e["asked"],
                    "filter": 0.8 + e["filtered"],
                    "weights": 0.8 + e["asked"] + e["weighted"],
                    "wrong_unweighted": 0.6,
                    "wrong_filter": 0.6 + e["fooled"],
                }
            )
            rows["ideas"].append(
                cell
                | {
                    "naive": 0.8,
                    "adaptive": 0.8 + e["adapt"],
                    "bagged": 0.8 + e["bag"],
                    "panel_mean": 0.7,
                    "co_supervision": 0.7 + e["co"],
                }
            )
            rows["two_stage"].append(
                cell
                | {
                    "naive": at(0.4),
                    "stage1": at(0.4 + e["first"]),
                    "stage2": at(0.4 + e["second"]),
                    "hard_stage1": 0.6,
                    "hard_stage2": 0.6 + e["hard"],
                }
            )
            for name, lost in (("weak", e["late"]), ("truth", e["late_truth"])):
                rows["two_stage_late"].append(
                    {
                        "task": task,
                        "seed": seed,
                        "supervisor": "s",
                        "student": "l",
                        "taught_by": name,
                        "stopped": 0.8 + lost,
                        "end": 0.8,
                    }
                )
            rows["deception"].append(
                {"task": task, "supervisor": "s", "student": "l", "seed": seed, "auc": e["auc"]}
            )
        for share in (0, 0.5, 1):
            rows["dials"].append(
                {
                    "task": "a",
                    "seed": seed,
                    "supervisor": "s",
                    "student": f"l {share}",
                    "dial": "leak",
                    "share": share,
                    "supervisor_accuracy": 0.6,
                    "student_accuracy": 0.55 + e["leak"] * share,
                    "ceiling_accuracy": 0.9,
                }
            )
        for student in ("patches", "pixels"):
            rows["vision"].append(
                {
                    "task": "digits",
                    "seed": seed,
                    "supervisor": "weak",
                    "student": student,
                    "supervisor_accuracy": at(0),
                    "ceiling_accuracy": at(1),
                    "student_accuracy": at(e["sight"]),
                }
            )
        promises = {"S0": 0.1 - e["promised"], "S1": 0.45, "T0": 1.0, "T1": 1.0, "all": np.nan}
        for student, C, accuracies in (
            ("words", np.nan, (0.9 + e["freed"], 0.65, 0.99, 0.001, 0.5)),
            ("xl", 0.001, (0.9 + e["corrects"], 0.66, 0.95, 0.7, 0.8)),
            ("xl", 1.0, (0.5,) * 5),
        ):
            rows["theory_expansion"] += [
                {
                    "student": student,
                    "C": C,
                    "set": part,
                    "seed": seed,
                    "accuracy": accuracy,
                    "alpha": {"S0": 0.1, "S1": 0.35}.get(part),
                    "theorem": promises[part],
                }
                for part, accuracy in zip(promises, accuracies)
            ]
    return {name: pd.DataFrame(table) for name, table in rows.items()}


def theory_world(n_seeds, effects):
    """Gain is `slope` times misfit, `r2` from the line; supervisors are chosen well in `chosen`, KL's
    inequality holds in `held`; powers of the errors are `power` and `linear_power`; variances are `off` of
    the formula's, and the supervisor's `above` of them.
    """
    effects = {
        "slope": 1,
        "r2": 0.95,
        "chosen": 0.9,
        "held": 0.99,
        "kl_r2": 0.95,
        "power": 1.8,
        "linear_power": 2,
        "off": 0.05,
        "above": 2,
    } | effects
    misfit, features, variance = [], [], []
    for seed in range(n_seeds):
        e = {
            k: v[0] + v[1] * (seed - (n_seeds - 1) / 2) if isinstance(v, tuple) else v
            for k, v in effects.items()
        }
        for setting, r2, held in (
            ("realizable", e["r2"], 0.5),
            ("choice", 0, 0),
            ("kl", e["kl_r2"], e["held"]),
            ("another", 0, 0),
        ):
            misfit.append(
                {
                    "setting": setting,
                    "seed": seed,
                    "r2": r2,
                    "slope": e["slope"],
                    "held": held,
                    "top2": e["chosen"],
                }
            )
        for width in (8, 16, 32):
            for kind, power in (("linear", e["linear_power"]), ("relu", e["power"])):
                features.append(
                    {
                        "features": kind,
                        "width": width,
                        "seed": seed,
                        "teacher_error": 1 / width,
                        "student_error": (1 / width) ** power,
                    }
                )
        for shared, n in itertools.product((1, 5, 10), (100, 200)):
            formula = (shared + 10 / n * (20 - shared)) / (n - 21)
            variance.append(
                {
                    "n": n,
                    "n_student": n,
                    "shared": shared,
                    "seed": seed,
                    "student_variance": formula * (1 + e["off"]),
                    "supervisor_variance": formula * (1 + e["off"]) * e["above"],
                }
            )
    return {
        "theory_misfit": pd.DataFrame(misfit),
        "theory_random_features": pd.DataFrame(features),
        "theory_variance": pd.DataFrame(variance),
    }


def arena_world(n_seeds, effects):
    """A search finds `finds` more PGR than tuning, `carries` on another task; flips reach `opened` on an open
    board, `under` a Ladder, and `moved` in private; the luckiest run is `luck` better in public alone, where
    the halves differ by 0.2 anyway.
    """
    effects, rows = (
        {"finds": 0.1, "carries": 0.05, "opened": 1.05, "under": 0, "moved": 0, "luck": 0.1} | effects,
        [],
    )
    for seed in range(n_seeds):
        e = {
            k: v[0] + v[1] * (seed - (n_seeds - 1) / 2) if isinstance(v, tuple) else v
            for k, v in effects.items()
        }
        for what, public, private in (
            ("tuned", 0.9, 0.4),
            ("searched", 0.9, 0.4 + e["finds"]),
            ("tuned, elsewhere", 0.9, 0.3),
            ("searched, elsewhere", 0.9, 0.3 + e["carries"]),
            ("flips, open", e["opened"], -e["moved"]),
            ("flips, ladder", e["under"], 0),
            ("mean of 60, one seed", 0.3, 0.1),
            ("luckiest of 60, one seed", 0.35 + e["luck"], 0.15),
        ):
            rows.append({"what": what, "seed": seed, "public": public, "private": private})
    return {"arena": pd.DataFrame(rows)}


def advice_world(n_seeds, effects):
    """A corrector adds `harmed` to every model's harmless answers and `helped` to its right facts, which are
    then `beats` more than the small model's own. A strong model gains `aligned` and `keeps` by corrections of
    its answers, and `more` of PGR than by other answers.
    """
    effects = {
        "harmed": 0.1,
        "helped": 0.02,
        "beats": 0.05,
        "aligned": 0.2,
        "keeps": 0.02,
        "more": 0.2,
    } | effects
    rows, strong = [], []
    for seed in range(n_seeds):
        e = {
            k: v[0] + v[1] * (seed - (n_seeds - 1) / 2) if isinstance(v, tuple) else v
            for k, v in effects.items()
        }
        rows.append(
            {
                "corrector": "direct",
                "upstream": "none",
                "size": "m",
                "seed": seed,
                "helpful": 0.7,
                "harmless": 0.9,
            }
        )
        for corrector, (upstream, size) in itertools.product(
            ("aligner", "another"), (("rude", "m"), ("l", "l"), ("hot", "xl"))
        ):
            helpful = (
                0.7 + e["beats"] + (upstream == "l") * 0.01 - (upstream == "hot") * 0.01 + (size == "m") * 0.1
            )
            rows.append(
                {
                    "corrector": corrector,
                    "upstream": upstream,
                    "size": size,
                    "seed": seed,
                    "helpful": helpful,
                    "harmless": 0.5 + e["harmed"],
                    "before_helpful": helpful - e["helped"],
                    "before_harmless": 0.5 - (upstream == "hot") * 0.1,
                }
            )
        for student in ("rude", "salesman"):
            corrected = 0.8 + 0.25 * e["more"]
            for labels, helpful, harmless in (
                ("before", corrected - e["keeps"], 0.5),
                ("corrections", corrected, 0.5 + e["aligned"]),
                ("direct", 0.8, 0.7),
                ("truth", 0.95, 1.0),
            ):
                strong.append(
                    {
                        "student": student,
                        "labels": labels,
                        "seed": seed,
                        "helpful": helpful,
                        "harmless": harmless,
                    }
                )
    return {"aligner": pd.DataFrame(rows), "aligner_strong": pd.DataFrame(strong)}


def inside_world(n_seeds, effects):
    """A probe is `probed_truth` better than its student and one of shuffled labels is `shuffled` right,
    contrast-consistent search is `contrast` above one half; a push away from asides gains `pushed`, a random
    one `anywhere`; a latent with AUROC `tells_truth` costs the probe `needed`.
    """
    effects = {
        "probed_truth": 0.4,
        "shuffled": 0.5,
        "contrast": 0.2,
        "pushed": 0.5,
        "anywhere": 0.01,
        "tells_truth": 0.9,
        "needed": 0.05,
    } | effects
    rows = {"inside": [], "inside_steering": [], "inside_latents": []}
    for seed in range(n_seeds):
        e = {
            k: v[0] + v[1] * (seed - (n_seeds - 1) / 2) if isinstance(v, tuple) else v
            for k, v in effects.items()
        }
        for task in TASKS:
            cell = {"task": task, "seed": seed, "student": "l", "supervisor": "distracted"}
            for supervisor, state, layer, here in (
                ("distracted", "finetuned", 2, 1),
                ("m", "finetuned", 2, 0),
                ("distracted", "pretrained", 2, 0),
                ("distracted", "finetuned", 3, 0),
            ):
                rows["inside"].append(
                    cell
                    | {
                        "supervisor": supervisor,
                        "state": state,
                        "layer": layer,
                        "output_wrong": 0.4,
                        "probe_wrong": 0.4 + here * e["probed_truth"],
                        "shuffled_wrong": e["shuffled"] if here else None,
                        "ccs_wrong": 0.5 + e["contrast"] if here else None,
                    }
                )
            for direction, dose, right in (
                ("plain", 0, 0.2),
                ("plain", 1, 0.2 + e["pushed"]),
                ("plain", 2, 0.2),
                ("random", 1, 0.2 + 2 * e["anywhere"]),
                ("random", 1, 0.2),
                ("truth", 1, 0),
            ):
                rows["inside_steering"].append(
                    cell | {"direction": direction, "dose": dose, "right_distracted": right}
                )
            rows["inside_latents"].append(
                cell | {"distracted": e["tells_truth"], "ablated": 0.8 - e["needed"], "ablated_others": 0.8}
            )
    return {name: pd.DataFrame(table) for name, table in rows.items()}


def sums_world(n_seeds, effects):
    """Pass@1 falls by `fall` from level 3 to 9; of 64, a majority is right in 60 %, the PRM's vote is
    `judges` better, and `beyond` what more truth gives a generator; the best is `over` below pass@1; students
    of easy truth are `easy` above those of weak labels.
    """
    effects = {
        "fall": 0.2,
        "judges": 0.08,
        "by_outcome": 0,
        "shuffled": 0,
        "beyond": 0.02,
        "over": 0.1,
        "easy": 0.1,
    } | effects
    rows, students = [], []
    for seed in range(n_seeds):
        e = {
            k: v[0] + v[1] * (seed - (n_seeds - 1) / 2) if isinstance(v, tuple) else v
            for k, v in effects.items()
        }
        for level in (3, 6, 9):
            once, voted = 0.8 - e["fall"] * (level - 3) / 6, 0.6 + e["judges"]
            for judge, way, accuracy in (
                ("none", "majority", 0.6),
                ("more truth", "majority", voted - e["beyond"]),
                ("prm", "vote", voted),
                ("orm", "vote", 0.6 + e["by_outcome"]),
                ("shuffled", "vote", 0.6 + e["shuffled"]),
                ("prm", "best", once - e["over"]),
                ("orm", "best", once - e["over"]),
            ):
                rows += [
                    {
                        "seed": seed,
                        "level": level,
                        "judge": judge,
                        "way": way,
                        "n": n,
                        "accuracy": once if n == 1 else accuracy,
                    }
                    for n in (1, 64)
                ]
        students += [
            {
                "task": "sums",
                "supervisor": "xs",
                "student": student,
                "seed": seed,
                "student_accuracy": 0.7,
                "easy_accuracy": 0.7 + e["easy"],
            }
            for student in ("m", "l")
        ]
    return {"sums": pd.DataFrame(rows), "sums_students": pd.DataFrame(students)}


def debate_world(n_seeds, effects):
    """Labels of judges: `advised` better after a consultancy, `argued` more after a debate; a mistaken debate
    costs `mistakes`, another thing's adds `elsewhere`, and one fact's, where both must speak, `cornered`. The
    gap is 20 points; a student of debates has `taught` more PGR than a naive one, which is 0.1 below a
    student of consultancies plus `apart`.
    """
    effects, rows = (
        {
            "advised": 0.05,
            "argued": 0.1,
            "mistakes": 0.08,
            "elsewhere": -0.1,
            "cornered": 0,
            "taught": 0.2,
            "apart": 0,
        }
        | effects,
        [],
    )
    for seed in range(n_seeds):
        e = {
            k: v[0] + v[1] * (seed - (n_seeds - 1) / 2) if isinstance(v, tuple) else v
            for k, v in effects.items()
        }
        ensembles = {
            "naive ensemble": (0.6, 0.3),
            "consultancy ensemble": (0.6 + e["advised"], 0.4 + e["apart"]),
            "debate ensemble": (0.6 + e["advised"] + e["argued"], 0.3 + e["taught"]),
        }
        single = {
            "naive": (0.6, 0.3),
            "random": (0.6 + e["elsewhere"], 0),
            "debate": (0.7, 0.4),
            "mistaken": (0.7 - e["mistakes"], 0.3),
        }
        for task, methods in (
            ("taste", ensembles | single),
            ("edible", {"naive": (0.7, 0.3), "debate": (0.9, 0.9), "cornered": (0.7 + e["cornered"], 0.3)}),
        ):
            for method, (labels, pgr) in methods.items():
                rows.append(
                    {
                        "task": task,
                        "supervisor": "m",
                        "student": "l",
                        "method": method,
                        "seed": seed,
                        "labels": labels,
                        "supervisor_accuracy": 0.6,
                        "student_accuracy": 0.6 + 0.2 * pgr,
                        "ceiling_accuracy": 0.8,
                    }
                )
    return {"debate": pd.DataFrame(rows)}


def chess_world(n_seeds, effects):
    """One task, gaps of 10 points a size; a chain from the smallest to the largest. PGR is `chess` for
    neighbours and falls by `fall` with each size more; bootstrapping adds `boot`; students of the chain fall
    behind their ceilings by `lag` a link.
    """
    grid, chain, effects = [], [], {"chess": 0.5, "fall": 0.22, "boot": 0.1, "lag": 0.02} | effects
    for seed in range(n_seeds):
        e = {
            k: v[0] + v[1] * (seed - (n_seeds - 1) / 2) if isinstance(v, tuple) else v
            for k, v in effects.items()
        }
        accuracy = [0.3 + 0.1 * i for i in range(4)]
        for w, supervisor in enumerate(MODELS):
            for s, student in list(enumerate(MODELS))[w:]:
                for method in ("naive", "bootstrap") if s > w + 1 else ("naive",):
                    recovered = e["chess"] - e["fall"] * (s - w - 1) + e["boot"] * (method == "bootstrap")
                    grid.append(
                        {
                            "task": "chess",
                            "supervisor": supervisor,
                            "student": student,
                            "method": method,
                            "seed": seed,
                            "supervisor_accuracy": accuracy[w],
                            "student_accuracy": accuracy[w] + recovered * (accuracy[s] - accuracy[w]),
                            "ceiling_accuracy": accuracy[s],
                            "agreement_right": 0.8,
                            "agreement_wrong": 0.5,
                            "supervisor_pretraining_flops": MODELS[supervisor],
                            "student_pretraining_flops": MODELS[student],
                        }
                    )
        for link, (teacher, student) in enumerate(itertools.pairwise(MODELS), 1):
            chain.append(
                {
                    "teacher": teacher,
                    "student": student,
                    "link": link,
                    "seed": seed,
                    "student_accuracy": accuracy[link] - e["lag"] * link,
                    "ceiling_accuracy": accuracy[link],
                }
            )
    return {
        "chess_grid": pd.DataFrame(grid),
        "chess_summary": summary(pd.DataFrame(grid)),
        "chess_chain": pd.DataFrame(chain),
    }


def summary(grid):
    rows = []
    for pair, group in grid.groupby(["task", "supervisor", "student", "method"], sort=False):
        pgr = estimate_pgr(
            *(
                np.clip(group[f"{who}_accuracy"].to_numpy(), 0, 1)
                for who in ("supervisor", "student", "ceiling")
            )
        )
        rows.append([*pair, pgr.gap.mean, pgr.defined])
    return pd.DataFrame(rows, columns=list(TABLES["nlp_summary"].columns))


def save(tables, folder):
    folder.mkdir(exist_ok=True)
    for name, table in tables.items():
        table.to_csv(folder / f"{name}.csv", index=False)
    return folder


# What makes each claim hold, fail the other way, and stay open; and the value that it must read off the first
# world.
PROBES = {
    "students_beat_supervisors": ({"pgr": 0.5}, {"pgr": -0.3}, {"pgr": (0.05, 0.2), "pgr_slope": 0}, None),
    "agreement_follows_truth": ({"agree": 0.2}, {"agree": -0.2}, {"agree": (0.01, 0.1)}, 20),
    "ceilings_grow": ({"ceiling": 0.03}, {"ceiling": -0.03}, {"ceiling": (0.001, 0.02)}, 3),
    "naive_pgr_above_20": ({"pgr": 0.5, "pgr_slope": 0}, {"pgr": -0.3}, {"pgr": 0.1, "pgr_slope": 0}, 0.5),
    "pgr_grows_with_student": ({"pgr_slope": 0.05}, {"pgr_slope": -0.05}, {"pgr_slope": (0.005, 0.05)}, 0.05),
    "confidence_helps_across_large_gaps": (
        {"far": 0.1},
        {"far": -0.1},
        {"far": (0.01, 0.1)},
        0.1 / (0.845 - 0.56),
    ),
    "confidence_hurts_near_pairs": ({"near": -0.02}, {"near": 0.02}, {"near": (-0.002, 0.02)}, -2),
    "chess_pgr_falls_with_gap": ({"fall": 0.2}, {"fall": -0.2}, {"fall": (0.01, 0.1)}, -0.2),
    "chess_largest_gap": ({"fall": 0.22}, {"fall": 0}, {"fall": (0.2, 0.05)}, 0.5 - 2 * 0.22),
    "chess_small_gaps": ({"chess": 0.5}, {"chess": -0.1}, {"chess": 0.3}, 0.5),
    "bootstrapping_helps_across_large_gaps": ({"boot": 0.1}, {"boot": -0.1}, {"boot": (0.01, 0.1)}, 0.1),
    "reward_pgr_is_low": ({"reward": 0.1}, {"reward": 0.4}, {"reward": (0.2, 0.05)}, 0.1),
    "stopping_by_truth_gains": ({"stop": 0.05}, {"stop": -0.05}, {"stop": (0.005, 0.05)}, 0.05),
    "reading_helps_reward_models": ({"pref_read": 0.15}, {"pref_read": -0.1}, {"pref_read": 0.05}, 0.15),
    "reading_does_not_close_the_gap": (
        {"pref_read": 0.15},
        {"pref_read": 0.6},
        {"pref_read": (0.4, 0.1)},
        0.25,
    ),
    "naive_students_imitate": ({}, {"shift": -0.3}, {"shift": (-0.13, 0.1)}, None),
    "errors_are_imitated_less_by_larger_students": (
        {"wrong_slope": -0.05},
        {"wrong_slope": 0.05},
        {"wrong_slope": (-0.005, 0.05)},
        -5,
    ),
    "larger_students_are_further_from_errors": (
        {"apart": 0.05},
        {"apart": -0.05},
        {"apart": (0.005, 0.05)},
        0.05,
    ),
    "confidence_lowers_agreement_with_errors": ({"lost": 0.1}, {"lost": -0.1}, {"lost": (0.01, 0.1)}, 10),
    "no_intervention_is_consistent": ({}, {"pref_conf": 0.2}, {"pref_conf": (0.05, 0.3)}, 3),
    "real_students_beat_supervisors": ({"real": 0.5}, {"real": -0.2}, {"real": (0.01, 0.2)}, 15),
    "confidence_gains_on_real_text": ({"real_conf": 0.1}, {"real_conf": -0.1}, {"real_conf": (0.01, 0.2)}, 3),
    "truth_stops_better_than_the_end": (
        {"stop_naive": 0.15},
        {"stop_naive": -0.1},
        {"stop_naive": (0.01, 0.1)},
        0.15,
    ),
    "truth_stops_better_than_weak_labels": (
        {"stop_weakly": 0.1},
        {"stop_weakly": -0.1},
        {"stop_weakly": (0.01, 0.1)},
        0.1,
    ),
    "confidence_overfits_less": ({}, {"stop_conf": 0.3}, {"stop_conf": (0.14, 0.1)}, 0.1),
    "simulable_errors_cost_pgr": (
        {"simulable": -0.5},
        {"simulable": 0.5},
        {"simulable": (-0.05, 0.5)},
        -0.05,
    ),
    "confidence_helps_where_errors_are_simulable": (
        {"conf_there": 0.1},
        {"conf_there": -0.1},
        {"conf_there": (0.01, 0.1)},
        0.1,
    ),
    "prompting_gains_with_size": ({"prompt": 0.02}, {"prompt": -0.02}, {"prompt": (0.002, 0.02)}, 2),
    "weak_labels_make_concepts_salient": (
        {"salient": 0.06},
        {"salient": -0.06},
        {"salient": (0.01, 0.06)},
        6,
    ),
    "finetuning_finds_more_than_a_probe": ({"hidden": 0.1}, {"hidden": -0.1}, {"hidden": (0.01, 0.1)}, 10),
    "probed_students_beat_supervisors": ({"probed": 0.05}, {"probed": -0.05}, {"probed": (0.005, 0.05)}, 5),
    "vision_students_recover": ({"sight": 0.6}, {"sight": -0.1}, {"sight": 0.3}, 0.6),
    "imitation_saliency_costs_pgr": ({"says": -0.3}, {"says": 0.3}, {"says": (-0.03, 0.3)}, -0.3),
    "leakage_feeds_students": ({"leak": 0.2}, {"leak": -0.2}, {"leak": (0.02, 0.2)}, 20),
    "probes_find_hidden_disagreement": ({"auc": 0.9}, {"auc": 0.4}, {"auc": (0.7, 0.1)}, 0.9),
    "students_copy_rules_that_they_can_state": ({}, {"freed": 0.1}, {"freed": (0.02, 0.01)}, 0.002),
    "features_correct_and_go_beyond": ({"corrects": 0.1}, {"corrects": 0}, {"corrects": (0.03, 0.05)}, 7),
    "expansion_tells_what_is_corrected": (
        {"promised": 0.05},
        {"promised": -0.05},
        {"promised": (0.005, 0.05)},
        5,
    ),
    "gain_is_misfit": ({"slope": 1}, {"slope": -1}, {"slope": (1, 0.1)}, 1),
    "misfit_chooses_supervisors": ({"chosen": 0.9}, {"chosen": 0.1}, {"chosen": (0.82, 0.1)}, 0.9),
    "gain_is_misfit_in_kl": ({"held": 0.99}, {"held": 0.4}, {"held": (0.96, 0.02)}, 0.99),
    "early_stopping_raises_the_power": ({"power": 1.8}, {"power": 0.9}, {"power": (1.5, 0.1)}, 1.8),
    "variance_is_inherited_in_the_overlap": ({"off": 0.05}, {"off": 0.3}, {"off": (0.11, 0.05)}, 5),
    "self_contradiction_tells_errors": ({"tells": 0.3}, {"tells": -0.1}, {"tells": (0.2, 0.1)}, 30),
    "entropy_filter_gains": ({"filtered": 0.02}, {"filtered": -0.02}, {"filtered": (0.002, 0.02)}, 2),
    "reliability_weights_gain": ({"weighted": 0.02}, {"weighted": -0.02}, {"weighted": (0.002, 0.02)}, 2),
    "filter_is_no_help_against_sure_errors": (
        {"fooled": -0.02},
        {"fooled": 0.05},
        {"fooled": (0.01, 0.02)},
        -2,
    ),
    "long_training_on_weak_labels_declines": ({"late": 0.03}, {"late": -0.02}, {"late": (0.016, 0.01)}, 3),
    "two_stages_recover_more": ({"second": 0.2}, {"second": -0.1}, {"second": (0.12, 0.3)}, 0.2),
    "relabelling_brings_back_hard_questions": ({"hard": 0.02}, {"hard": -0.02}, {"hard": (0.002, 0.02)}, 2),
    "a_corrector_makes_all_less_harmful": ({"harmed": 0.1}, {"harmed": -0.1}, {"harmed": (0.01, 0.1)}, 10),
    "a_corrector_costs_no_help": ({"helped": 0.02}, {"helped": -0.05}, {"helped": (-0.005, 0.05)}, 2),
    "correcting_beats_answering": ({"beats": 0.05}, {"beats": -0.05}, {"beats": (0.01, 0.05)}, 5),
    "corrections_align_a_strong_model": ({"aligned": 0.2}, {"aligned": -0.2}, {"aligned": (0.02, 0.2)}, 20),
    "corrections_recover_more_than_answers": ({"more": 0.2}, {"more": -0.2}, {"more": (0.02, 0.2)}, 0.2),
    "students_know_what_they_do_not_say": (
        {"probed_truth": 0.4},
        {"probed_truth": -0.1},
        {"probed_truth": 0.1},
        40,
    ),
    "ccs_finds_the_truth": ({"contrast": 0.2}, {"contrast": -0.2}, {"contrast": -0.05}, 20),
    "steering_makes_students_truthful": ({"pushed": 0.5}, {"pushed": -0.1}, {"pushed": (0.2, 0.1)}, 50),
    "one_latent_holds_the_truth": ({"needed": 0.05}, {"needed": -0.05}, {"needed": (0.005, 0.05)}, -5),
    "generators_fall_from_easy_to_hard": ({"fall": 0.2}, {"fall": -0.1}, {"fall": (0.16, 0.1)}, 20),
    "judges_of_easy_steps_choose_hard_solutions": (
        {"judges": 0.08},
        {"judges": -0.05},
        {"judges": (0.03, 0.03)},
        8,
    ),
    "judges_are_worth_more_than_solutions": (
        {"beyond": 0.02},
        {"beyond": -0.02},
        {"beyond": (0.002, 0.02)},
        2,
    ),
    "best_of_many_is_over_optimised": ({"over": 0.1}, {"over": -0.1}, {"over": (0.01, 0.1)}, 10),
    "easy_truth_teaches_more_than_weak_labels": ({"easy": 0.1}, {"easy": -0.1}, {"easy": (0.01, 0.1)}, 10),
    "debate_makes_better_labels": ({"argued": 0.1}, {"argued": -0.1}, {"argued": (0.01, 0.1)}, 10),
    "debate_teaches_more": ({"taught": 0.2}, {"taught": -0.1}, {"taught": (0.12, 0.3)}, 0.2),
    "debate_needs_knowledge": ({"mistakes": 0.08}, {"mistakes": -0.08}, {"mistakes": (0.01, 0.1)}, 8),
    "debate_over_one_fact_is_no_help": (
        {"cornered": -0.01},
        {"cornered": 0.05},
        {"cornered": (0.01, 0.02)},
        -1,
    ),
    "search_gains_on_the_private_half": ({"finds": 0.1}, {"finds": -0.1}, {"finds": (0.01, 0.1)}, 0.1),
    "found_methods_carry_over": ({"carries": 0.05}, {"carries": -0.05}, {"carries": (0.005, 0.05)}, 0.05),
    "a_ladder_stops_one_flip_attacks": ({}, {"under": 0.3}, {"under": (0.08, 0.05)}, 0.1),
    "lucky_seeds_do_not_last": ({"luck": 0.1}, {"luck": -0.1}, {"luck": 0.03}, 0.1),
    "adaptive_confidence_gains": ({"adapt": 0.02}, {"adapt": -0.02}, {"adapt": (0.002, 0.02)}, 2),
    "bagged_supervisors_teach_more": ({"bag": 0.02}, {"bag": -0.02}, {"bag": (0.002, 0.02)}, 2),
    "co_supervision_beats_the_mean": ({"co": 0.02}, {"co": -0.02}, {"co": (0.002, 0.02)}, 2),
    "errors_compound_along_a_chain": ({"lag": 0.02}, {"lag": -0.02}, {"lag": (0.002, 0.02)}, 2),
}


def test_every_claim_is_probed_and_complete():
    assert set(PROBES) == set(BY_ID) and len(BY_ID) == len(CLAIMS)
    assert [c.notebook for c in CLAIMS] == sorted(c.notebook for c in CLAIMS)
    assert all(c.statement and c.source and c.criterion for c in CLAIMS)


@pytest.mark.parametrize(
    "name, effects",
    [
        ("gain_is_misfit", {"r2": 0.5}),
        ("gain_is_misfit", {"slope": 1.2}),
        ("gain_is_misfit_in_kl", {"kl_r2": 0.5}),
        ("entropy_filter_gains", {"asked": 0.05}),
        ("corrections_align_a_strong_model", {"keeps": -0.03}),
        ("long_training_on_weak_labels_declines", {"late_truth": 0.01}),
        ("two_stages_recover_more", {"first": -0.05}),
        ("two_stages_recover_more", {"first": 0.3}),
        ("students_know_what_they_do_not_say", {"shuffled": 0.7}),
        ("students_know_what_they_do_not_say", {"shuffled": 0.3}),
        ("steering_makes_students_truthful", {"anywhere": 0.04}),
        ("steering_makes_students_truthful", {"anywhere": -0.04}),
        ("one_latent_holds_the_truth", {"tells_truth": 0.8}),
        ("early_stopping_raises_the_power", {"linear_power": 1.9}),
        ("variance_is_inherited_in_the_overlap", {"above": 0.9}),
        ("judges_of_easy_steps_choose_hard_solutions", {"shuffled": 0.02}),
        ("judges_of_easy_steps_choose_hard_solutions", {"by_outcome": 0.07}),
        ("debate_makes_better_labels", {"advised": -0.01}),
        ("debate_teaches_more", {"apart": 0.2}),
        ("debate_needs_knowledge", {"elsewhere": 0.05}),
    ],
)
def test_a_second_condition_that_fails_leaves_a_claim_open(name, effects):
    assert (
        BY_ID[name].measure(world()).verdict == "shows"
        and BY_ID[name].measure(world(**effects)).verdict == "does not show"
    )


@pytest.mark.parametrize("effects", [{"opened": 0.8}, {"moved": 0.3}, {"moved": -0.3}])
def test_an_attack_that_fails_or_a_half_that_leaks_refutes_the_ladders_claim(effects):
    assert BY_ID["a_ladder_stops_one_flip_attacks"].measure(world(**effects)).verdict == "opposite"


@pytest.mark.parametrize("name", PROBES)
def test_a_claim_can_be_shown_refuted_and_left_open(name):
    holds, fails, open_, value = PROBES[name]
    shown, refuted, left_open = (BY_ID[name].measure(world(**effects)) for effects in (holds, fails, open_))
    assert (shown.verdict, refuted.verdict, left_open.verdict) == ("shows", "opposite", "does not show")
    assert value is None or shown.value == pytest.approx(value)
    tasks = (
        BY_ID[name].notebook in (*LANGUAGE, "09", "10", "11", "13", "14", "19", "20", "24", "26")
        and name != "leakage_feeds_students"
    )
    ending = (
        "domains" if name == "no_intervention_is_consistent" else "3 seeds, 5 tasks" if tasks else ", 3 seeds"
    )
    for verdict in (shown, refuted, left_open):
        assert verdict.low <= verdict.value <= verdict.high and verdict.figure.endswith(ending)


def test_the_figure_is_the_rounded_verdict():
    verdict = BY_ID["naive_pgr_above_20"].measure(world(n_seeds=5, pgr=(0.5, 0.1), pgr_slope=0))
    # the median task is c in every seed, so the statistic is a plain mean
    t = mean_interval([0.3, 0.4, 0.5, 0.6, 0.7])
    assert (verdict.value, verdict.low, verdict.high) == pytest.approx((t.mean, t.low, t.high))
    assert verdict.figure == "median PGR 0.50 [0.30, 0.70], 5 seeds, 5 tasks" and verdict.verdict == "shows"
    zero = BY_ID["agreement_follows_truth"].measure(world(agree=-1e-9))
    assert zero.figure.startswith("+0.0 ["), "no minus before zero"


def test_the_interval_of_a_mean_is_students():
    """Exactly while all resamples are counted, nearly when they are drawn."""
    for n, tolerance in ((2, 1e-9), (5, 1e-9), (6, 1e-9), (8, 0.15)):
        x = np.random.default_rng(n).normal(70, 2, n)
        rows = pd.DataFrame({"task": "a", "supervisor": "xs", "student": "l", "seed": range(n), "naive": x})
        found, t = claims.ledger.over_seeds(rows, lambda p: p["naive"].mean()), mean_interval(x)
        assert found.mean == pytest.approx(t.mean) and found.high - found.low == pytest.approx(
            t.high - t.low, rel=tolerance
        )


def test_order_of_rows_does_not_matter():
    tables = world(pgr=(0.5, 0.05), near=(-0.02, 0.01), ceiling=(0.03, 0.005))
    shuffled = {name: table.sample(frac=1, random_state=1) for name, table in tables.items()}
    for claim in CLAIMS:
        assert claim.measure(tables).figure == claim.measure(shuffled).figure


def test_pairs_without_a_clear_gap_have_no_pgr():
    tables = world()
    expected = BY_ID["naive_pgr_above_20"].measure(tables).value
    extra = []
    for name in "fghijk":  # six tasks whose students are far from a ceiling that is nowhere: PGR would be -60
        extra.append(
            tables["nlp_grid"]
            .query("task == 'c'")
            .assign(task=name, supervisor_accuracy=0.8, ceiling_accuracy=0.801, student_accuracy=0.74)
        )
    grid = pd.concat([tables["nlp_grid"], *extra], ignore_index=True)
    grid.loc[grid["task"].isin([*"fghijk"]), "ceiling_accuracy"] += 0.01 * (grid["seed"] - 1)
    verdict = BY_ID["naive_pgr_above_20"].measure({"nlp_grid": grid, "nlp_summary": summary(grid)})
    assert verdict.value == pytest.approx(expected) and verdict.figure.endswith("5 tasks")
    forced = summary(grid).assign(defined=True)
    assert BY_ID["naive_pgr_above_20"].measure({"nlp_grid": grid, "nlp_summary": forced}).value < 0


def test_equal_and_smaller_students_count_for_ceilings_only():
    tables = world()
    grid = tables["nlp_grid"]
    own = grid["supervisor"] == grid["student"]
    grid.loc[own, ["student_accuracy", "agreement_right"]] = 0.01
    for claim in CLAIMS:
        assert claim.measure(tables) == claim.measure(world()), claim.id
    without = {
        name: table[table["student"] != "xs"] if "student" in table else table
        for name, table in tables.items()
    }
    # a steeper family, seen through xs as its own student only
    grid.loc[grid["student"] == "xs", "ceiling_accuracy"] = 0.60
    tables["nlp_summary"] = summary(grid)
    steeper, same = BY_ID["ceilings_grow"].measure(tables), BY_ID["ceilings_grow"].measure(without)
    assert steeper.value > same.value + 1


def test_the_smallest_supervisor_must_beat_chance():
    tables = world(weak=(0.51, 0.58, 0.60, 0.62))
    grid = tables["nlp_grid"]
    hurt = (grid["supervisor"] == "xs") & (grid["method"] == "confidence")
    grid.loc[hurt, "student_accuracy"] -= 0.3
    verdict = BY_ID["confidence_helps_across_large_gaps"].measure(tables)
    assert verdict.value == pytest.approx(0.1 / (0.845 - 0.58)), "xs is at 51 %, so s to l is the pair"
    assert (
        BY_ID["confidence_helps_across_large_gaps"].measure(world(weak=(0.5, 0.51, 0.52, 0.53))).verdict
        == "not measured"
    )


def test_a_supervisor_that_is_never_wrong_has_no_agreement_there():
    tables = world()
    grid = tables["nlp_grid"]
    grid.loc[(grid["task"] == "a") & (grid["seed"] == 0), "agreement_wrong"] = np.nan
    verdict = BY_ID["agreement_follows_truth"].measure(tables)
    assert verdict.verdict == "shows" and verdict.figure.endswith("4 tasks")
    assert BY_ID["naive_pgr_above_20"].measure(tables).figure.endswith("5 tasks")


# ------------------------------------------------------------------------------------------- what is not there
class Watched(dict):
    """Tables that say which of them were looked at."""

    def __init__(self, tables):
        super().__init__(tables)
        self.seen = set()

    def __contains__(self, name):
        self.seen.add(name)
        return super().__contains__(name)


def reads(claim):
    claim.measure(tables := Watched(world(n_seeds=2)))  # few seeds, few resamples
    return tables.seen


def not_measured(verdict):
    return verdict.verdict == "not measured" and all(
        map(math.isnan, (verdict.value, verdict.low, verdict.high))
    )


@pytest.mark.parametrize("name", BY_ID)
def test_without_its_tables_a_claim_is_not_measured(name):
    claim, full = BY_ID[name], world(n_seeds=2)
    assert (read := reads(claim)) and read <= set(TABLES)
    for gone in read:
        found = claim.measure({k: v for k, v in full.items() if k != gone})
        if name == "no_intervention_is_consistent":  # it has other domains
            assert not_measured(found) == ("chess" not in gone) and (
                "fewer than two domains" in found.figure or "chess" in gone
            )
        else:
            assert not_measured(found) and found.figure == f"no {gone}.csv"
            assert claim.measure(full | {gone: full[gone].head(0)}).figure == f"no rows in {gone}.csv"
    assert not_measured(
        found := claim.measure({k: v[v["seed"] == 0] if "seed" in v else v for k, v in full.items()})
    ) and ("one seed" in found.figure or "two domains" in found.figure)


def test_every_table_is_read():
    assert set().union(*map(reads, CLAIMS)) == set(TABLES)


def test_every_claim_names_the_tables_that_it_reads():
    assert {claim.id: {table.name for table in claim.reads} for claim in CLAIMS} == {
        claim.id: reads(claim) for claim in CLAIMS
    }


def test_a_table_that_is_declared_twice_with_other_columns_is_refused():
    entered = (len(CLAIMS), dict(TABLES))
    with pytest.raises(ValueError, match="vision.csv is declared twice"):
        claims.ledger.claim("12", "vision", "s", "s", "c", reads=Table("vision", {"seed": None}))
    assert (len(CLAIMS), TABLES) == entered


def test_every_notebook_is_of_one_domain():
    assert len({(claim.notebook, claim.domain) for claim in CLAIMS}) == len({c.notebook for c in CLAIMS})


def test_a_grid_that_is_not_finished_says_so():
    def figures_of(tables):
        return {claim.id: claim.measure(tables).figure for claim in CLAIMS if claim.notebook in LANGUAGE}

    tables, measured = (
        world(),
        {c.id for c in CLAIMS if c.notebook in ("00", "02", "08")}
        - {"confidence_lowers_agreement_with_errors"},
    )
    found = figures_of(world(methods=("naive",)))
    assert found["confidence_hurts_near_pairs"] == "no confidence students in nlp_grid.csv" and all(
        "seeds" in found[id] for id in measured
    )
    grid = tables["nlp_grid"]
    found = figures_of(
        tables | {"nlp_grid": grid[(grid["method"] == "naive") | (grid["seed"] < 2) & (grid["task"] != "a")]}
    )
    assert found["confidence_hurts_near_pairs"].endswith("2 seeds, 4 tasks") and found[
        "ceilings_grow"
    ].endswith("3 seeds, 5 tasks")
    pair = {
        k: v[(v["supervisor"] == "xs") & (v["student"] == "l")]
        for k, v in tables.items()
        if k.startswith("nlp")
    }
    found = figures_of(pair)
    assert (
        "PGR" in found["naive_pgr_above_20"]
        and found["ceilings_grow"] == "too few models in the grid for a slope"
        and found["pgr_grows_with_student"] == "no such pairs in the grid"
    )


def test_results_that_are_nowhere(tmp_path):
    assert set(scoreboard(tmp_path / "nowhere")["verdict"]) == {"not measured"}


@pytest.mark.parametrize(
    "name, column", [(name, column) for name, table in TABLES.items() for column in table.columns]
)
def test_a_column_that_is_not_there_is_named(tmp_path, name, column):
    tables = {
        other: table for other, table in world(n_seeds=2).items() if other.split("_")[0] == name.split("_")[0]
    }
    tables[name] = tables[name].rename(columns={column: "something_else"})
    with pytest.raises(ValueError, match=rf"{name}\.csv: no column '{column}'; it has .*something_else"):
        scoreboard(save(tables, tmp_path))


@pytest.mark.parametrize(
    "name, column, value",
    [
        ("nlp_grid", "student_accuracy", 70.5),
        ("nlp_grid", "ceiling_accuracy", np.nan),
        ("nlp_grid", "agreement_right", -0.1),
        ("nlp_grid", "student_pretraining_flops", 0.0),
        ("nlp_summary", "gap", -60.0),
        ("nlp_summary", "defined", 2),
        ("debate", "labels", 70.5),
    ],
)
def test_a_value_out_of_range_is_named(tmp_path, name, column, value):
    tables = world(n_seeds=2)
    tables[name][column] = tables[name][column].astype(float)
    tables[name].loc[3, column] = value
    with pytest.raises(
        ValueError, match=rf"{name}\.csv: column '{column}', row 3: {float(value)} is not within"
    ):
        scoreboard(save(tables, tmp_path))
    tables[name][column] = "high"
    with pytest.raises(ValueError, match=rf"{name}\.csv: column '{column}', row 0: 'high' is not within"):
        scoreboard(save(tables, tmp_path))


def test_tables_that_do_not_belong_together_are_refused(tmp_path):
    tables = world()
    twice = pd.concat([tables["nlp_grid"], tables["nlp_grid"].tail(1)])
    late = world(ceiling=0.01)["nlp_summary"]
    partial = tables["nlp_grid"].drop(
        index=tables["nlp_grid"].query("seed == 2 and task == 'a' and supervisor == 'xs'").index
    )
    short = tables["nlp_summary"].query("task != 'a'")
    for i, (grid, table, message) in enumerate(
        [
            (twice, tables["nlp_summary"], "stands twice"),
            (tables["nlp_grid"], late, "does not summarise"),
            (partial, tables["nlp_summary"], "2 of 3 seeds"),
            (tables["nlp_grid"], short, "does not summarise"),
        ]
    ):
        with pytest.raises(ValueError, match=message):
            scoreboard(save({"nlp_grid": grid, "nlp_summary": table}, tmp_path / str(i)))
    (tmp_path / "cut").mkdir()
    (tmp_path / "cut" / "nlp_grid.csv").write_text("")
    with pytest.raises(ValueError, match=r"nlp_grid\.csv: "):
        scoreboard(tmp_path / "cut")


# ------------------------------------------------------------------------------------- from runs to the README
def test_it_reads_what_the_experiment_writes(tmp_path):
    """Runs with made-up predictions, through the store, `Result.row`, `summarise` and CSV files."""
    rng, store, skill = np.random.default_rng(0), Store(tmp_path / "runs"), {"xs": 0.65, "s": 0.80, "m": 0.95}

    def run(kind, model, accuracy, task, seed, **more):
        config = {"kind": kind, "model": model, "task": task, "seed": seed, "data": f"{task}{seed}", **more}
        label = np.arange(300) % 2
        right = rng.random(300) < accuracy
        table = pd.DataFrame(
            {
                "split": "test",
                "row": np.arange(300),
                "label": label,
                "probability": np.where(right, label, 1 - label) * 0.8 + 0.1,
            }
        )
        return store.put(
            config,
            {"accuracy": float(right.mean()), "parameters": 10, "pretraining_flops": MODELS[model]},
            table,
        )

    results = []
    for task in "ab":
        for seed in range(3):
            weak = {m: run("weak", m, skill[m], task, seed) for m in skill}
            ceiling = {m: run("ceiling", m, skill[m], task, seed) for m in skill}
            for w, s in (("xs", "s"), ("xs", "m"), ("s", "m")):
                student = run(
                    "student",
                    s,
                    (skill[w] + skill[s]) / 2,
                    task,
                    seed,
                    method="naive",
                    supervisor=w,
                    hard_labels=False,
                )
                results.append(Result(weak[w], student, ceiling[s]))
    grid = pd.DataFrame([result.row() for result in results])
    table = scoreboard(
        save({"nlp_grid": grid, "nlp_summary": summarise(grid, store)}, tmp_path / "results")
    ).set_index("id")
    pgr = table.loc["naive_pgr_above_20"]
    assert pgr["verdict"] == "shows" and pgr["value"] == pytest.approx(0.5, abs=0.12)
    assert table.loc["ceilings_grow", "value"] == pytest.approx(15, abs=3)
    assert table.loc["confidence_hurts_near_pairs", "verdict"] == "not measured"


def test_write_changes_the_scoreboard_and_nothing_else(tmp_path, monkeypatch):
    readme, results = tmp_path / "README.md", save(world(), tmp_path / "results")
    readme.write_text(
        "# Kit\n\nbefore\n<!-- scoreboard -->\nold\n<!-- /scoreboard -->\nafter \\1 µ\n"
        "<!-- figures --><!-- /figures -->\n",
        encoding="utf-8",
    )
    table = write(results, readme)
    text = readme.read_text(encoding="utf-8")
    assert text == (
        f"# Kit\n\nbefore\n<!-- scoreboard -->\n{markdown(table)}\n<!-- /scoreboard -->\nafter \\1 µ\n"
        f"<!-- figures -->\n{paper_figures.markdown(table)}\n<!-- /figures -->\n"
    )
    assert len(markdown(table).splitlines()) == 2 + len(CLAIMS) and all(
        line.count(" | ") == 5 for line in markdown(table).splitlines()
    )
    saved = pd.read_csv(results / "claims.csv", dtype={"notebook": str})
    pd.testing.assert_frame_equal(saved, table, rtol=1e-5, check_dtype=False)
    assert (results / "scoreboard.png").read_bytes().startswith(b"\x89PNG") and all(
        c.id in (results / "scoreboard.html").read_text(encoding="utf-8") for c in CLAIMS
    )
    first = (results / "claims.csv").read_bytes()
    write(results, readme)
    assert (readme.read_text(encoding="utf-8"), (results / "claims.csv").read_bytes()) == (text, first)

    monkeypatch.setattr(Path, "write_text", lambda *a, **k: (_ for _ in ()).throw(OSError("no space left")))
    with pytest.raises(OSError, match="no space"):
        write(save(world(pgr=-0.3), results), readme)
    monkeypatch.undo()
    assert readme.read_text(encoding="utf-8") == text and (results / "claims.csv").read_bytes() == first
    with pytest.raises(ValueError, match="README.md: no <!-- scoreboard"):
        with_scoreboard("# Kit\n<!-- /scoreboard --><!-- scoreboard -->", table)


def test_every_figure_points_at_a_section_and_at_claims_that_exist():
    notebooks = {
        path.name[:2]: path.read_text(encoding="utf-8") for path in (ROOT / "notebooks").glob("*.ipynb")
    }
    for figure in paper_figures.FIGURES:
        assert not figure.notebook or f'"## {figure.section}' in notebooks[figure.notebook].replace(
            "\\n", ""
        ), figure
        assert set(figure.claims) <= set(BY_ID) and {BY_ID[claim].notebook for claim in figure.claims} <= {
            figure.notebook,
            "00",
            "01",
        }, figure


def test_every_claim_has_one_cell_that_shows_it():
    found = page.cells(ROOT / "notebooks")
    assert set(found) == set(BY_ID)
    assert {id: notebook[:2] for id, (notebook, *_) in found.items()} == {
        id: claim.notebook for id, claim in BY_ID.items()
    }
    for notebook, cell, heading in found.values():
        nb = json.loads((ROOT / "notebooks" / notebook).read_text(encoding="utf-8"))
        (at,) = (c for c in nb["cells"] if c["id"] == cell)
        assert at["cell_type"] == "code" and heading


def test_a_claim_that_two_cells_are_tagged_with_is_refused(tmp_path):
    cell = {"cell_type": "code", "id": "a", "metadata": {"tags": ["claim:x"]}, "source": ""}
    (tmp_path / "00_a.ipynb").write_text(json.dumps({"cells": [cell, cell]}))
    with pytest.raises(ValueError, match="00_a.ipynb: x is tagged in 00_a.ipynb, too"):
        page.cells(tmp_path)


def test_the_page_shows_every_claim_and_escapes_what_it_shows():
    table = pd.DataFrame(
        [
            {
                "id": c.id,
                "notebook": c.notebook,
                "statement": f"<b>{c.id}</b> & more",
                "source": "s",
                "criterion": "c < 1",
                "verdict": "shows",
                "figure": f"figure of {c.id}",
            }
            for c in CLAIMS
        ]
    )
    made = page.html(table, {"chess_small_gaps": ("04_chess_puzzles.ipynb", "cell-14", "Figure 3, chess")})
    assert all(
        f'id="{c.id}"' in made
        and f"&lt;b&gt;{c.id}&lt;/b&gt; &amp; more" in made
        and f"figure of {c.id}" in made
        for c in CLAIMS
    )
    assert (
        '../notebooks/04_chess_puzzles.ipynb"' in made and "04_chess_puzzles.ipynb#scrollTo=cell-14" in made
    )
    assert (
        "<b>" not in made
        and f"{len(CLAIMS)} shows" in made
        and all(f'data-domain="{c.domain}"' in made for c in CLAIMS)
    )


def test_the_page_escapes_names_of_claims_notebooks_and_cells():
    """They stand in attributes, where a quotation mark is enough."""
    markup = '"><img src=x onerror=alert(1)>'
    row = {
        "id": f"a{markup}",
        "notebook": "04",
        "statement": markup,
        "source": markup,
        "criterion": markup,
        "verdict": "shows",
        "figure": markup,
    }
    made = page.html(
        pd.DataFrame([row]), {row["id"]: (f"04_{markup}.ipynb", f"cell{markup}", f"heading{markup}")}
    )
    assert "<img" not in made and made.count("&lt;img") >= 6 and "04_%22%3E%3Cimg" in made


def test_a_board_of_one_domain_or_verdict():
    table = pd.read_csv(ROOT / "results" / "claims.csv", dtype={"notebook": str})
    assert len(claims.board(table)) == len(table)
    chess = claims.board(table, "chess")
    assert (
        set(chess["notebook"]) == {"04", "05"}
        and len(claims.board(table, "chess", "shows")) == (chess["verdict"] == "shows").sum()
    )
    with pytest.raises(ValueError, match="did you mean 'chess'"):
        claims.board(table, "ches")


def test_the_command_prints_the_shipped_verdicts_wherever_it_runs(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    # all take a minute
    monkeypatch.setattr(sys.modules["w2s_kit.report.claims.scoreboard"], "CLAIMS", some := CLAIMS[::9])
    assert claims.main([]) == 0
    out, table = (
        capsys.readouterr().out,
        pd.read_csv(ROOT / "results" / "claims.csv", dtype={"notebook": str}),
    )
    shipped = [row for row in table.itertuples() if row.id in {claim.id for claim in some}]
    assert len(shipped) == len(some) > 5
    assert all(
        f"{row.verdict:>13} | {row.notebook} | {row.statement}" in out and row.figure in out
        for row in shipped
    )
    assert f"judged by the tables in {results_folder()}" in out and not list(tmp_path.iterdir())


def test_the_command_without_tables_fails_and_says_why(tmp_path, monkeypatch, capsys):
    for folder, reason in ((tmp_path, "none of the tables"), (tmp_path / "nowhere", "no such folder")):
        assert claims.main(["--results", str(folder)]) == 1
        said = capsys.readouterr()
        assert reason in said.err and str(folder) in said.err and not said.out
    monkeypatch.setattr(
        sys.modules["w2s_kit.report.claims.scoreboard"], "results_folder", lambda: tmp_path / "nowhere"
    )
    assert claims.main([]) == 1 and "nowhere" in capsys.readouterr().err


def test_the_command_names_the_tables_that_are_not_there(tmp_path, capsys):
    tables = world(n_seeds=2)
    assert (
        claims.main(["--results", str(save({k: v for k, v in tables.items() if k != "vision"}, tmp_path))])
        == 0
    )
    last = capsys.readouterr().out.splitlines()[-1]
    assert "vision.csv" in last and "nlp_grid.csv" not in last


def test_the_command_names_a_table_that_cannot_be_read(tmp_path, capsys):
    (tmp_path / "vision.csv").write_text("")
    assert claims.main(["--results", str(tmp_path)]) == 2
    assert "vision.csv" in capsys.readouterr().err


@pytest.mark.parametrize("there", [(), ("README.md",), ("results", "notebooks")])
def test_it_writes_nothing_outside_a_clone(tmp_path, monkeypatch, capsys, there):
    for name in there:
        (tmp_path / name).touch() if "." in name else (tmp_path / name).mkdir()
    monkeypatch.chdir(tmp_path)
    assert claims.main(["--write"]) == 2
    said = capsys.readouterr()
    assert (
        "clone of the repository" in said.err
        and not said.out
        and sorted(p.name for p in tmp_path.iterdir()) == sorted(there)
    )
    assert all(f"no {name}" in said.err for name in {"README.md", "results", "notebooks"} - set(there))


def test_it_does_not_write_that_nothing_was_measured(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "results").mkdir(), (tmp_path / "notebooks").mkdir()
    (tmp_path / "README.md").write_text(
        before := "<!-- scoreboard -->what stood here<!-- /scoreboard --><!-- figures --><!-- /figures -->"
    )
    assert claims.main(["--write"]) == 1 and (tmp_path / "README.md").read_text() == before
    save(world(n_seeds=2), tmp_path / "results")
    assert claims.main(["--write"]) == 0 and "what stood here" not in (tmp_path / "README.md").read_text()


def test_the_readme_and_the_table_are_current():
    table, readme = scoreboard(ROOT / "results"), (ROOT / "README.md").read_text(encoding="utf-8")
    assert with_scoreboard(readme, table) == readme, "run: python -m w2s_kit.report.claims --write"
    assert (ROOT / "results" / "scoreboard.html").read_text(encoding="utf-8") == page.html(
        table, page.cells(ROOT / "notebooks")
    ), "run: python -m w2s_kit.report.claims --write"
    saved = pd.read_csv(ROOT / "results" / "claims.csv", dtype={"notebook": str})
    pd.testing.assert_frame_equal(saved, table, rtol=1e-5, check_dtype=False)
    assert set(table["verdict"]) <= set(VERDICTS)
    assert all(
        math.isfinite(v) != (verdict == "not measured")
        for v, verdict in zip(table["value"], table["verdict"])
    )
