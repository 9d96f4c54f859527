"""What others claim since, of real models and of methods: notebooks 14 and 15, 19 to 26."""

from __future__ import annotations

import pandas as pd

from .ledger import COLUMNS, PAIR, PGR, POINTS, RANGES, SHARES, NotMeasured, Tables, Verdict, by_method, claim, gained, gapped, judge, only_if, over_seeds, recovered, table

COLUMNS |= {
    "real_grid": [*PAIR, "method", "seed", *SHARES[:3]],
    "reliability": [*PAIR, "seed", "naive", "unweighted", "filter", "weights", "kept", "dropped", "wrong_unweighted", "wrong_filter"],
    "two_stage": [*PAIR, "seed", "supervisor_accuracy", "ceiling_accuracy", "naive", "stage1", "stage2", "hard_stage1", "hard_stage2"],
    "two_stage_late": [*PAIR, "taught_by", "seed", "stopped", "end"],
    "debate": [*PAIR, "method", "seed", *SHARES[:3], "labels"],
    "arena": ["what", "seed", "public", "private"],
    "ideas": [*PAIR, "seed", "naive", "adaptive", "bagged", "panel_mean", "co_supervision"],
}
RANGES |= dict.fromkeys(["unweighted", "filter", "weights", "kept", "dropped", "wrong_unweighted", "wrong_filter", "stage1", "stage2", "hard_stage1", "hard_stage2",
                         "stopped", "end", "labels", "adaptive", "bagged", "panel_mean", "co_supervision"], (0, 1))
RANGES |= dict.fromkeys(["public", "private"], (-9, 9))


@claim("14", "On real text, too, naive students beat their supervisors.",
       "Burns et al. 2023, Fig. 12: on most of 22 datasets",
       "median over datasets with a clear gap of student − supervisor > 0")
def real_students_beat_supervisors(tables):
    rows = gapped(table(tables, "real_grid", method="naive"))
    return judge(rows, gained, POINTS)


@claim("14", "On real text, the confidence loss gains on naive finetuning.",
       "EleutherAI 2024: higher PGR on 16 of 21 datasets",
       "median over datasets of accuracy with the loss − naive > 0, in points")
def confidence_gains_on_real_text(tables):
    gain = lambda p: (100 * (p["confidence student_accuracy"] - p["naive student_accuracy"])).median()
    return judge(by_method(table(tables, "real_grid")), gain, POINTS)


def _asked_again(tables, better: str, than: str, **criterion) -> Verdict:
    return judge(table(tables, "reliability"), lambda p: (100 * (p[better] - p[than])).mean(), POINTS, **criterion)


@claim("19", "Where a supervisor contradicts itself, asked five times, its answers are more often wrong.",
       "Guo and Yang 2024 (2406.19032), Fig. 3 and 5: accuracy falls with the entropy of the answers",
       "mean over tasks of label accuracy, kept by the entropy filter − dropped > 20 points; opposite: < 0")
def self_contradiction_tells_errors(tables):
    return _asked_again(tables, "kept", "dropped", above=20)


@claim("19", "A student gains by leaving out the questions on which its supervisor contradicts itself.",
       "Guo and Yang 2024 (2406.19032), uncertainty filtering",
       "mean over tasks of student, filtered − naive > 0, and filtered − the same queries unfiltered > 0")
def entropy_filter_gains(tables):
    control = _asked_again(tables, "filter", "unweighted")
    return only_if(_asked_again(tables, "filter", "naive"), control.verdict == "shows")


@claim("19", "A student gains by weighting each answer with how often its supervisor gives it.",
       "Guo and Yang 2024 (2406.19032), reliability re-weighting",
       "mean over tasks of student, reweighted − the same queries unweighted > 0")
def reliability_weights_gain(tables):
    return _asked_again(tables, "weights", "unweighted")


@claim("19", "Against errors of which the supervisor is sure, the filter is no help.",
       "the method's own premise: errors show as contradictions",
       "supervisor always wrong about one kind in four: student, filtered − unfiltered < 1 point; opposite: > 1")
def filter_is_no_help_against_sure_errors(tables):
    return _asked_again(tables, "wrong_filter", "wrong_unweighted", above=1, opposite=1, sign=-1)


@claim("20", "Trained for long, a student of weak labels declines, and a student of the truth does not.",
       "Burns et al. 2023, Section 5.1.1; Yao et al. 2025 (2502.01458): excessive optimisation overfits weak labels",
       "eight epochs, accuracy at its best − at the end > 1.5 points, on examples that did not say when it is best, and with true labels < 0.5; opposite: < 0")
def long_training_on_weak_labels_declines(tables):
    lost = lambda p: (100 * (p["stopped"] - p["end"])).mean()
    control = judge(table(tables, "two_stage_late", taught_by="truth"), lost, POINTS)
    return only_if(judge(table(tables, "two_stage_late", taught_by="weak"), lost, POINTS, above=1.5), control.value < 0.5)


@claim("20", "Filtered by consistency, then relabelled by the student, weak labels recover more.",
       "Shi et al. 2025 (2503.04249): up to 100 % of the gap (abstract); 7.19 % to 120.50 % in one case (as told by a secondary source)",
       "median over tasks of PGR, two stages − naive > 0, and naive < first stage ≤ both")
def two_stages_recover_more(tables):
    rows = gapped(table(tables, "two_stage"))
    at = {name: over_seeds(rows, lambda p: recovered(p, name).median()).mean for name in ("naive", "stage1", "stage2")}
    found = judge(rows, lambda p: (recovered(p, "stage2") - recovered(p, "naive")).median(), PGR)
    return only_if(found, at["naive"] < at["stage1"] <= at["stage2"])


@claim("20", "The second stage brings back the hard questions that the filter threw away.",
       "Shi et al. 2025 (2503.04249): filtering alone costs difficulty and diversity",
       "the third of the test of which the supervisor is least sure, mean over tasks: accuracy after both stages − after the first > 0")
def relabelling_brings_back_hard_questions(tables):
    return judge(table(tables, "two_stage"), lambda p: (100 * (p["hard_stage2"] - p["hard_stage1"])).mean(), POINTS)


def _argued(tables: Tables, task: str = "taste") -> pd.DataFrame:
    rows = table(tables, "debate")
    if not (rows["task"] == task).any():
        raise NotMeasured(f"no {task} in debate.csv")
    return by_method(rows[rows["task"] == task])


def _better(rows: pd.DataFrame, better: str, than: str, **criterion) -> Verdict:
    return judge(rows, lambda p: (100 * (p[f"{better} labels"] - p[f"{than} labels"])).mean(), POINTS, **criterion)


@claim("23", "Weak judges label better when a strong adviser argues for one answer, and better still when two argue for both.",
       "Lang, Huang and Li 2025 (2501.13124): debate beats consultancy (as told by a secondary source)",
       "labels of four judges, three turns: right after a debate − after a consultancy > 0, and after a consultancy − unadvised > 0; opposite: debate − consultancy < 0")
def debate_makes_better_labels(tables):
    rows = _argued(tables)
    advised = _better(rows, "consultancy ensemble", "naive ensemble")
    return only_if(_better(rows, "debate ensemble", "consultancy ensemble"), advised.verdict == "shows")


@claim("23", "Students whose four judges read debates recover more than naive ones, and more than after consultancies.",
       "Lang, Huang and Li 2025 (2501.13124): PGR, strongest baseline to debate, 41.2 to 76.5 % on SciQ, 17.4 to 56.5 on CosmosQA, 35.0 to 70.0 on AnthropicHH (as told by a secondary source)",
       "PGR of the student, which reads nothing, over one unadvised judge: of four judges of debates − of that judge > 0, and − of four judges of consultancies > 0; opposite: − of that judge < 0")
def debate_teaches_more(tables):
    rows = gapped(_argued(tables))
    more = lambda than: judge(rows, lambda p: (recovered(p, "debate ensemble student_accuracy") - recovered(p, f"{than} student_accuracy")).mean(), PGR)
    return only_if(more("naive"), more("consultancy ensemble").verdict == "shows")


@claim("23", "What helps is what the debaters know: of another thing, a debate gains nothing, and by mistaken debaters less.",
       "controls; Lang, Huang and Li 2025 (2501.13124) take the strong model to be honest",
       "labels of one judge: debate − the same by debaters who believe the opposite of three facts in ten > 0, and another thing's debate − none < 2 points; opposite: debate − mistaken < 0")
def debate_needs_knowledge(tables):
    rows = _argued(tables)
    return only_if(_better(rows, "debate", "mistaken"), _better(rows, "random", "naive", above=2, sign=-1).verdict == "shows")


@claim("23", "Where the answer is a single fact and both sides have to speak, a debate tells its judge nothing.",
       "the method's premise: that arguments for a true answer are easier to find, or to check, than for a false one",
       "edible, labels of one judge: a debate in which a side that has nothing true to say must speak, too − none < 2 points; opposite: > 2")
def debate_over_one_fact_is_no_help(tables):
    return _better(_argued(tables, "edible"), "cornered", "naive", above=2, opposite=2, sign=-1)


def _arena(tables: Tables) -> pd.DataFrame:
    return table(tables, "arena").assign(task="arena", supervisor="arena", student=lambda rows: rows["what"])


@claim("25", "A search over methods that sees one half of the test gains on the other half, against baselines tuned as long.",
       "Wen, Qiu, Benton, Kirchner and Leike 2026: PGR 0.97 by automated researchers, 0.23 by people, on the test that both could query",
       "private PGR, best of 40 methods searched for − best of 40 settings of one-stage baselines, each by its public score, > 0")
def search_gains_on_the_private_half(tables):
    return judge(_arena(tables), lambda p: (at := p.set_index("student")["private"])["searched"] - at["tuned"], PGR)


@claim("25", "What the search found on one task also gains on a task that it never saw.",
       "Wen, Qiu, Benton, Kirchner and Leike 2026: the best method of chat has PGR 0.94 on math, 0.47 on code; the second best fails on code",
       "danger, after a search on edible: private PGR, searched − best of 40 settings of one-stage baselines, both chosen on edible, > 0")
def found_methods_carry_over(tables):
    return judge(_arena(tables), lambda p: (at := p.set_index("student")["private"])["searched, elsewhere"] - at["tuned, elsewhere"], PGR)


@claim("25", "Flipping one answer at a time reads the public labels off an open board, and nothing off a Ladder.",
       "Wen, Qiu, Benton, Kirchner and Leike 2026: labels exfiltrated by differences of scores; Blum and Hardt 2015: the Ladder",
       "from the supervisor's answers, PGR 0: smallest of public PGR − 0.9 (open), 0.1 − public PGR (Ladder), 0.1 − |private PGR| (both), > 0")
def a_ladder_stops_one_flip_attacks(tables):
    def margin(p):
        at = p.set_index("student")
        flips = at.loc[["flips, open", "flips, ladder"]]
        return min(flips.loc["flips, open", "public"] - 0.9, 0.1 - flips.loc["flips, ladder", "public"], 0.1 - flips["private"].abs().max())

    return judge(_arena(tables), margin, PGR)


@claim("25", "The luckiest of sixty runs on one seed is worth less than its public score says.",
       "Wen, Qiu, Benton, Kirchner and Leike 2026: cherry-picked seeds among the reward hacks",
       "public − private PGR of the run with the best public score, less that of the mean of the runs, > 0.05; opposite: < 0")
def lucky_seeds_do_not_last(tables):
    def gap(p):
        at = p.set_index("student")
        gaps = at["public"] - at["private"]
        return gaps["luckiest of 60, one seed"] - gaps["mean of 60, one seed"]

    return judge(_arena(tables), gap, PGR, above=0.05)


def _idea(tables, better: str, than: str) -> Verdict:
    return judge(table(tables, "ideas"), lambda p: (100 * (p[better] - p[than])).mean(), POINTS)


@claim("26", "A weight of its own for each example makes the confidence loss gain on naive finetuning.",
       "Guo et al. 2024 (2402.03749), AdaptConf: gains on images", "mean over tasks of student, adaptive confidence − naive > 0")
def adaptive_confidence_gains(tables):
    return _idea(tables, "adaptive", "naive")


@claim("26", "Four bagged supervisors teach more than one.",
       "Sang et al. 2024 (2402.00667): ensembles of weak supervisors", "mean over tasks of student, mean of four on bootstrap samples − one on the whole half > 0")
def bagged_supervisors_teach_more(tables):
    return _idea(tables, "bagged", "naive")


@claim("26", "A student that finds out which specialist knows learns more than from their mean.",
       "Liu and Alahi 2024 (2402.15505), co-supervision", "mean over tasks of student, co-supervised by four specialists − taught by their mean > 0")
def co_supervision_beats_the_mean(tables):
    return _idea(tables, "co_supervision", "panel_mean")
