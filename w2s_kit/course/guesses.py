"""Predictions of a reader: will a claim show? They are kept in a small file beside the notebook.

    guess("students_beat_supervisors", True)     before the measurement
    guesses()                                    at the end of the course: how they came out

It is optional. Where a reader leaves the dots, nothing is written.
"""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd

from ..shared.files import results, write_whole
from ..shared.names import nearest

#: Where predictions are kept, in the folder that the notebook runs in. Delete it to begin again.
FILE = Path("my_predictions.json")
#: What each verdict says about "it will show"; the others say nothing.
CAME_OUT = {"shows": True, "refuted": False, "opposite": False}


def guess(claim: str, shows: bool | None = ...) -> None:  # type: ignore[assignment]
    """Notes whether you expect a claim to show: `guess("students_beat_supervisors", True)`.

    claim: its id, as the scoreboard has it. shows: True, False, or ... for no prediction. An earlier
    prediction is replaced. Raises ValueError for an unknown claim, another answer, or a damaged file.
    """
    ledger = results("claims").set_index("id")
    if claim not in ledger.index:
        raise ValueError(nearest("claim", claim, ledger.index))
    statement = ledger.loc[claim, "statement"]
    if shows is ... or shows is None:
        print(f"Will it show? {statement}\nPut True or False in place of the dots, or leave them.")
        return
    if not isinstance(shows, bool):
        raise ValueError(f"a prediction is True (it will show) or False, got {shows!r}")
    kept = _kept()
    before = kept.get(claim)
    write_whole(FILE, json.dumps(kept | {claim: shows}, indent=1))
    changed = "" if before in (None, shows) else f" (before, you said {before})"
    print(
        f"Noted in {FILE}{changed}: you expect that it {'shows' if shows else 'does not show'}. {statement}"
    )


def guesses() -> pd.DataFrame:
    """Prints how your predictions came out, and returns them: one row a claim, in the order of notebooks.

    Columns: notebook, statement, you, verdict, right. `right` is None where the measurement is undecided, and
    these do not count. Raises ValueError for a damaged file.
    """
    kept = _kept()
    ledger = results("claims").set_index("id")
    rows = ledger.loc[
        [claim for claim in ledger.index if claim in kept], ["notebook", "statement", "verdict"]
    ]
    rows.insert(2, "you", [kept[claim] for claim in rows.index])
    rows["right"] = [
        CAME_OUT[verdict] == you if verdict in CAME_OUT else None
        for you, verdict in zip(rows["you"], rows["verdict"])
    ]
    gone = len(kept) - len(rows)
    if not kept:
        print(f"There are no predictions in {FILE}. Cells with guess(...) take them; they are optional.")
    else:
        counted = rows["right"].dropna()
        print(
            f"{len(rows)} predictions: {int(counted.sum())} of {len(counted)} came out as you said; "
            f"{len(rows) - len(counted)} are undecided and do not count"
            + (f"; {gone} are about claims that are no longer in the ledger." if gone else ".")
        )
    return rows


def _kept() -> dict[str, bool]:
    """The predictions in the file. Raises ValueError where it cannot be read."""
    if not FILE.exists():
        return {}
    try:
        kept = json.loads(FILE.read_text(encoding="utf-8"))
        if not isinstance(kept, dict) or not all(isinstance(each, bool) for each in kept.values()):
            raise ValueError("it is no list of claims with true or false")
    except ValueError as error:
        raise ValueError(f"{FILE}: {error}. Delete the file or mend it; nothing was changed") from error
    return kept
