"""What others claim since, of real models and of methods: notebooks 14 and 15, 19 to 26."""

from __future__ import annotations

import pandas as pd

from .ledger import (
    COLUMNS,
    PAIR,
    PGR,
    POINTS,
    RANGES,
    SHARES,
    NotMeasured,
    Tables,
    Verdict,
    by_method,
    claim,
    gained,
    gapped,
    judge,
    only_if,
    over_seeds,
    recovered,
    table,
)

COLUMNS |= {
    "real_grid": [*PAIR, "method", "seed", *SHARES[:3]],
    "reliability": [
        *PAIR,
        "seed",
        "naive",
        "unweighted",
        "filter",
        "weights",
        "kept",
        "dropped",
        "wrong_unweighted",
        "wrong_filter",
    ],
    "two_stage": [
        *PAIR,
        "seed",
        "supervisor_accuracy",
        "ceiling_accuracy",
        "naive",
        "stage1",
        "stage2",
        "hard_stage1",
        "hard_stage2",
    ],
    "two_stage_late": [*PAIR, "taught_by", "seed", "stopped", "end"],
    "aligner": [
        "corrector",
        "upstream",
        "size",
        "seed",
        "before_helpful",
        "before_harmless",
        "helpful",
        "harmless",
    ],
    "aligner_strong": ["student", "labels", "seed", "helpful", "harmless"],
    "inside": [*PAIR, "state", "layer", "seed", "output_wrong", "probe_wrong", "shuffled_wrong", "ccs_wrong"],
    "inside_steering": [*PAIR, "direction", "dose", "seed", "right_distracted"],
    "inside_latents": [*PAIR, "seed", "distracted", "ablated", "ablated_others"],
    "sums": ["seed", "level", "judge", "way", "n", "accuracy"],
    "sums_students": [*PAIR, "seed", "student_accuracy", "easy_accuracy"],
    "debate": [*PAIR, "method", "seed", *SHARES[:3], "labels"],
    "arena": ["what", "seed", "public", "private"],
    "ideas": [*PAIR, "seed", "naive", "adaptive", "bagged", "panel_mean", "co_supervision"],
}
RANGES |= dict.fromkeys(
    [
        "unweighted",
        "filter",
        "weights",
        "kept",
        "dropped",
        "wrong_unweighted",
        "wrong_filter",
        "stage1",
        "stage2",
        "hard_stage1",
        "hard_stage2",
        "stopped",
        "end",
        "output_wrong",
        "probe_wrong",
        "right_distracted",
        "distracted",
        "ablated",
        "ablated_others",
        "adaptive",
        "bagged",
        "panel_mean",
        "co_supervision",
        "accuracy",
        "easy_accuracy",
    ],
    (0, 1),
)
RANGES |= dict.fromkeys(["public", "private"], (-9, 9))
# other tables have labels that are words
RANGES |= dict.fromkeys(["helpful", "harmless", "debate.labels"], (0, 1))


@claim(
    "14",
    "On real text, too, naive students beat their supervisors.",
    "Burns et al. 2023, Fig. 12: on most of 22 datasets",
    "median over datasets with a clear gap of student − supervisor > 0",
)
def real_students_beat_supervisors(tables):
    rows = gapped(table(tables, "real_grid", method="naive"))
    return judge(rows, gained, POINTS)


@claim(
    "14",
    "On real text, the confidence loss gains on naive finetuning.",
    "EleutherAI 2024: higher PGR on 16 of 21 datasets",
    "median over datasets of accuracy with the loss − naive > 0, in points",
)
def confidence_gains_on_real_text(tables):
    gain = lambda p: (100 * (p["confidence student_accuracy"] - p["naive student_accuracy"])).median()
    return judge(by_method(table(tables, "real_grid")), gain, POINTS)


def _asked_again(tables, better: str, than: str, **criterion) -> Verdict:
    return judge(
        table(tables, "reliability"), lambda p: (100 * (p[better] - p[than])).mean(), POINTS, **criterion
    )


@claim(
    "19",
    "Where a supervisor contradicts itself, asked five times, its answers are more often wrong.",
    "Guo and Yang 2024 (2406.19032), Fig. 3 and 5: accuracy falls with the entropy of the answers",
    "mean over tasks of label accuracy, kept by the entropy filter − dropped > 20 points; opposite: < 0",
)
def self_contradiction_tells_errors(tables):
    return _asked_again(tables, "kept", "dropped", above=20)


@claim(
    "19",
    "A student gains by leaving out the questions on which its supervisor contradicts itself.",
    "Guo and Yang 2024 (2406.19032), uncertainty filtering",
    "mean over tasks of student, filtered − naive > 0, and filtered − the same queries unfiltered > 0",
)
def entropy_filter_gains(tables):
    control = _asked_again(tables, "filter", "unweighted")
    return only_if(_asked_again(tables, "filter", "naive"), control.verdict == "shows")


@claim(
    "19",
    "A student gains by weighting each answer with how often its supervisor gives it.",
    "Guo and Yang 2024 (2406.19032), reliability re-weighting",
    "mean over tasks of student, reweighted − the same queries unweighted > 0",
)
def reliability_weights_gain(tables):
    return _asked_again(tables, "weights", "unweighted")


@claim(
    "19",
    "Against errors of which the supervisor is sure, the filter is no help.",
    "the method's own premise: errors show as contradictions",
    "supervisor always wrong about one kind in four: student, filtered − unfiltered < 1 point; opposite: > 1",
)
def filter_is_no_help_against_sure_errors(tables):
    return _asked_again(tables, "wrong_filter", "wrong_unweighted", above=1, opposite=1, sign=-1)


@claim(
    "20",
    "Trained for long, a student of weak labels declines, and a student of the truth does not.",
    "Burns et al. 2023, Section 5.1.1; Yao et al. 2025 (2502.01458): excessive optimisation overfits weak labels",
    "eight epochs, accuracy at its best − at the end > 1.5 points, on examples that did not say when it is best, and with true labels < 0.5; opposite: < 0",
)
def long_training_on_weak_labels_declines(tables):
    lost = lambda p: (100 * (p["stopped"] - p["end"])).mean()
    control = judge(table(tables, "two_stage_late", taught_by="truth"), lost, POINTS)
    return only_if(
        judge(table(tables, "two_stage_late", taught_by="weak"), lost, POINTS, above=1.5), control.value < 0.5
    )


@claim(
    "20",
    "Filtered by consistency, then relabelled by the student, weak labels recover more.",
    "Shi et al. 2025 (2503.04249): up to 100 % of the gap (abstract); 7.19 % to 120.50 % in one case (as told by a secondary source)",
    "median over tasks of PGR, two stages − naive > 0, and naive < first stage ≤ both",
)
def two_stages_recover_more(tables):
    rows = gapped(table(tables, "two_stage"))
    at = {
        name: over_seeds(rows, lambda p: recovered(p, name).median()).mean
        for name in ("naive", "stage1", "stage2")
    }
    found = judge(rows, lambda p: (recovered(p, "stage2") - recovered(p, "naive")).median(), PGR)
    return only_if(found, at["naive"] < at["stage1"] <= at["stage2"])


@claim(
    "20",
    "The second stage brings back the hard questions that the filter threw away.",
    "Shi et al. 2025 (2503.04249): filtering alone costs difficulty and diversity",
    "the third of the test of which the supervisor is least sure, mean over tasks: accuracy after both stages − after the first > 0",
)
def relabelling_brings_back_hard_questions(tables):
    return judge(
        table(tables, "two_stage"), lambda p: (100 * (p["hard_stage2"] - p["hard_stage1"])).mean(), POINTS
    )


EASIER, HARDER, MOST = 3, (6, 9), 64  # levels of sums; samples


def _sums(tables: Tables) -> pd.DataFrame:
    """One row a level and seed, in points: pass@1 as "pass", and what the choice among 64 gives, as "prm
    vote" and so on.
    """
    rows = table(tables, "sums")
    one = rows[(rows["n"] == 1) & (rows["judge"] == "none")].assign(judge="pass", way="")
    wide = pd.concat([one, rows[rows["n"] == MOST]]).pivot_table(
        index=["level", "seed"], columns=["judge", "way"], values="accuracy"
    )
    wide = (100 * wide.set_axis([f"{judge} {way}".strip() for judge, way in wide], axis=1)).reset_index()
    return wide.assign(
        task="sums", supervisor="easy problems", student=wide["level"].map("level {}".format)
    ).drop(columns="level")


def _hard(tables: Tables) -> pd.DataFrame:
    return (rows := _sums(tables))[rows["student"].isin([f"level {level}" for level in HARDER])]


@claim(
    "21",
    "A generator that learned from easy problems solves hard ones less often.",
    "Sun et al. 2024 (2403.09472): evaluators generalise from easy to hard better than generators (abstract)",
    "pass@1, level 3 − level 9 > 15 points; opposite: < 0",
)
def generators_fall_from_easy_to_hard(tables):
    at = lambda p: p.set_index("student")["pass"]
    return judge(
        _sums(tables), lambda p: at(p)[f"level {EASIER}"] - at(p)[f"level {HARDER[-1]}"], POINTS, above=15
    )


@claim(
    "21",
    "A judge of steps that learned from easy problems chooses among solutions of hard ones better than a majority, and than a judge of outcomes.",
    "Sun et al. 2024 (2403.09472): 34B, re-ranking 1024 samples, human supervision of levels 1 to 3 only: 52.5 % on MATH500 (abstract)",
    "64 samples, levels 6 and 9: smallest of PRM's weighted vote − majority, and − the ORM's, > 2 points, and a PRM of shuffled labels − majority < 1; opposite: < 0",
)
def judges_of_easy_steps_choose_hard_solutions(tables):
    rows = _hard(tables)
    ahead = lambda p: min((p["prm vote"] - p[rival]).min() for rival in ("none majority", "orm vote"))
    shuffled = over_seeds(rows, lambda p: (p["shuffled vote"] - p["none majority"]).max())
    return only_if(judge(rows, ahead, POINTS, above=2), shuffled.mean < 1)


@claim(
    "21",
    "Supervision of easy problems is worth more in a judge than in the generator.",
    "Sun et al. 2024 (2403.09472): evaluators generalise from easy to hard better than generators (abstract)",
    "64 samples, mean of levels 6 and 9: PRM's weighted vote − majority vote of a generator that learned the true solutions of the PRM's problems, > 0",
)
def judges_are_worth_more_than_solutions(tables):
    return judge(_hard(tables), lambda p: (p["prm vote"] - p["more truth majority"]).mean(), POINTS)


@claim(
    "21",
    "The best of many by a reward model is worse than any one: over-optimisation.",
    "Gao et al. 2023 (2210.10760): true reward rises, then falls, with n; of these two reward models Sun et al. 2024 say no such thing",
    "levels 6 and 9, smallest of pass@1 − best of 64, by the ORM and by the PRM, > 0 points",
)
def best_of_many_is_over_optimised(tables):
    return judge(
        _hard(tables), lambda p: min((p["pass"] - p[f"{who} best"]).min() for who in ("orm", "prm")), POINTS
    )


@claim(
    "21",
    "The truth about easy problems teaches a student more than a weak supervisor's labels of hard ones.",
    "Burns et al. 2023, Appendix C, has the setting; Hase et al. 2024 (2401.06751): easy data about as good as hard",
    "tested on hard problems, mean over pairs of student of easy truth − of weak labels > 0 points",
)
def easy_truth_teaches_more_than_weak_labels(tables):
    return judge(
        table(tables, "sums_students"),
        lambda p: (100 * (p["easy_accuracy"] - p["student_accuracy"])).mean(),
        POINTS,
    )


def _changed(tables, what: str, **criterion) -> Verdict:
    """Of the models that one corrector was put after, the one that gains least, or loses most."""
    rows = table(tables, "aligner", corrector="aligner").assign(
        task="advice", supervisor="aligner", student=lambda rows: rows["upstream"]
    )
    return judge(rows, lambda p: (100 * (p[what] - p[f"before_{what}"])).min(), POINTS, **criterion)


@claim(
    "22",
    "One small corrector makes every model less harmful, also those that it never saw.",
    "Ji et al. 2024 (2402.02416v2): harmlessness of 11 models +23.8 % on average, of GPT-4 +26.9 %; NeurIPS version: +23.8 %, in its repository 22.8 %",
    "ten models, the smallest gain in harmless answers > 0; opposite: < 0",
)
def a_corrector_makes_all_less_harmful(tables):
    return _changed(tables, "harmless")


@claim(
    "22",
    "None of the models that it corrects gets less helpful by it.",
    "Ji et al. 2024 (2402.02416v2): helpfulness of 11 models +21.9 % on average, of GPT-4 +17.5 %; NeurIPS version: +68.9 %",
    "ten models, the smallest change in the share of right facts > −1 point; opposite: < −1",
)
def a_corrector_costs_no_help(tables):
    return _changed(tables, "helpful", above=-1, opposite=-1)


@claim(
    "22",
    "A small model corrects the answers of larger ones better than it answers itself.",
    "Ji et al. 2024: correcting is the more tractable thing to learn, and answering the harder one",
    "the eight models larger than the corrector: mean share of right facts after correction − of the same small model finetuned to answer > 2 points; opposite: < 0",
)
def correcting_beats_answering(tables):
    rows = table(tables, "aligner").assign(
        task="advice", supervisor=lambda rows: rows["corrector"], student=lambda rows: rows["upstream"]
    )
    rows = rows[
        (rows["corrector"] == "direct") | (rows["corrector"] == "aligner") & rows["size"].isin(["l", "xl"])
    ]
    if set(rows["corrector"]) != {"aligner", "direct"}:
        raise NotMeasured("no corrector of larger models beside a direct answer in aligner.csv")

    def margin(p):
        direct = p["supervisor"] == "direct"
        return 100 * (p["helpful"][~direct].mean() - p["helpful"][direct].mean())

    return judge(rows, margin, POINTS, above=2)


def _strong(tables) -> pd.DataFrame:
    return table(tables, "aligner_strong").assign(task="advice", supervisor=lambda rows: rows["labels"])


@claim(
    "22",
    "Finetuned on a weak corrector's versions of its own answers, a strong model is less harmful and no less helpful.",
    "Ji et al. 2024 (2402.02416v2): Llama2-70B with Aligner-13B, helpfulness +8.2 %, harmlessness +61.6 %",
    "two strong models, the smaller gain in harmless answers > 0, and the smaller change in the share of right facts > −1 point",
)
def corrections_align_a_strong_model(tables):
    def gain(what):
        return lambda p: (
            100 * (at := p.pivot(index="student", columns="labels", values=what))["corrections"]
            - 100 * at["before"]
        ).min()

    rows = _strong(tables)
    return only_if(judge(rows, gain("harmless"), POINTS), over_seeds(rows, gain("helpful")).mean > -1)


@claim(
    "22",
    "As labels for a strong model, corrections of its own answers recover more than the small model's answers.",
    "the premise of Ji et al. 2024, asked of weak-to-strong generalization; they do not make this comparison, as far as we know",
    "mean over two strong models of PGR in right facts, taught by corrections − by direct answers > 0; the supervisor is the small model that answers, the ceiling taught by the truth",
)
def corrections_recover_more_than_answers(tables):
    strong, weak = (
        _strong(tables),
        table(tables, "aligner", corrector="direct").assign(
            task="advice", supervisor="direct", student="weak", labels="weak"
        ),
    )
    weak = weak[weak["seed"].isin(strong["seed"])]  # the other table has more seeds
    rows = pd.concat(
        [strong, weak[["task", "supervisor", "student", "labels", "seed", "helpful"]]], ignore_index=True
    )

    def more(p):
        weak, at = (
            p.loc[p["student"] == "weak", "helpful"].item(),
            p[p["student"] != "weak"].pivot(index="student", columns="labels", values="helpful"),
        )
        return ((at["corrections"] - at["direct"]) / (at["truth"] - weak)).mean()

    return judge(rows, more, PGR)


def _argued(tables: Tables, task: str = "taste") -> pd.DataFrame:
    rows = table(tables, "debate")
    if not (rows["task"] == task).any():
        raise NotMeasured(f"no {task} in debate.csv")
    return by_method(rows[rows["task"] == task])


def _better(rows: pd.DataFrame, better: str, than: str, **criterion) -> Verdict:
    return judge(
        rows, lambda p: (100 * (p[f"{better} labels"] - p[f"{than} labels"])).mean(), POINTS, **criterion
    )


@claim(
    "23",
    "Weak judges label better when a strong adviser argues for one answer, and better still when two argue for both.",
    "Lang, Huang and Li 2025 (2501.13124): debate beats consultancy (as told by a secondary source)",
    "labels of four judges, three turns: right after a debate − after a consultancy > 0, and after a consultancy − unadvised > 0; opposite: debate − consultancy < 0",
)
def debate_makes_better_labels(tables):
    rows = _argued(tables)
    advised = _better(rows, "consultancy ensemble", "naive ensemble")
    return only_if(_better(rows, "debate ensemble", "consultancy ensemble"), advised.verdict == "shows")


@claim(
    "23",
    "Students whose four judges read debates recover more than naive ones, and more than after consultancies.",
    "Lang, Huang and Li 2025 (2501.13124): PGR, strongest baseline to debate, 41.2 to 76.5 % on SciQ, 17.4 to 56.5 on CosmosQA, 35.0 to 70.0 on AnthropicHH (as told by a secondary source)",
    "PGR of the student, which reads nothing, over one unadvised judge: of four judges of debates − of that judge > 0, and − of four judges of consultancies > 0; opposite: − of that judge < 0",
)
def debate_teaches_more(tables):
    rows = gapped(_argued(tables))
    more = lambda than: judge(
        rows,
        lambda p: (
            recovered(p, "debate ensemble student_accuracy") - recovered(p, f"{than} student_accuracy")
        ).mean(),
        PGR,
    )
    return only_if(more("naive"), more("consultancy ensemble").verdict == "shows")


@claim(
    "23",
    "What helps is what the debaters know: of another thing, a debate gains nothing, and by mistaken debaters less.",
    "controls; Lang, Huang and Li 2025 (2501.13124) take the strong model to be honest",
    "labels of one judge: debate − the same by debaters who believe the opposite of three facts in ten > 0, and another thing's debate − none < 2 points; opposite: debate − mistaken < 0",
)
def debate_needs_knowledge(tables):
    rows = _argued(tables)
    return only_if(
        _better(rows, "debate", "mistaken"),
        _better(rows, "random", "naive", above=2, sign=-1).verdict == "shows",
    )


@claim(
    "23",
    "Where the answer is a single fact and both sides have to speak, a debate tells its judge nothing.",
    "the method's premise: that arguments for a true answer are easier to find, or to check, than for a false one",
    "edible, labels of one judge: a debate in which a side that has nothing true to say must speak, too − none < 2 points; opposite: > 2",
)
def debate_over_one_fact_is_no_help(tables):
    return _better(_argued(tables, "edible"), "cornered", "naive", above=2, opposite=2, sign=-1)


def _inside(tables) -> pd.DataFrame:
    """The layer before the last of students whose supervisor is wrong after an aside."""
    rows = table(tables, "inside", state="finetuned", layer=2)
    return rows[rows["supervisor"] == "distracted"]


@claim(
    "24",
    "A probe finds the truth in a student that has learned to say otherwise.",
    "Mallen et al. 2023 (2312.01037): probes of middle layers recover 89 % of the AUROC between truthful and untruthful contexts",
    "layer before the last, where the supervisor is wrong, mean over tasks: probe − what the student says > 15 points, opposite: < 0; a probe of shuffled labels within 0.4 to 0.6",
)
def students_know_what_they_do_not_say(tables):
    found = judge(
        rows := _inside(tables),
        lambda p: (100 * (p["probe_wrong"] - p["output_wrong"])).mean(),
        POINTS,
        above=15,
    )
    return only_if(found, 0.4 <= rows["shuffled_wrong"].mean() <= 0.6)


@claim(
    "24",
    "Contrast-consistent search finds the truth in such a student, without a label.",
    "Burns, Ye, Klein and Steinhardt 2022 (2212.03827): 4 % more accurate than zero-shot answers, on average",
    "same layer, pairs that end in yes and no, where the supervisor is wrong, sign fixed where it is right: mean over tasks of accuracy − 50 % > 10 points; opposite: < −10",
)
def ccs_finds_the_truth(tables):
    return judge(
        _inside(tables), lambda p: (100 * (p["ccs_wrong"] - 0.5)).mean(), POINTS, above=10, opposite=-10
    )


@claim(
    "24",
    "Pushed along one direction, a student says the truth where it had learned to say otherwise; random pushes do nothing.",
    "Turner et al. 2023 (2308.10248), Rimsky et al. 2023 (2312.06681), Li et al. 2023 (2306.03341): steering changes what models say",
    "a push as long as activations are, away from asides, mean over tasks of accuracy after an aside, with − without > 15 points, opposite: < 0; random directions of this length: within 3 points",
)
def steering_makes_students_truthful(tables):
    cell = [*PAIR, "seed"]
    at = (
        table(tables, "inside_steering")
        .groupby([*cell, "direction", "dose"])["right_distracted"]
        .mean()
        .unstack(["direction", "dose"])
    )
    changed = (100 * (at[direction, 1] - at["plain", 0]) for direction in ("plain", "random"))
    rows = pd.DataFrame(dict(zip(("plain", "random"), changed))).reset_index()
    return only_if(judge(rows, lambda p: p["plain"].mean(), POINTS, above=15), abs(rows["random"].mean()) < 3)


@claim(
    "24",
    "One latent of a sparse autoencoder tells the truth, and the probe needs it.",
    "Gao et al. 2024 (2406.04093): latents of sparse autoencoders recover known features",
    "AUROC on questions after an aside that it was not chosen on, mean over tasks ≥ 0.85; probe's accuracy there without it − without others as active < 0 points; opposite: > 0",
)
def one_latent_holds_the_truth(tables):
    rows = table(tables, "inside_latents")
    found = judge(rows, lambda p: (100 * (p["ablated"] - p["ablated_others"])).mean(), POINTS, sign=-1)
    return only_if(found, rows["distracted"].mean() >= 0.85)


def _arena(tables: Tables) -> pd.DataFrame:
    return table(tables, "arena").assign(task="arena", supervisor="arena", student=lambda rows: rows["what"])


@claim(
    "25",
    "A search over methods that sees one half of the test gains on the other half, against baselines tuned as long.",
    "Wen, Qiu, Benton, Kirchner and Leike 2026: PGR 0.97 by automated researchers, 0.23 by people, on the test that both could query",
    "private PGR, best of 40 methods searched for − best of 40 settings of one-stage baselines, each by its public score, > 0",
)
def search_gains_on_the_private_half(tables):
    return judge(
        _arena(tables), lambda p: (at := p.set_index("student")["private"])["searched"] - at["tuned"], PGR
    )


@claim(
    "25",
    "What the search found on one task also gains on a task that it never saw.",
    "Wen, Qiu, Benton, Kirchner and Leike 2026: the best method of chat has PGR 0.94 on math, 0.47 on code; the second best fails on code",
    "danger, after a search on edible: private PGR, searched − best of 40 settings of one-stage baselines, both chosen on edible, > 0",
)
def found_methods_carry_over(tables):
    return judge(
        _arena(tables),
        lambda p: (at := p.set_index("student")["private"])["searched, elsewhere"] - at["tuned, elsewhere"],
        PGR,
    )


@claim(
    "25",
    "Flipping one answer at a time reads the public labels off an open board, and nothing off a Ladder.",
    "Wen, Qiu, Benton, Kirchner and Leike 2026: labels exfiltrated by differences of scores; Blum and Hardt 2015: the Ladder",
    "from the supervisor's answers, PGR 0: smallest of public PGR − 0.9 (open), 0.1 − public PGR (Ladder), 0.1 − |private PGR| (both), > 0",
)
def a_ladder_stops_one_flip_attacks(tables):
    def margin(p):
        at = p.set_index("student")
        flips = at.loc[["flips, open", "flips, ladder"]]
        return min(
            flips.loc["flips, open", "public"] - 0.9,
            0.1 - flips.loc["flips, ladder", "public"],
            0.1 - flips["private"].abs().max(),
        )

    return judge(_arena(tables), margin, PGR)


@claim(
    "25",
    "The luckiest of sixty runs on one seed is worth less than its public score says.",
    "Wen, Qiu, Benton, Kirchner and Leike 2026: cherry-picked seeds among the reward hacks",
    "public − private PGR of the run with the best public score, less that of the mean of the runs, > 0.05; opposite: < 0",
)
def lucky_seeds_do_not_last(tables):
    def gap(p):
        at = p.set_index("student")
        gaps = at["public"] - at["private"]
        return gaps["luckiest of 60, one seed"] - gaps["mean of 60, one seed"]

    return judge(_arena(tables), gap, PGR, above=0.05)


def _idea(tables, better: str, than: str) -> Verdict:
    return judge(table(tables, "ideas"), lambda p: (100 * (p[better] - p[than])).mean(), POINTS)


@claim(
    "26",
    "A weight of its own for each example makes the confidence loss gain on naive finetuning.",
    "Guo et al. 2024 (2402.03749), AdaptConf: gains on images",
    "mean over tasks of student, adaptive confidence − naive > 0",
)
def adaptive_confidence_gains(tables):
    return _idea(tables, "adaptive", "naive")


@claim(
    "26",
    "Four bagged supervisors teach more than one.",
    "Sang et al. 2024 (2402.00667): ensembles of weak supervisors",
    "mean over tasks of student, mean of four on bootstrap samples − one on the whole half > 0",
)
def bagged_supervisors_teach_more(tables):
    return _idea(tables, "bagged", "naive")


@claim(
    "26",
    "A student that finds out which specialist knows learns more than from their mean.",
    "Liu and Alahi 2024 (2402.15505), co-supervision",
    "mean over tasks of student, co-supervised by four specialists − taught by their mean > 0",
)
def co_supervision_beats_the_mean(tables):
    return _idea(tables, "co_supervision", "panel_mean")
