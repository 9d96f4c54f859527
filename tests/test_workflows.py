"""The workflows of GitHub, as far as they can be checked without GitHub."""

import importlib.util
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from files_of_the_project import ROOT

from w2s_kit import __version__
from w2s_kit.shared.address import REF

WORKFLOWS = {
    path.name: yaml.safe_load(path.read_text()) for path in (ROOT / ".github/workflows").glob("*.yml")
}
ACTIONS = {path: yaml.safe_load(path.read_text()) for path in (ROOT / ".github/actions").glob("*/action.yml")}
JOBS = [(file, name, job) for file, workflow in WORKFLOWS.items() for name, job in workflow["jobs"].items()]
STEPS = [(f"{file}: {name}", step) for file, name, job in JOBS for step in job["steps"]]
STEPS += [(str(path), step) for path, action in ACTIONS.items() for step in action["runs"]["steps"]]
COMMANDS = [(where, line) for where, step in STEPS for line in step.get("run", "").splitlines()]
TARGETS = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
# A major version, or all 40 digits of a commit with the version beside it.
PINNED = re.compile(r"[\w-]+/[\w./-]+@(v\d+|[0-9a-f]{40}  # v\d+(\.\d+)*)")


@pytest.mark.parametrize("file", WORKFLOWS)
def test_a_workflow_says_what_it_may_and_ends_what_is_outdated(file):
    workflow = WORKFLOWS[file]
    assert workflow["permissions"] == {"contents": "read"}, "a job that needs more says so itself"
    assert workflow["concurrency"]["group"] and "cancel-in-progress" in workflow["concurrency"]


MAIN = {"push": {"branches": ["main"]}, "pull_request": None}
WHEN = {
    "tests.yml": MAIN,
    "site.yml": MAIN | {"schedule": [{"cron": "20 4 * * 1"}], "workflow_dispatch": None},
    "nightly.yml": {"schedule": [{"cron": "23 3 * * *"}], "workflow_dispatch": None},
    "release.yml": {"push": {"tags": ["v*"]}},
}


def test_every_workflow_runs_when_it_should():
    assert {file: workflow[True] for file, workflow in WORKFLOWS.items()} == WHEN, "YAML reads `on` as true"


# What a job is for. Its other lines prepare these.
PURPOSE = [
    ("tests.yml: tests", "make test"),
    ("tests.yml: colab", "make colab"),
    ("tests.yml: macos", "make system"),
    ("site.yml: build", "make site"),
    ("site.yml: build", ".venv/bin/python -m pytest tests/test_site.py"),
    ("site.yml: links", "make linkcheck"),
    ("nightly.yml: versions", "python -m pytest -n 2"),
    ("nightly.yml: versions", "python -m w2s_kit.course.notebooks"),
    ("nightly.yml: benchmarks", "make bench"),
    ("nightly.yml: image", "docker build -t w2s_kit ."),
    ("release.yml: build", "python -m twine check --strict dist/*"),
    ("release.yml: build", 'cd "$RUNNER_TEMP"/w2s_kit-*'),
    ("release.yml: build", "PYTHONPATH=$PWD python -m pytest -n 2"),
]


@pytest.mark.parametrize("where, line", PURPOSE)
def test_a_job_does_what_it_is_for(where, line):
    assert line in [command.partition("  ")[0].strip() for at, command in COMMANDS if at == where]


PUSHED = "github.event_name == 'push'"
ASKED = "github.event_name == 'schedule' || github.event_name == 'workflow_dispatch'"


def test_nothing_may_fail_or_be_left_out():
    """Except in site.yml: a change is built but not deployed, and others' pages are asked once a week."""
    places = [*STEPS, *((f"{file}: {name}", job) for file, name, job in JOBS)]
    assert [where for where, place in places if "continue-on-error" in place] == []
    assert [(where, place["if"]) for where, place in places if "if" in place] == [
        ("site.yml: build", PUSHED),
        ("site.yml: deploy", PUSHED),
        ("site.yml: links", ASKED),
    ]


def test_what_make_site_built_is_deployed():
    jobs = WORKFLOWS["site.yml"]["jobs"]
    (upload,) = [s for s in jobs["build"]["steps"] if "upload-pages-artifact" in s.get("uses", "")]
    recipe = re.search(r"^site: .*\n((?:\t.*\n)+)", (ROOT / "Makefile").read_text(), re.MULTILINE)[1]
    assert upload["with"] == {"path": recipe.split()[-1]} and jobs["deploy"]["needs"] == "build"
    assert "actions/deploy-pages" in jobs["deploy"]["steps"][0]["uses"]


def test_every_place_that_names_versions_is_renewed():
    """Dependabot takes the workflows by "/", other actions by their folders, constraints.txt by its own."""
    updates = yaml.safe_load((ROOT / ".github/dependabot.yml").read_text())["updates"]
    actions, libraries = sorted(updates, key=lambda update: update["package-ecosystem"])
    assert [actions["package-ecosystem"], libraries["package-ecosystem"]] == ["github-actions", "pip"]
    folders = {f"/{path.parent.relative_to(ROOT).as_posix()}" for path in ACTIONS}
    assert set(actions["directories"]) == {"/", *folders} and libraries["directory"] == "/"


@pytest.mark.parametrize("file, name, job", JOBS, ids=[f"{file}-{name}" for file, name, _ in JOBS])
def test_a_job_ends_in_time(file, name, job):
    assert 5 <= job["timeout-minutes"] <= 120


def test_every_action_is_pinned():
    for path in [*(ROOT / ".github").rglob("*.yml")]:
        for used in re.findall(r"^\s*(?:- )?uses: (.*?)\s*$", path.read_text(), re.MULTILINE):
            if used.startswith("./"):
                assert (ROOT / used / "action.yml") in ACTIONS, f"{path.name}: {used}"
            else:
                assert PINNED.fullmatch(used), f"{path.name}: {used}"


@pytest.mark.parametrize(
    "used, pinned",
    [
        ("actions/checkout@v7", True),
        ("a/b/c@v1", True),
        (f"a/b@{'0' * 40}  # v1.14.1", True),
        (f"a/b@{'0' * 40}", False),
        (f"a/b@{'0' * 7}  # v1", False),
        ("a/b@main", False),
        ("a/b@release/v1", False),
        ("a/b", False),
    ],
)
def test_what_is_pinned(used, pinned):
    assert bool(PINNED.fullmatch(used)) == pinned


def test_commands_name_what_is_there():
    """A target of make, a module, a file of the project."""
    made, seen = {"build", "twine", "nbconvert", "pip", "uv", "venv", "pytest", "sphinx"}, 0
    for where, line in COMMANDS:
        words = shlex.split(line.replace("\\", "/"), comments=True) if "'" not in line else line.split()
        for word, following in zip(words, words[1:]):
            if word == "make":
                assert following in TARGETS, f"{where}: make {following}"
            elif word == "-m" and following not in made:
                assert importlib.util.find_spec(following), f"{where}: {following}"
            elif following.startswith(("tests/", "notebooks/", "docs/", "constraints.txt")):
                assert (ROOT / following).exists(), f"{where}: {following}"
            else:
                continue
            seen += 1
    assert seen > 12


def test_shells_can_read_what_they_run():
    for where, step in STEPS:
        if "run" in step and "windows" not in where:
            script = re.sub(r"\$\{\{.*?\}\}", "word", step["run"])
            done = subprocess.run(["bash", "-n", "-c", script], capture_output=True, text=True)
            assert done.returncode == 0, f"{where}: {done.stderr}"


def test_windows_does_what_docs_and_make_say():
    """It has no make, so its commands are written out a second time, and must not drift away."""
    install = (ROOT / "docs/install.md").read_text(encoding="utf-8")
    windows = [step["run"] for step in WORKFLOWS["tests.yml"]["jobs"]["windows"]["steps"] if "run" in step]
    assert all(line in install for line in windows[:2]) and len(windows) == 4
    makefile = (ROOT / "Makefile").read_text()
    tested = re.search(r"^SYSTEM := (.*)$", makefile, re.MULTILINE)[1]
    assert windows[2].split("-n 2 ")[1] == tested
    assert re.search(r"^system: env\n.*\n\t\$\(PY\) (.*)$", makefile, re.MULTILINE)[1] in windows[3]


# ------------------------------------------------------------------------------------------------- a release
RELEASE = WORKFLOWS["release.yml"]


def test_only_the_jobs_that_publish_may_ask_for_an_identity():
    granted = {(file, name): job.get("permissions") for file, name, job in JOBS}
    assert {where: rights for where, rights in granted.items() if rights} == {
        ("site.yml", "deploy"): {"pages": "write", "id-token": "write"},
        ("release.yml", "publish"): {"id-token": "write"},
        ("release.yml", "page"): {"contents": "write"},
    }
    assert RELEASE["jobs"]["publish"]["environment"] == "pypi"
    assert RELEASE["jobs"]["publish"]["needs"] == "build", "nothing is published that was not tested"


@pytest.mark.parametrize("tag, fits", [(f"v{__version__}", True), ("v99.0", False), (__version__, False)])
def test_a_tag_that_is_not_the_version_stops_the_release(tag, fits):
    """The step itself is run, in a shell."""
    (step,) = [step for step in RELEASE["jobs"]["build"]["steps"] if "TAG" in step.get("env", {})]
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = os.environ | {"TAG": tag, "PATH": path}
    done = subprocess.run(["bash", "-e", "-c", step["run"]], env=environment, capture_output=True, text=True)
    assert (done.returncode == 0) == (fits and tag == REF), done.stderr
    assert fits or f"tag {tag}, version {__version__}" in done.stderr


def test_the_checklist_names_what_a_release_changes():
    text = (ROOT / "RELEASING.md").read_text(encoding="utf-8")
    for file in ("pyproject.toml", "CHANGELOG.md", "CITATION.cff", ".github/workflows/release.yml"):
        assert file in text and (ROOT / file).is_file()
    for target in re.findall(r"`make ([a-z]+)`", text):
        assert target in TARGETS
    assert "python -m w2s_kit.course address" in text


def test_the_checklist_names_what_is_set_once_on_github():
    """A label of a form that GitHub does not know is left out without a word."""
    text = (ROOT / "RELEASING.md").read_text(encoding="utf-8").partition("each version")[0]
    forms = [yaml.safe_load(p.read_text("utf-8")) for p in (ROOT / ".github/ISSUE_TEMPLATE").glob("*.yml")]
    labels = {label for form in forms for label in form.get("labels", [])}
    assert labels and {f"`{label}`" for label in labels} <= set(re.findall("`[a-z]+`", text))
    assert "Pages" in text and "private vulnerability reporting" in text


def test_what_make_quick_leaves_out_is_there():
    """A file that was renamed would come back into the quick run without a word."""
    said = (ROOT / "Makefile").read_text(encoding="utf-8")
    long = re.search(r"^LONG := ((?:.*\\\n)*.*)$", said, re.MULTILINE)[1].replace("\\\n", " ").split()
    assert all((ROOT / name).exists() for name in long) and len(long) > 15
