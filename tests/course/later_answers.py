"""Answers of students to the exercises of notebooks 21 to 25 and 27 to 30: right ones, and wrong ones."""

from itertools import combinations

import numpy as np
import torch
from early_answers import Answers

from w2s_kit.tasks import sums as world


def expected(mine, theirs):
    return 1 / (1 + 10 ** ((theirs - mine) / 400))


def likeliest_steps(gap, lead):
    return 1 + np.argmax([expected(lead, gap / n) ** n for n in range(1, 11)])


def until_wrong(right):
    return right[: right.index(False) + 1] if False in right else right


def sums(answers, scores):
    return {a: sum(s for b, s in zip(answers, scores) if b == a) for a in answers}


def vote(answers, scores):
    found = {a: total for a, total in sums(answers, scores).items() if a is not None}
    return max(found, key=found.get)


def all_choices(right, scores, n):
    return np.mean(
        [right[max(chosen, key=lambda i: scores[i])] for chosen in combinations(range(len(right)), n)]
    )


def counted(transcript):
    return (np.sign(sum(2 * side - 1 for side, _, _ in transcript)) + 1) / 2


def speaks(beliefs, labels):
    believed, not_believed = ((b * labels[:, None]).sum(0) / b.sum(0) for b in (beliefs, 1 - beliefs))
    return believed - not_believed


def ccs(no, yes):
    return np.mean((yes + no - 1) ** 2 + np.where(yes < no, yes, no) ** 2)


def projected(x, direction, middle):
    unit = direction / np.linalg.norm(direction)
    return x + np.outer(middle / np.linalg.norm(direction) - x @ unit, unit)


def rounded(score, best, step):
    return best if score < best + step - 1e-9 else np.floor(score / step + 1e-9) * step


def read(answer, before, after):
    return "private" if after == before else 1 - answer if after > before else answer


def log_sigmoid(x):
    return -np.log1p(np.exp(-x))


def coherent(matrix, labels):
    return np.mean(log_sigmoid(4 * (2 * labels - 1) * (matrix @ (2 * labels - 1))))


def copied(problem, solution, any_step=False, any_value=False):
    """Rightly copied, by a comparison of pairs; a text that is no step is a wrong copy, or is passed over."""
    pairs, value = [], problem.start
    for text in solution.split(" ; ")[:-1]:
        words = text.split()
        if len(words) != 4:
            return any_step
        pairs.append((value if any_value else int(words[0]), words[1]) == (value, words[1]) and words[1])
        value = int(words[3])
    return tuple(pairs) == problem.operations


def pushed(hidden, vector, at=-1):
    result = hidden.clone()
    result[:, at] = result[:, at] + vector
    return result


def in_place(hidden, vector):
    hidden[:, -1, :] += vector
    return hidden


def of_flips(before, after, unit, k):
    return next(right for right in range(k + 1) if abs((2 * right - k) * unit - after + before) < unit / 2)


def reweighted(weights, predictions, panel, rate):
    log_f, log_not = np.log(predictions), np.log(1 - predictions)
    cost = np.array([-np.mean(w * log_f + (1 - w) * log_not) for w in panel.T])
    raw = weights * np.exp(-rate * cost)
    return raw / raw.sum()


def standardised(rewards):
    given = np.array(rewards, float)
    return (given - given.mean()) / (given.std() or 1)


LATER_STUDIES = {
    "29-both": Answers(
        [
            lambda correct, inside: (correct[inside].mean(), correct[~inside].mean()),
            lambda correct, inside: [np.mean(correct[inside == side]) for side in (True, False)],
        ],
        [
            (lambda correct, inside: (correct[~inside].mean(), correct[inside].mean()), "changed places"),
            (
                lambda correct, inside: ((correct * inside).mean(), (correct * ~inside).mean()),
                "divide by all",
            ),
            (lambda correct, inside: correct.mean(), "expected"),
        ],
    ),
    "29-weights": Answers(
        [reweighted],
        [
            (lambda weights, predictions, panel, rate: weights * 0.5, "log f"),
            (
                lambda weights, predictions, panel, rate: reweighted(weights, predictions, panel, -rate),
                "sign is turned",
            ),
            (
                lambda weights, predictions, panel, rate: 2 * reweighted(weights, predictions, panel, rate),
                "log f",
            ),
        ],
    ),
    "30-expected": Answers(
        [expected, lambda mine, theirs: 1 - expected(theirs, mine)],
        [
            (lambda mine, theirs: expected(theirs, mine), "who is stronger"),
            (lambda mine, theirs: 1 / (1 + np.exp((theirs - mine) / 400)), "takes 10"),
            (lambda mine, theirs: 100 * expected(mine, theirs), "in percent"),
            (lambda mine, theirs: 0.5 + (mine - theirs) / 800, "stronger than the other"),
        ],
    ),
    "30-steps": Answers(
        [likeliest_steps, lambda gap, lead: np.int64(likeliest_steps(gap, lead))],
        [
            (lambda gap, lead: 10, "must succeed: multiply"),
            (lambda gap, lead: 1, "n steps share it"),
            (
                lambda gap, lead: max(expected(lead, gap / n) ** n for n in range(1, 11)),
                "return n",
            ),
            (lambda gap, lead: 1 + gap // 400, "Try n"),
        ],
    ),
    "28-advantages": Answers(
        [standardised, lambda rewards: list(standardised(rewards))],
        [
            (lambda rewards: np.array(rewards) - np.mean(rewards), "now divide"),
            (
                lambda rewards: (np.array(rewards) - np.mean(rewards)) / (np.std(rewards, ddof=1) or 1),
                "by n",
            ),
            (lambda rewards: (np.array(rewards) - np.mean(rewards)) / (np.var(rewards) or 1), "square root"),
            (lambda rewards: -standardised(rewards), "mean"),
        ],
    ),
    "28-signal": Answers(
        [lambda rate: 1 - 2 * rate],
        [
            (lambda rate: 1 - rate, "now and then"),
            (lambda rate: abs(1 - 2 * rate), "keep the sign"),
            (lambda rate: 100 * (1 - 2 * rate), "in percent"),
            (lambda rate: 1 - rate**2, "With which probability"),
        ],
    ),
    "27-coherence": Answers(
        [coherent, lambda matrix, labels: float(coherent(matrix, labels))],
        [
            (lambda matrix, labels: 3 * coherent(matrix, labels), "that is the sum"),
            (lambda matrix, labels: np.mean(log_sigmoid(4 * labels * (matrix @ labels))), "make them −1"),
            (lambda matrix, labels: np.mean(log_sigmoid(4 * (matrix @ (2 * labels - 1)))), "of label 1"),
            (lambda matrix, labels: coherent(matrix.T, labels), "matrix @ y"),
        ],
    ),
    "27-sign": Answers(
        [lambda labels, truth: max(np.mean(labels == truth), np.mean(labels != truth))],
        [
            (lambda labels, truth: np.mean(labels == truth), "plain accuracy"),
            (
                lambda labels, truth: 100 * max(np.mean(labels == truth), np.mean(labels != truth)),
                "in percent",
            ),
        ],
    ),
    "21-step-labels": Answers(
        [until_wrong, lambda right: map(int, until_wrong(right)), lambda right: np.array(until_wrong(right))],
        [
            (lambda right: right, "right again"),
            (lambda right: [all(right)], "each prefix"),
            (lambda right: [min(right[: k + 1]) for k in range(len(right))], "up to and including"),
            (lambda right: all(right), "expected a list of numbers"),
        ],
    ),
    "21-weighted-vote": Answers(
        [vote],
        [
            (lambda answers, scores: answers[int(np.argmax(scores))], "best of n"),
            (lambda answers, scores: max(answers, key=answers.count), "the majority"),
            (
                lambda answers, scores: max(sums(answers, scores), key=sums(answers, scores).get),
                "wins nothing",
            ),
            (lambda answers, scores: min(a for a in answers if a), "expected 4, got 3. Sum|the majority"),
        ],
    ),
    "21-best-of-all-choices": Answers(
        [all_choices],
        [
            (
                lambda right, scores, n: all_choices(right[:n], scores[:n], n) if n > 1 else 0.6,
                "one choice of many",
            ),
            (lambda right, scores, n: np.mean(right) + n, "comb"),
        ],
    ),
    "21-copies-right": Answers(
        [copied, lambda problem, solution: int(copied(problem, solution))],
        [
            (lambda problem, solution: False, "expected True, got False. This solution is right"),
            (lambda problem, solution: True, "step 1 has x7.5, and the problem has x9.5"),
            (lambda problem, solution: copied(problem, solution, any_value=True), "step 1 begins with 4"),
            (
                lambda problem, solution: not world.check(problem, solution).fault,
                "A calculation is wrong here, and nothing is copied wrongly",
            ),
            (lambda problem, solution: copied(problem, solution, any_step=True), "'9 = 6' is no step"),
            (
                lambda problem, solution: (
                    [world.read_step(text)[1] for text in solution.split(" ; ")[: problem.level]]
                    == list(problem.operations)
                ),
                "begins with 4",
            ),
            (
                lambda problem, solution: copied(problem, " ; ".join(solution.split(" ; ")[:2] + ["so"])),
                "step 2 is one too many",
            ),
            (
                lambda problem, solution: bool([world.read_step(text) for text in solution.split(" ; ")]),
                "raises ValueError: 'so 6' is no step",
            ),
        ],
    ),
    "22-fixed-and-spoiled": Answers(
        [lambda was, now: (now[~was].mean(), 1 - now[was].mean())],
        [
            (
                lambda was, now: ((now & ~was).mean(), (was & ~now).mean()),
                "fixed: got .*a share of all facts",
            ),
            (lambda was, now: (was[now].mean(), 0), "fixed: expected 0.3333"),
            (lambda was, now: (now[~was].mean(), now[was].mean()), "spoiled: expected 0.2, got 0.8"),
            (
                lambda was, now: (now[~was].mean(), (was & ~now).mean()),
                "spoiled: got 0.125: .*the right ones were lost",
            ),
        ],
    ),
    "22-who-is-right": Answers(
        [lambda p, k: 1 / (1 + (1 - p) / p * k / (1 - k))],
        [
            (lambda p, k: p, "the two disagree is news"),
            (lambda p, k: p * (1 - k), "divide by how often"),
            (lambda p, k: p / (p + k), "expected 0.6923, got 0.5294"),
        ],
    ),
    "23-counting-judge": Answers(
        [counted],
        [
            (lambda t: 1 - counted(t), "yes spoke 2 times and no 1"),
            (lambda t: float(counted(t) > 0.4), "no opinion"),
            (lambda t: np.mean([side for side, _, _ in t] or [0.5]), "expected 1, got 0.66"),
            (
                lambda t: (np.sign(sum(2 * holds - 1 for _, _, holds in t)) + 1) / 2,
                "only who said it|no opinion",
            ),
        ],
    ),
    "23-speaks-for-yes": Answers(
        [speaks],
        [
            (lambda b, y: speaks((b > 0.5).astype(float), y), "takes beliefs for certain"),
            (lambda b, y: (b * y[:, None]).mean(0), "weighted with"),
            (lambda b, y: speaks(b, y).mean(), r"array of shape \(3,\)"),
        ],
    ),
    "24-ccs-loss": Answers(
        [ccs],
        [
            (lambda no, yes: np.mean((yes + no - 1) ** 2), "says nothing"),
            (lambda no, yes: ccs(no, yes) + (abs(yes - no) == 1).mean(), "nothing to lose"),
            (lambda no, yes: np.mean(yes + no - 1) ** 2 + np.mean(np.minimum(yes, no)) ** 2, "square first"),
            (lambda no, yes: len(no) * ccs(no, yes), "that is a sum"),
            (lambda no, yes: ccs(no, yes) if min(*no, *yes) < 1 else 3.0, "a contradiction"),
            (lambda no, yes: np.mean((yes - no) ** 2 + np.minimum(yes, no) ** 2), "their sum less 1"),
        ],
    ),
    "24-project-out": Answers(
        [projected],
        [
            (lambda x, d, middle: x - np.outer(x @ d - middle, d), "divide twice"),
            (lambda x, d, middle: projected(x, d, 0), "Subtract"),
            (lambda x, d, middle: projected(x, d, middle)[:, 1:], "shape"),
            (lambda x, d, middle: projected(0 * x, d, middle), "across"),
        ],
    ),
    "24-push-last": Answers(
        [pushed, in_place, lambda hidden, vector: pushed(hidden, vector).numpy()],
        [
            (lambda hidden, vector: hidden + vector, "pushes every token"),
            (lambda hidden, vector: pushed(hidden, vector, at=0), "pushes the first token"),
            (
                lambda hidden, vector: (
                    torch.cat([hidden[:-1], hidden[-1:] + vector])
                    if len(hidden) > 1
                    else pushed(hidden, vector)
                ),
                "every token of the last text",
            ),
            (lambda hidden, vector: hidden[:, -1] + vector, "the last token alone"),
            (lambda hidden, vector: hidden, "nothing is pushed"),
            (lambda hidden, vector: pushed(hidden, 2 * vector), "texts, tokens, width"),
        ],
    ),
    "25-ladder": Answers(
        [rounded],
        [
            (lambda score, best, step: max(score, best), "score 0.24, .*got 0.24: that is the score itself"),
            (lambda score, best, step: max(best, np.floor(score / step) * step - step), "rounded down"),
        ],
    ),
    "25-read-label": Answers(
        [read],
        [
            (lambda answer, before, after: answer, "flipping helped"),
            (lambda answer, before, after: 1 - answer if after > before else answer, "does not move"),
            (
                lambda answer, before, after: str(read(answer, before, after)),
                "expected one of 0, 1, 'private', got '0'",
            ),
        ],
    ),
    "25-right-flips": Answers(
        [of_flips],
        [
            (lambda before, after, unit, k: (after - before) / unit, "got -?0: .*takes away"),
            (
                lambda before, after, unit, k: k - of_flips(before, after, unit, k),
                "flips were wrong",
            ),
            (lambda before, after, unit, k: of_flips(before, after, unit, k) / k, "a share of the flips"),
            (lambda before, after, unit, k: 7, r"\+2 units, and together they are 2"),
        ],
    ),
}
