"""The doctor: every kind of trouble is one line with its remedy, and none ends it."""

import importlib
import sys
import tempfile
import tomllib
from importlib import metadata
from pathlib import Path

import pytest

from w2s_kit.course import doctor
from w2s_kit.models import families


def lines(capsys, **kw):
    fine = doctor.check(**kw)
    return fine, capsys.readouterr().out.splitlines()


def test_here_all_is_well(capsys):
    fine, said = lines(capsys)
    assert fine and all(line.startswith("[OK] ") for line in said)
    assert {line.split(":")[0] for line in said} >= {f"[OK] models {name}" for name in doctor.FAMILIES}


def test_details_are_no_verdicts(capsys):
    fine, said = lines(capsys, details=True)
    more = [line for line in said if line.startswith("[--] ")]
    assert (
        fine
        and any("device" in line for line in more)
        and {line.split()[1] for line in more if line.startswith("[--] peft")} <= {"peft"}
    )
    assert any(line.startswith("[OK] torch 2") for line in said)


@pytest.mark.parametrize(
    "error",
    [
        ImportError("No module named 'seaborn'"),
        OSError("DLL load failed"),
        RuntimeError("built for another numpy"),
    ],
)
def test_a_package_that_cannot_be_loaded(capsys, monkeypatch, error):
    load = importlib.import_module

    def fails(name, *args):
        if name == "seaborn":
            raise error
        return load(name, *args)

    monkeypatch.setattr(importlib, "import_module", fails)
    fine, said = lines(capsys)
    (line,) = [line for line in said if "FAIL" in line]
    assert (
        not fine
        and line.startswith("[FAIL] seaborn  ->  ")
        and "pip install --upgrade seaborn   (" in line
        and str(error) in line
    )
    assert len(said) == len(lines(capsys)[1])


@pytest.mark.parametrize("details", [False, True])
def test_a_package_of_an_extra_may_be_absent(capsys, monkeypatch, details):
    version = metadata.version

    def absent(name):
        if name in doctor.OPTIONAL:
            raise metadata.PackageNotFoundError(name)
        return version(name)

    monkeypatch.setattr(metadata, "version", absent)
    fine, said = lines(capsys, details=details)
    assert fine and not any("FAIL" in line for line in said)
    told = [line for line in said if line.startswith("[--] no ")]
    assert {line.split()[2].rstrip(";") for line in told} == (
        set(doctor.OPTIONAL) if details else {"ipywidgets"}
    )
    assert all("pip install 'w2s_kit[" in line for line in told) and len(told) == len(set(told))


def test_the_extras_that_it_names_bring_these_packages():
    extras = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())["project"][
        "optional-dependencies"
    ]
    for package, (extra, _) in doctor.OPTIONAL.items():
        assert any(line.startswith(f"{package}>") for line in extras[extra]), f"{package} is not in {extra}"


def test_a_package_of_an_extra_that_is_there_must_load(capsys, monkeypatch):
    load = importlib.import_module
    monkeypatch.setattr(doctor, "_installed", lambda package: True)

    def fails(name, *args):
        if name == "ipywidgets":
            raise ImportError("cannot import name 'comm'")
        return load(name, *args)

    monkeypatch.setattr(importlib, "import_module", fails)
    fine, said = lines(capsys)
    assert not fine and any(line.startswith("[FAIL] ipywidgets") for line in said)


def test_what_the_kit_requires_is_there_and_new_enough(capsys, monkeypatch):
    wanted = ["pandas>=999", "no-such-package>=1.0", "numpy>=1", "jupyterlab>=999; extra == 'notebooks'"]
    monkeypatch.setattr(metadata, "requires", lambda name: wanted)
    fine, said = lines(capsys)
    failed = [line for line in said if "FAIL" in line]
    assert not fine and len(failed) == 2
    assert (
        "pandas" in failed[0]
        and "pip install --upgrade 'pandas>=999'" in failed[0]
        and "no-such-package>=1.0" in failed[1]
    )


def test_without_what_reads_requirements_the_other_lines_stand(capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "packaging.requirements", None)
    fine, said = lines(capsys)
    assert not fine and len(said) > 10
    (line,) = [line for line in said if line.startswith("[FAIL] packaging")]
    assert line.endswith("pip install --upgrade packaging")


def test_a_file_named_runs_is_no_place_for_runs(capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "runs").touch()
    fine, said = lines(capsys)
    assert not fine and any(line.startswith("[FAIL] runs can be written here") for line in said)


def test_models_that_are_damaged_or_gone(capsys, monkeypatch):
    load = families.load_family

    def damaged(name):
        if name == "chess":
            raise ValueError("config.json of m is no JSON")
        return load(name)

    monkeypatch.setattr(families, "load_family", damaged)
    fine, said = lines(capsys)
    (line,) = [line for line in said if "FAIL" in line]
    assert (
        not fine
        and "models chess (ValueError: config.json of m is no JSON)" in line
        and "data_prep/pretrain_chess.py" in line
    )


def test_a_folder_that_cannot_be_written(capsys, monkeypatch):
    def refuse(**kw):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(tempfile, "TemporaryFile", refuse)
    fine, said = lines(capsys)
    (line,) = [line for line in said if "FAIL" in line]
    assert not fine and "Permission denied" in line and "--store FOLDER" in line


def test_the_scripts_that_it_names_exist():

    folder = Path(__file__).parents[2] / "data_prep"
    for script in doctor.FAMILIES.values():
        assert (folder / script.split()[0]).exists()
