"""Where the kit lives: the repository, the tag of the release, and every address made of the two.

All addresses in badges, setup cells, the README and the package's metadata agree with these two lines; a test
compares. Whoever forks the kit changes them all at once:

    python -m w2s_kit.course address OWNER/NAME --ref v0.1.0
"""

REPOSITORY = "w2s-kit/w2s_kit"
REF = "v0.1.0"


def github(path: str = "") -> str:
    """The page on GitHub of a file of the repository; without a path, that of the repository itself."""
    return f"https://github.com/{REPOSITORY}" + (f"/blob/{REF}/{path}" if path else "")


def raw(path: str) -> str:
    """The bytes of a file, as a picture in a README needs them."""
    return f"https://raw.githubusercontent.com/{REPOSITORY}/{REF}/{path}"


def colab(path: str) -> str:
    """A notebook, opened in Colab."""
    return f"https://colab.research.google.com/github/{REPOSITORY}/blob/{REF}/{path}"


def kaggle(path: str) -> str:
    """A notebook, opened in Kaggle."""
    return f"https://kaggle.com/kernels/welcome?src={github(path)}"


def binder(path: str) -> str:
    """A notebook, opened in JupyterLab on mybinder.org."""
    return f"https://mybinder.org/v2/gh/{REPOSITORY}/{REF}?urlpath=lab/tree/{path}"


def site(path: str = "") -> str:
    """A page of the documentation."""
    owner, name = REPOSITORY.split("/")
    return f"https://{owner.lower()}.github.io/{name}/{path}"


def install() -> str:
    """What pip takes to install the kit from its repository."""
    return f"w2s_kit @ git+{github()}@{REF}"
