"""The page of claims as a reader meets it: dark and light, narrow, in a larger page, and without a mouse."""

import re
from html import escape
from html.parser import HTMLParser

import pandas as pd
import pytest
from contrast import ENOUGH, contrast
from files_of_the_project import ROOT

from w2s_kit.report import claims
from w2s_kit.report.claims import CLAIMS, SIGNS, page
from w2s_kit.shared import address

VERDICTS = list(SIGNS)
TABLE = pd.DataFrame(
    {
        "id": [claim.id for claim in CLAIMS],
        "notebook": [claim.notebook for claim in CLAIMS],
        "statement": "s",
        "source": "s",
        "criterion": "c",
        "changed": ["", "<b>later</b>"] * (len(CLAIMS) // 2) + [""] * (len(CLAIMS) % 2),
        "verdict": [VERDICTS[i % len(VERDICTS)] for i in range(len(CLAIMS))],
        "figure": "f",
        "tasks_low": [-0.125] + [float("nan")] * (len(CLAIMS) - 1),
        "tasks_high": [2.5] + [float("nan")] * (len(CLAIMS) - 1),
    }
)
MADE = page.html(TABLE, {CLAIMS[0].id: ("00_start_here.ipynb", "cell-12", "What we learned")})
STYLE = re.search("<style>(.*)</style>", MADE, re.DOTALL)[1]
RULES = [
    (selectors.strip(), dict(re.findall(r"([\w-]+): ([^;]+?) ?(?:;|$)", said.replace("\n", " ").strip())))
    for selectors, said in re.findall(r"([^{}]+)\{([^{}]*)\}", STYLE)
]


def variables(scheme: str) -> dict[str, str]:
    """The colours of a scheme by name. Every block that sets them for the scheme says the same."""
    blocks = [rule for _, rule in RULES if rule.get("color-scheme") == scheme]
    assert len(blocks) == {"light": 1, "dark": 2}[scheme] and all(block == blocks[0] for block in blocks)
    return {name: value for name, value in blocks[0].items() if name.startswith("--")}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_can_be_read_on_every_ground(scheme):
    colors = variables(scheme)
    inks, grounds = set(), set()
    for selector, rule in RULES:
        if {"color", "background"} <= set(rule) and "verdict" in selector:
            assert contrast(rule["color"], rule["background"]) >= ENOUGH, selector
            continue
        inks |= {rule["color"]} if "color" in rule else set()
        grounds |= {rule["background"]} if "background" in rule else set()
    inks.remove("inherit")
    assert len(inks) == 2 and len(grounds) == 3
    for ink in inks:
        for ground in grounds:  # by name: a colour that stands in a rule is the same in the dark
            pair = [colors[re.fullmatch(r"var\((--\w+)\)", name)[1]] for name in (ink, ground)]
            assert contrast(*pair) >= ENOUGH, f"{ink} {pair[0]} on {ground} {pair[1]}"


def test_each_verdict_has_its_colours():
    selectors = [selector for selector, rule in RULES if "background" in rule and "verdict" in selector]
    assert selectors == [f'.w2s-scoreboard [data-verdict="{verdict}"] .verdict' for verdict in SIGNS]


def test_the_style_holds_inside_its_class_alone():
    for selectors, _ in RULES:
        for selector in selectors.split(","):
            scope = re.fullmatch(
                r'\s*(html(:not\()?\[data-theme="\w+"\]\)? )?\.w2s-scoreboard( .+)?', selector
            )
            assert scope, f"holds elsewhere as well: {selector}"
    assert "getElementById" not in MADE and "style=" not in MADE.split('class="w2s-scoreboard"')[1]


class Tags(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.tags = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))


def test_what_a_screen_reader_and_a_keyboard_need():
    tags = Tags(MADE).tags
    named = [attrs["for"] for tag, attrs in tags if tag == "label"]
    assert [attrs["id"] for tag, attrs in tags if tag == "select"] == named != []
    assert [tag for tag, _ in tags].count("main") == 1
    assert {attrs.get("scope") for tag, attrs in tags if tag == "th"} == {"col"}
    (box,) = (attrs for tag, attrs in tags if attrs.get("role") == "region")
    assert box["tabindex"] == "0" and box["aria-label"], "what scrolls can be reached by a key"


def test_every_claim_has_an_anchor_and_links_that_hold_from_anywhere():
    tags = Tags(MADE).tags
    ids = [attrs["id"] for _, attrs in tags if "id" in attrs]
    assert len(ids) == len(set(ids)) and {claim.id for claim in CLAIMS} <= set(ids)
    names = [attrs["href"] for tag, attrs in tags if attrs.get("class") == "id"]
    assert names == [f"#{claim.id}" for claim in CLAIMS], "an issue about a claim asks for its name"
    links = [attrs["href"] for tag, attrs in tags if tag == "a" and "class" not in attrs]
    path = "notebooks/00_start_here.ipynb"
    assert links == [address.github(path), f"{address.colab(path)}#scrollTo=cell-12"]


def test_wide_tables_scroll_in_their_box():
    rules = dict(reversed(RULES))
    assert rules[".w2s-scoreboard .claims"]["overflow"] == "auto"
    assert '<div class="claims"' in MADE.split("<table>")[0] and MADE.count("<table>") == 1


def test_on_a_phone_a_claim_is_a_card_with_its_verdict_first():
    """What a card writes before an entry is the head of its column. Verdict and claim have none."""
    narrow = re.search(r"@container \(max-width: 58rem\) \{(.*?)\n\}", STYLE, re.DOTALL)[1]
    written = re.findall(r'td:nth-child\((\d)\)::before \{ content: "(\w+): " \}', narrow)
    heads = re.findall(r'<th scope="col">(\w+)</th>', MADE)
    assert heads[:3] == ["verdict", "claim", "measured"]
    assert [(str(i), head) for i, head in enumerate(heads, 1)][2:] == written
    assert "tr[hidden] { display: none }" in narrow, "else the filter hides no card"
    wide = STYLE.replace(narrow, "")
    widths = [float(rem) for rem in re.findall(r"min-width: ([\d.]+)rem", wide)]
    assert sum(widths) + 6 * 4 < 58, "the table fits where it is no card"


def test_the_rule_of_verdicts_stands_on_the_page_and_in_the_documentation():
    said = " ".join((ROOT / "docs/scoreboard.md").read_text(encoding="utf-8").split())
    assert page.RULE in said and escape(page.RULE) in MADE


def test_no_interval_is_rounded_away():
    """+0.000 [+0.000, +0.000] says nothing."""
    for row in claims.shipped().itertuples():
        numbers = re.findall(r"[-+]?\d+\.\d+", row.figure)
        assert not numbers or any(float(number) for number in numbers), f"{row.id}: {row.figure}"


def test_what_was_changed_and_the_wider_interval_are_told_where_there_are_any():
    assert MADE.count("over seeds and tasks: ") == 1 and "over seeds and tasks: -0.125 to +2.5<" in MADE
    folded = "<details><summary>Changed after results were seen</summary>&lt;b&gt;later&lt;/b&gt;</details>"
    assert MADE.count(folded) == len(CLAIMS) // 2
