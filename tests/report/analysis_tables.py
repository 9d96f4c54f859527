"""Tables of notebooks 09 to 13 in which each effect is exactly what is asked."""

import numpy as np
import pandas as pd
from effects import of_seed
from pair_tables import MODELS, TASKS


def filtered(seed, at, e):
    """A seed of notebooks 19 and 20 where naive PGR is 0.1."""
    row = {"task": "edible", "seed": seed, "supervisor": "s", "student": "l"}
    row |= {"supervisor_accuracy": at(0), "ceiling_accuracy": at(1), "naive": at(0.1), "unweighted": at(0.1)}
    first = 0.1 + e["consistent"]
    return row | {
        "filter": at(0.1) + e["drawn"],
        "stage1": at(first),
        "stage2": at(first + e["relabelled"]),
    }


def digits(seed, supervisor, ceiling, plain, views, late):
    """Rows of notebook 12, each with its table's name: students' accuracies, and after 300 passes `late`."""
    cell = {"task": "digits", "seed": seed, "supervisor": "weak"}
    cell |= {"supervisor_accuracy": supervisor, "ceiling_accuracy": ceiling}
    for student, accuracy in (("pca", plain), ("patches", plain), ("contrastive", views)):
        yield "vision", cell | {"student": student, "student_accuracy": accuracy}
    cell |= {"student": "contrastive"}
    for passes, accuracy in ((20, supervisor + 0.3 * (ceiling - supervisor)), (300, late)):
        yield "vision_passes", cell | {"passes": passes, "student_accuracy": accuracy}


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
        "views": 0.6,
        "longer": 0.2,
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
        "drawn": 0.02,
        "consistent": 0.2,
        "relabelled": 0.2,
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
            "filters",
            "theory_expansion",
            "language_models",
            "overfitting",
            "simulation",
            "prompting",
            "probing",
            "probe_grid",
            "vision",
            "vision_passes",
            "dials",
            "deception",
        )
    }
    at = lambda pgr: 0.6 + 0.3 * pgr
    for seed in range(n_seeds):
        e = of_seed(effects, seed, n_seeds)
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
                rows["language_models"].append(
                    cell | {"method": method, "way": "heads", "student_accuracy": at(e["real"] + gain)}
                )
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
        rows["filters"].append(filtered(seed, at, e))
        for name, row in digits(seed, at(0), at(1), at(e["sight"]), at(e["views"]), at(0.3 + e["longer"])):
            rows[name].append(row)
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


def salience_world(n_seeds, effects):
    """Asked as statements, a probe gains `stated` by weak labels, and finetuning is `stated_hidden` above it;
    asked as questions, the probe gains `asked_again`.
    """
    effects = {"stated": 0.06, "stated_hidden": 0.12, "asked_again": -0.04} | effects
    rows = []
    for seed in range(n_seeds):
        e = of_seed(effects, seed, n_seeds)
        for task in TASKS:
            for form, gain in (("statement", e["stated"]), ("question", e["asked_again"])):
                rows.append(
                    {
                        "task": task,
                        "supervisor": "m",
                        "student": "l",
                        "form": form,
                        "seed": seed,
                        "supervisor_accuracy": 0.6,
                        "label_accuracy": 0.6,
                        "student_accuracy": 0.7,
                        "ceiling_accuracy": 0.7 + (e["stated_hidden"] if form == "statement" else 0),
                        "probe_before": 0.7,
                        "probe_weak": 0.7 + gain,
                        "probe_truth": 0.9,
                    }
                )
    return {"salience": pd.DataFrame(rows)}
