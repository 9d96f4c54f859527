"""Whether two answers are of one kind and the same, and how they are shown, whatever a student may return."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import pandas as pd

Tolerance = tuple[float, float]  #: Relative and absolute.
SHOWN = 20  # values of an array; of a larger one only the shape is shown


def is_tensor(value: Any) -> bool:
    """Whether `value` is a tensor. There is none before torch is imported, which takes a second or two."""
    return "torch" in sys.modules and isinstance(value, sys.modules["torch"].Tensor)


def numbers(value: Any) -> Any:
    """`value` as an array of floats; None where it is something else, such as a text or a dict."""
    try:
        array = np.asarray(value.detach().cpu() if is_tensor(value) else value)
    except Exception:  # of several kinds: rows of unequal length, or an object that cannot be an array
        return None
    return array.astype(float) if array.dtype.kind in "biuf" else None


def is_alike(result: Any, want: Any) -> bool:
    """Whether `result` is the kind of thing that `want` is, values apart."""
    if want is None or isinstance(want, str):
        return type(result) is type(want) or isinstance(want, str) and isinstance(result, str)
    if isinstance(want, tuple):
        several = isinstance(result, (tuple, list)) or isinstance(result, np.ndarray) and result.ndim > 0
        return several and len(result) == len(want) and all(map(is_alike, result, want))
    array = numbers(result)
    if (
        array is None
        or (is_tensor(want) or isinstance(want, pd.Series))
        and not isinstance(result, type(want))
    ):
        return False
    if isinstance(want, (list, pd.Series)):
        return array.ndim == 1
    return array.shape == np.shape(want) and (not isinstance(want, bool) or float(array) in (0, 1))


def is_same(result: Any, want: Any, tolerance: Tolerance) -> bool:
    """Whether `result` is of the kind of `want` and has its values. Texts are compared word by word."""
    if not is_alike(result, want):
        return False
    if want is None or isinstance(want, str):
        return want is None or result.split() == want.split()
    if isinstance(want, tuple):
        return all(is_same(*pair, tolerance) for pair in zip(result, want, strict=True))
    if isinstance(want, pd.Series):
        if set(result.index) != set(want.index) or not result.index.is_unique:
            return False
        result = result[want.index]
    values, expected = numbers(result), numbers(want)
    return values.shape == expected.shape and np.allclose(values, expected, *tolerance)


def as_kind(result: Any, want: Any) -> Any:
    """`result`, which is alike, as an array or a float, so that a hint can compute with it."""
    if isinstance(want, (str, pd.Series)):
        return result
    array = numbers(result)
    return array if array.ndim else float(array)


def has_nan(result: Any) -> bool:
    """Whether `result` holds numbers, and one of them is NaN."""
    array = numbers(result)
    return array is not None and bool(np.isnan(array).any())


def kind(want: Any) -> str:
    """What kind of thing is expected, in words."""
    if is_tensor(want):
        return "a scalar tensor, as training needs its gradient (no .item(), no float())"
    if isinstance(want, tuple):
        return f"{len(want)} values ({', '.join(map(kind, want))})"
    if isinstance(want, np.ndarray) and want.ndim:
        return f"an array of shape {want.shape}"
    words = {
        bool: "True or False",
        str: "one text",
        list: "a list of numbers",
        pd.Series: "a Series of numbers",
    }
    return words.get(type(want), "a number")


def show(value: Any) -> str:
    """A short text for a value."""
    if isinstance(value, (bool, np.bool_, str, type(None))):
        return repr(value) if isinstance(value, (str, type(None))) else str(bool(value))
    if isinstance(value, pd.DataFrame):
        return f"a DataFrame of {len(value)} rows"
    if is_tensor(value) or isinstance(value, pd.Series):
        what = type(value).__name__
        return f"{what} {show(numbers(value))}" if numbers(value) is not None else f"a {what}"
    array = numbers(value) if isinstance(value, (int, float, np.number, np.ndarray)) else None
    if array is None:
        return _short(value)
    if not array.ndim:
        return f"{float(array) + 0.0:.{4 if abs(float(array)) < 1e4 else 9}g}"
    if array.size > SHOWN:
        return f"an array of shape {array.shape}"
    exact = value.dtype.kind in "biu"
    return str((array.astype(int) if exact else array.round(3) + 0.0).tolist())


def _short(value: Any) -> str:
    if callable(value):
        return f"the function {getattr(value, '__name__', value)}"
    if isinstance(value, (list, tuple)) and len(value) <= SHOWN:
        brackets = "[]" if isinstance(value, list) else "()"
        return f"{brackets[0]}{', '.join(map(show, value))}{brackets[1]}"
    try:
        text = repr(value)
    except Exception:  # the student's own class
        return f"a {type(value).__name__}"
    return f"{text} ({type(value).__name__})" if len(text) < 60 else f"a {type(value).__name__}"


def difference(result: Any, want: Any) -> str:
    """In what `result` differs from `want`, which is of the same kind."""
    if isinstance(want, pd.Series):
        if set(result.index) != set(want.index) or not result.index.is_unique:
            return f"expected one value for each of {sorted(want.index)}, got {list(result.index)}"
        label = max(want.index, key=lambda name: abs(result[name] - want[name]))
        return f"{want.index.name} {label}: {difference(result[label], float(want[label]))}"
    if isinstance(want, str):
        lines = f"expected\n  {want}\ngot\n  {result}\n"
        return lines if len(want) > SHOWN else f"expected {want!r}, got {result!r}"
    if (shown := show(result)) != show(want):
        return f"expected {show(want)}, got {shown}"
    # they differ behind the digits that `show` shows
    return f"expected {numbers(want).tolist()}, got {numbers(result).tolist()}"
