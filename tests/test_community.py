"""What GitHub shows to people who report or contribute: forms that it accepts, and commands that exist."""

import re

import pytest
import yaml
from files_of_the_project import ROOT

from w2s_kit.shared import address

FORMS = sorted(path for path in (ROOT / ".github/ISSUE_TEMPLATE").glob("*.yml") if path.name != "config.yml")
TEXTS = ["CODE_OF_CONDUCT.md", "SECURITY.md", "CONTRIBUTING.md", ".github/PULL_REQUEST_TEMPLATE.md"]
INPUTS = {"input", "textarea", "dropdown", "checkboxes"}  # GitHub's kinds of fields; markdown is only read


def read(name):
    return (ROOT / name).read_text(encoding="utf-8")


def options_problems(options, kind: str) -> list[str]:
    """What GitHub would not accept in the options of a field: none, an empty one, the same one twice."""
    options = options if isinstance(options, list) else []
    said = [it.get("label") if kind == "checkboxes" and isinstance(it, dict) else it for it in options]
    if not said or not all(isinstance(it, str) and it for it in said) or len(set(said)) < len(said):
        return [f"{kind} without options of different words"]
    return []


def problems(form: dict) -> list[str]:
    """What GitHub would not accept in an issue form, as far as its documentation says."""
    found = [f"no {key}" for key in ("name", "description", "body") if not form.get(key)]
    found += [f"unknown key {key}" for key in set(form) - {"name", "description", "title", "labels", "body"}]
    fields = [field for field in form.get("body") or [] if field.get("type") != "markdown"]
    if not fields:
        found.append("nothing to fill in")
    for field in form.get("body") or []:
        if field.get("type") == "markdown":
            found += [] if field.get("attributes", {}).get("value") else ["markdown without a value"]
        elif field.get("type") not in INPUTS:
            found.append(f"unknown type {field.get('type')}")
        elif not field.get("attributes", {}).get("label"):
            found.append("a field without a label")
        if field.get("type") in ("dropdown", "checkboxes"):
            found += options_problems(field.get("attributes", {}).get("options"), field["type"])
    for what, values in [
        ("id", [field.get("id") for field in fields]),
        ("label", [field.get("attributes", {}).get("label") for field in fields]),
    ]:
        if len(set(values)) < len(values):
            found.append(f"the same {what} twice")
    wrong = [field.get("id") for field in fields if not re.fullmatch(r"[\w-]+", field.get("id") or "")]
    return found + [f"unfit id {name!r}" for name in wrong]


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.name)
def test_github_accepts_a_form(path):
    assert problems(yaml.safe_load(path.read_text(encoding="utf-8"))) == []


FIELD = {"type": "input", "id": "a", "attributes": {"label": "A"}}
CHOICE = {"type": "dropdown", "id": "b", "attributes": {"label": "B", "options": ["c", "d"]}}
TICKS = {"type": "checkboxes", "id": "e", "attributes": {"label": "E", "options": [{"label": "f"}]}}
GOOD = {"name": "n", "description": "d", "body": [FIELD, CHOICE, TICKS]}


@pytest.mark.parametrize(
    "change",
    [
        {"name": ""},
        {"about": "x"},
        {"body": []},
        {"body": [{"type": "markdown", "attributes": {"value": "x"}}]},
        {"body": [FIELD, {"type": "markdown", "attributes": {}}]},
        {"body": [FIELD, {**FIELD, "attributes": {"label": "B"}}]},
        {"body": [FIELD, {**FIELD, "id": "b"}]},
        {"body": [{**FIELD, "type": "text"}]},
        {"body": [{**FIELD, "attributes": {}}]},
        {"body": [{**FIELD, "id": "a b"}]},
        {"body": [{**CHOICE, "attributes": {"label": "B"}}]},
        {"body": [{**CHOICE, "attributes": {"label": "B", "options": []}}]},
        {"body": [{**CHOICE, "attributes": {"label": "B", "options": ["c", "c"]}}]},
        {"body": [{**CHOICE, "attributes": {"label": "B", "options": [True]}}]},
        {"body": [{**TICKS, "attributes": {"label": "E"}}]},
        {"body": [{**TICKS, "attributes": {"label": "E", "options": [{"required": True}]}}]},
    ],
)
def test_what_github_would_refuse_is_found(change):
    assert problems(GOOD) == [] and problems(GOOD | change)


def test_a_claim_is_reported_with_all_that_it_takes_to_repeat_it():
    form = yaml.safe_load(read(".github/ISSUE_TEMPLATE/claim.yml"))
    needed = {f["id"] for f in form["body"] if f.get("validations", {}).get("required")}
    assert needed == {"claim", "seeds", "run", "numbers", "versions"}
    (example,) = [f["attributes"]["placeholder"] for f in form["body"] if f.get("id") == "claim"]
    from w2s_kit.report.claims import CLAIMS

    assert example in {claim.id for claim in CLAIMS}


def test_commands_that_people_are_asked_for_exist(capsys):
    from w2s_kit.__main__ import main

    forms = " ".join(path.read_text(encoding="utf-8") for path in FORMS)
    asked = set(re.findall(r"`(?:w2s-kit|python -m w2s_kit) ([^`]+)`", forms))
    assert asked == {"--version", "doctor"}
    for command in asked:
        try:
            assert main(command.split()) == 0
        except SystemExit as stop:
            assert stop.code == 0
        assert capsys.readouterr().out.startswith(("w2s_kit ", "[OK]"))
    targets = set(re.findall(r"^([a-z]+):", read("Makefile"), re.MULTILINE))
    for name in TEXTS:
        named = re.findall(r"^make ([a-z]+)|`make ([a-z]+)`", read(name), re.MULTILINE)
        assert {a or b for a, b in named} <= targets, name


def test_reports_of_weaknesses_go_to_one_private_place():
    private = address.github() + "/security/advisories/new"
    chooser = yaml.safe_load(read(".github/ISSUE_TEMPLATE/config.yml"))
    assert [link["url"] for link in chooser["contact_links"]] == [address.site(), private]
    assert all(link["name"] and link["about"] for link in chooser["contact_links"])
    assert private in read("SECURITY.md") and private in read("CODE_OF_CONDUCT.md")


@pytest.mark.parametrize("name", ["SECURITY.md", "CODE_OF_CONDUCT.md"])
def test_links_inside_lead_somewhere(name):
    for link in re.findall(r"`((?:w2s_kit|docs|tests)/[\w./]+)`", read(name)):
        assert (ROOT / link).exists(), link
