"""Explorers: a few controls above a plot of `w2s_kit.report.plots`, or above a table.

Each brings along what it shows at the start, as a picture or a table: GitHub and other pages run no widgets.
They work with ipywidgets 7.7 and 8.
"""

from __future__ import annotations

from html import escape

import matplotlib.pyplot as plt
import pandas as pd

from ..experiment.store import Store
from ..shared.names import pip
from .browse import CASES, examples, students
from .claims import SIGNS
from .claims import board as claims_of
from .claims.ledger import domains
from .plots import board, expansion, pgr_bars

try:
    from IPython.display import HTML, display
    from IPython.utils.capture import capture_output
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
    raise ImportError(f"explorers need ipywidgets ({error}): {pip('w2s_kit[notebooks]')}") from error


class Explorer(VBox):
    """Controls above the figure or the tables that `draw(**values)` shows. Each move draws them anew.

    `controls`: {name: widget}, whose values `draw` gets. `rows`: what stands above the figure, by default all
    controls in one row. Displayed, it is one output of several kinds: a front end with a kernel takes the
    widget, and all others take the picture, or the tables, for the values that the controls have just then.
    """

    # ipywidgets 7 shows a widget by this method, 8 by the bundle; without it, both show the bundle
    _ipython_display_ = None

    def __init__(self, draw, controls: dict, rows=None):
        self.draw, self.controls = draw, controls
        above = [HBox(list(controls.values()))] if rows is None else rows
        super().__init__([*above, interactive_output(draw, controls)])

    def _repr_mimebundle_(self, **kwargs) -> dict:
        with capture_output() as shown:  # has nothing to catch where no notebook runs
            self.draw(**{name: control.value for name, control in self.controls.items()})
        bundle = {
            "application/vnd.jupyter.widget-view+json": {
                "version_major": 2,
                "version_minor": 0,
                "model_id": self.model_id,
            },
            "text/plain": f"Explorer ({', '.join(self.controls)}): run the cell to move its controls.",
        }
        kept = [output.data for output in shown.outputs]
        if tables := [data["text/html"] for data in kept if "text/html" in data]:
            bundle["text/html"] = "\n".join(tables)
        if pictures := [data["image/png"] for data in kept if "image/png" in data]:
            bundle["image/png"] = pictures[-1]
        return bundle


def explorer(draw, **sliders) -> Explorer:
    """Sliders above the figure that `draw(**values)` shows, which is drawn anew for each move.

    A slider: name=(value, lowest, highest, step).
    """
    return Explorer(
        draw,
        {
            name: FloatSlider(value, min=low, max=high, step=step, description=name, continuous_update=False)
            for name, (value, low, high, step) in sliders.items()
        },
    )


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

    return Explorer(draw, {"number": slider}, [slider])


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

    return Explorer(draw, controls)


def run_explorer(store: Store | None = None, rows: int = 12, first: str | None = None):
    """The answers of the students of a store, one student at a time.

    They can be chosen by what became of the supervisor's answer, and come surest first. Says so where the
    store is empty. `first`: the run that it begins with, by default the first by its words.
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
        table = shown.style.format({"sure": "{:.2f}"}, escape="html").set_uuid("questions")
        display(table.set_properties(subset=["text"], **{"text-align": "left"}).hide(axis="index"))

    controls = {
        "run": Dropdown(
            options=runs,
            value=first or next(iter(runs.values())),
            description="student",
            layout={"width": "34em"},
        ),
        "case": ToggleButtons(options=("all", *CASES)),
        "page": IntSlider(0, min=0, max=20, description="page", continuous_update=False),
    }
    return Explorer(draw, controls, [controls["run"], HBox([controls["case"], controls["page"]])])


def claims_explorer(table: pd.DataFrame, domain: str = "all", verdict: str = "all"):
    """The claims of one domain with one verdict; it begins with the ones that are named.

    `table`: what `claims.scoreboard()` returns. `claims.board(table, domain, verdict)` gives the same rows.
    """
    controls = {
        "domain": Dropdown(
            options=["all", *dict.fromkeys(domains(table["notebook"]))], value=domain, description="domain"
        ),
        "verdict": ToggleButtons(
            options=["all", *(v for v in SIGNS if v in set(table["verdict"]))], value=verdict
        ),
    }

    def draw(domain, verdict):
        shown = claims_of(table, None if domain == "all" else domain, None if verdict == "all" else verdict)
        page = shown.style.format(escape="html").set_uuid("claims")
        page = page.set_properties(**{"text-align": "left", "white-space": "normal"})
        display(HTML(f"{len(shown)} claims"), page.hide(axis="index"))

    return Explorer(draw, controls)
