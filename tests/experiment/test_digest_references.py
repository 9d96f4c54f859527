"""Keys by meaning: every way in which a function leans on something that is not in its text."""

import pytest
from test_digest import module

from w2s_kit.experiment.digest import digest

# what a method may lean on -> a module with it, and the words to exchange; each changes what `mine` returns
SEEN = {
    "an attribute of a function": (
        "def help(): return help.rate\nhelp.rate = 3\ndef mine(): return help()",
        "3",
        "4",
    ),
    "what an exception carries": (
        "class Stop(Exception): pass\n"
        "def mine():\n"
        "    try:\n"
        "        raise Stop(3)\n"
        "    except Stop as stop:\n"
        "        return stop.args",
        "3",
        "4",
    ),
    "the kind of an exception": (
        "def mine():\n"
        "    try:\n"
        "        raise KeyError('so')\n"
        "    except KeyError:\n"
        "        return 1\n"
        "    except ValueError:\n"
        "        return 2",
        "raise KeyError",
        "raise ValueError",
    ),
    "the order of fields": (
        "from dataclasses import dataclass\n"
        "@dataclass\n"
        "class Two:\n"
        "    low: int\n"
        "    high: int\n"
        "def mine(): return Two(1, 2).low",
        "low: int\n    high: int",
        "high: int\n    low: int",
    ),
    "the order of a named tuple": (
        "from typing import NamedTuple\n"
        "class Two(NamedTuple):\n"
        "    low: int\n"
        "    high: int\n"
        "def mine(): return Two(1, 2).low",
        "low: int\n    high: int",
        "high: int\n    low: int",
    ),
    "a method of an option's Enum": (
        "import enum\n"
        "class Mode(enum.Enum):\n"
        "    A = 1\n"
        "    def rate(self): return 3\n"
        "def mine(mode=Mode.A): return mode.rate()",
        "3",
        "4",
    ),
    "a slot with a private name": (
        "class C:\n"
        "    __slots__ = ('__rate',)\n"
        "    def __init__(self): self.__rate = 3\n"
        "    def get(self): return self.__rate\n"
        "C1 = C()\n"
        "def mine(): return C1.get()",
        "3",
        "4",
    ),
    "the one slot": (
        "class C:\n    __slots__ = 'rate'\nC1 = C()\nC1.rate = 3\ndef mine(): return C1.rate",
        "3",
        "4",
    ),
    "a registered function": (
        "import functools\n"
        "@functools.singledispatch\n"
        "def f(x): return 0\n"
        "@f.register\n"
        "def _(x: int): return 3\n"
        "def mine(): return f(1)",
        "return 3",
        "return 4",
    ),
    "a decorator of a library": (
        "import torch\n"
        "def f(): return torch.is_grad_enabled()\n"
        "g = torch.no_grad()(f)\n"
        "def mine(): return g()",
        "no_grad",
        "enable_grad",
    ),
    "a context's argument": (
        "import contextlib\n"
        "@contextlib.contextmanager\n"
        "def c(k): yield k\n"
        "def f(): return 0\n"
        "g = c(3)(f)\n"
        "def mine(): return g()",
        "c(3)",
        "c(4)",
    ),
    "a class of classes": (
        "class Meta(type):\n"
        "    def f(self): return 3\n"
        "class C(metaclass=Meta): pass\n"
        "def mine(): return C.f()",
        "3",
        "4",
    ),
    "a mask": (
        "import numpy as np\nM = np.ma.array([1, 2], mask=[0, 1])\ndef mine(): return M.sum()",
        "[0, 1]",
        "[1, 0]",
    ),
    "names of columns": (
        "import numpy as np\n"
        "M = np.zeros(2, dtype=[('a', int), ('b', int)])\n"
        "def mine(): return M.dtype.names[0]",
        "('a', int), ('b', int)",
        "('b', int), ('a', int)",
    ),
    "a frozen weight": (
        "import torch\nW = torch.zeros(2).requires_grad_(True)\ndef mine(): return W.requires_grad",
        "True",
        "False",
    ),
    "an import that stands later": (
        "def mine():\n"
        "    def inside(): return taken\n"
        "    from w2s_kit.methods.kl import KL as taken\n"
        "    return inside()",
        "kl import KL",
        "entropy import Entropy",
    ),
    "a getter": (
        "from operator import itemgetter\nG = itemgetter(0)\ndef mine(): return G((1, 2))",
        "(0)",
        "(1)",
    ),
    "a namespace": (
        "from types import SimpleNamespace\nS = SimpleNamespace(rate=3)\ndef mine(): return S.rate",
        "3",
        "4",
    ),
    "a decimal number": ("from decimal import Decimal\nD = Decimal('3')\ndef mine(): return D", "3", "4"),
}


@pytest.mark.parametrize("what", SEEN)
def test_ways_to_lean_on_something(tmp_path, what):
    text, old, new = SEEN[what]
    assert old in text
    one, again, other = (module(tmp_path, it).mine for it in (text, text, text.replace(old, new)))
    assert str(one()) == str(again())
    assert str(one()) != str(other()) or what in ("a context's argument", "an import that stands later")
    assert digest(one) == digest(again) != digest(other)
