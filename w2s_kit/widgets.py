"""Explorers: at most a few sliders around a plot of `w2s_kit.plots`. A static call of the same plot stands in the cell
before each, since GitHub runs no widgets. Works with ipywidgets 7.7 and 8."""

from __future__ import annotations

import matplotlib.pyplot as plt
from ipywidgets import FloatSlider, HBox, IntSlider, VBox, interactive_output

from .plots import board, pgr_bars


def pgr_explorer(supervisor: float = 0.6, student: float = 0.7, ceiling: float = 0.9):
    """Three accuracies on sliders, PGR as a picture."""
    sliders = {name: FloatSlider(value, min=0.4, max=1.0, step=0.01, description=name, continuous_update=False)
               for name, value in (("supervisor", supervisor), ("student", student), ("ceiling", ceiling))}

    def draw(**accuracies):
        pgr_bars(**accuracies, ax=plt.subplots(figsize=(5, 3.2))[1])
        plt.show()

    return VBox([HBox(list(sliders.values())), interactive_output(draw, sliders)])


def puzzle_explorer(fens, moves):
    """One puzzle at a time on a slider; `moves`: {who: the move of each puzzle, UCI}."""
    slider = IntSlider(0, min=0, max=len(fens) - 1, description="puzzle", continuous_update=False)

    def draw(number):
        board(fens[number], {who: those[number] for who, those in moves.items()}, ax=plt.subplots(figsize=(3.6, 4.2))[1])
        plt.show()

    return VBox([slider, interactive_output(draw, {"number": slider})])
