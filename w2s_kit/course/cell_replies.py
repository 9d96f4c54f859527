"""A cell of a submission before it runs, and the reply of the cage: nothing in a reply is trusted."""

from __future__ import annotations

from dataclasses import dataclass, field

from .putting_back import plain


@dataclass
class Cell:
    """A cell that is to run.

    Fields:

        kind      "student": as IPython runs it; "staff": from the staff's copy
        name      how it is called in messages
        source    its text
    """

    kind: str
    name: str
    source: str


@dataclass
class Ran:
    """What became of a cell.

    Fields:

        ok          it ran to its end
        outputs     as a notebook keeps them
        said        why it did not, in a sentence
        value       the number that its last line gave, if one
        replaced    functions that had been replaced before it, and were put back
        during      functions that were replaced while it ran
        seconds     that it took
    """

    ok: bool = False
    outputs: list[dict] = field(default_factory=list)
    said: str = ""
    value: float | None = None
    replaced: list[str] = field(default_factory=list)
    during: list[str] = field(default_factory=list)
    seconds: float = 0.0


def ran_of(reply: dict, late: str) -> Ran:
    """A reply as what became of the cell; raises KeyError, TypeError or ValueError for what is none."""
    outputs, error, value = list(map(_output, reply["outputs"])), reply["error"], reply["value"]
    said = late
    if late:  # not "KeyboardInterrupt", which nobody typed
        outputs = [output for output in outputs if output["output_type"] != "error"]
        error_of = {"output_type": "error", "ename": "Stopped", "evalue": late, "traceback": [late]}
        outputs.append(error_of)
    elif error:
        at = f", in your line `{error['line']}`" if error["line"] else ""
        said = f"{error['name']}{at}: {error['words']}" if error["words"] else f"{error['name']}{at}"
        said = said[:3000]
    value = None if value is None else float(value)
    replaced, during = ([plain(str(name)) for name in reply[key]] for key in ("replaced", "during"))
    return Ran(reply["ok"] is True and not late, outputs, said, value, replaced, during)


def _output(output: dict) -> dict:
    """An output as a notebook may hold it; raises KeyError, TypeError or AttributeError for what is none."""
    kind = output["output_type"]
    if kind == "stream":
        name = "stderr" if output["name"] == "stderr" else "stdout"
        return {"output_type": kind, "name": name, "text": str(output["text"])}
    if kind == "error":
        lines = [str(line) for line in output["traceback"]]
        names = {"ename": str(output["ename"]), "evalue": str(output["evalue"])}
        return {"output_type": kind, **names, "traceback": lines}
    if kind not in ("display_data", "execute_result"):
        raise TypeError(kind)
    shown = {"output_type": kind, "data": dict(output["data"].items()), "metadata": {}}
    return shown | ({"execution_count": None} if kind == "execute_result" else {})
