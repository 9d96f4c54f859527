"""Binder and the course's image: what they install, and how a server starts. Docker itself runs in CI."""

import json
import os
import re
import subprocess
import sys
from fnmatch import fnmatch
from pathlib import PurePosixPath

import pytest
import yaml
from files_of_the_project import ROOT, project_files, text_of
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from test_packaging import CONDA_NAMES, PROJECT, requirements

from w2s_kit.shared import address

DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")


def test_binder_installs_what_notebooks_need_and_nothing_else():
    environment = yaml.safe_load((ROOT / ".binder/environment.yml").read_text())
    python, pip, *lines = environment["dependencies"]
    found = {CONDA_NAMES.get(r.name, r.name): str(r.specifier) for r in map(Requirement, lines)}
    assert found == {name: str(r.specifier) for name, r in requirements("notebooks").items()}
    assert pip == "pip" and python.split("=")[1] in SpecifierSet(PROJECT["requires-python"])
    script = ROOT / ".binder/postBuild"
    assert "pip install --no-deps -e ." in script.read_text() and os.access(script, os.X_OK)


def test_binder_starts_with_a_notebook():
    started = re.search(r"urlpath=lab/tree/(.*)", address.binder("notebooks/00_start_here.ipynb"))[1]
    assert (ROOT / started).is_file()


def instructions(name: str) -> list[str]:
    return re.findall(rf"^{name} (.*)$", DOCKERFILE, re.MULTILINE)


def in_image(path: PurePosixPath) -> bool:
    """Whether .dockerignore lets a file through: the last rule that fits it, or a folder of it, decides."""
    wanted = True
    for line in (ROOT / ".dockerignore").read_text().splitlines():
        rule = line.removeprefix("!")
        if line and not line.startswith("#"):
            tops = [path, *path.parents]
            if any(fnmatch(str(top), rule) or fnmatch(f"/{top}", rule.replace("**", "*")) for top in tops):
                wanted = line.startswith("!")
    return wanted


def test_no_solution_of_a_problem_set_gets_into_the_image():
    """A student may read every layer of it."""
    files = [p for p in project_files() if in_image(PurePosixPath(p.relative_to(ROOT).as_posix()))]
    assert [p for p in files if "### BEGIN SOLUTION" in (text_of(p) or "") and p.suffix == ".ipynb"] == []
    graded = [
        "submitted/ann/ps1/ps1.ipynb",
        "grades/ps1.csv",
        "feedback/ann/ps1/ps1.html",
        "source/ps1/ps1.ipynb",
    ]
    assert not [name for name in graded if in_image(PurePosixPath("notebooks/assignments", name))]
    assert not in_image(PurePosixPath("notebooks/assignments/release/ps1", ".ipynb_checkpoints/ps1.ipynb"))
    names = {p.relative_to(ROOT).as_posix() for p in files}
    needed = {"pyproject.toml", "constraints.txt", "README.md", "LICENSE", "notebooks/00_start_here.ipynb"}
    assert needed < names and "notebooks/assignments/release/ps1/ps1.ipynb" in names
    assert in_image(PurePosixPath("notebooks/solutions/00_start_here.ipynb"))
    assert not in_image(PurePosixPath("notebooks/solutions/runs/0123456789abcdef/config.json"))
    assert {name.split("/")[0] for name in names} <= {
        *needed,
        "MANIFEST.in",
        "notebooks",
        "results",
        "w2s_kit",
    }


def test_the_image_has_the_tested_versions_and_a_user_without_rights():
    (install,) = [line for line in DOCKERFILE.splitlines() if "uv pip install" in line]
    assert "-c constraints.txt" in install and "'.[notebooks]'" in install and "jupyterhub==" in install
    assert instructions("USER") == ["$NB_UID"] and "NB_UID=1000" in instructions("ARG")
    assert DOCKERFILE.index("uv pip install") < DOCKERFILE.index("\nUSER"), "the user cannot change the kit"
    assert json.loads(instructions("CMD")[0]) == ["jupyterhub-singleuser"]


@pytest.fixture
def server(tmp_path):
    """An empty home, and a function that runs the image's own ENTRYPOINT in it."""
    if os.name == "nt":
        pytest.skip("a shell of Unix is meant")
    home, programs = tmp_path / "home", tmp_path / "bin"
    home.mkdir()
    programs.mkdir()
    (programs / "w2s-kit").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m w2s_kit "$@"\n')
    (programs / "w2s-kit").chmod(0o755)
    paths = {"PATH": f"{programs}{os.pathsep}{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}

    def start(*command) -> subprocess.CompletedProcess:
        entry = [*json.loads(instructions("ENTRYPOINT")[0]), *command]
        return subprocess.run(entry, cwd=home, env=os.environ | paths, capture_output=True, text=True)

    return home, start


def test_a_server_starts_with_the_notebooks_and_keeps_what_a_student_wrote(server):
    home, start = server
    assert start("echo", "two words", "more").stdout.endswith("two words more\n")
    first = home / "w2s/00_start_here.ipynb"
    assert first.is_file() and (home / "w2s/assignments/ps1.ipynb").is_file()
    first.write_text("mine")
    assert start("sh", "-c", "exit 3").returncode == 3 and first.read_text() == "mine"


def test_a_home_that_takes_no_notebooks_stops_no_server(server):
    """One that is full, or may only be read. Here a file has the name of the folder."""
    home, start = server
    (home / "w2s").touch()
    started = start("echo", "started")
    assert started.stdout.endswith("started\n") and started.returncode == 0
    assert "w2s is a file" in started.stderr
