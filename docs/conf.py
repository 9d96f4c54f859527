"""The site: notebooks as they are saved, problem sets, scoreboard, how-to pages, reference.

Sphinx reads docs/_build/source, which docs/staging.py fills. The site builds without a network, and is read
without one.
"""

import hashlib
import importlib
import inspect
import sys
from importlib import metadata
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

import docstrings  # noqa: E402
import reference  # noqa: E402

from w2s_kit.shared import address  # noqa: E402

project = html_title = "w2s_kit"
author = copyright = "w2s_kit contributors"
release = version = metadata.version("w2s_kit")
extensions = [
    "myst_nb",
    "sphinx.ext.mathjax",
    "sphinx.ext.autodoc",
    "sphinx.ext.linkcode",
    "sphinx_copybutton",
]
highlight_language = "none"  # a block that names no language is shell, output or pseudocode
nitpicky = True
smartquotes = False  # options begin with two hyphens, and code is quoted as it is typed
# Docstrings say `name` of anything: an option, a column, a library's class. A full name must lead somewhere.
nitpick_ignore_regex = [("py:.*", r"(?!w2s_kit\.).*")]

# ------------------------------------------------------------------------------------------------ notebooks
myst_enable_extensions = ["dollarmath", "colon_fence"]
myst_heading_anchors = 3
nb_execution_mode = "off"
nb_merge_streams = True
nb_code_prompt_show = "Setup, for Colab and Kaggle"  # docs/staging.py names the folded answers
nb_code_prompt_hide = nb_code_prompt_show

# One file of MathJax that fetches nothing, from a package that has all of it. It runs in every reader's
# browser, so it has to be the one that MathJax published as es5/tex-svg.js of 3.2.2.
MATHJAX_SHA256 = "d4295dc33744836935c1399feece5159577b34c5c8ffb9f1c6324cd82e03a882"
(MATHJAX,) = [
    file.locate() for file in metadata.files("sphinx-mathjax-offline") or [] if file.name == "tex-svg.js"
]
if hashlib.sha256(Path(MATHJAX).read_bytes()).hexdigest() != MATHJAX_SHA256:
    raise ValueError(f"{MATHJAX} is not tex-svg.js of MathJax 3.2.2")
mathjax_path = "tex-svg.js"
mathjax3_config = {"options": {"enableMenu": False}}  # its entries would fetch more files

# ------------------------------------------------------------------------------------------------ reference
add_module_names = False
autodoc_default_options = {"members": True, "member-order": "bysource", "ignore-module-all": True}
autodoc_inherit_docstrings = False  # those of PyTorch are for its own reference
autodoc_preserve_defaults = True
python_use_unqualified_type_names = True
python_maximum_signature_line_length = 90


def linkcode_resolve(domain, info):
    """The lines of a function or class on GitHub."""
    found = sys.modules.get(info["module"])
    try:
        for part in info["fullname"].split("."):
            found = getattr(found, part)
        found = inspect.unwrap(found)
        file, (lines, first) = Path(inspect.getsourcefile(found)), inspect.getsourcelines(found)
        path = file.resolve().relative_to(HERE.parent)
    except (AttributeError, TypeError, OSError, ValueError):  # a constant, or another library's
        return None
    return f"{address.github(path.as_posix())}#L{first}-L{first + len(lines) - 1}"


def elsewhere(app, env, node, shown):
    """A name of the kit that has no entry under its address: a link to where it is defined.

    A type alias or a TypeVar has no entry anywhere, and stays plain text.
    """
    asked = node.get("reftarget", "")
    module, _, name = asked.rpartition(".")
    found = getattr(sys.modules.get(module), name, None)
    if not (inspect.isclass(found) or inspect.isroutine(found)):
        return None if found is None else shown
    home = f"{found.__module__}.{found.__qualname__}"
    if home == asked:
        return None
    return env.get_domain("py").resolve_xref(env, node["refdoc"], app.builder, "obj", home, node, shown)


def setup(app):
    """What Sphinx calls first: the kit is imported, and its docstrings are read as they are written."""
    # once, and before Sphinx forks: PyTorch takes seconds, and `elsewhere` runs where nothing else imports
    for package, modules in reference.modules(HERE.parent / "w2s_kit").items():
        for module in [package, *modules]:
            importlib.import_module(module)

    def process(app, what, name, obj, options, lines):
        lines[:] = docstrings.as_rst(lines)

    app.connect("autodoc-process-docstring", process)
    app.connect("missing-reference", elsewhere)


# ------------------------------------------------------------------------------------------------ looks
html_theme = "sphinx_book_theme"
html_static_path = ["_static", str(MATHJAX)]
html_css_files = ["site.css"]
html_favicon = "_static/favicon.svg"
html_context = {"default_mode": "auto"}  # light or dark as the reader's system is, until they choose
html_show_sourcelink = False
html_copy_source = False
html_theme_options = {
    "repository_url": f"https://github.com/{address.REPOSITORY}",
    "repository_branch": address.REF,
    "use_repository_button": True,
    "use_download_button": False,  # what is staged is not what students open
    "launch_buttons": {
        "colab_url": "https://colab.research.google.com",
        "binderhub_url": "https://mybinder.org",
        "notebook_interface": "jupyterlab",
    },
    "navbar_persistent": [],  # else the page has two search fields
    "show_toc_level": 2,
}

# ------------------------------------------------------------------------------------------------ outside
# Only `make linkcheck` asks other hosts, and only the workflow runs it.
linkcheck_ignore = [rf"https://github\.com/{address.REPOSITORY}/.*", r"https://mybinder\.org/.*"]
linkcheck_timeout = 20
linkcheck_retries = 2
