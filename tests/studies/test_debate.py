"""Debate: the task's rule counted by hand, transcripts against what may be said in them, judges who can only
know what they read.
"""

from collections import Counter
from dataclasses import replace

import measure_debate
import numpy as np
import pytest

from w2s_kit.experiment.store import Store
from w2s_kit.models.families import load_family
from w2s_kit.models.loading import load_model
from w2s_kit.models.writer import Writer
from w2s_kit.studies import debate as room
from w2s_kit.studies.debate import (
    DEBATE,
    beliefs,
    debate,
    mistaken,
    run_judge,
    speaks_for_yes,
    texts,
    written,
)
from w2s_kit.tasks import load_task
from w2s_kit.tasks.miniworld.corpus import documents
from w2s_kit.tasks.miniworld.taste import FACTS, TASK
from w2s_kit.tasks.miniworld.world import make_world

NOUNS = {noun.name: noun for noun in make_world().lexicons["noun"].items}
FOR_YES = np.array([0.2, -0.1, 0.1, 0.3, 0.2, 0.05, -0.05])
SOME = np.random.default_rng(0).random((200, len(FACTS)))


def liked(noun) -> bool:
    """Each fact for it, less each against it: the four that weigh three, and the three that weigh one."""
    three = [noun.edible, not noun.dangerous, noun.alive, noun.size_cm < 50]
    one = [noun.size_cm < 10, noun.size_cm < 250, not noun.heavy]
    return 3 * (2 * sum(map(bool, three)) - 4) + (2 * sum(map(bool, one)) - 3) > 0


def test_the_answer_follows_from_seven_facts():
    split = load_task(TASK, 100, 200, 200)
    names = {part: [group[0] for group in table["group"]] for part, table in split.parts.items()}
    for part, table in split.parts.items():
        assert (
            table["label"].tolist() == [liked(NOUNS[name]) for name in names[part]]
            and table["label"].mean() == 0.5
        )
        assert all(name in text for name, text in zip(names[part], table["text"]))
    assert not set(names["test"]) & set(names["student"]) and not set(names["supervisor"]) & set(
        names["student"]
    )
    assert all(
        len({liked(noun) for noun in NOUNS.values() if fact.holds(noun) == holds}) == 2
        for fact in FACTS
        for holds in (0, 1)
    ), "no fact decides alone"


def test_models_have_words_for_all_of_it_and_were_told_none():
    _, tokenizer = load_model(load_family()["m"])
    said = (
        [sentence for fact in FACTS for sentence in fact.sentences]
        + load_task(TASK, 100, 50, 50).test["text"].tolist()
        + ["yes , no ,"]
    )
    assert tokenizer.unk_token_id not in {token for ids in tokenizer(said)["input_ids"] for token in ids}
    stream = documents(make_world(), seed=3)
    told = " ".join(next(stream) for _ in range(3_000))
    assert "edible ." in told and "like it ?" in told and "like the" not in told and "liked the" not in told


def test_beliefs_are_odds_of_yes_over_no_asked_once_a_thing(monkeypatch):
    asked = []

    def log_likelihoods(writer, prompts, answers):
        asked.append(prompts)
        return np.array(
            [
                {"yes .": -1.0, "no .": -1.0 - len(prompt.split()[2]) / 10}[answer]
                for prompt, answer in zip(prompts, answers)
            ],
            np.float32,
        )

    monkeypatch.setattr(room, "log_likelihoods", log_likelihoods)
    found = beliefs(None, ["dax", "blicket", "dax"])
    assert found.shape == (3, 7) and (found[0] == found[2]).all() and len(asked[0]) == 14
    assert found[1, 0] == pytest.approx(1 / (1 + np.exp(-0.7))) and found[0, 6] == pytest.approx(
        1 / (1 + np.exp(-0.3))
    )


def test_what_a_strong_model_believes_is_mostly_so():
    names = load_task(TASK, 100, 40, 40).test["group"].str[0].tolist()
    held = np.array([[bool(fact.holds(NOUNS[name])) for fact in FACTS] for name in names])
    right = {
        size: ((beliefs(Writer(*load_model(load_family()[size])), names) > 0.5) == held).mean()
        for size in ("s", "xl")
    }
    assert right["xl"] > 0.8 > right["s"] > 0.5


def test_what_speaks_for_yes_is_a_difference_of_means():
    hard, labels = (SOME > 0.5).astype(float), SOME[:, 0] * 0.5 + 0.2
    np.testing.assert_allclose(
        speaks_for_yes(hard, labels),
        [labels[column == 1].mean() - labels[column == 0].mean() for column in hard.T],
    )
    assert speaks_for_yes(SOME, labels).argmax() == 0 and speaks_for_yes(SOME, 1 - labels).argmin() == 0


@pytest.mark.parametrize(
    "lies, turns", [("never", 2), ("never", 7), ("cornered", 3), ("cornered", 7), ("always", 3)]
)
def test_what_may_be_said(lies, turns):
    for believed, transcript in zip(SOME > 0.5, debate(SOME, FOR_YES, turns=turns, lies=lies, seed=1)):
        for side in (0, 1):
            mine = [(fact, holds) for who, fact, holds in transcript if who == side]
            # what it believes and what helps
            honest = {fact for fact in range(7) if ((FOR_YES[fact] > 0) == side) == believed[fact]}
            assert len(dict(mine)) == len(mine), "nothing twice"
            assert all(((FOR_YES[fact] > 0) == side) == holds for fact, holds in mine), (
                "nothing against itself"
            )
            true = [holds == believed[fact] for fact, holds in mine]
            if lies == "never":
                assert all(true) and len(mine) == min(turns, len(honest))
            if lies == "cornered":
                assert (
                    len(mine) == turns
                    and true == sorted(true, reverse=True)
                    and sum(true) == min(turns, len(honest))
                ), "lies when all is said"
        if turns == 7 and lies == "never":
            assert len(transcript) == 7, "each fact speaks for one side"
    assert transcript[0][0] == 1 or lies == "never"


def test_sides_take_turns_and_a_consultant_has_one():
    (sides,) = {tuple(who for who, _, _ in transcript) for transcript in debate(SOME, FOR_YES, lies="always")}
    assert sides == (1, 0) * 3
    alone = [
        {who for who, _, _ in transcript}
        for transcript in debate(SOME, FOR_YES, turns=3, consultancy=True, lies="always")
    ]
    assert {len(sides) for sides in alone} == {1} and 70 < sum(1 in sides for sides in alone) < 130
    assert (
        debate(SOME, FOR_YES, seed=[1, 2])
        == debate(SOME, FOR_YES, seed=[1, 2])
        != debate(SOME, FOR_YES, seed=[1, 3])
    )
    with pytest.raises(ValueError, match="did you mean 'never'"):
        debate(SOME, FOR_YES, lies="nevr")


def test_arguments_are_drawn_in_proportion_to_how_much_they_say():
    first = Counter(transcript[0][1] for transcript in debate(np.ones((4_000, 7)), FOR_YES, turns=1))
    favour = np.where(FOR_YES > 0, FOR_YES, 0)
    np.testing.assert_allclose([first[fact] / 4_000 for fact in range(7)], favour / favour.sum(), atol=0.03)


def test_of_one_fact_the_honest_side_alone_can_speak():
    one = np.eye(7)[0] * 0.2
    honest, cornered = (debate(SOME, one, lies=lies) for lies in ("never", "cornered"))
    assert honest == [[(int(yes), 0, int(yes))] for yes in SOME[:, 0] > 0.5]
    assert cornered == [[(1, 0, 1), (0, 0, 0)]] * 200, "the same whatever is true"


def test_a_transcript_as_a_judge_reads_it():
    said = [(1, 6, 0), (0, 1, 1)]
    assert written(said) == "yes , it is light . no , it is dangerous ."
    assert texts([said, []], ["q ?", "r ?"]) == ["yes , it is light . no , it is dangerous . q ?", "r ?"]


def test_the_mistaken_believe_the_opposite_of_some_facts_always_the_same():
    things = [f"thing{i % 100}" for i in range(200)]
    same = SOME[[i % 100 for i in range(200)]]
    wrong = mistaken(same, things, 0.3, seed=4)
    flipped = wrong != same
    assert (
        np.allclose(wrong[flipped], 1 - same[flipped])
        and 0.2 < flipped.mean() < 0.4
        and (wrong[:100] == wrong[100:]).all()
    )
    assert (mistaken(same, things, 0.0) == same).all() and (
        mistaken(same, things, 0.3, seed=5) != wrong
    ).any()


# ----------------------------------------------------------------------------------------------------- judges
SMALL = replace(DEBATE, seed=100, n_train=160, n_test=60, lr={"xs": 1e-2, "m": 3e-3, "xl": 3e-4})


def test_a_judge_knows_what_it_reads(tmp_path):
    """Somebody tells the answer before each question; and in the other run, before another question."""
    split, store = load_task(TASK, 100, 160, 60), Store(tmp_path)
    tell = lambda order: {
        part: [
            f"{('no', 'yes')[label]} , it is so . {text}"
            for label, text in zip(order(table["label"].to_numpy()), table["text"])
        ]
        for part, table in split.parts.items()
    }
    told, moved = tell(lambda labels: labels), tell(lambda labels: np.roll(labels, 1))
    run = run_judge(SMALL, "xs", told, store=store)
    assert run.accuracy() > 0.95 and (run.answers("student") == split.student["label"]).mean() > 0.95
    assert run_judge(SMALL, "xs", moved, store=store).accuracy() < 0.75
    assert len(run.weak_labels()) == 160 and run.config["data"] == split.hash
    assert (
        run_judge(SMALL, "xs", told, store=store).name
        == run.name
        != run_judge(SMALL, "xs", told, member=1, store=store).name
    )
    with pytest.raises(ValueError, match="taste/test: 1 texts to read for 60 questions"):
        run_judge(SMALL, "xs", told | {"test": ["a"]}, store=store)
    with pytest.raises(ValueError, match="taste/student: 0 texts"):
        run_judge(SMALL, "xs", {"supervisor": told["supervisor"]}, store=store)


@pytest.fixture
def read(monkeypatch, tmp_path):
    """What judges would read: `read(task, name, member)` for the student half."""
    given = {}

    def run(settings, model, read, *, member=0, **how):
        given[member] = read["student"]
        return type(
            "Run",
            (),
            {
                "weak_labels": lambda self: (
                    load_task(settings.task, 100, 160, 60).student["label"].to_numpy(float)
                )
            },
        )()

    monkeypatch.setattr(measure_debate, "DEBATE", SMALL)
    monkeypatch.setattr(measure_debate, "run_judge", run)
    monkeypatch.setattr(
        measure_debate,
        "known",
        lambda family, size: {
            name: np.array([float(fact.holds(noun)) for fact in FACTS]) for name, noun in NOUNS.items()
        },
    )

    def reading(task, name, members=2):
        _, judges = measure_debate.court(task, 100, Store(tmp_path))
        judges(
            ({"cornered": {"lies": "cornered"}} | measure_debate.WAYS | measure_debate.RULES)[name],
            name,
            members,
        )
        return [given[member] for member in range(members)]

    return reading


def true_share(texts) -> float:
    """Of what is said in them, by what it says of the thing in the question."""
    says = {sentence: (fact, holds) for fact in FACTS for holds, sentence in enumerate(fact.sentences)}
    found = []
    for text in texts:
        *said, question = [part.strip() for part in text.replace("?", ".").split(" .") if part.strip()]
        (thing,) = NOUNS.keys() & set(question.split())
        for argument in said:
            fact, holds = says[argument.split(" , ")[1] + " ."]
            found.append(fact.holds(NOUNS[thing]) == holds)
    return float(np.mean(found))


def test_what_the_measured_judges_read(read):
    questions = load_task(TASK, 100, 160, 60).student["text"].tolist()
    assert read(TASK, "naive") == [questions, questions]
    one, other = read(TASK, "debate")
    assert (
        one != other
        and true_share(one) == true_share(other) == 1
        and all(text.endswith(question) for text, question in zip(one, questions))
    )
    (random,) = read(TASK, "random", 1)
    before = lambda rows: sorted(
        text.removesuffix(question).strip() for text, question in zip(rows, questions)
    )
    assert before(random) == before(one) and true_share(random) < 0.75, (
        "the same debates, before other questions"
    )
    assert (
        0.6 < true_share(read(TASK, "mistaken", 1)[0]) < 0.8 and true_share(read(TASK, "cornered", 1)[0]) < 1
    )
    count = {
        name: np.mean([text.count(" , ") for text in read(TASK, name, 1)[0]])
        for name in ("consultancy", "long consultancy", "debate")
    }
    assert count["consultancy"] < count["long consultancy"] < count["debate"]
    assert all("yes" not in text or "no ," not in text for text in read(TASK, "consultancy", 1)[0])


def test_of_edible_things_only_edibility_is_to_the_point(read):
    honest, cornered = read("edible", "debate", 1)[0], read("edible", "cornered", 1)[0]
    assert {text.rsplit(" .", 1)[0] for text in honest} == {
        "yes , it is edible",
        "no , it is inedible",
    } and true_share(honest) == 1
    assert {text.rsplit(" .", 1)[0] for text in cornered} == {"yes , it is edible . no , it is inedible"}


def test_four_judges_are_the_mean_of_their_labels():
    def run(probabilities):
        return type(
            "Run",
            (),
            {
                "probabilities": lambda self, part: np.array(probabilities),
                "labels": lambda self, part: np.array([1, 0, 1]),
            },
        )()

    four = [run([0.9, 0.2, 0.4]), run([0.4, 0.4, 0.9])]
    assert measure_debate.mean_of(four, "student").tolist() == pytest.approx([0.65, 0.3, 0.65])
    assert measure_debate.right(four, "student") == 1 and measure_debate.right(
        four[:1], "student"
    ) == pytest.approx(2 / 3)
