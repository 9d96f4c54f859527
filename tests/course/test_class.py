"""A small class of the benchmark: hostile submissions, killed in the middle and continued."""

import importlib
from pathlib import Path

import pytest
from test_kernels import posix

from w2s_kit.shared.cage.tried import missing_bounds


@posix
def test_honest_marks_are_right_among_hostile_ones_after_a_kill(tmp_path, monkeypatch):
    if missing := missing_bounds():
        pytest.skip(f"this machine cannot forbid: {', '.join(missing)}")
    monkeypatch.syspath_prepend(str(Path(__file__).parents[2] / "benchmarks"))
    bench = importlib.import_module("grading")
    points = bench.classroom(tmp_path / "mixed", 3, 1)
    bench.graded(tmp_path / "mixed", kill_at=2)
    wrong, others = bench.compared(tmp_path / "mixed", points)
    assert wrong == [] and others == {"honest00x": 0}, "its process ended itself"
    (tmp_path / "mixed" / "grades" / "ps1.csv").write_text("student,score\nhonest00,1\n")
    assert bench.compared(tmp_path / "mixed", points)[0] == list(points), "wrong marks would be found"
