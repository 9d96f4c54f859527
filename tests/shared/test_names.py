"""Commands in error messages work where they are typed: they name this Python's pip, not the first one."""

import os
import shlex
import subprocess
import sys

from w2s_kit.shared import names


def test_a_pip_of_another_environment_is_not_meant(tmp_path, monkeypatch):
    other = tmp_path / "pip"
    other.write_text("#!/bin/sh\necho another\n")
    other.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    command = names.pip("w2s_kit[lora]")
    assert command.endswith(" -m pip install 'w2s_kit[lora]'")
    asked = [*shlex.split(command)[:-2], "--version"]  # as it is typed, without installing
    said = subprocess.run(asked, capture_output=True, text=True, check=True).stdout
    assert said.startswith("pip ") and os.path.realpath(sys.prefix) in os.path.realpath(
        said.split(" from ")[1].split(" (")[0]
    )


def test_in_an_environment_that_is_switched_on_the_name_is_enough(tmp_path, monkeypatch):
    for name in ("pip", "python"):
        (tmp_path / name).write_text("")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    assert names.pip("--upgrade", "pandas>=999") == "pip install --upgrade 'pandas>=999'"


def test_in_a_clone_the_command_is_short(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", "")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "executable", str(tmp_path / ".venv" / "bin" / "python"))
    assert names.pip("-e", ".") == f"{os.path.join('.venv', 'bin', 'python')} -m pip install -e ."


def test_a_python_in_a_folder_with_a_space_can_be_typed(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "executable", str(tmp_path / "my env" / "python"))
    assert shlex.split(names.here("jupyter")) == [sys.executable, "-m", "jupyter"]
