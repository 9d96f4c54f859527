"""What became of the rows of a file: how many were kept, and why the others were rejected."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field


class Rejected(ValueError):
    """Why a row cannot be used: a `reason` to count, and the detail."""

    def __init__(self, reason: str, detail: object = ""):
        super().__init__(f"{reason}: {detail}")
        self.reason = reason


class Repeated(Rejected):
    """A row equals an earlier one, so it is left out; this is no fault of the file."""


@dataclass
class Report:
    """The counts of rows, which grow while a file is read: read = kept + rejected.

    Fields:

        read        how many rows
        kept        how many became records
        rejected    how many did not, by reason
        examples    the first three by reason, with their place
        broken      where a file breaks off
        repeated    how many of the rejected rows only repeat an earlier one
        notes       what the reader has decided, such as which word became label 1
    """

    read: int = 0
    kept: int = 0
    rejected: Counter = field(default_factory=Counter)
    examples: dict[str, list[str]] = field(default_factory=dict)
    broken: list[str] = field(default_factory=list)
    repeated: int = 0
    notes: list[str] = field(default_factory=list)

    def reject(self, where: str, why: Rejected) -> None:
        """Counts a rejected row, and keeps it as an example if it is among the first of its reason."""
        self.rejected[why.reason] += 1
        self.repeated += isinstance(why, Repeated)
        examples = self.examples.setdefault(why.reason, [])
        if len(examples) < 3:
            examples.append(f"{where}: {str(why)[:400]}".replace("\n", "\\n"))

    def __str__(self) -> str:
        counts = f"{self.read} rows read, {self.kept} kept, {self.rejected.total()} rejected"
        reasons = [f"{n} x {self.examples[reason][0]}" for reason, n in self.rejected.most_common()]
        return "\n".join([counts, *self.notes, *self.broken, *reasons])


def tell(report: Report, source: object, what: str, allow_rejected: bool = False) -> None:
    """Prints the report if any row was rejected or lost, or if there is something to note.

    `what` is the word for one record. Raises ValueError when no row can be used. Raises ValueError, too, when
    more than half of the rows were rejected, unless `allow_rejected`; rows that only repeat an earlier one do
    not count here.
    """
    if not report.kept:
        raise ValueError(f"{source}: no {what} can be read ({report})")
    if 2 * (report.rejected.total() - report.repeated) > report.read and not allow_rejected:
        raise ValueError(
            f"{source}: more than half of the rows were rejected. {report}\n"
            "Repair these rows, or pass allow_rejected=True to go on with those that were kept"
        )
    if report.rejected or report.broken or report.notes:
        print(f"{source}: {report}")


def shown(value: object) -> str:
    """The beginning of the `repr` of any value, at most 200 characters."""
    try:
        return repr(value)[:200]
    except (ValueError, RecursionError):  # a number of 5,000 digits, lists in lists in lists
        return f"a {type(value).__name__} that cannot be shown"
