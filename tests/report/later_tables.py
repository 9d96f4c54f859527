"""Tables of theory and of later work in which each effect is exactly what is asked."""

import itertools

import pandas as pd
from effects import of_seed
from pair_tables import TASKS


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
        e = of_seed(effects, seed, n_seeds)
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
    the halves differ by 0.2 anyway; coherence is `coheres` better than naive.
    """
    effects, rows = (
        {"finds": 0.1, "carries": 0.05, "opened": 1.05, "under": 0, "moved": 0, "luck": 0.1, "coheres": 0.1}
        | effects,
        [],
    )
    for seed in range(n_seeds):
        e = of_seed(effects, seed, n_seeds)
        for what, public, private in (
            ("naive", 0.2, 0.2),
            ("coherence", 0.2, 0.2 + e["coheres"]),
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
        e = of_seed(effects, seed, n_seeds)
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
    contrast-consistent search is `contrast` above one half, and `turned` where things change places, on the
    task "bigger"; a push away from asides gains `pushed`, a random one `anywhere`; a latent with AUROC
    `tells_truth`, on the task "edible" `edible` if named, costs the probe `needed`.
    """
    effects = {
        "probed_truth": 0.4,
        "shuffled": 0.5,
        "contrast": 0.2,
        "turned": 0.2,
        "pushed": 0.5,
        "anywhere": 0.01,
        "tells_truth": 0.9,
        "needed": 0.05,
    } | effects
    rows = {"inside": [], "inside_steering": [], "inside_latents": []}
    for seed in range(n_seeds):
        e = of_seed(effects, seed, n_seeds)
        for task in (*list(TASKS)[:3], "edible", "bigger"):
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
                        "turned_ccs_wrong": 0.5 + e["turned"] if here and task == "bigger" else None,
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
                cell
                | {"distracted": e["edible" if task in e else "tells_truth"]}
                | {"ablated": 0.8 - e["needed"], "ablated_others": 0.8}
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
        e = of_seed(effects, seed, n_seeds)
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
        e = of_seed(effects, seed, n_seeds)
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


def elicitation_world(n_seeds, effects):
    """The most coherent labels teach `near` more than the truth does; they are `words` better than answers in
    words, `component` better than the first component, and teach `loss` more than the confidence loss. Truth
    leads in xl, and manner in m, by `lead`. A tenth of yes costs `rare`; the unknown is believed at
    `believed`. Repaired labels gain `mended`, forgotten ones lose `lost`.
    """
    effects = {
        "near": 0.01,
        "words": 0.02,
        "component": 0.02,
        "loss": 0.02,
        "lead": 0.2,
        "rare": 0.2,
        "believed": 0.8,
        "mended": 0.2,
        "lost": 0.3,
    } | effects
    tables = {name: [] for name in ("", "_switch", "_limits", "_repair")}
    for seed in range(n_seeds):
        e = of_seed(effects, seed, n_seeds)
        pair = {"supervisor": "s", "student": "xl", "seed": seed}
        for place, task in enumerate(TASKS):
            base = 0.8 + 0.01 * place
            tables[""].append(
                {
                    **pair,
                    "task": task,
                    "coherent": base,
                    "zero_shot": base - e["words"],
                    "first_component": base - e["component"],
                    "test_coherent": base,
                    "test_confidence": base - e["loss"],
                    "test_truth": base - e["near"],
                }
            )
        for size, sign in (("m", -1), ("xl", 1)):
            found = {"truth": 0.6 + sign * e["lead"] / 2, "manner": 0.6 - sign * e["lead"] / 2}
            tables["_switch"].append({**pair, "task": "suggestions", "student": size, **found})
            for right in (0.7, 0.9):
                ways = {"kept": min(right + e["mended"], 1), "forgotten": min(right - e["lost"], 1)}
                tables["_repair"].append(
                    {**pair, "task": "suggestions", "student": size, "right": right, **ways}
                )
        for what, share, coherent in (
            ("balance", 0.5, 0.9),
            ("balance", 0.1, 0.9 - e["rare"]),
            ("unknown", 0.5, 0.9),
        ):
            row = {"what": what, "share": share, "coherent": coherent, "sure_unknown": e["believed"]}
            tables["_limits"].append({**pair, "task": "edible", **row})
    return {f"elicitation{name}": pd.DataFrame(rows) for name, rows in tables.items()}
