"""Measure labels without a supervisor (Wen et al. 2025; Canavan et al. 2026), for notebook 27.

    python data_prep/measure_elicitation.py --first 100 --seeds 10

Resumable: finetuned models are kept in the store, and the tables grow seed by seed. Less than two minutes a
seed on one core. Settings were chosen on seeds 50 to 52. The truth is used to judge, never to search.

elicitation          four tasks, xl: the most coherent labels of the student half (`coherent`), beside the
                     answers in words (`zero_shot`) and the first principal component; how coherent these
                     labels and the truth are; `flipped`, the share of answers that change when all labels of
                     four examples in the prompt are swapped; accuracy on the test of xl asked in words, and
                     of xl taught by s, by s with the confidence loss, by coherent labels, by truth
elicitation_switch   suggestions that differ in truth and in manner: with which do the most coherent labels
                     of m and of xl agree? Agreement is with the concept or its opposite, whichever is more
elicitation_limits   edible, xl. balance: shares of yes, without a prior and with the answers in words as a
                     prior (`with_prior`), balanced accuracy. unknown: new nouns, confidence on old and new
                     ones. constraint: one habitat a noun, found with the constraint, or all nouns alike
elicitation_repair   suggestions, labels of which a share is right: after the search that keeps them as a
                     prior, after the search that forgets them, and by a regression on all other labels
"""

from __future__ import annotations

import random

import numpy as np
import torch
from measuring import grow_tables, options
from scipy.special import logit

from w2s_kit.experiment.settings import Settings
from w2s_kit.experiment.stages import three_stages
from w2s_kit.experiment.store import Store
from w2s_kit.inside.coherence import (
    anneal,
    coherence,
    first_component,
    leave_one_out,
    most_coherent,
    predicted,
)
from w2s_kit.methods import get_method
from w2s_kit.models.families import load_family
from w2s_kit.models.loading import load_classifier
from w2s_kit.studies.elicitation import (
    balanced_accuracy,
    habitats,
    one_of,
    suggestions,
    sure,
    unbalanced,
    with_unknown,
)
from w2s_kit.tasks import load_task
from w2s_kit.tasks.prompts import few_shot
from w2s_kit.training.reading import features, predict

TASKS, STUDENT, SUPERVISOR, SHOTS = ("edible", "danger", "nli", "sentiment"), "xl", "s", 4
SHARES, UNKNOWN = (0.5, 0.3, 0.2, 0.1), (0.0, 0.25, 0.5, 0.75)
RIGHT = (0.6, 0.7, 0.8, 0.9)
FAMILY, CHAT = load_family(), load_family("miniworld-chat")


def same(labels, truth) -> float:
    return float(np.mean(np.asarray(labels) == np.asarray(truth)))


def either(labels, concept) -> float:
    """Agreement with a concept of 1 and -1, or with its opposite, where it is not 0."""
    concept = np.asarray(concept)
    agreement = same(np.asarray(labels)[concept != 0], concept[concept != 0] > 0)
    return max(agreement, 1 - agreement)


def asked(size: str, texts: list[str], family=FAMILY) -> tuple[np.ndarray, np.ndarray]:
    """P(yes) of the pretrained model in words, (n,), and its features, (n, width)."""
    model = load_classifier(family[size], head="tokens")
    return predict(model, texts), features(model, texts)


def elicited(task: str, seed: int, store: Store) -> dict:
    split, settings = load_task(task, seed), Settings(task, seed=seed)
    texts, truth = split.student["text"].tolist(), split.student["label"].to_numpy()
    test, test_truth = split.test["text"].tolist(), split.test["label"].to_numpy()
    words, z = asked(STUDENT, texts)
    found = most_coherent(z, seed=seed).signed(words > 0.5)
    matrix, component = leave_one_out(z), first_component(z)
    taught = lambda method: three_stages(settings, SUPERVISOR, STUDENT, method, store=store, progress=False)
    naive, confidence = taught("naive"), taught("confidence")
    torch.manual_seed(seed)
    student = load_classifier(FAMILY[STUDENT])
    config = settings.train_config(FAMILY[STUDENT], "none")
    get_method("naive")(student, texts, found.labels.astype(float), config, progress=False)
    model = load_classifier(FAMILY[STUDENT], head="tokens")
    shown = [
        predict(model, few_shot(test, texts, labels, SHOTS, random.Random(seed))) > 0.5
        for labels in (truth, 1 - truth)
    ]
    return {
        "task": task,
        "supervisor": SUPERVISOR,
        "student": STUDENT,
        "seed": seed,
        "zero_shot": same(words > 0.5, truth),
        "coherent": same(found.labels, truth),
        "first_component": either(component, 2 * truth - 1),
        "coherence_found": found.coherence,
        "coherence_truth": coherence(matrix, truth),
        "flipped": float(np.mean(shown[0] != shown[1])),
        "test_zero_shot": same(predict(model, test) > 0.5, test_truth),
        "test_naive": naive.student.accuracy(),
        "test_confidence": confidence.student.accuracy(),
        "test_coherent": same(predict(student, test) > 0.5, test_truth),
        "test_truth": naive.ceiling.accuracy(),
    }


def differences(pairs, size: str) -> tuple[np.ndarray, np.ndarray]:
    """Features of the second answer less those of the first, (n, width), and by how many logits its "yes" is
    likelier, (n,)."""
    (p, a), (q, b) = (asked(size, pairs[side].tolist(), CHAT) for side in ("first", "second"))
    return (b - a) / np.concatenate([a, b]).std(axis=0), logit(q.clip(1e-6, 1 - 1e-6)) - logit(
        p.clip(1e-6, 1 - 1e-6)
    )


def switched(size: str, seed: int, pairs, z: np.ndarray, words: np.ndarray) -> dict:
    found, matrix = most_coherent(z, seed=seed, centred=False), leave_one_out(z, centred=False)
    truth, polite = pairs["truth"].to_numpy(), pairs["manner"].to_numpy()
    coin = np.random.default_rng(seed).integers(0, 2, len(pairs))
    return {
        "task": "suggestions",
        "supervisor": "none",
        "student": size,
        "seed": seed,
        "zero_shot": same(words > 0, truth),
        "truth": either(found.labels, 2 * truth - 1),
        "manner": either(found.labels, polite),
        "coherence_found": found.coherence,
        "coherence_truth": coherence(matrix, truth),
        "coherence_manner": coherence(matrix, np.where(polite == 0, coin, polite > 0).astype(int)),
    }


def repaired(size: str, seed: int, pairs, z: np.ndarray) -> list[dict]:
    truth, matrix, rows = pairs["truth"].to_numpy(), leave_one_out(z, centred=False), []
    for right in RIGHT:
        rng = np.random.default_rng(seed)
        wrong = rng.choice(len(truth), round((1 - right) * len(truth)), replace=False)
        labels = truth.copy()
        labels[wrong] = 1 - labels[wrong]
        prior = np.where(labels == 1, right, 1 - right)
        kept = anneal(matrix, labels, rng, prior=prior, hot=0.3)
        forgotten = anneal(matrix, labels, rng)
        rows.append(
            {
                "task": "suggestions",
                "supervisor": "none",
                "student": size,
                "seed": seed,
                "right": right,
                "kept": same(kept.labels, truth),
                "forgotten": same(forgotten.labels, truth),
                "others": same(predicted(matrix, labels) > 0.5, truth),
            }
        )
    return rows


def limits(seed: int) -> list[dict]:
    plain = load_task("edible", seed, n_train=900).student
    base = {"task": "edible", "supervisor": "none", "student": STUDENT, "seed": seed}
    rows = []
    for yes in SHARES:
        part = unbalanced(plain, yes, 400)
        truth = part["label"].to_numpy()
        words, z = asked(STUDENT, part["text"].tolist())
        found = most_coherent(z, seed=seed).signed(words > 0.5)
        start, rng = (words > 0.5).astype(int), np.random.default_rng(seed)
        kept = anneal(leave_one_out(z), start, rng, prior=words)
        rows.append(
            {
                **base,
                "what": "balance",
                "share": yes,
                "zero_shot": balanced_accuracy(words > 0.5, truth),
                "coherent": balanced_accuracy(found.labels, truth),
                "with_prior": balanced_accuracy(kept.labels, truth),
            }
        )
    for unknown in UNKNOWN:
        part = with_unknown(plain.head(500), unknown, seed)
        known = part["known"].to_numpy()
        words, z = asked(STUDENT, part["text"].tolist())
        found = most_coherent(z, seed=seed).signed(words > 0.5)
        p = predicted(leave_one_out(z), found.labels)
        rows.append(
            {
                **base,
                "what": "unknown",
                "share": unknown,
                "zero_shot": same(words[known] > 0.5, part["label"][known]),
                "coherent": same(found.labels[known], part["label"][known]),
                "sure_known": sure(p[known]),
                "sure_unknown": sure(p[~known]) if unknown else float("nan"),
                "words_sure_unknown": sure(words[~known]) if unknown else float("nan"),
            }
        )
    return [*rows, constrained(seed, base)]


def constrained(seed: int, base: dict) -> dict:
    """One habitat a noun: the share of nouns whose habitat comes out, and the same of "all nouns alike"."""
    part = habitats(seed)
    words, z = asked(STUDENT, part["text"].tolist())
    matrix, rng = leave_one_out(z, intercept=True), np.random.default_rng(seed)
    truth, best = part["label"].to_numpy(), None
    blocks = one_of(4, len(part))
    for _ in range(4):
        start = np.concatenate([states[rng.integers(len(states))] for _, states in blocks])
        found = anneal(matrix, start, rng, blocks=blocks)
        best = found if best is None or found.coherence > best.coherence else best
    of_nouns = lambda labels: np.asarray(labels).reshape(-1, 4).argmax(axis=1)
    alike = [np.tile(np.eye(4, dtype=int)[place], len(blocks)) for place in range(4)]
    commonest = np.bincount(of_nouns(best.labels), minlength=4).max() / len(blocks)
    return {
        **base,
        "task": "habitat",
        "what": "constraint",
        "share": float(commonest),
        "zero_shot": same(of_nouns(words), of_nouns(truth)),
        "coherent": same(of_nouns(best.labels), of_nouns(truth)),
        "coherence_found": best.coherence,
        "coherence_truth": coherence(matrix, truth),
        "coherence_alike": max(coherence(matrix, labels) for labels in alike),
    }


if __name__ == "__main__":
    args = options(__doc__).parse_args()
    torch.set_num_threads(1)

    def measure(seed: int) -> dict[str, list[dict]]:
        pairs = suggestions(seed)
        read = {size: differences(pairs, size) for size in ("m", STUDENT)}
        store = Store(args.store)
        return {
            "elicitation": [elicited(task, seed, store) for task in TASKS],
            "elicitation_switch": [switched(size, seed, pairs, *both) for size, both in read.items()],
            "elicitation_limits": limits(seed),
            "elicitation_repair": [
                row for size, (z, _) in read.items() for row in repaired(size, seed, pairs, z)
            ],
        }

    names = ["elicitation", "elicitation_switch", "elicitation_limits", "elicitation_repair"]
    grow_tables(names, args, measure)
