"""python -m w2s_kit report: what is shown of a sweep, and what is no sweep."""

import numpy as np
import pandas as pd
import pytest

from w2s_kit.__main__ import main


def test_reports_of_what_is_no_sweep(tmp_path, capsys):
    table = tmp_path / "other.csv"
    assert main(["report", str(table)]) == 2 and "sweep --out" in capsys.readouterr().err
    for path in (table, tmp_path / "other_summary.csv"):
        path.write_text("task,seed\ndanger,0\n")
    assert (
        main(["report", str(table)]) == 2
        and "no column method, student, student_accuracy, supervisor" in capsys.readouterr().err
    )
    for content in ("", "\0\0", "a,b\n1,2,3,4\n"):
        table.write_text(content)
        assert main(["report", str(table)]) == 2 and str(table) in capsys.readouterr().err
    table.write_bytes(b"\xff\xfe\x00")
    assert main(["report", str(table)]) == 2 and str(table) in capsys.readouterr().err


def written(folder, undefined=True):
    """A sweep's table and summary: two tasks, two seeds. One pair has no PGR, but a number stands there."""
    flops = {"supervisor_pretraining_flops": 1e9, "student_pretraining_flops": 1e10}
    names = [
        {"task": task, "supervisor": "s", "student": "l", "method": "naive", **flops}
        for task in ("danger", "edible")
    ]
    accuracies = {"supervisor_accuracy": 0.6, "student_accuracy": 0.7, "ceiling_accuracy": 0.605}
    rows = [
        {**name, "seed": seed, **accuracies, "student_accuracy": 0.7 + 0.01 * seed}
        for name in names
        for seed in range(2)
    ]
    told = [
        {
            "pgr": 20.0,
            "pgr_low": 1.0,
            "pgr_high": 40.0,
            "defined": False,
            "why": "the gap is noise" if undefined else None,
        },
        {"pgr": 0.5, "pgr_low": 0.4, "pgr_high": 0.6, "defined": True, "why": None},
    ]
    summary = [{**name, "seeds": 2, **accuracies, **pgr} for name, pgr in zip(names, told)]
    for name, table in (("sweep.csv", rows), ("sweep_summary.csv", summary)):
        pd.DataFrame(table).to_csv(folder / name, index=False)
    return folder / "sweep.csv"


@pytest.mark.parametrize(
    "undefined, reason",
    [(True, "undefined: the gap is noise"), (False, "undefined: the table gives no reason")],
)
def test_a_report_shows_no_pgr_where_it_is_undefined(tmp_path, capsys, monkeypatch, undefined, reason):
    from w2s_kit.report import plots

    marked, plot = [], plots.pgr_by_compute

    def watched(*args, **options):
        ax = plot(*args, **options)
        marked.append([" ".join(text.get_text().split()) for text in ax.get_legend().get_texts()])
        assert all(abs(y) < 2 for line in ax.lines for y in np.atleast_1d(line.get_ydata())), (
            "20 is drawn nowhere"
        )
        return ax

    monkeypatch.setattr(plots, "pgr_by_compute", watched)
    assert (
        main(["report", str(written(tmp_path, undefined)), "--picture", str(tmp_path / "picture.svg")]) == 0
    )
    out = capsys.readouterr().out
    assert reason in out and "20.0" not in out and "0.50 [0.40, 0.60]" in out
    pair = "PGR undefined, 1 pair: s → l"
    assert [any(text.startswith(pair) for text in legend) for legend in marked] == [False, True, False]


@pytest.mark.parametrize(
    "picture, message",
    [
        ("no/such/picture.png", "there is no folder"),
        (".", "ends in one of"),
        ("picture.xyz", "ends in one of"),
        ("picture", ".png"),
    ],
)
def test_a_picture_that_could_not_be_written(tmp_path, capsys, monkeypatch, picture, message):
    monkeypatch.chdir(tmp_path)
    assert main(["report", str(written(tmp_path)), "--picture", picture]) == 2
    said = capsys.readouterr()
    assert "--picture" in said.err and message in said.err and not said.out
