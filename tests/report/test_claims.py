"""Each claim of the ledger can be shown, refuted and left open."""

import math
import re
import sys

import numpy as np
import pandas as pd
import pytest
from claim_tables import world

from w2s_kit.report.claims import (
    CLAIMS,
)
from w2s_kit.report.claims.ledger import POINTS, judge, within_bounds
from w2s_kit.report.claims.resampled import mean

BY_ID = {claim.id: claim for claim in CLAIMS}
LANGUAGE = ("00", "01", "02", "03", "08", "15")  # notebooks whose claims are about the language grid


# What makes each claim hold, fail the other way, and stay open; and the value that it must read off the first
# world.
PROBES = {
    "students_beat_supervisors": ({"pgr": 0.5}, {"pgr": -0.3}, {"pgr": (0.05, 0.2), "pgr_slope": 0}, None),
    "agreement_follows_truth": ({"agree": 0.2}, {"agree": -0.2}, {"agree": (0.01, 0.1)}, 20),
    "ceilings_grow": ({"ceiling": 0.03}, {"ceiling": -0.03}, {"ceiling": (0.001, 0.02)}, 3),
    "naive_pgr_above_20": ({"pgr": 0.5, "pgr_slope": 0}, {"pgr": -0.3}, {"pgr": 0.1, "pgr_slope": 0}, 0.5),
    "pgr_grows_with_student": ({"pgr_slope": 0.05}, {"pgr_slope": -0.05}, {"pgr_slope": (0.005, 0.05)}, 0.05),
    # a task's three pairs gain 2 − 0.1 × 23.5, 4 − 0.05 × 23.5 and 2 − 0.1 × 21.5
    "truth_of_the_supervisors_half_teaches_more": (
        {"pgr": 0.1},
        {"pgr": 0.5},
        {"pgr": (0.13, 0.1)},
        7 / 6,
    ),
    "confidence_helps_across_large_gaps": (
        {"far": 0.1},
        {"far": -0.1},
        {"far": (0.01, 0.1)},
        0.1 / (0.845 - 0.56),
    ),
    # between xs (0.755) and xl (0.845) ceilings grow by 0.03 a size; the student is worth 2.5 of 3 sizes
    "students_are_worth_a_larger_model": (
        {"far": 0.83 - (0.56 + 0.55 * (0.845 - 0.56))},
        {"far": -0.2},
        {"far": (0.8 - (0.56 + 0.55 * (0.845 - 0.56)), 0.05)},
        None,
    ),
    "log_confidence_gains": ({"log": 0.05}, {"log": -0.05}, {"log": (0.005, 0.05)}, 5),
    "other_interventions_do_not_gain": ({"other": -0.02}, {"other": 0.05}, {"other": (0.01, 0.03)}, -2),
    "confidence_hurts_near_pairs": ({"near": -0.02}, {"near": 0.02}, {"near": (-0.002, 0.02)}, -2),
    "chess_pgr_falls_with_gap": ({"fall": 0.2}, {"fall": -0.2}, {"fall": (0.01, 0.1)}, -0.2),
    "chess_largest_gap": ({"fall": 0.22}, {"fall": 0}, {"fall": (0.2, 0.05)}, 0.5 - 2 * 0.22),
    "chess_small_gaps": ({"chess": 0.5}, {"chess": -0.1}, {"chess": 0.3}, 0.5),
    "more_labels_average_noise_out": (
        {"averaged": 0.05},
        {"averaged": -0.05},
        {"averaged": (0.01, 0.1)},
        5,
    ),
    "real_puzzles_pgr_falls_with_gap": ({"fall": 0.2}, {"fall": -0.2}, {"fall": (0.01, 0.1)}, -0.2),
    "real_puzzles_largest_gap": ({"fall": 0.22}, {"fall": 0}, {"fall": (0.2, 0.05)}, 0.5 - 2 * 0.22),
    "real_puzzles_small_gap": ({"chess": 0.5}, {"chess": -0.1}, {"chess": 0.3}, 0.5),
    "larger_doses_recover_less": ({"asked": 0.2}, {"asked": -0.2}, {"asked": (0.01, 0.1)}, -0.2),
    "more_labels_copy_more_errors": ({"copied": 0.05}, {"copied": -0.05}, {"copied": (0.01, 0.1)}, 5),
    "students_end_below_zero_shot": ({"below": 0.04}, {"below": -0.04}, {"below": (0.01, 0.1)}, -4),
    "bootstrapping_helps_across_large_gaps": ({"boot": 0.1}, {"boot": -0.1}, {"boot": (0.01, 0.1)}, 0.1),
    "reward_pgr_is_low": ({"reward": 0.1}, {"reward": 0.4}, {"reward": (0.2, 0.05)}, 0.1),
    "stopping_by_truth_gains": ({"stop": 0.05}, {"stop": -0.05}, {"stop": (0.005, 0.05)}, 0.05),
    "reading_answers_alone_helps": ({"pref_read": 0.15}, {"pref_read": -0.1}, {"pref_read": 0.05}, 0.15),
    "reading_helps_reward_models": ({"reacts": 0.15}, {"reacts": -0.1}, {"reacts": 0.05}, 0.15),
    "reading_does_not_close_the_gap": ({"reacts": 0.15}, {"reacts": 0.6}, {"reacts": (0.4, 0.1)}, 0.25),
    "reactions_about_other_nouns_help": (
        {"elsewhere_reacts": 0.1},
        {"elsewhere_reacts": -0.1},
        {"elsewhere_reacts": (0.04, 0.1)},
        0.1,
    ),
    "reactions_make_truth_salient": ({"louder": 0.02}, {"louder": -0.02}, {"louder": (0.002, 0.02)}, 2),
    "pgr_rises_with_reactions": ({"reacts": 0.15}, {"reacts": -0.1}, {"reacts": (0.01, 0.2)}, 0.15),
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
    "weak_labels_make_statements_salient": ({"stated": 0.06}, {"stated": -0.06}, {"stated": (0.01, 0.06)}, 6),
    "questions_are_salient_already": (
        {"asked_again": -0.04},
        {"asked_again": 0.08},
        {"asked_again": (0.03, 0.06)},
        -4,
    ),
    "finetuning_finds_more_in_statements": (
        {"stated_hidden": 0.12},
        {"stated_hidden": -0.06},
        {"stated_hidden": (0.01, 0.1)},
        12,
    ),
    "probed_students_beat_supervisors": ({"probed": 0.05}, {"probed": -0.05}, {"probed": (0.005, 0.05)}, 5),
    "vision_students_recover": ({"sight": 0.6}, {"sight": -0.1}, {"sight": 0.3}, 0.6),
    "contrastive_students_recover": ({"views": 0.6}, {"views": -0.1}, {"views": 0.3}, 0.6),
    "longer_pretraining_recovers_more": ({"longer": 0.2}, {"longer": -0.2}, {"longer": (0.02, 0.3)}, 0.2),
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
    "entropy_filter_gains_where_little_is_recovered": (
        {"drawn": 0.02},
        {"drawn": -0.02},
        {"drawn": (0.002, 0.02)},
        2,
    ),
    "consistent_labels_recover_more_there": (
        {"consistent": 0.2},
        {"consistent": -0.1},
        {"consistent": (0.02, 0.3)},
        0.2,
    ),
    "relabelling_recovers_more_there": (
        {"relabelled": 0.2},
        {"relabelled": -0.1},
        {"relabelled": (0.02, 0.3)},
        0.2,
    ),
    "filter_is_no_help_against_sure_errors": (
        {"fooled": -0.02},
        {"fooled": 0.05},
        {"fooled": (0.01, 0.02)},
        -2,
    ),
    "long_training_on_weak_labels_declines": ({"late": 0.03}, {"late": -0.02}, {"late": (0.016, 0.01)}, 3),
    "two_stages_recover_more": ({"second": 0.2}, {"second": -0.1}, {"second": (0.12, 0.3)}, 0.2),
    "relabelling_brings_back_hard_questions": ({"hard": 0.02}, {"hard": -0.02}, {"hard": (0.002, 0.02)}, 2),
    "a_corrector_makes_models_less_harmful": (
        {"harmed": 0.1},
        {"harmed": -0.2},
        {"harmed": (-0.02, 0.3)},
        100 * (0.1 + 0.1 / 3),
    ),
    "a_corrector_makes_models_more_helpful": (
        {"helped": 0.1},
        {"helped": -0.05},
        {"helped": (0.01, 0.2)},
        10,
    ),
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
    "ccs_finds_what_changes_places": ({"turned": 0.2}, {"turned": -0.2}, {"turned": -0.05}, 20),
    "steering_makes_students_truthful": ({"pushed": 0.5}, {"pushed": -0.1}, {"pushed": (0.2, 0.1)}, 50),
    "random_pushes_do_nothing": ({"anywhere": 0.01}, {"anywhere": 0.06}, {"anywhere": (0.02, 0.03)}, 1),
    "one_latent_holds_the_truth": (
        {"tells_truth": 0.9},
        {"tells_truth": 0.4},
        {"tells_truth": (0.85, 0.05)},
        0.9,
    ),
    "one_latent_tells_what_is_edible": ({"edible": 0.9}, {"edible": 0.4}, {"edible": (0.85, 0.05)}, 0.9),
    "the_probe_needs_the_latent": ({"needed": 0.05}, {"needed": -0.05}, {"needed": (0.005, 0.05)}, -5),
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
    "consultancy_makes_better_labels": (
        {"advised": 0.05},
        {"advised": -0.05},
        {"advised": (0.01, 0.1)},
        5,
    ),
    "debate_teaches_more_than_consultancy": (
        {"taught": 0.3},
        {"taught": -0.1},
        {"taught": (0.15, 0.4)},
        0.2,
    ),
    "debate_of_another_thing_is_no_help": (
        {"elsewhere": -0.1},
        {"elsewhere": 0.05},
        {"elsewhere": (0.02, 0.05)},
        -10,
    ),
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
    "coherence_gains_in_the_arena": ({"coheres": 0.1}, {"coheres": -0.1}, {"coheres": (0.01, 0.1)}, 0.1),
    "a_ladder_stops_one_flip_attacks": ({}, {"under": 0.3}, {"under": (0.08, 0.05)}, 0.1),
    "lucky_seeds_do_not_last": ({"luck": 0.1}, {"luck": -0.1}, {"luck": 0.03}, 0.1),
    "adaptive_confidence_gains": ({"adapt": 0.02}, {"adapt": -0.02}, {"adapt": (0.002, 0.02)}, 2),
    "bagged_supervisors_teach_more": ({"bag": 0.02}, {"bag": -0.02}, {"bag": (0.002, 0.02)}, 2),
    "co_supervision_beats_the_mean": ({"co": 0.02}, {"co": -0.02}, {"co": (0.002, 0.02)}, 2),
    "half_steps_recover_more": ({"half": 0.1}, {"half": -0.1}, {"half": (0.01, 0.05)}, 0.1),
    "a_finer_ladder_helps": ({"finer": 0.05}, {"finer": -0.05}, {"finer": (0.01, 0.05)}, 0.05),
    "errors_compound_along_a_chain": ({"boot": -0.1}, {"boot": 0.1}, {"boot": (-0.01, 0.1)}, 3),
    "coherent_labels_teach_as_truth_does": ({}, {"near": -0.05}, {"near": (-0.02, 0.02)}, 1),
    "coherence_beats_answers_in_words": ({}, {"words": -0.05}, {"words": (0.002, 0.02)}, 2),
    "coherence_beats_the_first_component": ({}, {"component": -0.05}, {"component": (0.002, 0.02)}, 2),
    "coherence_beats_the_confidence_loss": ({}, {"loss": -0.05}, {"loss": (0.002, 0.02)}, 2),
    "students_fall_below_under_shift": ({}, {"far": -0.1}, {"far": (0.01, 0.1)}, -10),
    "students_fall_below_where_only_the_test_shifts": ({}, {"test": -0.1}, {"test": (0.01, 0.1)}, -10),
    "gains_shrink_on_other_kinds": ({}, {"kinds": -0.1}, {"kinds": (0.01, 0.1)}, -5),
    "an_anchor_helps_outside": ({}, {"anchored": -0.1}, {"anchored": (0.005, 0.05)}, 4),
    "learned_weights_help_under_shift": ({}, {"weighed": -0.1}, {"weighed": (0.01, 0.1)}, 10),
    "confidence_deepens_the_fall": ({}, {"deeper": -0.1}, {"deeper": (0.01, 0.1)}, -5),
    "polite_truths_make_reward_models_fall": ({}, {"rude": -0.1}, {"rude": (0.01, 0.1)}, -10),
    "an_anchor_helps_reward_models_outside": ({}, {"held": -0.1}, {"held": (0.005, 0.05)}, 4),
    "gains_shrink_on_rude_answers": ({}, {"ruder": -0.1}, {"ruder": (0.01, 0.1)}, -5),
    "the_salient_concept_is_found": ({}, {"lead": -0.2}, {"lead": (0.01, 0.1)}, 20),
    "imbalance_breaks_coherence": ({}, {"rare": -0.05}, {"rare": 0.05}, 20),
    "coherence_is_sure_of_the_unknown": ({}, {"believed": 0.55}, {"believed": 0.7}, 80),
    "coherence_repairs_weak_labels": ({}, {"mended": -0.1}, {"mended": 0.05}, 20),
    "forgotten_labels_are_lost": ({}, {"lost": -0.05}, {"lost": 0.05}, -30),
    "few_problems_saturate_soon": ({}, {"soon": -0.1}, {"soon": (0.05, 0.2)}, 0.2),
    "few_problems_generalise_less": ({}, {"less": -0.05}, {"less": (0.02, 0.1)}, 10),
    "noisy_rewards_still_teach": ({}, {"noisy": -0.05}, {"noisy": (0.01, 0.1)}, 10),
    "majorities_teach": ({}, {"most": -0.05}, {"most": (0.01, 0.1)}, 10),
    "steps_are_necessary": ({}, {"steps": -0.05}, {"steps": (0.02, 0.2)}, 20),
    "easy_judges_train_hard_solutions": ({}, {"judged": -0.1}, {"judged": (0.01, 0.1)}, 10),
    "judges_of_outcomes_are_hacked": ({}, {"hacked": -0.1}, {"hacked": (0.01, 0.1)}, 20),
    "a_rule_keeps_judges_honest": ({}, {"ruled": -0.05}, {"ruled": (0.02, 0.1)}, 20),
    "wrong_traces_teach": ({}, {"wrong": -0.05}, {"wrong": (0.01, 0.1)}, 10),
    "traces_give_what_rewards_give": ({}, {"traces": 0.3}, {"traces": 0.7}, 0.9),
    "rewards_after_demonstrations_elicit_more": ({}, {"rest": -0.05}, {"rest": (0.01, 0.1)}, 10),
    "rewards_alone_elicit_less": ({}, {"alone": -0.05}, {"alone": (0.01, 0.1)}, 10),
    "demonstrations_prevent_hacking": ({}, {"spared": -0.05}, {"spared": 0.05}, 20),
    "what_is_told_is_not_elicited": ({}, {"told": -0.05}, {"told": 0.1}, 30),
    "oversight_falls_with_the_gap": (
        {"step": None},
        {"step": None, "falls": -0.08},
        {"step": None, "falls": (0.005, 0.05)},
        -8,
    ),
    "weak_judges_miss_most_backdoors": ({}, {"across": 0.7}, {"across": (0.45, 0.2)}, 36),
    "small_steps_beat_one_large_step": ({}, {"step": 0.5}, {"step": (0.72, 0.1)}, 100 * (0.8**3 - 0.36)),
    "a_chain_of_judges_beats_the_weakest": ({}, {"chained": -0.1}, {"chained": (0.02, 0.1)}, 10),
    "a_confident_chain_beats_the_weakest": ({}, {"confident": -0.1}, {"confident": (0.02, 0.1)}, 20),
    "alike_pairs_gain_less": ({}, {"gains": 0.5}, {"gains": (0.01, 0.5)}, -1),
    "alike_pairs_recover_less": ({}, {"recovers": 0.5}, {"recovers": (0.01, 0.5)}, -1),
    "errors_grow_alike_with_size": ({}, {"grows": -0.02}, {"grows": (0.002, 0.02)}, 0.02),
    "shared_errors_cost_gains": ({}, {"shared": 0.03}, {"shared": (-0.002, 0.02)}, -3),
    "opposed_errors_cost_gains": ({}, {"opposed": 0.03}, {"opposed": (-0.002, 0.02)}, -5),
}


# Claims about one task, in notebooks whose other claims are about several.
ONE_TASK = (
    "leakage_feeds_students",
    "shared_errors_cost_gains",
    "opposed_errors_cost_gains",
    "ccs_finds_what_changes_places",
    "one_latent_tells_what_is_edible",
    "entropy_filter_gains_where_little_is_recovered",
    "consistent_labels_recover_more_there",
    "relabelling_recovers_more_there",
)
# Their third world lies, without a spread, between the two thresholds.
BETWEEN = (
    "naive_pgr_above_20",
    "chess_small_gaps",
    "real_puzzles_small_gap",
    "reading_answers_alone_helps",
    "reading_helps_reward_models",
    "vision_students_recover",
    "contrastive_students_recover",
    "students_know_what_they_do_not_say",
    "ccs_finds_the_truth",
    "ccs_finds_what_changes_places",
    "lucky_seeds_do_not_last",
    "imbalance_breaks_coherence",
    "coherence_is_sure_of_the_unknown",
    "coherence_repairs_weak_labels",
    "forgotten_labels_are_lost",
    "traces_give_what_rewards_give",
    "demonstrations_prevent_hacking",
    "what_is_told_is_not_elicited",
)


def test_every_claim_is_probed_and_complete():
    assert set(PROBES) == set(BY_ID) and len(BY_ID) == len(CLAIMS)
    assert [c.notebook for c in CLAIMS] == sorted(c.notebook for c in CLAIMS)
    assert all(c.statement and c.source and c.criterion for c in CLAIMS)


@pytest.mark.parametrize(
    "name, effects, verdict",
    [
        ("gain_is_misfit", {"r2": 0.5}, "refuted"),
        ("judges_of_outcomes_are_hacked", {"paid": -0.1}, "refuted"),
        ("judges_of_outcomes_are_hacked", {"paid": (0.0, 0.1)}, "undecided"),
        ("gain_is_misfit", {"r2": (0.9, 0.2)}, "undecided"),
        ("weak_judges_miss_most_backdoors", {"back": 0.6}, "refuted"),
        ("weak_judges_miss_most_backdoors", {"back": (0.8, 0.1)}, "undecided"),
        ("gain_is_misfit", {"slope": 1.2}, "refuted"),
        ("gain_is_misfit_in_kl", {"kl_r2": 0.5}, "refuted"),
        ("entropy_filter_gains", {"asked": 0.05}, "refuted"),
        ("corrections_align_a_strong_model", {"keeps": -0.03}, "refuted"),
        ("corrections_align_a_strong_model", {"keeps": (0.0, 0.03)}, "undecided"),
        ("long_training_on_weak_labels_declines", {"late_truth": 0.01}, "refuted"),
        ("two_stages_recover_more", {"first": -0.05}, "refuted"),
        ("two_stages_recover_more", {"first": 0.3}, "refuted"),
        ("students_know_what_they_do_not_say", {"shuffled": 0.7}, "refuted"),
        ("students_know_what_they_do_not_say", {"shuffled": 0.3}, "refuted"),
        ("early_stopping_raises_the_power", {"linear_power": 1.9}, "refuted"),
        ("variance_is_inherited_in_the_overlap", {"above": 0.9}, "refuted"),
        ("an_anchor_helps_outside", {"inside": -0.05}, "refuted"),
        ("an_anchor_helps_outside", {"inside": (-0.02, 0.03)}, "undecided"),
        ("judges_of_easy_steps_choose_hard_solutions", {"shuffled": 0.02}, "refuted"),
        ("judges_of_easy_steps_choose_hard_solutions", {"shuffled": (0.0, 0.03)}, "undecided"),
        ("judges_of_easy_steps_choose_hard_solutions", {"by_outcome": 0.07}, "refuted"),
    ],
)
def test_a_claim_falls_with_its_second_condition_and_the_figure_says_so(name, effects, verdict):
    shown, failed = BY_ID[name].measure(world()), BY_ID[name].measure(world(**effects))
    assert (shown.verdict, failed.verdict) == ("shows", verdict)
    assert "; but " not in shown.figure
    assert "; but " in failed.figure or "by_outcome" in effects, "the condition that failed is told"
    assert (failed.wanted > 3) == (verdict == "undecided")


def numbers(text: str) -> list[float]:
    return [float(number.replace("−", "-")) for number in re.findall(r"[-−]?\d+(?:\.\d+)?", text)]


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.id)
def test_the_smallest_effect_of_interest_is_the_one_that_the_criterion_states(claim):
    measured = claim.measure(world()).refuted
    stated = re.search(r"refuted: ([<>]) ([^;]*)", claim.criterion)
    assert bool(stated) == math.isfinite(measured), claim.criterion
    if stated:
        assert numbers(stated[2]) == [pytest.approx(measured)]


@pytest.mark.parametrize(
    "numbers, options, verdict",
    [
        ((10, 11, 12), {}, "shows"),
        ((-10, -11, -12), {}, "opposite"),
        ((-1, 0, 1), {}, "undecided"),
        ((-1, 0, 1), {"smallest": 3}, "refuted"),
        ((10, 11, 12), {"smallest": 99}, "shows"),
        ((-10, -11, -12), {"smallest": 99}, "opposite"),
        ((0.1, 0.2, 0.3), {"above": 1}, "refuted"),
        ((0.1, 0.2, 0.3), {"above": 1, "opposite": 1}, "opposite"),
        ((-0.1, 0.9, 0.1), {"above": 1, "opposite": -3}, "undecided"),
        ((-10, -11, -12), {"sign": -1}, "shows"),
        ((-1, 0, 1), {"sign": -1, "smallest": 3}, "refuted"),
        ((10, 11, 12), {"sign": -1, "smallest": 99}, "opposite"),
        ((1.5, 1.6, 1.7), {"sign": -1, "above": 1, "opposite": 5}, "refuted"),
    ],
)
def test_the_four_verdicts(numbers, options, verdict):
    table = pd.DataFrame({"task": "a", "supervisor": "s", "student": "m", "seed": range(3), "x": numbers})
    found = judge(table, lambda p: mean(p["x"]), "{:.1f} [{:.1f}, {:.1f}]", **options)
    assert found.verdict == verdict
    assert math.isnan(found.wanted) == (verdict != "undecided")
    assert ("would" in found.figure) == (verdict == "undecided")


def test_as_many_seeds_as_it_says_decide():
    """Drawn anew at this spread, so many seeds decide most of the time, and half of them seldom."""
    rng = np.random.default_rng(0)
    draw = lambda n: pd.DataFrame(
        {"task": "a", "supervisor": "s", "student": "m", "seed": range(n), "x": rng.normal(0.5, 1, n)}
    )
    found = lambda table: judge(table, lambda p: mean(p["x"]), POINTS)
    pilot = draw(8).assign(x=lambda t: (t["x"] - t["x"].mean()) / t["x"].std() + 0.5)
    wanted = int(found(pilot).wanted)
    assert found(pilot).verdict == "undecided" and 16 < wanted < 22
    shown = [np.mean([found(draw(n)).verdict == "shows" for _ in range(60)]) for n in (wanted, wanted // 2)]
    assert shown[0] > 0.4 > shown[1] + 0.05


@pytest.mark.parametrize(
    "numbers, verdict",
    [((0, 1, 0), "shows"), ((20, 21, 22), "opposite"), ((-9, -8, -9), "opposite"), ((3, 4, 5), "undecided")],
)
def test_between_two_bounds(numbers, verdict):
    table = pd.DataFrame({"task": "a", "supervisor": "s", "student": "m", "seed": range(3), "x": numbers})
    assert within_bounds(table, lambda p: mean(p["x"]), POINTS, -4, 4).verdict == verdict


def test_seeds_that_had_been_looked_at_decide_nothing_where_there_are_others():
    seen = world(n_seeds=4)
    table = seen["reliability"]
    for seed in range(100, 104):
        table = pd.concat([table, table[table["seed"] == 0].assign(seed=seed, filter=0.5)])
    seen["reliability"] = table
    verdict = BY_ID["entropy_filter_gains"].measure(seen)
    assert verdict.figure.count("4 seeds") and verdict.verdict != "shows"


def test_supervisors_at_chance_are_left_out_by_their_labels_and_not_by_the_test():
    """xs is right on the test, but not on the student's half: it has nothing to teach."""
    claim = BY_ID["confidence_helps_across_large_gaps"]
    far = claim.measure(world(labels=(0.54, 0.58, 0.60, 0.62)))
    near = claim.measure(world(labels=(0.56, 0.58, 0.60, 0.62)))
    assert near.value == pytest.approx(0.1 / (0.845 - 0.56)) and far.value == pytest.approx(
        0.1 / (0.845 - 0.58)
    )
    none = claim.measure(world(labels=(0.5, 0.5, 0.5, 0.5)))
    assert none.verdict == "not measured" and "55 %" in none.figure


@pytest.mark.parametrize("effects", [{"opened": 0.8}, {"moved": 0.3}, {"moved": -0.3}])
def test_an_attack_that_fails_or_a_half_that_leaks_refutes_the_ladders_claim(effects):
    assert BY_ID["a_ladder_stops_one_flip_attacks"].measure(world(**effects)).verdict == "opposite"


@pytest.mark.parametrize("name", PROBES)
def test_a_claim_can_be_shown_refuted_and_left_open(name):
    holds, fails, open_, value = PROBES[name]
    shown, refuted, left_open = (BY_ID[name].measure(world(**effects)) for effects in (holds, fails, open_))
    assert (shown.verdict, refuted.verdict) == ("shows", "opposite")
    assert left_open.verdict == ("refuted" if name in BETWEEN else "undecided")
    assert value is None or shown.value == pytest.approx(value)
    tasks = (
        BY_ID[name].notebook in (*LANGUAGE, "09", "10", "11", "13", "14", "19", "20", "24", "26")
        and name not in ONE_TASK
        or {"elicitation", "shift"} & {table.name for table in BY_ID[name].reads}
    )
    ending = (
        "domains" if name == "no_intervention_is_consistent" else "3 seeds, 5 tasks" if tasks else ", 3 seeds"
    )
    for verdict in (shown, refuted, left_open):
        assert verdict.low <= verdict.value <= verdict.high
        assert verdict.figure.split(";")[0].endswith(ending)


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.id)
def test_a_claim_is_its_own_docstring(claim):
    """The decorator makes it, and ruff does not look behind decorators."""
    function = getattr(sys.modules[claim.measure.__module__], claim.id)
    assert function is claim.measure and function.__module__ != "w2s_kit.report.claims.ledger"
    summary, source, criterion = function.__doc__.split("\n\n")
    assert summary == claim.statement and claim.source in source and claim.criterion in criterion
