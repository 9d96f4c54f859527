"""Several notebooks at a time: in which order, what is said, and that a failure or a signal ends them all."""

import signal
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
from test_kernels import CODES, PIDS, STUBBORN, alive, place, posix, start, wait_until  # noqa: F401
from test_notebooks import write_notebook
from test_notebooks_skeleton import read

from w2s_kit.course import notebooks as runner

ROOT = Path(__file__).parents[2]

# each waits until the other is there, so alone it would fail
MEETS = """import pathlib, time
pathlib.Path("{me}").touch()
end = time.monotonic() + 60
while not pathlib.Path("{other}").exists():
    assert time.monotonic() < end
    time.sleep(0.05)
print("met")"""


@pytest.fixture
def here(tmp_path, monkeypatch):
    """An empty folder that the runner runs in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_longest_come_first(tmp_path):
    times = tmp_path / "times.csv"
    times.write_text("notebook,seconds\n00_a,3.5\n01_b,20.0\n02_c,7.1\n")
    names = ("00_a", "01_b", "02_c", "03_new")
    paths = [Path("notebooks", f"{name}.ipynb") for name in names]
    ordered = runner.heaviest_first(paths, times)
    assert [path.stem for path in ordered] == ["03_new", "01_b", "02_c", "00_a"]
    assert runner.heaviest_first(paths, tmp_path / "no.csv") == paths


@pytest.mark.parametrize(
    "table, line",
    [
        ("notebook,seconds\n00_a,3.5\n01_b,soon\n", 3),
        ("notebook,seconds\n00_a\n", 2),
        ("notebook,minutes\n00_a,1\n", 2),
        ("<<<<<<< ours\nnotebook,seconds\n00_a,3.5\n", 2),
    ],
)
def test_a_table_of_times_that_is_none_is_named(here, capsys, table, line):
    paths = [write_notebook(Path(f"0{i}_a.ipynb"), "1") for i in range(2)]
    runner.TIMES.parent.mkdir(parents=True)
    runner.TIMES.write_text(table)
    assert runner.main([*map(str, paths)]) == 2
    assert f"{runner.TIMES}, line {line}: " in capsys.readouterr().out
    assert runner.TIMES.read_text() == table and not read(paths[0]).cells[0].outputs


def test_the_comparison_of_notebooks_begins_with_the_longest(request):
    policy = request.config.pluginmanager.get_plugin(str(ROOT / "conftest.py"))
    cells = [
        SimpleNamespace(path=Path(f"{notebook}.ipynb"), name=f"{notebook} {cell}")
        for notebook in ("00_start_here", "04_chess_puzzles", "99_new")
        for cell in range(12)
    ]
    before = [cell.name for cell in cells]
    for nbval, notebooks in ((True, ("99_new", "04_chess_puzzles", "00_start_here")), (False, None)):
        policy.pytest_collection_modifyitems(SimpleNamespace(option=SimpleNamespace(nbval=nbval)), cells)
        expected = [f"{notebook} {cell}" for notebook in notebooks for cell in range(12)] if nbval else before
        assert [cell.name for cell in cells] == expected
        cells.sort(key=lambda cell: before.index(cell.name))


def test_two_run_at_a_time_and_their_times_are_kept(here, capsys):
    a = write_notebook(Path("00_a.ipynb"), MEETS.format(me="a", other="b"))
    b = write_notebook(Path("01_b.ipynb"), MEETS.format(me="b", other="a"))
    c = write_notebook(Path("02_c.ipynb"), "print(3)")
    runner.TIMES.parent.mkdir(parents=True)
    runner.TIMES.write_text("notebook,seconds\n00_a,90.0\n09_other,4.0\n")
    assert runner.main(["--jobs", "2", "--timings", *map(str, (c, a, b))]) == 0
    shown = capsys.readouterr().out
    assert [read(path).cells[0].outputs[0].text for path in (a, b, c)] == ["met\n", "met\n", "3\n"]
    assert all(f"{path} ... " in shown for path in (a, b, c)) and "3 notebooks in " in shown
    kept = dict(line.split(",") for line in runner.TIMES.read_text().split())
    assert list(kept) == ["notebook", "00_a", "01_b", "02_c", "09_other"] and kept["09_other"] == "4.0"
    assert 0 < float(kept["00_a"]) < 90


def test_answers_have_a_time_of_their_own_and_what_both_say_is_kept(here, capsys):
    """They have the file name of their notebook."""
    paths = [Path("00_a.ipynb"), Path("solutions/00_a.ipynb")]
    paths[1].parent.mkdir()
    for path in paths:
        write_notebook(path, f"print('{runner.name_of(path)}')")
    assert runner.main(["--jobs", "2", "--timings", *map(str, paths)]) == 0
    assert [capsys.readouterr().out.count("s\n")] and all(read(p).cells[0].outputs for p in paths)
    kept = dict(line.split(",") for line in runner.TIMES.read_text().split())
    assert list(kept) == ["notebook", "00_a", "solutions/00_a"]
    runner.TIMES.write_text("notebook,seconds\n00_a,3.0\nsolutions/00_a,9.0\n")
    assert runner.heaviest_first(paths) == paths[::-1]


def test_without_being_asked_it_keeps_no_times(here):
    paths = [write_notebook(Path(f"0{i}_a.ipynb"), "1") for i in range(2)]
    assert runner.main([*map(str, paths)]) == 0 and not runner.TIMES.exists()


@posix
def test_a_failure_ends_what_runs_beside_it(here, capsys):
    slow = write_notebook(Path("00_slow.ipynb"), PIDS, "time.sleep(300)")
    bad = write_notebook(
        Path("01_bad.ipynb"),
        "import pathlib, time\nwhile not pathlib.Path('pids').exists(): time.sleep(0.05)\n1 / 0",
    )
    never = write_notebook(Path("02_never.ipynb"), "2")
    before = [path.read_bytes() for path in (slow, bad, never)]
    assert runner.main(["--jobs", "2", *map(str, (slow, bad, never))]) == 1
    shown = capsys.readouterr().out
    assert "ZeroDivisionError" in shown and "01_bad.ipynb is left as it was." in shown
    assert "Notebooks saved before it: 0." in shown and alive(here) == []
    assert [path.read_bytes() for path in (slow, bad, never)] == before


@posix
@pytest.mark.parametrize("name, cell", [("SIGINT", "time.sleep(300)"), ("SIGTERM", STUBBORN)])
def test_a_signal_ends_them_all(place, name, cell):  # noqa: F811
    for i in range(2):
        (place / str(i)).mkdir()
        write_notebook(place / f"{i}/0{i}_trial.ipynb", PIDS, cell)
    command = ("-m", "w2s_kit.course.notebooks", "--jobs", "2", "0/00_trial.ipynb", "1/01_trial.ipynb")
    process = start(place, *command)
    assert all(wait_until((place / f"{i}/pids").exists) for i in range(2)), (
        place.parent / "said"
    ).read_text()
    time.sleep(0.5)
    process.send_signal(getattr(signal, name))
    assert process.wait(20) == CODES[name] and not any(alive(place / str(i)) for i in range(2))
    said = (place.parent / "said").read_text()
    assert "stopped" in said and "Traceback" not in said
    assert list((place.parent / "temporary").iterdir()) == []


@posix
def test_a_second_signal_does_not_wait_for_any(place):  # noqa: F811
    for i in range(2):
        (place / str(i)).mkdir()
        write_notebook(place / f"{i}/0{i}_trial.ipynb", PIDS, STUBBORN)
    command = ("-m", "w2s_kit.course.notebooks", "--jobs", "2", "0/00_trial.ipynb", "1/01_trial.ipynb")
    process = start(place, *command)
    assert all(wait_until((place / f"{i}/pids").exists) for i in range(2))
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    assert process.wait(5) == 130
    assert wait_until(lambda: not any(alive(place / str(i)) for i in range(2)), 2)


def test_no_jobs_at_all_is_refused(capsys):
    with pytest.raises(SystemExit):
        runner.main(["--jobs", "0"])
    assert "--jobs 0: it takes one at least" in capsys.readouterr().err
