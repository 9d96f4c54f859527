"""What a fresh clone relies on: the dependency lists agree, the tested versions satisfy them, nothing shipped is heavy or local."""
import functools
import re
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
EXTRAS = PROJECT["optional-dependencies"]
CONDA_NAMES = {"pytorch": "torch"}
# Preloaded on Colab: an install of the kit there must not replace these (a newer numpy in mid-session breaks the notebook).
COLAB = {"python": "3.13", "torch": "2.11", "transformers": "5.15", "datasets": "4.0", "pandas": "2.2", "numpy": "2.1",
         "ipywidgets": "7.7.1"}


def requirements(*extras: str) -> dict[str, Requirement]:
    lines = PROJECT["dependencies"] + [line for extra in extras for line in EXTRAS[extra]]
    return {canonicalize_name(r.name): r for r in map(Requirement, lines)}


@functools.cache
def project_files() -> list[Path]:
    """What a commit of everything here would hold; in a copy without git, all but hidden folders, environments and caches."""
    git = subprocess.run(["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
                         capture_output=True, text=True)
    top = subprocess.run(["git", "-C", str(ROOT), "rev-parse", "--show-toplevel"], capture_output=True, text=True)
    if git.returncode == top.returncode == 0 and Path(top.stdout.strip()) == ROOT.resolve():
        found = [ROOT / name for name in git.stdout.split("\0") if name]
    else:
        ignored = {"__pycache__", "build", "dist", "runs", "cache"}
        found = [p for p in ROOT.rglob("*") if not any(
            part in ignored or part.endswith(".egg-info") or part.startswith(".") and part != ".ci" for part in p.relative_to(ROOT).parts)]
    return sorted(p for p in found if p.is_file() and not p.is_symlink())


def text_of(path: Path) -> str | None:
    """None for a binary file."""
    try:
        text = path.read_bytes().decode("utf-8")
    except UnicodeDecodeError:
        return None
    return None if "\0" in text else text


def test_conda_environment_repeats_pyproject():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text())
    assert environment["channels"][0] == "conda-forge"
    lines = [line for line in environment["dependencies"] if isinstance(line, str) and line != "pip"]
    conda = {CONDA_NAMES.get(r.name, r.name): str(r.specifier) for r in map(Requirement, lines)}
    assert conda.pop("python") == PROJECT["requires-python"]
    assert conda == {name: str(r.specifier) for name, r in requirements("notebooks", "dev").items()}
    assert {"pip": ["-e ."]} in environment["dependencies"]


def test_dependencies_are_lower_bounds_that_colab_meets():
    for name, requirement in requirements(*EXTRAS).items():
        assert [s.operator for s in requirement.specifier] == [">="], f"{requirement}: one lower bound, nothing else"
        if name in COLAB:
            assert COLAB[name] in requirement.specifier, f"{requirement}: Colab has {COLAB[name]}"
    assert Version(COLAB["python"]) >= Version(PROJECT["requires-python"].removeprefix(">="))


def test_constraints_pin_a_version_for_every_requirement():
    lines = [line for line in (ROOT / "constraints.txt").read_text().splitlines() if line and not line.startswith("#")]
    pins = {}
    for line in lines:
        requirement = Requirement(line)    # also refuses index addresses and options
        (pin,) = requirement.specifier
        assert pin.operator == "==" and "+" not in pin.version, f"{line}: an exact version without a build suffix"
        pins[canonicalize_name(requirement.name)] = pin.version
    assert len(pins) == len(lines), "a name is pinned twice"
    for name, requirement in requirements(*EXTRAS).items():
        assert name in pins, f"{name} is not pinned in constraints.txt"
        assert pins[name] in requirement.specifier, f"{requirement}, but constraints.txt pins {pins[name]}"


def test_package_data_reaches_the_wheel():
    patterns = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["package-data"]["w2s_kit"]
    package = ROOT / "w2s_kit"
    shipped = {p for pattern in patterns for p in package.glob(pattern + "/*" if pattern.endswith("**") else pattern)}
    missing = [p for p in project_files() if p.is_relative_to(package) and p.suffix != ".py" and p not in shipped]
    assert not missing, f"not covered by package-data in pyproject.toml: {missing}"


def test_every_folder_with_code_is_a_package():
    folders = {p.parent for p in project_files() if p.is_relative_to(ROOT / "w2s_kit") and p.suffix == ".py"}
    assert [f for f in sorted(folders) if not (f / "__init__.py").is_file()] == []


def test_shipped_binaries_are_small():
    sizes = {p.relative_to(ROOT): p.stat().st_size for p in project_files() if text_of(p) is None}
    heaviest = sorted(sizes.items(), key=lambda item: -item[1])[:5]
    assert sum(sizes.values()) < 30e6, f"binaries hold {sum(sizes.values()) / 1e6:.1f} MB; heaviest: {heaviest}"


HOSTS = re.compile(r"pypi\.org|python" r"hosted|registry\.npmjs|deb\.debian|index-url|find-links")
MACHINE_PATHS = re.compile(r"(?<![\w./])/(?:work|farm|root|tmp/[a-z]\w*)/|(?<![\w./])/(?:home|Users)/\w+/|[A-Z]:\\+Users\\")


def test_no_registry_hosts_or_machine_paths():
    found = []
    for path in project_files():
        text = text_of(path)
        if text is None or path == Path(__file__):
            continue
        for pattern in (HOSTS, MACHINE_PATHS):
            found += [f"{path.relative_to(ROOT)}: {match.group()}" for match in pattern.finditer(text)]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("text, hit", [("see /" "home/ann/kit", True), ("/" "work/main", True), ("https://x.org/home/ann/", False),
                                       ("notebooks/work/a", False), ("C:\\" "Users\\ann", True)])
def test_machine_path_pattern(text, hit):
    assert bool(MACHINE_PATHS.search(text)) == hit


def test_importing_the_package_is_light():
    """The root conftest imports it before it sets the offline switches, which heavy libraries read once, at import."""
    code = "import sys, w2s_kit.notebooks; print(*({'torch', 'transformers', 'datasets', 'huggingface_hub'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == []


def test_every_package_is_installed_and_so_are_the_measured_tables():
    """The list in pyproject.toml is written by hand: the tables of results/ are installed as a package, which `find` cannot do."""
    setup = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]
    found = {".".join(path.parent.relative_to(ROOT).parts) for path in project_files() if path.name == "__init__.py" and path.is_relative_to(ROOT / "w2s_kit")}
    assert sorted(setup["packages"]) == sorted({*found, "w2s_kit.results"})
    assert setup["package-dir"] == {"w2s_kit.results": "results"} and setup["package-data"]["w2s_kit.results"] == ["**/*.csv"]


def test_tested_versions_run_on_the_oldest_python_we_promise():
    """A pin that wants 3.11.5 stops `make env` on Debian 12, whose Python is 3.11.2."""
    oldest = next(iter(SpecifierSet(PROJECT["requires-python"]))).version + ".0"
    for line in (ROOT / "constraints.txt").read_text().splitlines():
        if line and not line.startswith("#"):
            name = Requirement(line).name
            try:
                wants = metadata.metadata(name).get("Requires-Python")
            except metadata.PackageNotFoundError:  # pinned for another platform
                continue
            assert not wants or SpecifierSet(wants).contains(oldest), f"{line} wants Python {wants}, but the kit promises {oldest}"
