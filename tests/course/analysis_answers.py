"""Answers of students to the exercises of notebooks 08 to 13: right ones, and wrong ones."""

import numpy as np
from early_answers import Answers


def flipped(truth, score, errors):
    labels = truth.copy()
    labels[np.argsort(-score)[:errors]] = 1 - labels[np.argsort(-score)[:errors]]
    return labels


def flipped_in_place(truth, score, errors):
    truth[np.argsort(-score)[:errors]] ^= 1
    return truth


def written(questions, labels, asked):
    return " ".join([f"{q} {['no', 'yes'][label]} ." for q, label in zip(questions, labels)] + [asked])


def called(weak, truth):
    calls = {y: np.bincount(weak[truth == y]).argmax() for y in np.unique(truth)}
    return np.mean([calls[y] == y for y in truth])


def moved(weak, truth, seed):
    labels, rng = weak.copy(), np.random.default_rng(seed)
    for digit in set(truth.tolist()):
        here = np.flatnonzero(truth == digit)
        labels[here] = weak[rng.permutation(here)]
    return labels


def moved_in_place(weak, truth, seed):
    weak[:] = moved(weak, truth, seed)
    return weak


def moved_at_random(weak, truth, seed):
    return moved(weak, truth, int(np.random.default_rng().integers(1_000_000)))


def first(features):
    """The first principal component by the covariance's eigenvectors, in place of the kit's SVD."""
    return (features - features.mean(0)) @ np.linalg.eigh(np.cov(features.T))[1][:, -1]


def means(student, supervisor, truth, difficulty):
    cases = [difficulty[(supervisor != truth) & (student == which)] for which in (truth, 1 - truth)]
    return [np.mean(case) for case in cases]


ANALYSIS = {
    "08-excess-imitation": Answers(
        [lambda s, w, y: (s != y)[w != y].mean() - (s != y)[w == y].mean()],
        [
            (lambda s, w, y: (s == w)[w != y].mean(), "take away"),
            (
                lambda s, w, y: (s == w)[w != y].mean() - (s != y).mean(),
                "expected .*minus that where it is right",
            ),
        ],
    ),
    "08-difficulty-by-case": Answers(
        [means, lambda *case: tuple(means(*case)), lambda *case: np.array(means(*case))],
        [
            (lambda *case: means(*case)[::-1], "corrected: got .*the corrected ones come first"),
            (
                lambda s, w, y, d: (d[s == y].mean(), d[s != y].mean()),
                "only questions on which the supervisor is wrong",
            ),
            (lambda s, w, y, d: (means(s, w, y, d)[0], d[s != y].mean()), "inherited: got .*take only"),
            (
                lambda s, w, y, d: [d[(w != y) & (s == y)].sum() / 200, d[(w != y) & (s != y)].sum() / 200],
                "not of all",
            ),
            (lambda s, w, y, d: (means(s, w, y, d)[0], 0.1), "inherited: expected .*both are wrong"),
            (lambda *case: means(*case)[0], "expected 2 values"),
        ],
    ),
    "09-honest-gain": Answers(
        [
            lambda a, b: b[a.argmax()] - b[-1],
            lambda a, b: a[b.argmax()] - a[-1],
            lambda a, b: np.mean([b[a.argmax()] - b[-1], a[b.argmax()] - a[-1]]),
        ],
        [
            (lambda a, b: a.max() - a[-1], "luckiest"),
            (lambda a, b: b.max() - b[-1], "luckiest"),
            (lambda a, b: b[a.argmax()], "against the end"),
            (lambda a, b: b.mean() - b[-1], "expected"),
        ],
    ),
    "09-changed-answers": Answers(
        [
            lambda answers: np.abs(np.diff(answers, axis=0)).sum(axis=1),
            lambda answers: [int((a != b).sum()) for a, b in zip(answers, answers[1:])],
        ],
        [
            (lambda answers: (answers[1:] != answers[:-1]).mean(axis=1), "the share"),
            (lambda answers: (answers[:, 1:] != answers[:, :-1]).sum(axis=0), "with the next"),
            (lambda answers: (answers[1:] != answers[:-1]).sum(axis=0), "for each question"),
            (lambda answers: (answers[1:] != answers[:-1]).sum(), "whole training"),
            (lambda answers: (answers[1:] != answers[0]).sum(axis=1), "just before"),
            (lambda answers: np.diff(answers, axis=0).sum(axis=1), "cancel out"),
            (lambda answers: np.zeros(3), "expected .*three steps"),
            (lambda answers: np.zeros(4), r"shape \(3,\)"),
        ],
    ),
    "10-wrong-where": Answers(
        [flipped],
        [
            (flipped_in_place, "work on a copy"),
            (lambda t, s, e: flipped(t, -s, e), "the score is lowest"),
            (lambda t, s, e: flipped(t, s, e)[:3], r"shape \(6,\)"),
            (lambda t, s, e: t, "expected .*highest scores"),
        ],
    ),
    "11-prompt": Answers(
        [written, lambda *case: written(*case) + "\n"],
        [
            (lambda q, l, a: [*q, a], "expected one text, got"),
            (lambda q, l, a: written(q, l, a) + " yes .", "without an answer"),
            (lambda q, l, a: written(q, l[::-1], a), "expected(.|\n)*followed by yes or no"),
        ],
    ),
    "11-two-sides": Answers(
        [
            lambda features: first(features) > 0,
            lambda features: (first(features) < 0).astype(int),
            lambda features: (first(features) > 0).tolist(),
        ],
        [
            (lambda f: f @ np.linalg.svd(f, full_matrices=False)[2][0] > 0, "subtract the mean"),
            (lambda f: f @ -np.linalg.svd(f, full_matrices=False)[2][0] > 0, "subtract the mean"),
            (first, "that is the component itself"),
            (lambda f: -first(f), "that is the component itself"),
            (lambda f: f[:, 2] > 100, "subtract the mean"),
            (lambda f: (f - f.mean(0)) @ np.linalg.eigh(np.cov(f.T))[1][:, -2] > 0, "second component"),
            (lambda f: f[:, 3] > 0, "compare with zero"),
            (lambda f: np.linalg.eigh(np.cov(f.T))[1][:, -1], r"shape \(60,\)"),
        ],
    ),
    "12-believer": Answers(
        [called],
        [
            (lambda weak, truth: (weak == truth).mean(), "how often the weak labels are right"),
            (
                lambda weak, truth: np.mean(
                    [np.bincount(weak[truth == y]).argmax() == y for y in np.unique(truth)]
                ),
                "you count classes",
            ),
            (lambda weak, truth: 1.0, "70 of 100"),
        ],
    ),
    "12-shuffled-within": Answers(
        [moved, lambda weak, truth, seed: moved(weak, truth, seed + 7).tolist()],
        [
            (lambda weak, truth, seed: truth, "that is the truth"),
            (lambda weak, truth, seed: np.random.default_rng(seed).permutation(weak), "moves nothing"),
            (lambda weak, truth, seed: weak, "no weak label has moved"),
            (moved_in_place, "work on a copy"),
            (moved_at_random, r"default_rng\(seed\)"),
            (
                lambda weak, truth, seed: (
                    weak if len(weak) == 6 else np.random.default_rng(0).permutation(weak)
                ),
                "shuffle each digit by itself",
            ),
            (lambda weak, truth, seed: weak[:3], r"shape \(6,\)"),
        ],
    ),
    "13-never-rises": Answers(
        [
            lambda d, p: bool((np.diff(p[np.argsort(d)]) <= 0).all()),
            lambda d, p: (np.diff(p[np.argsort(d)]) <= 0).all(),
        ],
        [
            (
                lambda d, p: bool((np.diff(p) <= 0).all()),
                "expected True, got False. The table is not in the order",
            ),
            (lambda d, p: p[-1] <= p[0], "expected False, got True"),
            (
                lambda d, p: bool((np.diff(p[np.argsort(d)]) < 0).all()),
                "expected True, got False. Equal neighbours",
            ),
            (lambda d, p: np.diff(p) <= 0, "expected True or False"),
            (lambda d, p: "yes", "expected True or False, got 'yes'"),
        ],
    ),
}
