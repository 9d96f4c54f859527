"""Confusions that occur in every exercise: percent for a share, a sign turned, the other share, a text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from .comparing import Tolerance, is_same, is_tensor, numbers


def usual_confusion(result: Any, want: Any, tolerance: Tolerance) -> str:
    """What is told about a `result` that is the right one in another form; "" where it is none of these.

    Of several values, all have to be in the same other form. Zeros say nothing.
    """
    if isinstance(want, tuple):
        if not isinstance(result, (tuple, list)) or len(result) != len(want):
            return ""
        told = {
            usual_confusion(*pair, tolerance) for pair in zip(result, want, strict=True) if np.any(pair[1])
        }
        return told.pop() if len(told) == 1 else ""
    values = None if want is None or isinstance(want, (bool, str)) else numbers(want)
    if values is None or not values.size or not np.isfinite(values).all() or not values.any():
        return ""
    as_numbers = want if isinstance(want, pd.Series) or is_tensor(want) else values
    if is_same(result, as_numbers * 100, tolerance):
        return "that is in percent. Return a share: 50 % is 0.5."
    if is_same(result, -as_numbers, tolerance):
        return "the value is right, but its sign is turned."
    a_share = ((values >= 0) & (values <= 1)).all() and (values % 1).any()
    if a_share and is_same(result, 1 - as_numbers, tolerance):
        return "that is 1 minus the right answer. Which of the two shares is asked for?"
    return ""


def other_kind(result: Any, want: Any) -> str:
    """A remedy for a `result` of another kind than `want`; "" where there is no simple one."""
    if isinstance(result, str) and not isinstance(want, str):
        return "That is a text. Return the value itself, without quotes and without formatting."
    if isinstance(want, pd.Series) and isinstance(result, pd.DataFrame):
        return "Choose one column of the table, as in table['column']."
    if isinstance(want, pd.Series) and isinstance(result, Mapping):
        return "pd.Series(...) makes a Series of a dict."
    one_number = numbers(want) is not None and not np.shape(want)
    if one_number and not is_tensor(want):
        found = numbers(result)
        if found is not None and found.size == 1:
            return "The number is inside an array or a list: take it out."
        if found is not None and found.size > 1:
            return "Those are several numbers, and one is asked for."
    return ""
