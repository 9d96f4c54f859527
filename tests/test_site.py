"""The site: what is staged for it, what has a page, and, where Sphinx is installed, the built pages."""

import ast
import importlib.util
import json
import re
import subprocess
import sys

import docstrings
import links
import pytest
import reference
import staging
from files_of_the_project import ROOT, project_files

import w2s_kit
from w2s_kit.shared.address import github, site

SHOWN = {
    "notebooks/00_start_here.ipynb": "notebooks/00_start_here.ipynb",
    "notebooks/12_vision.ipynb": "notebooks/12_vision.ipynb",
    "notebooks/assignments/release/ps1/ps1.ipynb": "notebooks/assignments/release/ps1/ps1.ipynb",
    "notebooks/solutions/12_vision.ipynb": "notebooks/solutions/12_vision.ipynb",
    "docs/howto/method.md": "howto/method.md",
    "docs/answers.md": "answers.md",
    "docs/index.md": "index.md",
    "docs/figures.md": "figures.md",
    "CHANGELOG.md": "changelog.md",
    "results/scoreboard.png": "results/scoreboard.png",
}


@pytest.fixture
def root(tmp_path):
    """A repository with the files of SHOWN, some more, and none of the kit."""
    for path in [
        *SHOWN,
        "Makefile",
        "notebooks/assignments/source/ps1/ps1.ipynb",
        "notebooks/NN_draft.ipynb",
        "notebooks/solutions/NN_draft.ipynb",
    ]:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text("{}")
    return tmp_path


# ------------------------------------------------------------------------------------------------- staging
def test_what_is_shown_and_what_is_not(root):
    """Solutions of problem sets are never shown, nor is a notebook without a number."""
    assert staging.pages(root) == SHOWN


@pytest.mark.parametrize(
    "source, link, becomes",
    [
        (
            "docs/howto/method.md",
            "../../notebooks/12_vision.ipynb",
            "../notebooks/12_vision.ipynb",
        ),
        (
            "docs/howto/method.md",
            "../../notebooks/12_vision.ipynb#part",
            "../notebooks/12_vision.ipynb#part",
        ),
        ("docs/howto/method.md", "../../CHANGELOG.md", "../changelog.md"),
        ("docs/howto/method.md", "../../Makefile", github("Makefile")),
        ("docs/index.md", "../results/scoreboard.png", "results/scoreboard.png"),
        ("CHANGELOG.md", "docs/howto/method.md", "howto/method.md"),
        ("notebooks/00_start_here.ipynb", "12_vision.ipynb", "12_vision.ipynb"),
        (
            "notebooks/00_start_here.ipynb",
            github("notebooks/12_vision.ipynb"),
            "12_vision.ipynb",
        ),
        ("notebooks/00_start_here.ipynb", "solutions/12_vision.ipynb", "solutions/12_vision.ipynb"),
        ("notebooks/solutions/12_vision.ipynb", "../12_vision.ipynb", "../12_vision.ipynb"),
        ("notebooks/00_start_here.ipynb", site("howto/method.html#a"), "../howto/method.md#a"),
        ("notebooks/00_start_here.ipynb", site(), "../index.md"),
        ("docs/index.md", github(), github()),
        ("docs/index.md", "https://arxiv.org/abs/2312.09390", "https://arxiv.org/abs/2312.09390"),
        ("docs/index.md", "#below", "#below"),
    ],
)
def test_links_lead_to_pages_where_there_are_some_and_to_github_where_not(root, source, link, becomes):
    assert staging.relink(f"see [this]({link}).", source, SHOWN, root) == f"see [this]({becomes})."


def test_a_link_to_nothing_is_an_error_that_names_the_page(root):
    with pytest.raises(ValueError, match=r"docs/index.md: ../gone.md leads to no file"):
        staging.relink("[this](../gone.md)", "docs/index.md", SHOWN, root)


def test_code_and_formulas_are_left_alone(root):
    text = "`[a](../gone.md)`, $f[7](x)$\n\n```\n[a](../gone.md) notebook 12\n```\n"
    assert staging.page(text, "docs/index.md", SHOWN, root) == text


@pytest.mark.parametrize(
    "text, becomes",
    [
        ("Notebook 12 reads.", "Notebook [12](notebooks/12_vision.ipynb) reads."),
        (
            "notebooks 00, 12 and 13",
            "notebooks [00](notebooks/00_start_here.ipynb), [12](notebooks/12_vision.ipynb) and 13",
        ),
        (
            "see `12_vision`",
            "see [12_vision](notebooks/12_vision.ipynb)",
        ),
        ("[notebook 12](https://x.org)", "[notebook 12](https://x.org)"),
        ("12 of them", "12 of them"),
        ("| 12 | 12 | 12 | x |", "| 12 | 12 | 12 | x |"),
    ],
)
def test_mentions_of_notebooks_become_links(text, becomes):
    assert staging.mentions(text, "docs/index.md", SHOWN) == becomes


def test_the_table_of_figures_links_its_column_of_notebooks_alone():
    row = staging.mentions("| 00 | picture | 12 | 12 |", "docs/figures.md", SHOWN)
    assert row == "| 00 | picture | [12](notebooks/12_vision.ipynb) | 12 |"


def cell(source, kind="code", tags=(), **more):
    return {
        "cell_type": kind,
        "id": "a",
        "metadata": {"tags": list(tags)} if tags else {},
        "source": source,
        **more,
    }


def staged(root, *cells):
    book = {"cells": list(cells), "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    before = json.dumps(book)
    new = staging.notebook(book, "notebooks/00_start_here.ipynb", SHOWN, root)["cells"]
    assert json.dumps(book) == before, "the notebook itself stays as it is"
    return new


def test_badges_go_and_the_setup_cell_is_folded(root):
    badges = [
        "[![Open in Colab](https://x.org/a.svg)](https://x.org/b)\n",
        "[![K](k.svg)](k)\n",
        "\n",
        "# Title",
    ]
    title, setup, code = staged(
        root, cell(badges, "markdown"), cell("# Setup: on Colab"), cell("# Setup is done")
    )
    assert title["source"] == "# Title"
    assert setup["metadata"]["tags"] == ["hide-input"] and code["metadata"] == {}


def test_an_answer_in_code_is_folded_and_called_an_answer(root):
    shared, answer = staged(root, cell("import w2s_kit"), cell("print(1)", tags=["hide-cell"]))
    assert answer["metadata"]["tags"] == ["hide-cell"] and "mystnb" not in shared["metadata"]
    assert answer["metadata"]["mystnb"]["code_prompt_show"] == "Answer"


def test_the_page_of_answers_lists_them_and_has_their_table_of_contents(root):
    path = "notebooks/solutions/12_vision.ipynb"
    badge = "[![Open in Colab](https://x.org/a.svg)](https://x.org/b)\n"
    first = cell([badge, "\n", "# Answers: 12 Images\n", "\n", "Try."], "markdown")
    (root / path).write_text(json.dumps({"cells": [first]}))
    page = staging.answers("# A\n<!-- answers -->\n", SHOWN, root)
    assert f"- [Answers: 12 Images](../{path})\n" in page
    assert "\n```{toctree}\n:hidden:\nnotebooks/solutions/12_vision\n```" in page
    with pytest.raises(ValueError, match="docs/answers.md has no place"):
        staging.answers("# A\n", SHOWN, root)


def test_a_claim_has_an_anchor_before_its_cell(root):
    anchor, shown = staged(root, cell("print(1)", tags=["nbval-skip", "claim:students_gain"]))
    assert anchor["cell_type"] == "markdown" and anchor["source"] == '<span id="students_gain"></span>'
    assert shown["source"] == "print(1)"


@pytest.mark.parametrize(
    "plain, explorer",
    [(["Explorer (supervisor): run the cell"], True), ("<Figure size 640x480 with 1 Axes>", False)],
)
def test_below_an_explorer_stands_where_its_controls_move(root, plain, explorer):
    output = {
        "output_type": "display_data",
        "metadata": {},
        "data": {"image/png": "iVBO", "text/plain": plain},
    }
    (shown,) = staged(root, cell("explore()", outputs=[output]))
    assert shown["outputs"] == [output, staging.CONTROLS] if explorer else [output]


def test_explorers_say_so_in_the_saved_notebooks():
    """What the staging looks for is what the kit writes."""
    shown = json.dumps([json.loads(content) for name, content in staging.texts() if name.endswith(".ipynb")])
    assert shown.count(json.dumps(staging.MOVES)) == shown.count("Explorer (") > 5


BOARD = (
    '<html><style>.w2s-scoreboard { color: red }</style><body><div class="w2s-scoreboard"><h1>Big</h1>\n'
    f'<tr id="gain"><td><a href="{github("notebooks/12_vision.ipynb")}">12</a></td></tr></div>\n'
    "</body></html>"
)


def test_the_scoreboard_has_its_filters_and_leads_to_cells():
    page = staging.scoreboard("# Board\n\nWords.\n<!-- scoreboard -->\n| a |\n<!-- /scoreboard -->\n", BOARD)
    stem = "notebooks/12_vision"
    assert f'<tr id="gain"><td><a href="{stem}.html#gain">' in page
    assert ".w2s-scoreboard { color: red }" in page and "# Board" in page
    assert "| a |" not in page and "<h1>" not in page
    for text, board in (("# Board\n", BOARD), ("# Board\n<!-- scoreboard -->", "<html></html>")):
        with pytest.raises(ValueError, match="another form"):
            staging.scoreboard(text, board)


def test_the_front_page_has_the_questions_of_the_readme():
    readme = f"| 12 | Does it help? | 20 | [GitHub]({github('notebooks/12_vision.ipynb')}) | more |\n"
    page = staging.questions("# W\n<!-- notebooks -->\n", readme)
    assert "| 12 | [Does it help?](../notebooks/12_vision.ipynb) | 20 |" in page
    with pytest.raises(ValueError, match="README.md has no table"):
        staging.questions("<!-- notebooks -->", "no table here")


def test_staging_writes_what_changed_and_removes_what_is_gone(tmp_path, monkeypatch):
    monkeypatch.setattr(staging, "texts", lambda root: iter([("a.md", b"one"), ("b/c.md", b"two")]))
    staging.stage(tmp_path)
    old = (tmp_path / "a.md").stat().st_mtime_ns
    monkeypatch.setattr(staging, "texts", lambda root: iter([("a.md", b"one"), ("d.md", b"three")]))
    staging.stage(tmp_path)
    assert sorted(p.name for p in tmp_path.rglob("*") if p.is_file()) == ["a.md", "d.md"]
    assert (tmp_path / "a.md").stat().st_mtime_ns == old, "Sphinx would build it again"


# ------------------------------------------------------------------------------------------------- docstrings
@pytest.mark.parametrize(
    "text, rst",
    [
        ("See `train`.", "See :py:obj:`train`."),
        ("Call `train()`, `x[0]`s.", "Call :py:obj:`train`, ``x[0]``\\ s."),
        ("a * b | c_ and **kw", "a \\* b \\| c\\_ and \\*\\*kw"),
        ("Say:\n\n    x = 1\n    y\n\nDone.", "Say:\n\n::\n\n        x = 1\n        y\n\nDone."),
        ("name    what it is\nother   more", "::\n\n    name    what it is\n    other   more"),
        ("Say:\n    x = 1", "Say:\n\n::\n\n        x = 1"),
        ("a: (n,)\nb, c: `x` and\nmore", "- :py:obj:`a`: (n,)\n- ``b, c``: :py:obj:`x` and\n  more"),
        ("note: one line\nis a sentence", "note: one line\nis a sentence"),
        ("code `a +\nb` on two lines", "code ``a +\nb`` on two lines"),
        ("So:\n\n    import a\n\n    a.b()", "So:\n\n::\n\n        import a\n\n        a.b()"),
        ("name: what `x`: is\nother: b", "- :py:obj:`name`: what :py:obj:`x`: is\n- :py:obj:`other`: b"),
    ],
)
def test_docstrings_become_restructured_text(text, rst):
    assert "\n".join(docstrings.as_rst(text.split("\n"))).strip() == rst


# --------------------------------------------------------------------------------------- what has a page
def test_every_module_of_the_package_is_in_the_reference():
    text = "\n".join(page for _, page in reference.pages(ROOT / "w2s_kit"))
    shown = re.findall(r"^\.\. automodule:: (\S+)$", text, re.M)
    files = [
        p.relative_to(ROOT)
        for p in project_files()
        if p.is_relative_to(ROOT / "w2s_kit") and p.suffix == ".py"
    ]
    modules = {
        ".".join(p.with_suffix("").parts).removesuffix(".__init__") for p in files if p.name != "__main__.py"
    }
    assert sorted(shown) == sorted(modules) and len(modules) > 100


def test_every_page_of_the_reference_is_in_its_table_of_contents():
    pages = dict(reference.pages(ROOT / "w2s_kit"))
    entries = {line for text in pages.values() for line in text.split("\n") if f"api/{line}.md" in pages}
    assert {f"api/{entry}.md" for entry in entries} == pages.keys() - {"api/index.md"}


def test_the_front_page_of_the_reference_lists_what_the_kit_gives():
    front = dict(reference.pages(ROOT / "w2s_kit"))["api/index.md"]
    listed = re.findall(r"\{py:obj\}`~w2s_kit\.([\w.]+)\.(\w+)`", front)
    assert listed == [(module, name) for module, names in w2s_kit._NAMES.items() for name in names] != []
    assert "<genindex>`" in front and "<modindex>`" in front, "no other page leads to these two lists"


def test_a_page_of_the_reference_begins_with_what_most_people_use():
    page = dict(reference.pages(ROOT / "w2s_kit"))["api/experiment.md"]
    assert re.findall(r"^## (\w+)", page, re.M)[:3] == ["settings", "stages", "grid"]


def test_every_notebook_page_and_problem_set_is_in_the_table_of_contents():
    staged = dict(staging.texts())
    text = "\n".join(staged[page].decode() for page in ("index.md", "answers.md"))
    trees = re.findall(r"^```\{toctree\}\n(.*?)^```", text, re.M | re.S)
    entries = re.findall(r"(?:<|^)([\w/]+)>?$", "\n".join(trees), re.M)
    pages = {to.rpartition(".")[0] for to in staging.pages().values() if not to.endswith(".png")}
    assert sorted(entries) == sorted([*pages - {"index"}, "api/index"])


def test_links_of_the_documentation_resolve():
    """Staging raises for a link to no file; anchors are checked in the built pages."""
    assert len(dict(staging.texts())) > 60


def test_the_repository_ignores_what_is_built():
    assert "docs/_build/" in (ROOT / ".gitignore").read_text().splitlines()


def test_make_site_stops_at_a_warning_and_then_at_a_link_to_nothing():
    recipe = re.search(r"^site: .*\n((?:\t.*\n)+)", (ROOT / "Makefile").read_text(), re.M)[1]
    staged, built, checked = [line.split() for line in recipe.splitlines()]
    assert staged == ["$(PY)", "docs/staging.py"] and built[1:3] == ["-m", "sphinx"]
    assert {"-W", "-n"} <= set(built) and checked == ["$(PY)", "docs/links.py", built[-1]]


def test_notebooks_of_the_site_open_in_colab_and_on_binder():
    """Read without Sphinx, which conf.py wants: a page with a notebook has a button for each of these."""
    tree = ast.parse((ROOT / "docs/conf.py").read_text("utf-8"))
    pairs = [p for node in ast.walk(tree) if isinstance(node, ast.Dict) for p in zip(node.keys, node.values)]
    (buttons,) = [ast.literal_eval(v) for k, v in pairs if ast.unparse(k) == "'launch_buttons'"]
    assert buttons == {
        "colab_url": "https://colab.research.google.com",
        "binderhub_url": "https://mybinder.org",
        "notebook_interface": "jupyterlab",
    }


# --------------------------------------------------------------------------------------- built pages
MISSING = [name for name in ("sphinx", "myst_nb", "sphinx_book_theme") if not importlib.util.find_spec(name)]


@pytest.mark.skipif(
    bool(MISSING), reason=f"pip install -e '.[docs]': {MISSING}; site.yml builds on every change"
)
def test_the_site_builds_without_a_warning_and_all_its_links_lead_somewhere(tmp_path):
    staging.stage(tmp_path / "source")
    command = [sys.executable, "-m", "sphinx", "-W", "-n", "-j", "auto", "-q", "-c", ROOT / "docs"]
    done = subprocess.run([*command, tmp_path / "source", tmp_path / "html"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-4000:]
    assert links.faults(tmp_path / "html") == []
    page = (tmp_path / "html/notebooks/00_start_here.html").read_text("utf-8")
    assert "colab.research.google.com/github/" in page and "mybinder.org/v2/gh/" in page
    assert "BEGIN SOLUTION" not in (tmp_path / "html/notebooks/assignments/release/ps1/ps1.html").read_text(
        "utf-8"
    )
