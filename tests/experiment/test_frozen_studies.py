"""The studies of docs/howto/studies: their settings are those of the measurement, and their numbers, too."""

import re
import tomllib
from dataclasses import replace
from pathlib import Path

import measure_real
import pandas as pd
import pytest

from w2s_kit.experiment.arguments import settings_for
from w2s_kit.experiment.store import Store
from w2s_kit.experiment.study import read_study
from w2s_kit.shared.files import results_folder

FOLDER = Path(__file__).parents[2] / "docs" / "howto" / "studies"
NAMES = sorted(file.stem for file in FOLDER.glob("*.toml"))


def told(name):
    """The numbers in the first lines of a study, by method."""
    lines = re.findall(r"# measured, (\w+): (.*) -> (.*) of (.*)", (FOLDER / f"{name}.toml").read_text())
    return {method: [*map(float, numbers)] for method, *numbers in lines}


def seeds_of(given):
    return given if isinstance(given, list) else range(given)


@pytest.mark.parametrize("name", NAMES)
def test_the_numbers_are_those_of_the_table(name):
    given = tomllib.loads((FOLDER / f"{name}.toml").read_text())
    table = pd.read_csv(results_folder() / ("nlp_grid.csv" if name == "danger" else "real_grid.csv"))
    ours = table[(table["task"] == name) & table["seed"].isin(seeds_of(given["seeds"]))]
    ours = ours[ours["supervisor"].isin(given["supervisors"]) & ours["student"].isin(given["students"])]
    columns = ["supervisor_accuracy", "student_accuracy", "ceiling_accuracy"]
    means = ours.groupby("method")[columns].mean()
    assert set(told(name)) == set(given["methods"]) and given["tasks"] == [name]
    for method, numbers in told(name).items():
        assert numbers == pytest.approx(means.loc[method].tolist(), abs=6e-4)


@pytest.mark.parametrize("name", [name for name in NAMES if name != "danger"])
def test_the_settings_are_those_of_the_script(name):
    given = tomllib.loads((FOLDER / f"{name}.toml").read_text())["settings"]
    family = ",".join(f"runs/models/{model}" for model in measure_real.LR)
    assert settings_for(name, given) == replace(measure_real.FINETUNED, task=name, family=family)


def test_a_study_of_the_kits_own_models_gives_its_numbers_again(tmp_path):
    """Three trainings of small models, since nothing less shows that the file reproduces the table."""
    study = read_study(FOLDER / "danger.toml")
    row = replace(study, seeds=[100], methods={"naive": {}}).table(Store(tmp_path)).iloc[0]
    table = pd.read_csv(results_folder() / "nlp_grid.csv")
    before = table.query("task == 'danger' and supervisor == 's' and student == 'm' and method == 'naive'")
    for column in ("supervisor_accuracy", "student_accuracy", "ceiling_accuracy"):
        assert row[column] == pytest.approx(before.set_index("seed")[column][100], abs=0.01)
