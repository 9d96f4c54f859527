"""Grading in containers, by a false `docker` that runs the command here: no engine is needed or tried."""

import json
import os
import stat
import sys
from pathlib import Path

import pytest
from test_kernels import ROOT, posix

from w2s_kit.course import caged_cells, containers, grading
from w2s_kit.course.caged_cells import Allowed, run_cells
from w2s_kit.course.cell_replies import Cell
from w2s_kit.shared.cage.bounds import NOBODY

pytestmark = posix
#: It notes what it was asked, and runs what it should run in a container. `kill` ends what it has started.
DOCKER = """#!{python}
import json, os, signal, sys
place = {place!r}
with open(place + "/asked", "a") as asked:
    asked.write(json.dumps(sys.argv[1:]) + "\\n")
words = sys.argv[1:]
if words[0] == "info":
    sys.exit(0)
if words[0] == "kill":
    try:
        os.kill(int(open(place + "/" + words[1]).read()), signal.SIGKILL)
    except (OSError, ValueError):
        sys.exit("no such container")
    sys.exit(0)
after = lambda name: words[words.index(name) + 1]
if "IMAGE" not in words:
    sys.exit("Unable to find this image")
open(place + "/" + after("--name"), "w").write(str(os.getpid()))
environment = dict(words[i + 1].split("=", 1) for i, word in enumerate(words) if word == "--env")
os.chdir(after("--workdir"))
*options, loader = words[words.index("IMAGE") + 1 :]
loader = "import sys; sys.path.append({kit!r}); " + loader  # as if the kit were installed in the image
os.execve({python!r}, ["python", *options, loader], environment)
"""


@pytest.fixture
def engine(tmp_path, monkeypatch):
    """A docker on PATH; returns what it was asked."""
    place = tmp_path / "engine"
    place.mkdir()
    fake = place / "docker"
    fake.write_text(DOCKER.format(python=sys.executable, place=str(place), kit=str(ROOT)))
    fake.chmod(fake.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", str(place))
    asked = lambda: map(json.loads, (place / "asked").read_text().splitlines())
    return lambda: [words for words in asked() if words != ["info"]]


def test_cells_run_by_the_same_protocol(engine):
    cells = [
        Cell("student", "an answer", "import os\nhere = os.getcwd()\nopen('mine', 'w').write('1')"),
        Cell("staff", "a test", "assert 1 + 1 == 2\n1.5"),
        Cell("staff", "another", "assert 1 + 1 == 3"),
    ]
    ran, why = run_cells(cells, ["here"], allowed=Allowed(image="IMAGE"))
    assert why == "" and [one.ok for one in ran] == [True, True, False] and ran[1].value == 1.5
    run, kill = engine()
    assert run[0] == "run" and kill == ["kill", run[run.index("--name") + 1]]
    pairs = list(zip(run, run[1:]))
    assert ("--network", "none") in pairs and ("--cap-drop", "ALL") in pairs and "--read-only" in run
    assert ("--log-driver", "none") in pairs and ("--security-opt", "no-new-privileges") in pairs
    assert run.count("--volume") == 1, "one folder of this machine, that of the submission"
    place = run[run.index("--volume") + 1].split(":")[0]
    assert not Path(place).exists(), "and it goes"
    user = f"{os.getuid()}:{os.getgid()}" if os.getuid() else f"{NOBODY}:{NOBODY}"
    assert ("--user", user) in pairs
    assert not [word for word in run if word.startswith("PATH=") or str(Path.home()) == word]


def test_a_loop_and_a_stubborn_one_are_ended(engine):
    stubborn = "import signal, time\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: time.sleep(9)"
    cells = [Cell("student", "loop", "while True: pass"), Cell("student", "stubborn", stubborn)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(caged_cells, "SECONDS_TO_STOP", 1)
        ran, why = run_cells(cells, allowed=Allowed(a_cell=2, in_all=120, image="IMAGE"))
    assert all("ran too long" in one.said for one in ran) and "ran too long" in why
    assert [words[0] for words in engine()] == ["run", "kill"]


def test_what_the_engine_says_is_told(engine):
    with pytest.raises(RuntimeError, match="(?s)in the image ANOTHER.*Unable to find this image"):
        run_cells([Cell("student", "one", "1")], allowed=Allowed(image="ANOTHER"))


def test_a_flood_is_not_kept(engine, tmp_path):
    with open(tmp_path / "words", "w+b") as words:
        process, keeper = containers.start_in("IMAGE", "w2s-flood", tmp_path, {}, 1 << 30, words)
        text = b"import os\nfor _ in range(200): os.write(2, bytes(10 ** 6))"
        process.stdin.write(b"%d\n%s" % (len(text), text))
        process.stdin.close()
        assert process.wait(30) == 0
        keeper.join(30)
    assert (tmp_path / "words").stat().st_size <= containers.WORDS


def test_without_an_engine_it_is_told(monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ValueError, match="docker or podman, and neither is on PATH"):
        run_cells([Cell("student", "one", "1")], allowed=Allowed(image="IMAGE"))
    # a client without its daemon: the other one is taken, and where there is none, it is told
    (tmp_path / "docker").write_text("#!/bin/sh\necho 'Cannot connect to the daemon' >&2\nexit 1\n")
    (tmp_path / "docker").chmod(0o755)
    with pytest.raises(ValueError, match="docker is there and does not answer: Cannot connect to the daemon"):
        run_cells([Cell("student", "one", "1")], allowed=Allowed(image="IMAGE"))
    (tmp_path / "podman").write_text("#!/bin/sh\n")
    (tmp_path / "podman").chmod(0o755)
    made = containers.command("IMAGE", "w2s-1", tmp_path, {"A": "1"}, 1 << 30)
    assert made[0] == "podman" and made[made.index("IMAGE") - 2 :][:2] == ["--entrypoint", "python"]
    grading.warn("IMAGE")
    assert "in a container of IMAGE; what it holds was not tried" in capsys.readouterr().err


@pytest.mark.parametrize(
    "docker, said",
    [
        ("#!/bin/sh\necho 'first' >&2\necho 'Cannot connect' >&2\nexit 1\n", "Cannot connect"),
        ("#!/bin/sh\nexit 3\n", "code 3"),
        ("#!/bin/sh\nexec sleep 60\n", "timed out"),
        ("", "Exec format error"),
    ],
)
def test_an_engine_that_does_not_answer_gives_way_until_it_does(monkeypatch, tmp_path, docker, said):
    monkeypatch.setattr(containers, "SECONDS_TO_ANSWER", 1)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setattr(containers, "ENGINES", ("docker-here", "podman-here"))

    def make(name, text):
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(0o755)

    make("docker-here", docker)
    with pytest.raises(ValueError, match=f"docker-here is there and does not answer: .*{said}"):
        containers.engine()
    make("podman-here", docker)
    with pytest.raises(ValueError, match=f"docker-here is there.*{said}.*; podman-here is there.*{said}"):
        containers.engine()
    make("podman-here", "#!/bin/sh\n")
    assert containers.engine() == "podman-here"
    make("docker-here", "#!/bin/sh\n")
    assert containers.engine() == "docker-here", "its daemon was started meanwhile"
