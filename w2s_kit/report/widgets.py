"""Explorers: a few sliders around a plot of `w2s_kit.report.plots`.

A static call of the same plot stands in the cell before each, since GitHub runs no widgets. They work with
ipywidgets 7.7 and 8.
"""

from __future__ import annotations

from html import escape

import matplotlib.pyplot as plt
import pandas as pd

from ..experiment.store import Store
from .browse import CASES, examples, students
from .claims import SIGNS
from .claims import board as claims_of
from .claims.ledger import domains
from .plots import board, expansion, pgr_bars

try:
    from IPython.display import HTML, display
    from ipywidgets import (
        Dropdown,
        FloatSlider,
        HBox,
        IntSlider,
        SelectionSlider,
        ToggleButtons,
        VBox,
        interactive_output,
    )
except ImportError as error:
    raise ImportError(f"explorers need ipywidgets ({error}): pip install 'w2s_kit[notebooks]'") from error


def explorer(draw, **sliders):
    """Sliders above the figure that `draw(**values)` shows, which is drawn anew for each move.

    A slider: name=(value, lowest, highest, step).
    """
    controls = {
        name: FloatSlider(value, min=low, max=high, step=step, description=name, continuous_update=False)
        for name, (value, low, high, step) in sliders.items()
    }
    return VBox([HBox(list(controls.values())), interactive_output(draw, controls)])


def pgr_explorer(supervisor: float = 0.6, student: float = 0.7, ceiling: float = 0.9, items: int = 500):
    """Three accuracies on sliders, PGR as a picture, or why it is undefined with `items` test items."""

    def draw(**accuracies):
        pgr_bars(**accuracies, items=items, ax=plt.subplots(figsize=(5, 3.2))[1])
        plt.show()

    return explorer(
        draw,
        **{
            name: (value, 0.4, 1.0, 0.01)
            for name, value in (("supervisor", supervisor), ("student", student), ("ceiling", ceiling))
        },
    )


def puzzle_explorer(fens, moves):
    """One puzzle at a time on a slider. `moves`: {who: the move of each puzzle, in UCI notation}."""
    slider = IntSlider(0, min=0, max=len(fens) - 1, description="puzzle", continuous_update=False)

    def draw(number):
        board(
            fens[number],
            {who: those[number] for who, those in moves.items()},
            ax=plt.subplots(figsize=(3.6, 4.2))[1],
        )
        plt.show()

    return VBox([slider, interactive_output(draw, {"number": slider})])


def expansion_explorer(tables):
    """What the theory promises for each student, kind of neighbours and class.

    `tables`: {(student, neighbours, class): rows of `theory.correction`}.
    """
    students, alike, classes = (list(dict.fromkeys(names)) for names in zip(*tables))
    controls = {
        "student": SelectionSlider(
            options=students, value=students[0], description="student", continuous_update=False
        ),
        "neighbours": Dropdown(options=alike, value=alike[0], description="neighbours"),
        "kind": ToggleButtons(options=classes, value=classes[0]),
    }

    def draw(student, neighbours, kind):
        ax = expansion(tables[student, neighbours, kind], ax=plt.subplots(figsize=(8, 3.4))[1])
        ax.legend(fontsize=8, frameon=False, loc="center left", bbox_to_anchor=(1, 0.5))
        plt.tight_layout()
        plt.show()

    return VBox([HBox(list(controls.values())), interactive_output(draw, controls)])


def run_explorer(store: Store | None = None, rows: int = 12):
    """The answers of the students of a store, one student at a time.

    They can be chosen by what became of the supervisor's answer, and come surest first. Says so where the
    store is empty. Its static twin is `browse.examples(run).head()`.
    """
    store = store or Store()
    if not (runs := students(store)):
        return HTML(
            f"There are no students in {escape(str(store.root))} yet: run the cells above, or "
            "<code>three_stages(...)</code>."
        )
    tables: dict[str, pd.DataFrame] = {}  # by run

    def draw(run, case, page):
        if run not in tables:
            tables[run] = examples(run, store)
        answers = tables[run]
        kept = answers if case == "all" else answers[answers["case"] == case]
        shown = kept.iloc[page * rows : (page + 1) * rows]
        display(
            HTML(
                f"{len(kept)} of {len(answers)} questions"
                + (
                    f", {page * rows + 1} to {page * rows + len(shown)}"
                    if len(shown)
                    else "; none on this page"
                )
            )
        )
        # texts come from files, and a Styler trusts them
        table = shown.style.format({"sure": "{:.2f}"}, escape="html")
        display(table.set_properties(subset=["text"], **{"text-align": "left"}).hide(axis="index"))

    controls = {
        "run": Dropdown(options=runs, description="student", layout={"width": "34em"}),
        "case": ToggleButtons(options=("all", *CASES)),
        "page": IntSlider(0, min=0, max=20, description="page", continuous_update=False),
    }
    return VBox(
        [controls["run"], HBox([controls["case"], controls["page"]]), interactive_output(draw, controls)]
    )


def claims_explorer(table: pd.DataFrame):
    """The claims of one domain with one verdict.

    `table`: what `claims.scoreboard()` returns. Its static twin is `claims.board(table, domain)`.
    """
    controls = {
        "domain": Dropdown(options=["all", *dict.fromkeys(domains(table["notebook"]))], description="domain"),
        "verdict": ToggleButtons(options=["all", *(v for v in SIGNS if v in set(table["verdict"]))]),
    }

    def draw(domain, verdict):
        shown = claims_of(table, None if domain == "all" else domain, None if verdict == "all" else verdict)
        page = shown.style.format(escape="html").set_properties(
            **{"text-align": "left", "white-space": "normal"}
        )
        display(HTML(f"{len(shown)} claims"), page.hide(axis="index"))

    return VBox([HBox(list(controls.values())), interactive_output(draw, controls)])
