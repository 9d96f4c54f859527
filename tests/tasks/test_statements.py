"""A question said as a statement: the statement is true where the answer is yes."""

import re

import pytest
from test_miniworld_truth import EDGES

from w2s_kit.models.families import load_family
from w2s_kit.models.loading import load_classifier
from w2s_kit.tasks import load_task
from w2s_kit.tasks.miniworld.statements import STATEMENTS, as_statements
from w2s_kit.tasks.miniworld.world import make_world

NOUNS = {noun.name: noun for noun in make_world().lexicons["noun"].items}
TRUE = (
    (r"the (\w+) fits inside a (\w+) \.", lambda a, mark: NOUNS[a].size_cm < EDGES[mark]),
    (r"the (\w+) is bigger than the (\w+) \.", lambda a, b: NOUNS[a].size_cm > NOUNS[b].size_cm),
    (r"the (\w+) is from the (\w+) \.", lambda a, place: NOUNS[a].habitat == place),
    (r"the (\w+) is made of (\w+) \.", lambda a, stuff: NOUNS[a].material == stuff),
    (r"the (\w+) is alive \.", lambda a: NOUNS[a].kind in ("beast", "plant")),
)


@pytest.mark.parametrize("task", STATEMENTS)
def test_a_statement_is_true_where_the_answer_is_yes(task):
    rows = load_task(task, 3, 300, 100).student
    for statement, label in zip(as_statements(task, rows["text"]), rows["label"]):
        (read,) = [rule(*found.groups()) for form, rule in TRUE if (found := re.fullmatch(form, statement))]
        assert read == bool(label), statement


@pytest.mark.parametrize("task", STATEMENTS)
def test_models_know_every_word_of_a_statement(task):
    tokenizer = load_classifier(load_family()["xs"]).tokenizer
    texts = as_statements(task, load_task(task, 3, 300, 100).test["text"])
    assert tokenizer.unk_token_id not in {token for ids in tokenizer(texts)["input_ids"] for token in ids}


def test_what_has_no_statement_is_named():
    with pytest.raises(ValueError, match="edible has no statements; size, habitat"):
        as_statements("edible", ["is the dax edible ?"])
    with pytest.raises(ValueError, match="'is the dax heavy \\?' is no question of its form"):
        as_statements("alive", ["is the dax heavy ?"])
