"""Objects of files that are not CSV: JSON lines, arrays of JSON, and parquet."""

from __future__ import annotations

import codecs
import itertools
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from .kinds import kind_of
from .lines import FETCH_AGAIN, LONGEST, MARK, NUL, BreaksOff, blocks, check_bytes, decoded, lines, too_long
from .parquet import parquet_rows
from .report import Rejected, Report, shown

BETWEEN = re.compile(r"[\s,\[\]\ufeff]+")  # what stands between the objects of an array
NEXT_OBJECT = re.compile(r',\s*(?=\{\s*")')
TOKEN = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*(?:(")|\\?\Z)|[\[\]{},]', re.DOTALL)
OPENS = {"}": "{", "]": "["}


def objects_of(path: Path, report: Report) -> Iterator[tuple[int, Mapping | Rejected]]:
    """(number, object) of each row of a file that is not CSV."""
    readers = {"parquet": parquet_rows, "array": _array_rows}
    found = readers.get(kind_of(path), _json_lines)(path, report)
    first = list(itertools.islice(found, 2))
    if len(first) == 1 and (why := _whole_table(first[0][1])):
        first = [(first[0][0], why)]
    return itertools.chain(first, found)


def _whole_table(row: Mapping | Rejected) -> Rejected | None:
    """Why the only object of a file is no row: it holds the rows in it, by columns or under a name."""
    if isinstance(row, Rejected) or not any(
        isinstance(one, (list, Mapping)) and len(one) > 1 for one in row.values()
    ):
        return None
    remedy = "write an object for each row, as pandas.to_json(orient='records', lines=True) does"
    return Rejected("one object", f"the file is one object, with {', '.join(map(str, row))[:200]}; {remedy}")


def as_row(value: Any) -> Mapping | Rejected:
    """A row of names and values as it is, and anything else as the reason to reject it."""
    if isinstance(value, Mapping):
        return value
    return Rejected("no row", f"expected names and values, found {shown(value)}")


def _json_lines(path: Path, report: Report) -> Iterator[tuple[int, Mapping | Rejected]]:
    for number, line in lines(path, report):
        if isinstance(line, Rejected):
            yield number, line
        elif (line := line.removeprefix(MARK)).strip():
            text = decoded(line)
            try:
                check_bytes(text)
                row = json.loads(text, object_pairs_hook=_each_once)
            except Rejected as why:
                yield number, why
            # bad syntax; a number of 5,000 digits; lists in lists in lists
            except (ValueError, RecursionError) as error:
                yield number, Rejected("bad JSON", f"{error} in {text[:80]!r}")
            else:
                yield number, _encodable(row, text)


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """The object of these names and values; raises ValueError for a name that stands twice.

    Python itself would silently keep the last of two values.
    """
    row = dict(pairs)
    if len(row) < len(pairs):
        twice = [name for name, n in Counter(name for name, _ in pairs).items() if n > 1]
        raise ValueError(f"{', '.join(twice)[:200]} stands twice in one object; rename one")
    return row


def _encodable(row: Any, text: str) -> Mapping | Rejected:
    """`row`, which was read from `text`, or the reason why UTF-8 cannot hold it.

    Half a surrogate pair can be written in JSON, but it is no text: no tokenizer takes it.
    """
    if "\\ud" in text.lower():
        try:
            json.dumps(row, ensure_ascii=False).encode()
        except (ValueError, RecursionError) as error:
            return Rejected("bad JSON", f"{error} in {text[:80]!r}")
    return as_row(row)


def _array_rows(path: Path, report: Report) -> Iterator[tuple[int, Mapping | Rejected]]:
    return iter(_Array(path, report))


class _Array:
    """The objects of an array, one by one.

    Of the text, it holds no more than the longest row may take, and a block.
    """

    def __init__(self, path: Path, report: Report):
        self.path, self.report, self.blocks = path, report, blocks(path)
        self.decode = codecs.getincrementaldecoder("utf-8")("surrogateescape").decode
        self.scan = json.JSONDecoder(object_pairs_hook=_each_once).raw_decode
        self.text, self.at = "", 0  # what was read and is not yet done, and the place in it
        self.number = 1  # of the object at this place
        self.more = True  # whether the file may go on after the text
        self.closed = False  # whether the last thing before this place was the end of an array

    def __iter__(self) -> Iterator[tuple[int, Mapping | Rejected]]:
        while self._goes_on():
            try:
                value, end = self.scan(self.text, self.at)
            except (ValueError, RecursionError) as error:
                end = _end_of(self.text, self.at)
                if end is None and self.more and len(self.text) - self.at <= LONGEST:
                    self._read_on()
                    continue
                end = end or self._next_object(error)
                row = Rejected("bad JSON", f"{error} in {self.text[self.at : self.at + 80]!r}")
            else:
                row = _encodable(value, self.text[self.at : end])
            yield self.number, self._reason_against(end) or row
            self.at, self.number, self.closed = end, self.number + 1, False
        if not self.closed and self.number > 1 and not self.report.broken:
            self.report.broken.append(
                f"{self.path}: the array has no end. It may have had more rows; fetch the file again"
            )

    def _goes_on(self) -> bool:
        """Goes to the next object, and says whether there is one."""
        while True:
            if between := BETWEEN.match(self.text, self.at):
                self.at = between.end()
                self.closed = "]" in between[0] or (self.closed and not between[0].strip())
            if self.at < len(self.text) or not self.more:
                return self.at < len(self.text)
            self._read_on()

    def _read_on(self) -> None:
        """Reads one block more, and drops the text that is done."""
        try:
            block = next(self.blocks, None)
        except BreaksOff as problem:
            place = f"breaks off in row {self.number} ({problem})"
            self.report.broken.append(f"{self.path}: {place}. {FETCH_AGAIN}")
            block, self.text = None, ""
        self.more = block is not None
        text = self.decode(block or b"", final=not self.more).replace("\0", NUL)
        self.text, self.at = self.text[self.at :] + text, 0

    def _next_object(self, error: Exception) -> int:
        """Where the next object seems to begin, after one that cannot be parsed because of `error`."""
        match = NEXT_OBJECT.search(self.text, max(self.at + 1, getattr(error, "pos", 0)))
        return match.end() if match else len(self.text)

    def _reason_against(self, end: int) -> Rejected | None:
        """Why the object from here to `end` cannot be used, whatever it holds."""
        if end - self.at > LONGEST:
            return too_long(self.text[self.at : self.at + 80].encode("utf-8", "surrogatepass"))
        try:
            check_bytes(self.text[self.at : end])
        except Rejected as why:
            return why
        return None


def _end_of(text: str, at: int) -> int | None:
    """Where the object at `at` ends, by its brackets.

    None where the text ends before it, and 0 where the brackets do not match.
    """
    opened, before = [], ""
    if text[at] != "{":
        return 0
    for token in TOKEN.finditer(text, at):
        character = token[0][0]
        if character == '"' and not token[1]:
            return None
        if character in "[{":
            if character == "{" and before == "," and opened[-1] == "{":  # a member begins with its name
                return 0
            opened.append(character)
        elif character in OPENS:
            if opened.pop() != OPENS[character]:
                return 0
            if not opened:
                return token.end()
        before = character
    return None
