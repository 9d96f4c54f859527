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
    assert workflow[True], "when it runs; YAML reads `on` as true"


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


def test_windows_does_what_docs_and_make_say():
    """It has no make, so its commands are written out a second time, and must not drift away."""
    install = (ROOT / "docs/install.md").read_text(encoding="utf-8")
    windows = [step["run"] for step in WORKFLOWS["tests.yml"]["jobs"]["windows"]["steps"] if "run" in step]
    assert all(line in install for line in windows[:2]) and len(windows) == 4
    makefile = (ROOT / "Makefile").read_text()
    tested = re.search(r"^QUICK := (.*)$", makefile, re.MULTILINE)[1]
    assert windows[2].split("-n 2 ")[1] == tested
    assert re.search(r"^quick: env\n.*\n\t\$\(PY\) (.*)$", makefile, re.MULTILINE)[1] in windows[3]


# ------------------------------------------------------------------------------------------------- a release
RELEASE = WORKFLOWS["release.yml"]


def test_only_the_job_that_publishes_may_ask_for_an_identity():
    granted = {(file, name): job.get("permissions") for file, name, job in JOBS if file != "site.yml"}
    assert {where: rights for where, rights in granted.items() if rights} == {
        ("release.yml", "publish"): {"id-token": "write"},
        ("release.yml", "page"): {"contents": "write"},
    }
    assert RELEASE["jobs"]["publish"]["environment"] == "pypi"
    assert RELEASE["jobs"]["publish"]["needs"] == "build", "nothing is published that was not tested"
    assert RELEASE[True] == {"push": {"tags": ["v*"]}}


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
        assert target in TARGETS | {"site"}
    assert "python -m w2s_kit.course address" in text
