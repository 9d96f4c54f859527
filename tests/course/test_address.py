"""One address for the whole kit: every file that holds it agrees, and one command writes another."""

import re
import shutil
import subprocess

import pytest
from files_of_the_project import ROOT, project_files, text_of

from w2s_kit.course import address as moving
from w2s_kit.course.__main__ import main
from w2s_kit.shared import address
from w2s_kit.shared.address import REF, REPOSITORY

# The repositories of others that our files name.
OTHERS = {
    *("astral-sh/ruff-pre-commit", "googlecolab/backend-info", "kynan/nbstripout", "niklasf/python-chess"),
    "openai/weak-to-strong",  # docs/context.md cites a question asked there
}
NAMED = re.compile(
    r"(?:github\.com/|githubusercontent\.com/|mybinder\.org/v2/gh/)(?:github/)?(?P<repository>[\w-]+/[\w.-]*\w)"
    r"(?:(?:/(?:blob|tree|raw)/|@)(?P<ref>[\w.-]*\w))?"
)
SOMEBODY, SOME_REF = "Ann-Lee/weak.to_strong", "course-2027"


def ours() -> dict[str, str]:
    """The text files of the project, by name."""
    texts = {str(path.relative_to(ROOT)): text_of(path) for path in project_files()}
    return {name: text for name, text in texts.items() if text is not None}


def test_every_address_is_that_of_the_kit_or_of_a_known_other():
    wrong = []
    for name, text in ours().items():
        for match in NAMED.finditer(text):
            repository = match["repository"].removesuffix(".git")
            known = repository in OTHERS or repository == REPOSITORY and match["ref"] in (None, REF)
            if not known and name != "tests/course/test_address.py":
                wrong.append(f"{name}: {match.group()}")
    assert not wrong, "python -m w2s_kit.course address writes them all anew:\n" + "\n".join(wrong)


def test_after_a_move_no_file_holds_the_old_address():
    owner, name = REPOSITORY.split("/")
    left, moved = [], 0
    for file, text in ours().items():
        if file == "tests/course/test_address.py" or file == moving.CONSTANTS:
            continue
        new = moving.rewritten(text, SOMEBODY, SOME_REF)
        moved += new != text
        if re.search(rf"{owner}/{name}\b|{owner}\.github\.io", new):
            left.append(file)
    assert not left and moved >= 38


@pytest.mark.parametrize(
    "make",
    [
        lambda: address.github(),
        lambda: address.github("notebooks/00_start_here.ipynb"),
        lambda: address.raw("results/scoreboard.png"),
        lambda: address.colab("notebooks/00_start_here.ipynb"),
        lambda: address.kaggle("notebooks/00_start_here.ipynb"),
        lambda: address.binder("notebooks/00_start_here.ipynb"),
        lambda: address.site("scoreboard.html"),
        lambda: address.install(),
        lambda: f"git clone {address.github()}.git",
        lambda: f"git clone {address.github()} && cd {address.REPOSITORY.split('/')[1]}\n",
        lambda: f"git clone {address.github()}\ncd {address.REPOSITORY.split('/')[1]}\n",
        lambda: f"git+{address.github()}.git@{address.REF}",
        lambda: f"{address.github()}/issues/7",
        lambda: f"{address.github()}/releases/tag/{address.REF}",
    ],
)
def test_each_kind_of_address_becomes_what_the_new_constants_make(make, monkeypatch):
    made = make()
    monkeypatch.setattr(address, "REPOSITORY", SOMEBODY)
    monkeypatch.setattr(address, "REF", SOME_REF)
    moved = moving.rewritten(made, SOMEBODY, SOME_REF)
    assert moved == make() != made
    assert moving.rewritten(moved, REPOSITORY, REF, SOMEBODY, SOME_REF) == made


@pytest.mark.parametrize(
    "name, ref",
    [
        ("ann/maintained", "main"),
        ("x/w2s_kit", "actions"),
        ("issues/blob", "issues"),
        ("W2S-kit/w2s_kit.next", "v0.1"),
        (f"{REPOSITORY}_2", REF),
    ],
)
def test_a_fork_of_an_odd_name_can_move_on_and_back(name, ref):
    """Words of addresses, a name that holds the old one, a ref that begins another."""
    wrong = []
    for file, text in ours().items():
        if file == "tests/course/test_address.py" or file[:11] in (
            "notebooks/0",
            "notebooks/1",
            "notebooks/2",
        ):
            continue  # megabytes of pictures; the problem sets have the same setup cell
        there = moving.rewritten(text, name, ref)
        on = moving.rewritten(there, SOMEBODY, SOME_REF, name, ref)
        if on != moving.rewritten(text, SOMEBODY, SOME_REF):
            wrong.append(file)
        if moving.rewritten(on, REPOSITORY, REF, SOMEBODY, SOME_REF) != text:
            wrong.append(f"{file}, back")
    assert not wrong


def test_the_first_command_enters_the_folder_that_git_makes():
    for file, text in ours().items():
        for repository, folder in re.findall(r"git clone https://github\.com/(\S+)(?: && |\n)cd (\S+)", text):
            if file != "tests/course/test_address.py":
                assert repository.split("/")[1] == folder, file


@pytest.mark.parametrize(
    "text",
    [
        f"https://github.com/{REPOSITORY}-fork/blob/{REF}/x",
        f"https://github.com/{REPOSITORY}.next",
        f"https://github.com/other/{REPOSITORY.split('/')[1]}",
        f"import {REPOSITORY.split('/')[1]}",
    ],
)
def test_what_only_looks_like_the_address_stays(text):
    assert moving.rewritten(text, SOMEBODY, SOME_REF) == text


@pytest.fixture
def clone(tmp_path, monkeypatch):
    """A small clone: the constants, a notebook, a picture, and a file that git does not track."""
    for name in (moving.CONSTANTS, "notebooks/00_start_here.ipynb", "results/scoreboard.png"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    git = ["git", "-C", str(tmp_path)]
    subprocess.run([*git, "init", "-q"], check=True)
    subprocess.run([*git, "add", "."], check=True)
    (tmp_path / "mine.txt").write_text(address.github())
    monkeypatch.setattr(moving, "ROOT", tmp_path)
    return tmp_path


def test_a_move_changes_the_files_that_git_tracks(clone):
    picture = (clone / "results/scoreboard.png").read_bytes()
    changed = moving.move(SOMEBODY, SOME_REF, clone)
    assert {path.name for path in changed} == {"address.py", "00_start_here.ipynb"}
    text = (clone / "notebooks/00_start_here.ipynb").read_text(encoding="utf-8")
    assert (
        f"github.com/{SOMEBODY}@{SOME_REF}" in text and f"github/{SOMEBODY}/blob/{SOME_REF}/notebooks" in text
    )
    constants = {}
    exec((clone / moving.CONSTANTS).read_text(encoding="utf-8"), constants)
    assert (constants["REPOSITORY"], constants["REF"]) == (SOMEBODY, SOME_REF)
    assert constants["site"]() == "https://ann-lee.github.io/weak.to_strong/"
    assert (clone / "mine.txt").read_text() == address.github()
    assert (clone / "results/scoreboard.png").read_bytes() == picture


@pytest.mark.parametrize("stop", [KeyboardInterrupt, OSError("disk full")])
def test_a_move_that_is_stopped_changes_nothing(clone, monkeypatch, stop):
    before = {path: path.read_bytes() for path in moving.tracked(clone)}
    written = []

    def second_fails(path, text):
        written.append(path)
        if len(written) == 2:
            raise stop
        path.write_text(text, encoding="utf-8")

    monkeypatch.setattr(moving, "write_whole", second_fails)
    with pytest.raises(type(stop) if isinstance(stop, OSError) else stop):
        moving.move(SOMEBODY, SOME_REF, clone)
    assert len(written) > 2 and {path: path.read_bytes() for path in moving.tracked(clone)} == before


def test_the_same_address_again_changes_nothing(clone):
    assert moving.move(REPOSITORY, REF, clone) == []


@pytest.mark.parametrize(
    "arguments, said",
    [
        (["w2s_kit"], "OWNER/NAME"),
        (["https://github.com/a/b"], "OWNER/NAME"),
        (["a/b", "--ref", "two words"], "--ref 'two words'"),
        (["a/b", "--ref", ""], "--ref ''"),
        (["a/b", "--ref", "two/parts"], "no slash"),
        (["a/b", "--ref=-x"], "--ref '-x'"),
        (["a/b", "--ref", ".."], "--ref '..'"),
        (["a/b.git"], "'a/b.git'"),
        (["a/.."], "'a/..'"),
        (["a-/b"], "'a-/b'"),
        (["a/ünï"], "OWNER/NAME"),
    ],
)
def test_what_is_no_address_is_refused_and_nothing_is_written(clone, capsys, arguments, said):
    before = {path: path.read_bytes() for path in moving.tracked(clone)}
    assert main(["address", *arguments]) == 2 and said in capsys.readouterr().err
    assert {path: path.read_bytes() for path in moving.tracked(clone)} == before


def test_outside_a_clone_the_remedy_is_said(tmp_path):
    with pytest.raises(ValueError, match="git clone"):
        moving.move(SOMEBODY, REF, tmp_path)
