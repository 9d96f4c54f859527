"""From a row of a dataset to the texts that it offers, their labels and its group; one function a dataset.

Source: Burns et al. 2023, Appendix A.1.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from ..labels import label_of, place_of
from ..rows import Rejected

NONE_ABOVE = "none of the above"


def text_in(row: Mapping, column: str, empty: bool = False) -> str:
    """The text in a column; raises Rejected for what is no text, and for an empty one unless `empty`."""
    text = row[column]
    if not isinstance(text, str) or not (empty or text.strip()):
        raise Rejected("no text", f"{column} is {text!r}"[:300])
    return text


def _texts(row: Mapping, column: str) -> list[str]:
    texts = row[column]
    if not isinstance(texts, (list, tuple, np.ndarray)) or not len(texts):
        raise Rejected("no text", f"{column} is {texts!r}, and not some texts"[:300])
    return [text_in({column: text}, column) for text in texts]


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
    """BoolQ: a passage and a question about it, to be answered by yes or no. The group is the passage."""
    passage, question = text_in(row, "passage"), text_in(row, "question")
    return _given(f"{passage}\n\nQuestion: {question}?", row["answer"], passage)


def cosmosqa(row):
    """CosmosQA: a context, a question and each of four answers. The group is the context.

    Answers that say "none of the above" are left out. Where such an answer is right, the row gives no text.
    """
    context, answers = text_in(row, "context"), [text_in(row, f"answer{i}") for i in range(4)]
    right = place_of(row["label"], 4)
    if NONE_ABOVE in answers[right].lower():
        return [], _key(context)
    wrong = [answer for answer in _but(answers, right) if NONE_ABOVE not in answer.lower()]
    return _chosen(_asked(context, text_in(row, "question")), answers[right], wrong, context)


def dream(row):
    """DREAM: a dialogue, a question and each of its answers. The group is the dialogue.

    Raises Rejected where the right answer is none of the choices.
    """
    said, answers, right = "\n".join(_texts(row, "dialogue")), _texts(row, "choice"), text_in(row, "answer")
    if right.strip() not in map(str.strip, answers):
        raise Rejected("no such answer", f"{right!r} is none of the choices"[:300])
    return _chosen(_asked(said, text_in(row, "question")), right, answers, said)


def justice(row):
    """ETHICS, justice: a scenario that is reasonable or not. The group is its first and its last 8 words."""
    scenario = text_in(row, "scenario")
    words = scenario.rstrip(" .").split()  # people wrote variants that keep the beginning or the end
    return _given(scenario, row["label"], "< " + " ".join(words[:8]), "> " + " ".join(words[-8:]))


def deontology(row):
    """ETHICS, deontology: does the second sentence excuse, or follow from, the first?

    The group is the first sentence.
    """
    scenario, excuse = text_in(row, "scenario"), text_in(row, "excuse")
    asked = "Does the second sentence excuse, or follow from, the first?"
    return _given(f"{asked}\n{scenario}\n{excuse}", row["label"], scenario)


def virtue(row):
    """ETHICS, virtue: does a trait fit the person of a scenario? The group is the scenario.

    Raises Rejected for a text that is not a scenario, [SEP] and one trait.
    """
    scenario, *traits = (part.strip() for part in text_in(row, "scenario").split("[SEP]"))
    if not scenario or len(traits) != 1 or not traits[0]:
        raise Rejected("no trait", f"{row['scenario']!r} should be a scenario, [SEP] and a trait"[:300])
    return _given(f"Does the trait fit the person?\n{scenario}\nTrait: {traits[0]}", row["label"], scenario)


def utilitarianism(row):
    """ETHICS, utilitarianism: is the first scenario more pleasant than the second?

    A row gives a text for each order of the two; two equal scenarios give none. Both are the group.
    """
    better, worse = text_in(row, "baseline"), text_in(row, "less_pleasant")
    texts = (
        f"Is the first more pleasant than the second?\nFirst: {a}\nSecond: {b}"
        for a, b in ((better, worse), (worse, better))
    )
    return ([] if better == worse else list(zip(texts, (1, 0)))), _key(better, worse)


def anli(row):
    """ANLI: does the second text follow from the first? Neutral ones do not. The group is the premise."""
    premise, hypothesis = text_in(row, "premise"), text_in(row, "hypothesis")
    follows = label_of(row["label"], ("entailment", "neutral", "contradiction")) == 0
    return _given(f"Does the second text follow from the first?\n{premise}\n{hypothesis}", follows, premise)


def sentence(row):
    """CoLA and SST-2: a sentence, which is the group as well, and its label."""
    text = text_in(row, "sentence")
    return _given(text, row["label"], text)


def hellaswag(row):
    """HellaSwag: a context with each of its endings. The group is the context and the source's id."""
    ctx, endings = text_in(row, "ctx").strip(), _texts(row, "endings")
    right = place_of(row["label"], len(endings))
    return _chosen(f"{ctx} ", endings[right], _but(endings, right), ctx, text_in(row, "source_id"))


def mctaco(row):
    """MC-TACO: a sentence, a question about time, and one answer. The group is the sentence."""
    about = text_in(row, "sentence")
    return _given(_asked(about, text_in(row, "question")) + text_in(row, "answer"), row["label"], about)


def by_letter(row, context: str, question: str, about: str):
    """A question with each of its answers, of which a letter names the right one.

    `row` has "choices", with texts and letters, and "answerKey". `about` is the group. Raises Rejected where
    texts and letters are not as many, or a letter comes twice.
    """
    if not isinstance(row["choices"], Mapping) or not {"text", "label"} <= row["choices"].keys():
        raise Rejected("no text", f"choices is {row['choices']!r}, and not texts with letters"[:300])
    texts, letters = _texts(row["choices"], "text"), _texts(row["choices"], "label")
    if len(texts) != len(letters) or len({letter.strip().casefold() for letter in letters}) != len(letters):
        raise Rejected("no letter for each answer", f"{len(texts)} answers, and {', '.join(letters)}"[:300])
    right = label_of(row["answerKey"], letters, numbers=False)
    return _chosen(_asked(context, question), texts[right], _but(texts, right), about)


def openbookqa(row):
    """OpenBookQA: a question with each of its answers, without the book. The question is the group."""
    stem = text_in(row, "question_stem")
    return by_letter(row, "", stem, stem)


def quartz(row):
    """QuaRTz: a paragraph, a question and each of its answers. The group is the paragraph."""
    para = text_in(row, "para")
    return by_letter(row, para, text_in(row, "question"), para)


def paws(row):
    """PAWS: do both sentences say the same? Both are the group."""
    one, other = text_in(row, "sentence1"), text_in(row, "sentence2")
    return _given(f"Do both sentences say the same?\n{one}\n{other}", row["label"], one, other)


def quail(row):
    """QuAIL: a passage, a question and each of its answers. The group is the passage."""
    context, answers = text_in(row, "context"), _texts(row, "answers")
    right = place_of(row["correct_answer_id"], len(answers))
    return _chosen(_asked(context, text_in(row, "question")), answers[right], _but(answers, right), context)


def piqa(row):
    """PIQA: a goal with each of two solutions. The group is the goal."""
    goal, solutions = text_in(row, "goal"), [text_in(row, "sol1"), text_in(row, "sol2")]
    right = place_of(row["label"], 2)
    return _chosen(f"Goal: {goal}\nSolution: ", solutions[right], _but(solutions, right), goal)


def sciq(row, context: str = ""):
    """SciQ: a question with the right answer and three others. The group is the question and its support.

    `context` is shown before the question; see `sciq_support`.
    """
    question, support = text_in(row, "question"), text_in(row, "support", empty=True)
    right, wrong = text_in(row, "correct_answer"), [text_in(row, f"distractor{i}") for i in (1, 2, 3)]
    return _chosen(_asked(context, question), right, wrong, question, support)


def sciq_support(row):
    """SciQ with the supporting text before the question. A row without one gives no text."""
    support = text_in(row, "support", empty=True)
    return sciq(row, support) if support.strip() else ([], _key(text_in(row, "question")))


def social_iqa(row):
    """Social IQA: a context, a question and each of three answers. The group is the context."""
    context, answers = text_in(row, "context"), [text_in(row, f"answer{letter}") for letter in "ABC"]
    right = place_of(row["label"], 3, first=1)
    return _chosen(_asked(context, text_in(row, "question")), answers[right], _but(answers, right), context)


def multirc(row):
    """MultiRC: a paragraph, a question and one answer. The group is the paragraph."""
    paragraph = text_in(row, "paragraph")
    return _given(
        _asked(paragraph, text_in(row, "question")) + text_in(row, "answer"), row["label"], paragraph
    )


def wic(row):
    """WiC of SuperGLUE: does a word mean the same in both sentences? The group is the word."""
    word, one, other = (text_in(row, column) for column in ("word", "sentence1", "sentence2"))
    return _given(f'Does "{word}" mean the same in both sentences?\n{one}\n{other}', row["label"], word)


def tweet(row):
    """A tweet, which is the group as well, and its label: 1 is positive."""
    text = text_in(row, "text")
    return _given(text, row["label"], text)


def tweet_of_three(row):
    """A tweet that is negative, neutral or positive: the neutral ones are left out. It is the group."""
    text, feeling = text_in(row, "text"), label_of(row["label"], ("negative", "neutral", "positive"))
    return ([], _key(text)) if feeling == 1 else _given(text, feeling // 2, text)


def review(row):
    """A review of a shop: title, which may be missing, and content. The content is the group."""
    title, content = (
        "" if row["title"] is None else text_in(row, "title", empty=True),
        text_in(row, "content"),
    )
    return _given(f"{title}\n{content}".strip(), row["label"], content)
