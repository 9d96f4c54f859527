"""The world of sums against arithmetic done here."""

import json
import random
from collections import Counter
from itertools import islice

import measure_sums
import numpy as np
import pretrain_sums
import pytest

from w2s_kit.models.families import WEIGHTS, load_family
from w2s_kit.models.loading import load_model
from w2s_kit.tasks import load_task, sums
from w2s_kit.tasks.sums import Problem, calculate, check

ONE = Problem(4, ("x3+7", "x13+2", "x9+5"))


# ---- the world ---------------------------------------------------------------------------------------
def test_arithmetic():
    for value in range(10):
        for operation in sums.OPERATIONS:
            times, plus = map(int, operation[1:].split("+"))
            assert calculate(value, operation) == int(str(value * times + plus)[-1])
    for operation in sums.OPERATIONS:
        assert len({calculate(value, operation) for value in range(10)}) == 10, (
            "an error never heals by itself"
        )
    assert (
        ONE.text == "4 x3+7 x13+2 x9+5 :" and ONE.solution == "4 x3+7 = 9 ; 9 x13+2 = 9 ; 9 x9+5 = 6 ; so 6"
    )
    assert (ONE.answer, ONE.level) == (6, 3)


def test_a_true_solution_is_right_and_every_change_of_a_word_is_found():
    rng = random.Random(0)
    for level in (1, 2, 5, 9):
        problem = sums.draw(level, rng)
        assert problem.level == level == len(set(problem.operations))
        whole = check(problem, problem.solution)
        assert (whole.wrong, whole.fault, whole.answer) == (None, "", problem.answer)
        assert [label for _, label in whole.prefixes(problem)] == [1] * (level + 1)
        words = problem.solution.split(" ")
        for place in range(len(words)):
            changed = " ".join([*words[:place], "7" if words[place] != "7" else "8", *words[place + 1 :]])
            found = check(problem, changed)
            if words[place] == ";":  # two steps in one
                assert found.fault
            else:
                assert found.wrong == words[:place].count(";"), changed


@pytest.mark.parametrize(
    "solution, wrong, fault, answer",
    [
        ("4 x3+7 = 9 ; 9 x13+2 = 8 ; 8 x9+5 = 7 ; so 7", 1, "calculation", 7),
        ("4 x3+7 = 9 ; 8 x13+2 = 6 ; 6 x9+5 = 9 ; so 9", 1, "copying", 9),
        ("4 x3+7 = 9 ; 9 x9+5 = 6 ; so 6", 1, "copying", 6),  # a step left out, and the right answer
        ("4 x3+7 = 9 ; 9 x13+2 = 9 ; so 9", 2, "close", 9),
        ("4 x3+7 = 9 ; 9 x13+2 = 9 ; 9 x9+5 = 6 ; 6 x3+7 = 5 ; so 5", 3, "copying", 5),
        ("4 x3+7 = 9 ; 9 x13+2 = 9 ; 9 x9+5 = 6 ; so 5", 3, "close", 5),
        ("4 x3+7 = 9 ; 9 x13+2 = 9 ; 9 x9+5 = 6", 3, "close", None),
        ("4 x3+7 = 9 ; = = ; so 6", 1, "form", 6),
        ("4 x3+8 = 0 ; so 0", 0, "copying", 0),
        ("4 x5+7 = 7 ; so 7", 0, "form", 7),
        ("", 0, "form", None),
    ],
)
def test_the_first_wrong_step(solution, wrong, fault, answer):
    found = check(ONE, solution)
    assert (found.wrong, found.fault, found.answer) == (wrong, fault, answer)
    prefixes = found.prefixes(ONE)
    assert [label for _, label in prefixes] == [1] * wrong + [0] * (len(prefixes) - wrong) and len(
        prefixes
    ) <= wrong + 1
    assert all(f"{ONE.text} {solution}".startswith(text) for text, _ in prefixes)


@pytest.mark.parametrize(
    "read, text, message",
    [
        (sums.read_step, "4 x3+7", "is no step"),
        (sums.read_step, "4 x5+1 = 1", "is no step"),
        (sums.read_answer, "6", "should end with 'so'"),
    ],
)
def test_what_is_no_solution_says_what_one_looks_like(read, text, message):
    with pytest.raises(ValueError, match=message):
        read(text)


@pytest.mark.parametrize("level", [0, 64])
def test_levels_that_do_not_exist(level):
    with pytest.raises(ValueError, match="1 to 63"):
        sums.draw(level, random.Random(0))


def test_people_are_wrong_where_it_is_tricky():
    rng = random.Random(0)
    tricky, habit = next(iter(sums.HABITS.items()))
    plain = next(
        pair for pair in ((v, o) for v in range(10) for o in sums.OPERATIONS) if pair not in sums.HABITS
    )
    said = Counter(sums.by_people(*tricky, rng) for _ in range(4_000))
    assert habit != calculate(*tricky) and said[habit] / 4_000 == pytest.approx(sums.HABIT, abs=0.03)
    assert Counter(sums.by_people(*plain, rng) for _ in range(4_000))[
        calculate(*plain)
    ] / 4_000 == pytest.approx(1 - sums.SLIP, abs=0.01)
    assert all(sums.mistake(*pair, rng) != calculate(*pair) for pair in [tricky, plain] * 50)


def test_what_models_read():
    known, marks = set(sums.vocabulary()), Counter()
    for text in islice(sums.documents(3), 3_000):
        assert set(text.split()) <= known
        if text.startswith("check"):
            *said, mark = text.removeprefix("check ").split()
            step = sums.read_step(" ".join(said))
            assert (mark == "yes") == (step.result == calculate(step.value, step.operation))
            marks[mark] += 1
        else:
            start, *operations = text.split(" : ")[0].split()
            assert check(Problem(int(start), tuple(operations)), text.split(" : ")[1]).fault in (
                "",
                "calculation",
            )
    assert sum(marks.values()) / 3_000 == pytest.approx(sums.CHECKS, abs=0.03) and marks["yes"] / sum(
        marks.values()
    ) == pytest.approx(0.5, abs=0.04)


@pytest.mark.parametrize("name", sums.TASKS)
def test_tasks(name):
    split = load_task(name, seed=1, n_train=60, n_test=40)
    seen = set()
    for part, table in split.parts.items():
        texts = [text.split(" : ") for text in table["text"]]
        levels = {len(problem.split()) - 1 for problem, _ in texts}
        assert levels <= set(sums.EASY if name == "sums-easy" and part != "test" else sums.HARD)
        assert table["label"].mean() == 0.5 and not seen & {problem for problem, _ in texts}
        seen |= {problem for problem, _ in texts}
        for (problem, steps), label in zip(texts, table["label"]):
            start, *operations = problem.split()
            *before, last = check(Problem(int(start), tuple(operations)), steps).prefixes(
                Problem(int(start), tuple(operations))
            )
            assert (
                all(right for _, right in before) and (last[1] == label) and last[0] == f"{problem} : {steps}"
            )
    assert (
        split.hash
        == load_task(name, seed=1, n_train=60, n_test=40).hash
        != load_task(name, seed=2, n_train=60, n_test=40).hash
    )
    assert split.test.equals(load_task("sums", seed=1, n_train=60, n_test=40).test), "one test for both"


# ---- the family --------------------------------------------------------------------------------------
def test_the_family():
    family = load_family("sums")
    files = list((WEIGHTS / "sums").glob("*/model.safetensors"))
    assert family.names == ["xs", "s", "m", "l"] and sum(f.stat().st_size for f in files) <= 3e6
    assert np.all(np.diff(np.log10([spec.pretraining_flops for spec in family])) > 0.3)
    marks = [
        json.loads((WEIGHTS / "sums" / name / "pretraining.json").read_text())["log"][-1]["marks"]
        for name in family.names
    ]
    assert marks[0] < 0.85 and marks == sorted(marks) and marks[-1] > 0.99


def test_what_it_knows_can_be_asked():
    model, tokenizer = load_model(load_family("sums")["s"])
    known = pretrain_sums.knowledge(model, tokenizer, n=300)
    assert known["marks"] > 0.9 > 0.6 > known["calculates_tricky"], "it can tell what it would not say"
    assert tokenizer("4 x3+7 :")["input_ids"] == [
        1,
        *(pretrain_sums.make_tokenizer().convert_tokens_to_ids(word) for word in ("4", "x3+7", ":")),
    ]


# ---- the script --------------------------------------------------------------------------------------
def test_labels_of_steps_and_of_outcomes():
    wrong = "4 x3+7 = 9 ; 9 x13+2 = 8 ; 8 x9+5 = 7 ; so 7"
    lucky = "4 x3+7 = 9 ; 9 x9+5 = 6 ; so 6"
    steps = measure_sums.process_labels([ONE], [[ONE.solution, wrong, lucky]])
    assert (
        len(steps) == 4 + 1 + 1
        and steps[f"{ONE.text} 4 x3+7 = 9"] == 1
        and sum(label == 0 for label in steps.values()) == 2
    )
    assert list(measure_sums.outcome_labels([ONE], [[ONE.solution, wrong, lucky]]).values()) == [1, 0, 1], (
        "an outcome says nothing of the way"
    )


def test_how_well_wrong_steps_are_told():
    texts = [
        ONE.solution,
        "4 x3+7 = 9 ; 9 x13+2 = 8 ; 8 x9+5 = 7 ; so 7",
        "4 x3+7 = 9 ; 3 x13+2 = 1 ; 1 x9+5 = 4 ; so 4",
    ]
    checked = [check(ONE, text) for text in texts]
    scores = [np.array([0.9, 0.8, 0.7, 1]), np.array([0.9, 0.1, 0, 0]), np.array([0.9, 0.95, 0, 0])]
    found = measure_sums.told(checked, scores, {(9, "x13+2")})
    assert found == {"calculation, fact labelled": 1.0, "copying": 0.0}, (
        "the steps after the first wrong one do not count"
    )
