"""What a fresh clone relies on: dependency lists that agree, tested versions, no heavy or local files."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from importlib import metadata
from pathlib import Path

import colab
import pytest
import yaml
from files_of_the_project import ROOT, project_files, text_of
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

from w2s_kit.shared import address

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
EXTRAS = PROJECT["optional-dependencies"]
CONDA_NAMES = {"pytorch": "torch"}
# Preloaded on Colab: an install of the kit there must not replace these (a newer numpy in mid-session breaks
# the notebook). `make colab` tries it.
COLAB = colab.pins()


def requirements(*extras: str) -> dict[str, Requirement]:
    lines = PROJECT["dependencies"] + [line for extra in extras for line in EXTRAS[extra]]
    return {canonicalize_name(r.name): r for r in map(Requirement, lines)}


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
        assert [s.operator for s in requirement.specifier] == [">="], (
            f"{requirement}: one lower bound, nothing else"
        )
        if name in COLAB:
            assert COLAB[name] in requirement.specifier, f"{requirement}: Colab has {COLAB[name]}"
    assert Version(COLAB["python"]) >= Version(PROJECT["requires-python"].removeprefix(">="))


def test_constraints_pin_a_version_for_every_requirement():
    lines = [
        line
        for line in (ROOT / "constraints.txt").read_text().splitlines()
        if line and not line.startswith("#")
    ]
    pins = {}
    for line in lines:
        requirement = Requirement(line)  # also refuses index addresses and options
        (pin,) = requirement.specifier
        assert pin.operator == "==" and "+" not in pin.version, (
            f"{line}: an exact version without a build suffix"
        )
        pins[canonicalize_name(requirement.name)] = pin.version
    assert len(pins) == len(lines), "a name is pinned twice"
    for name, requirement in requirements(*EXTRAS).items():
        assert name in pins, f"{name} is not pinned in constraints.txt"
        assert pins[name] in requirement.specifier, f"{requirement}, but constraints.txt pins {pins[name]}"


def test_package_data_reaches_the_wheel():
    patterns = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["package-data"][
        "w2s_kit"
    ]
    package = ROOT / "w2s_kit"
    shipped = {
        p for pattern in patterns for p in package.glob(pattern + "/*" if pattern.endswith("**") else pattern)
    }
    missing = [
        p for p in project_files() if p.is_relative_to(package) and p.suffix != ".py" and p not in shipped
    ]
    assert not missing, f"not covered by package-data in pyproject.toml: {missing}"


def test_every_folder_with_code_is_a_package():
    folders = {p.parent for p in project_files() if p.is_relative_to(ROOT / "w2s_kit") and p.suffix == ".py"}
    assert [f for f in sorted(folders) if not (f / "__init__.py").is_file()] == []


def test_shipped_binaries_are_small():
    sizes = {p.relative_to(ROOT): p.stat().st_size for p in project_files() if text_of(p) is None}
    heaviest = sorted(sizes.items(), key=lambda item: -item[1])[:5]
    assert sum(sizes.values()) < 30e6, (
        f"binaries hold {sum(sizes.values()) / 1e6:.1f} MB; heaviest: {heaviest}"
    )


HOSTS = re.compile(r"pypi\.org|python" r"hosted|registry\.npmjs|deb\.debian|index-url|find-links")
MACHINE_PATHS = re.compile(
    r"(?<![\w./])/(?:work|farm|root|tmp/[a-z]\w*)/|(?<![\w./])/(?:home|Users)/\w+/|[A-Z]:\\+Users\\"
)


def test_no_registry_hosts_or_machine_paths():
    found = []
    for path in project_files():
        text = text_of(path)
        if text is None or path == Path(__file__):
            continue
        for pattern in (HOSTS, MACHINE_PATHS):
            found += [f"{path.relative_to(ROOT)}: {match.group()}" for match in pattern.finditer(text)]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    "text, hit",
    [
        ("see /" + "home/ann/kit", True),
        ("/" + "work/main", True),
        ("https://x.org/home/ann/", False),
        ("notebooks/work/a", False),
        ("C:\\" + "Users\\ann", True),
    ],
)
def test_machine_path_pattern(text, hit):
    assert bool(MACHINE_PATHS.search(text)) == hit


def test_importing_the_package_is_light():
    """The root conftest imports it first, then sets the offline switches, which heavy libraries read once."""
    code = (
        "import sys, w2s_kit.course.notebooks; "
        "print(*({'torch', 'transformers', 'datasets', 'huggingface_hub'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == []


def test_every_package_is_installed_and_so_are_tables_and_notebooks():
    """The list in pyproject.toml is written by hand.

    The folders results/ and notebooks/ are installed as packages, which `find` cannot do.
    """
    setup = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]
    found = {
        ".".join(path.parent.relative_to(ROOT).parts)
        for path in project_files()
        if path.name == "__init__.py" and path.is_relative_to(ROOT / "w2s_kit")
    }
    folders = {"w2s_kit.results": "results", "w2s_kit.notebooks": "notebooks"}
    assert sorted(setup["packages"]) == sorted({*found, *folders}) and setup["package-dir"] == folders


def test_the_hook_before_a_commit_is_the_gate_of_make_test():
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"]
    (ruff,) = [repo for repo in hooks if repo["repo"].endswith("/ruff-pre-commit")]
    pins = (ROOT / "constraints.txt").read_text().splitlines()
    assert f"ruff=={ruff['rev'].removeprefix('v')}" in pins
    assert {hook["id"] for hook in ruff["hooks"]} == {"ruff-check", "ruff-format"}
    gates = (ROOT / "Makefile").read_text()
    assert all(f"-m {gate}" in gates for gate in ("ruff check", "ruff format --check", "mypy"))


def test_the_hook_before_a_commit_keeps_what_others_name():
    """Outputs are compared; slides, the scoreboard's links and marking name cells by their ids."""
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"]
    (strip,) = [hook for repo in hooks for hook in repo["hooks"] if hook["id"] == "nbstripout"]
    assert {"--keep-output", "--keep-count", "--keep-id"} <= set(strip["args"])


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
            assert not wants or SpecifierSet(wants).contains(oldest), (
                f"{line} wants Python {wants}, but the kit promises {oldest}"
            )


# What a plain install need not have: the packages of the extras by the names that they are imported by, what
# these bring along, and what libraries of ours would use if it were there.
IMPORTED_AS = {"pyyaml": "yaml", "pytest-xdist": "xdist"}
BROUGHT = {
    "IPython",
    "jupyter_client",
    "jupyter_core",
    "traitlets",
    "comm",
    "torchvision",
    "torchaudio",
    "tensorflow",
    "jax",
}
HIDE = """
import importlib.machinery, pkgutil, sys
hidden = set(sys.argv[1].split())

class Bare(importlib.machinery.PathFinder):
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        return None if name.partition(".")[0] in hidden else super().find_spec(name, path, target)

sys.meta_path[:] = [Bare if finder is importlib.machinery.PathFinder else finder for finder in sys.meta_path]
"""
IMPORT_ALL = (
    HIDE
    + """
import importlib, w2s_kit
names = [module.name for module in pkgutil.walk_packages(w2s_kit.__path__, "w2s_kit.")]
for name in names:
    if name.endswith(".__main__"):
        continue
    try:
        importlib.import_module(name)
    except ImportError as error:
        print(name, "|", error)
print(len(names), "modules; there in spite of all:", *(hidden & set(sys.modules)))
"""
)


def brought_along(names) -> set[str]:
    """These packages and all that they require, as they are installed here."""
    found, left = set(), set(names)
    while left:
        found.add(name := left.pop())
        try:
            lines = map(Requirement, metadata.requires(name) or [])
        except metadata.PackageNotFoundError:
            continue
        left |= {
            canonicalize_name(r.name) for r in lines if r.marker is None or r.marker.evaluate({"extra": ""})
        } - found
    return found


def optional() -> set[str]:
    """What only extras bring, by the names that it is imported by."""
    names = {Requirement(line).name for lines in EXTRAS.values() for line in lines}
    return {
        IMPORTED_AS.get(name, name.replace("-", "_")) for name in names - brought_along(requirements())
    } | BROUGHT


def python(*arguments, **options) -> subprocess.CompletedProcess:
    return subprocess.run([sys.executable, *map(str, arguments)], capture_output=True, text=True, **options)


def test_every_module_imports_in_a_plain_install_or_names_the_extra_it_wants():
    done = python("-c", IMPORT_ALL, " ".join(optional()), cwd=ROOT)
    assert done.returncode == 0, done.stderr
    *refused, last = done.stdout.splitlines()
    assert int(last.split()[0]) > 60 and last.endswith("there in spite of all:"), last
    assert [line.split(" | ")[0] for line in refused] == [
        "w2s_kit.course.kernels",
        "w2s_kit.report.widgets",
    ], refused
    assert all("pip install 'w2s_kit[" in line for line in refused), refused


BUILD = """
import sys
import setuptools.build_meta
print(getattr(setuptools.build_meta, "build_" + sys.argv[1])(sys.argv[2]))
"""


def build(what: str, source: Path, into: Path) -> tuple[Path, str]:
    """An "sdist" or a "wheel" of the folder `source`, and all that was said while it was built."""
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}  # it warns of it
    done = python("-c", BUILD, what, into, cwd=source, env=environment)
    assert done.returncode == 0, done.stderr
    return into / done.stdout.splitlines()[-1], done.stdout + done.stderr


# Folder -> files that working, building and grading leave in it.
LEFT = {
    "notebooks": ("mine.ipynb", ".ipynb_checkpoints/00_start_here-checkpoint.ipynb"),
    "notebooks/solutions": (
        ".ipynb_checkpoints/00_start_here-checkpoint.ipynb",
        "runs/0123456789abcdef/x.csv",
    ),
    "notebooks/assignments": (
        "submitted/ann/ps1/ps1.ipynb",
        "feedback/ann/ps1/ps1.html",
        "grades/ps1.csv",
        "source/ps1/.ipynb_checkpoints/ps1-checkpoint.ipynb",
        "release/ps1/.ipynb_checkpoints/ps1-checkpoint.ipynb",
    ),
    "data_prep": ("cache/x.py",),
    "results": ("figures/x.png",),
    "docs": ("_build/source/index.md",),
}
LITTER = [f"{folder}/{name}" for folder, names in LEFT.items() for name in names]


@pytest.fixture(scope="module")
def distributed(tmp_path_factory) -> dict[str, Path | str]:
    """The source distribution of what a commit of everything here would hold, and its wheel, unpacked."""
    folder = tmp_path_factory.mktemp("built")
    for path in project_files():
        copy = folder / "clone" / path.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(path.read_bytes())
    for name in LITTER:
        (left := folder / "clone" / name).parent.mkdir(parents=True, exist_ok=True)
        left.write_text("{}")
    archive, said = build("sdist", folder / "clone", folder)
    shutil.unpack_archive(archive, folder)
    source = archive.with_name(archive.name.removesuffix(".tar.gz"))
    wheel, more = build("wheel", source, folder)
    with zipfile.ZipFile(wheel) as opened:
        opened.extractall(folder / "site")
    return {"source": source, "site": folder / "site", "said": said + more}


@pytest.fixture(scope="module")
def installed(distributed) -> Path:
    """The kit as its wheel has it, unpacked into a folder."""
    return distributed["site"]


def test_the_builds_warn_of_nothing(distributed):
    warnings = [line for line in distributed["said"].splitlines() if "warning" in line.lower()]
    assert not warnings


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="a source distribution has no git")
def test_git_does_not_offer_what_is_left_in_a_clone():
    """All but a notebook of one's own, which may be meant for a commit."""
    left = LITTER[1:]
    said = subprocess.run(["git", "check-ignore", *left], cwd=ROOT, capture_output=True, text=True).stdout
    assert said.split() == left


def test_the_source_distribution_is_the_repository(distributed):
    have = {
        path.relative_to(distributed["source"]) for path in distributed["source"].rglob("*") if path.is_file()
    }
    made = {path for path in have if path.parts[0] in ("PKG-INFO", "setup.cfg", "w2s_kit.egg-info", "build")}
    assert have - made == {path.relative_to(ROOT) for path in project_files()} - made


def test_the_tests_of_the_source_distribution_run(distributed):
    """A few that look at everything: the layers, addresses, README, notebooks to copy."""
    chosen = [
        "tests/test_face.py",
        "tests/test_readme.py",
        "tests/course/test_address.py",
        "tests/course/test_copies.py",
    ]
    environment = os.environ | {"PYTHONPATH": str(distributed["source"])}
    done = python(
        *("-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", "not lines_of_python"),
        *chosen,
        cwd=distributed["source"],
        env=environment,
    )
    assert done.returncode == 0, done.stdout
    assert int(re.search(r"(\d+) passed", done.stdout)[1]) > 100


def elsewhere(installed: Path, tmp_path: Path, *arguments) -> subprocess.CompletedProcess:
    """Runs Python with the unpacked wheel, in an empty folder far from the repository."""
    return python(
        *arguments, cwd=tmp_path, env=os.environ | {"PYTHONPATH": str(installed), "MPLBACKEND": "agg"}
    )


def test_the_wheel_holds_the_package_the_measured_tables_and_what_students_read(installed):
    """And nothing else: the sources of the problem sets hold their solutions, and stay out."""
    want = {path.relative_to(ROOT) for path in project_files() if path.is_relative_to(ROOT / "w2s_kit")}
    want |= {
        Path("w2s_kit") / path.relative_to(ROOT)
        for path in project_files()
        if path.is_relative_to(ROOT / "results")
        and path.suffix == ".csv"
        or path.suffix == ".ipynb"
        and (
            path.parent in (ROOT / "notebooks", ROOT / "notebooks/solutions")
            or path.is_relative_to(ROOT / "notebooks/assignments/release")
        )
    }
    have = {
        path.relative_to(installed)
        for path in installed.rglob("*")
        if path.is_file() and "dist-info" not in str(path)
    }
    assert have == want
    assert len([path for path in want if path.suffix == ".ipynb"]) > 30
    assert len([path for path in want if path.is_relative_to("w2s_kit/results")]) > 40


def test_the_wheel_says_what_it_is(installed):
    """Version, command, addresses and README, as a package page shows them."""
    (info,) = installed.glob("*.dist-info")
    said = metadata.PathDistribution(info)
    assert said.version == PROJECT["version"] and said.metadata["License-Expression"] == "MIT"
    assert {(e.name, e.value) for e in said.entry_points} == {("w2s-kit", "w2s_kit.__main__:main")}
    urls = dict(url.split(", ") for url in said.metadata.get_all("Project-URL"))
    assert urls == {
        "Homepage": address.github(),
        "Documentation": address.site(),
        "Changelog": address.github("CHANGELOG.md"),
        "Issues": address.github() + "/issues",
    }
    assert (installed / "w2s_kit" / "py.typed").is_file() and "Typing :: Typed" in PROJECT["classifiers"]
    text = said.metadata.get_payload() or said.metadata["Description"]
    pictures = re.findall(r"!\[[^\]]*\]\(([^)]*)\)", text)
    assert pictures and all(url.startswith("https://") for url in pictures), (
        "a package page has no files beside it"
    )


def test_one_version_everywhere():
    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    released = re.search(r"^## (\d[\d.]*), (\d{4}-\d\d-\d\d)$", (ROOT / "CHANGELOG.md").read_text(), re.M)
    assert released, "CHANGELOG.md: no dated version"
    version, date = released.groups()
    assert cited["version"] == version == PROJECT["version"] and str(cited["date-released"]) == date
    assert cited["license"] == PROJECT["license"] == "MIT"
    assert cited["repository-code"] == address.github() and cited["url"] == address.site()


def test_the_wheel_works_far_from_the_repository(installed, tmp_path):
    code = """
import w2s_kit, w2s_kit.report.claims as claims, w2s_kit.shared.files as files
print(w2s_kit.__file__, files.results_folder(), len(claims.load()))
from w2s_kit import plots
from w2s_kit.course import doctor
from w2s_kit import Settings, grid, summarise
from w2s_kit.tasks import load_task
print(doctor.check(), len(load_task("ethics", seed=0).test))
"""
    done = elsewhere(installed, tmp_path, "-c", code)
    assert done.returncode == 0, done.stderr
    package, results, tables = done.stdout.splitlines()[0].split()
    assert (
        Path(package).is_relative_to(installed)
        and Path(results).is_relative_to(installed)
        and int(tables) > 30
    )
    assert done.stdout.splitlines()[-1] == "True 500" and "FAIL" not in done.stdout, done.stdout


def test_the_commands_of_the_wheel(installed, tmp_path):
    assert "Settings" in elsewhere(installed, tmp_path, "-m", "w2s_kit", "--help").stdout
    assert (
        elsewhere(installed, tmp_path, "-m", "w2s_kit", "--version").stdout
        == f"w2s_kit {PROJECT['version']}\n"
    )
    refused = elsewhere(installed, tmp_path, "-m", "w2s_kit.report.claims", "--write")
    assert (
        refused.returncode == 2
        and "clone of the repository" in refused.stderr
        and not list(tmp_path.iterdir())
    )
