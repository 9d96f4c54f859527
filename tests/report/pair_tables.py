"""Tables of pairs of models in which each effect is exactly what is asked."""

import itertools

import numpy as np
import pandas as pd
from effects import of_seed

from w2s_kit.metrics.pgr import estimate_pgr
from w2s_kit.report import claims
from w2s_kit.report.claims import (
    TABLES,
)

MODELS = {"xs": 1e10, "s": 1e11, "m": 1e12, "l": 1e13}  # one factor of ten apart: slopes below are a size
# added to PGR: the median task is c, the mean is not
TASKS = {"a": -0.02, "b": -0.01, "c": 0.0, "d": 0.01, "e": 0.4}


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
        e = of_seed(effects, seed, n_seeds)
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


def reading_world(n_seeds, effects):
    """One pair, a gap of 20 points; readers' ceilings are 2 points better. Naive PGR is `reward`, and as much
    after reading answers alone; reactions add `reacts`, and those about other nouns `elsewhere_reacts`. They
    add `louder` to a probe for truth.
    """
    effects = {"reward": 0.1, "reacts": 0.15, "elsewhere_reacts": 0.1, "louder": 0.02} | effects
    rows = []
    for seed in range(n_seeds):
        e = of_seed(effects, seed, n_seeds)
        for reading, gain, louder in (
            ("none", 0, 0),
            ("answers only", 0, 0),
            ("half", e["reacts"] / 2, 0),
            ("all", e["reacts"], e["louder"]),
            ("other nouns", e["elsewhere_reacts"], e["louder"]),
            ("all three read", -0.1, 0),
        ):
            gap = 0.2 if reading == "none" else 0.22
            rows.append(
                {
                    "task": "dialogue",
                    "supervisor": "m",
                    "student": "l",
                    "reading": reading,
                    "seed": seed,
                    "supervisor_accuracy": 0.6,
                    "student_accuracy": 0.6 + gap * (e["reward"] + gain),
                    "ceiling_accuracy": 0.6 + gap,
                    "probe_true": 0.8 + louder,
                }
            )
    return {"preference_reactions": pd.DataFrame(rows)}


def chess_world(n_seeds, effects):
    """One task, gaps of 10 points a size. PGR is `chess` for neighbours and falls by `fall` with each size
    more; bootstrapping adds `boot`. The larger dose has the same PGR; it adds `averaged` to agreement where
    the supervisor is right, `copied` where it is wrong, and students end `below` zero-shot. On real puzzles
    students recover `asked` more at the smallest dose than at the largest.
    """
    effects = {
        "chess": 0.5,
        "fall": 0.22,
        "boot": 0.1,
        "averaged": 0.05,
        "copied": 0.05,
        "below": 0.05,
        "asked": 0.2,
    } | effects
    grid, doses, real, ways = [], [], [], []
    for seed in range(n_seeds):
        e = of_seed(effects, seed, n_seeds)
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
        naive = [row for row in grid if row["seed"] == seed and row["method"] == "naive"]
        for large, (n_train, epochs) in enumerate(((1_000, 2), (4_000, 5))):
            for row in naive:
                if row["supervisor"] != row["student"]:
                    doses.append(
                        row
                        | {
                            "n_train": n_train,
                            "epochs": epochs,
                            "agreement_right": 0.8 + large * e["averaged"],
                            "agreement_wrong": 0.5 + large * e["copied"],
                            "zero_shot_accuracy": row["student_accuracy"] + e["below"],
                        }
                    )
        for row in naive:
            gap = row["ceiling_accuracy"] - row["supervisor_accuracy"]
            for n_train, epochs, more in ((1_000, 2, e["asked"]), (16_000, 5, 0)):
                if row["supervisor"] != row["student"]:
                    dose = {"n_train": n_train, "epochs": epochs, "zero_shot_accuracy": 0.5}
                    student = row["student_accuracy"] + more * gap
                    real.append(row | dose | {"student_accuracy": student})
        direct = next(row for row in naive if (row["supervisor"], row["student"]) == ("xs", "l"))
        gap = direct["ceiling_accuracy"] - direct["supervisor_accuracy"]
        for through, more in (("direct", 0), ("m", e["boot"] / 2), ("s, m", e["boot"])):
            chained = direct["student_accuracy"] + more * gap
            ways.append(direct | {"through": through, "student_accuracy": chained})
    return {
        "chess_grid": pd.DataFrame(grid),
        "chess_summary": summary(pd.DataFrame(grid)),
        "chess_dose": pd.DataFrame(doses),
        "chess_dose_real": pd.DataFrame(real),
        "chess_chains": pd.DataFrame(ways),
    }


def ladder_world(n_seeds, effects):
    """The finer ladder of chess players: half steps recover `half` more than whole ones, and a chain `finer`
    more than the direct way.
    """
    effects, ladder = {"half": 0.1, "finer": 0.05} | effects, []
    for seed in range(n_seeds):
        e = of_seed(effects, seed, n_seeds)
        for supervisor, student, through, low, high, gained in (
            ("s", "s+", "direct", 0.4, 0.45, 0.3 + e["half"]),
            ("s+", "m", "direct", 0.45, 0.5, 0.3 + e["half"]),
            ("s", "m", "direct", 0.4, 0.5, 0.3),
            ("s", "l", "direct", 0.4, 0.6, 0.3),
            ("s", "l", "s+, m", 0.4, 0.6, 0.3 + e["finer"]),
        ):
            numbers = {"supervisor_accuracy": low, "ceiling_accuracy": high}
            numbers["student_accuracy"] = low + gained * (high - low)
            ladder.append(
                {"task": "chess", "supervisor": supervisor, "student": student, "seed": seed}
                | {"through": through}
                | numbers
            )
    return {"chess_ladder": pd.DataFrame(ladder)}


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
