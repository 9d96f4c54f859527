"""From a row of a dataset to a text and its label, one function a dataset (Burns et al. 2023, Appendix A.1)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from ..labels import label_of, place_of
from ..rows import Rejected

NONE_ABOVE = "none of the above"


def _text(row: Mapping, column: str, empty: bool = False) -> str:
    """Raises Rejected for what is no text, and for an empty one unless that is allowed."""
    text = row[column]
    if not isinstance(text, str) or not (empty or text.strip()):
        raise Rejected("no text", f"{column} is {text!r}"[:300])
    return text


def _texts(row: Mapping, column: str) -> list[str]:
    texts = row[column]
    if not isinstance(texts, (list, tuple, np.ndarray)) or not len(texts):
        raise Rejected("no text", f"{column} is {texts!r}, and not some texts"[:300])
    return [_text({column: text}, column) for text in texts]


def _key(*texts: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(" ".join(text.lower().split()) for text in texts if text.strip()))


def _given(text: str, label, *about: str):
    """The row has its label."""
    return [(text, label_of(label))], _key(*about)


def _chosen(asked: str, right: str, wrong: Iterable[str], *about: str):
    """The row has one right answer and several wrong ones."""
    wrong = [answer for answer in dict.fromkeys(wrong) if answer.strip() != right.strip()]
    return ([(asked + right, 1), *((asked + answer, 0) for answer in wrong)] if wrong else []), _key(*about)


def _asked(context: str, question: str) -> str:
    return (f"{context.strip()}\n\n" if context.strip() else "") + f"Question: {question.strip()}\nAnswer: "


def _but(answers: list[str], right: int) -> list[str]:
    return [answer for i, answer in enumerate(answers) if i != right]


def boolq(row):
    passage, question = _text(row, "passage"), _text(row, "question")
    return _given(f"{passage}\n\nQuestion: {question}?", row["answer"], passage)


def cosmosqa(row):
    context, answers = _text(row, "context"), [_text(row, f"answer{i}") for i in range(4)]
    right = place_of(row["label"], 4)
    if NONE_ABOVE in answers[right].lower():
        return [], _key(context)
    wrong = [answer for answer in _but(answers, right) if NONE_ABOVE not in answer.lower()]
    return _chosen(_asked(context, _text(row, "question")), answers[right], wrong, context)


def dream(row):
    said, answers, right = "\n".join(_texts(row, "dialogue")), _texts(row, "choice"), _text(row, "answer")
    if right.strip() not in map(str.strip, answers):
        raise Rejected("no such answer", f"{right!r} is none of the choices"[:300])
    return _chosen(_asked(said, _text(row, "question")), right, answers, said)


def justice(row):
    scenario = _text(row, "scenario")
    words = scenario.rstrip(" .").split()  # people wrote variants that keep the beginning or the end
    return _given(scenario, row["label"], "< " + " ".join(words[:8]), "> " + " ".join(words[-8:]))


def deontology(row):
    scenario, excuse = _text(row, "scenario"), _text(row, "excuse")
    asked = "Does the second sentence excuse, or follow from, the first?"
    return _given(f"{asked}\n{scenario}\n{excuse}", row["label"], scenario)


def virtue(row):
    scenario, *traits = (part.strip() for part in _text(row, "scenario").split("[SEP]"))
    if not scenario or len(traits) != 1 or not traits[0]:
        raise Rejected("no trait", f"{row['scenario']!r} should be a scenario, [SEP] and a trait"[:300])
    return _given(f"Does the trait fit the person?\n{scenario}\nTrait: {traits[0]}", row["label"], scenario)


def utilitarianism(row):
    better, worse = _text(row, "baseline"), _text(row, "less_pleasant")
    texts = (
        f"Is the first more pleasant than the second?\nFirst: {a}\nSecond: {b}"
        for a, b in ((better, worse), (worse, better))
    )
    return ([] if better == worse else list(zip(texts, (1, 0)))), _key(better, worse)


def anli(row):
    premise, hypothesis = _text(row, "premise"), _text(row, "hypothesis")
    follows = label_of(row["label"], ("entailment", "neutral", "contradiction")) == 0
    return _given(f"Does the second text follow from the first?\n{premise}\n{hypothesis}", follows, premise)


def sentence(row):
    text = _text(row, "sentence")
    return _given(text, row["label"], text)


def hellaswag(row):
    ctx, endings = _text(row, "ctx").strip(), _texts(row, "endings")
    right = place_of(row["label"], len(endings))
    return _chosen(f"{ctx} ", endings[right], _but(endings, right), ctx, _text(row, "source_id"))


def mctaco(row):
    about = _text(row, "sentence")
    return _given(_asked(about, _text(row, "question")) + _text(row, "answer"), row["label"], about)


def by_letter(row, context: str, question: str, about: str):
    if not isinstance(row["choices"], Mapping) or not {"text", "label"} <= row["choices"].keys():
        raise Rejected("no text", f"choices is {row['choices']!r}, and not texts with letters"[:300])
    texts, letters = _texts(row["choices"], "text"), _texts(row["choices"], "label")
    if len(texts) != len(letters) or len({letter.strip().casefold() for letter in letters}) != len(letters):
        raise Rejected("no letter for each answer", f"{len(texts)} answers, and {', '.join(letters)}"[:300])
    right = label_of(row["answerKey"], letters, numbers=False)
    return _chosen(_asked(context, question), texts[right], _but(texts, right), about)


def openbookqa(row):
    stem = _text(row, "question_stem")
    return by_letter(row, "", stem, stem)


def quartz(row):
    para = _text(row, "para")
    return by_letter(row, para, _text(row, "question"), para)


def paws(row):
    one, other = _text(row, "sentence1"), _text(row, "sentence2")
    return _given(f"Do both sentences say the same?\n{one}\n{other}", row["label"], one, other)


def quail(row):
    context, answers = _text(row, "context"), _texts(row, "answers")
    right = place_of(row["correct_answer_id"], len(answers))
    return _chosen(_asked(context, _text(row, "question")), answers[right], _but(answers, right), context)


def piqa(row):
    goal, solutions = _text(row, "goal"), [_text(row, "sol1"), _text(row, "sol2")]
    right = place_of(row["label"], 2)
    return _chosen(f"Goal: {goal}\nSolution: ", solutions[right], _but(solutions, right), goal)


def sciq(row, context: str = ""):
    question, support = _text(row, "question"), _text(row, "support", empty=True)
    right, wrong = _text(row, "correct_answer"), [_text(row, f"distractor{i}") for i in (1, 2, 3)]
    return _chosen(_asked(context, question), right, wrong, question, support)


def sciq_support(row):
    support = _text(row, "support", empty=True)
    return sciq(row, support) if support.strip() else ([], _key(_text(row, "question")))


def social_iqa(row):
    context, answers = _text(row, "context"), [_text(row, f"answer{letter}") for letter in "ABC"]
    right = place_of(row["label"], 3, first=1)
    return _chosen(_asked(context, _text(row, "question")), answers[right], _but(answers, right), context)


def multirc(row):
    paragraph = _text(row, "paragraph")
    return _given(_asked(paragraph, _text(row, "question")) + _text(row, "answer"), row["label"], paragraph)


def wic(row):
    word, one, other = (_text(row, column) for column in ("word", "sentence1", "sentence2"))
    return _given(f'Does "{word}" mean the same in both sentences?\n{one}\n{other}', row["label"], word)


def tweet(row):
    text = _text(row, "text")
    return _given(text, row["label"], text)


def tweet_of_three(row):
    """Negative, neutral, positive: the neutral ones are left out."""
    text, feeling = _text(row, "text"), label_of(row["label"], ("negative", "neutral", "positive"))
    return ([], _key(text)) if feeling == 1 else _given(text, feeling // 2, text)


def review(row):
    title, content = "" if row["title"] is None else _text(row, "title", empty=True), _text(row, "content")
    return _given(f"{title}\n{content}".strip(), row["label"], content)
