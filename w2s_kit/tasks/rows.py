"""Files of rows, read as far as they can be: what is broken is counted, with its place and the reason, and
never a crash.

    CSV             cells between commas, semicolons or tabs; a cell in quotes may hold these and line breaks
    JSON lines      one object a line
    JSON array      of objects, in one line or in many
    parquet         as pandas and the hub write it

The first three may be packed by gzip or zstd. The content of a file says what it is, not its name. Except for
parquet, a file is read in blocks and never held whole. Every reader of the kit goes the same way: `rows_of`
finds the rows, `records` makes a record of each or counts why not, and `load` makes a list of them, tells
what was rejected, and refuses what is mostly broken.

In messages, "row" is a line of a CSV file or of JSON lines, as an editor counts them, and the first line of a
row that has several. In parquet, arrays and rows in memory it is the number of the row, from 1 on."""

from __future__ import annotations

import codecs
import csv
import json
import re
from collections import Counter, deque
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import pyarrow as pa

from .hub import file_or_rows

Row = TypeVar("Row")
Record = TypeVar("Record")
Source = str | Path | Iterable[Mapping]  # a file, or the rows themselves

BLOCK = 1 << 16  # bytes read at once
LONGEST = 1 << 20  # no row has more bytes, but a file whose end was lost may go on with a gigabyte of NUL
HEAD = 8  # lines that are looked at to find out what a file is
FETCH_AGAIN = "The rows before are read; for the others, fetch the file again"
DELIMITERS = ",;\t"
MARK = b"\xef\xbb\xbf"  # the byte-order mark that some programs write before UTF-8
NUL = "\udc00"  # stands for a NUL byte until its row ends; bytes that are not UTF-8 become \udc80 to \udcff
NOT_UTF8 = re.compile("[\udc80-\udcff]")


class Rejected(ValueError):
    """Why a row cannot be used: a `reason` to count, and the detail."""

    def __init__(self, reason: str, detail: object = ""):
        super().__init__(f"{reason}: {detail}")
        self.reason = reason


class Repeated(Rejected):
    """A row that was there before. It is left out, but it is no fault of the file."""


@dataclass
class Report:
    """What became of the rows: read = kept + rejected. It grows while they are read."""

    read: int = 0
    kept: int = 0
    rejected: Counter = field(default_factory=Counter)  # rows by reason
    examples: dict[str, list[str]] = field(
        default_factory=dict
    )  # the first three by reason, with file and row
    broken: list[str] = field(default_factory=list)  # where a file breaks off
    repeated: int = 0  # of the rejected rows, those that only stood there before

    def reject(self, where: str, why: Rejected) -> None:
        self.rejected[why.reason] += 1
        self.repeated += isinstance(why, Repeated)
        some = self.examples.setdefault(why.reason, [])
        if len(some) < 3:
            some.append(f"{where}: {str(why)[:400]}".replace("\n", "\\n"))

    def __str__(self) -> str:
        text = [f"{self.read} rows read, {self.kept} kept, {self.rejected.total()} rejected", *self.broken]
        return "\n".join(
            text + [f"{n} x {self.examples[reason][0]}" for reason, n in self.rejected.most_common()]
        )


# ---- from rows to records ----------------------------------------------------------------------------
def records(
    rows: Iterable[tuple[str, Row | Rejected]], parse: Callable[[Row], Record], report: Report
) -> Iterator[Record]:
    """What `parse` makes of each of the (where, row), one by one. A row that it rejects is counted in
    `report`."""
    for where, row in rows:
        report.read += 1
        try:
            if isinstance(row, Rejected):
                raise row
            record = parse(row)
        except Rejected as why:
            report.reject(where, why)
            continue
        report.kept += 1
        yield record


def once(
    parse: Callable[[Row], Record], keys: Callable[[Record], Iterable[Hashable]], reason: str
) -> Callable[[Row], Record]:
    """`parse`, but of records that share a key only the first is kept; the others are rejected for `reason`.

    It holds the hash of each key, about 60 bytes: for five million puzzles with two keys, half a gigabyte.
    """
    seen: set[int] = set()

    def parse_once(row: Row) -> Record:
        record = parse(row)
        hashes = [hash(key) for key in keys(record)]
        if not seen.isdisjoint(hashes):
            raise Repeated(reason, shown(record))
        seen.update(hashes)
        return record

    return parse_once


def load(
    source: str,
    read: Callable[[Source, Report], Iterable[Record]],
    what: str,
    most: int,
    seed: int = 0,
    allow_rejected: bool = False,
) -> tuple[list[Record], Report]:
    """What `read` makes of a file, or of at most `most` rows of a dataset of the hub; see `hub.file_or_rows`
    and `tell`."""
    report = Report()
    found = list(read(file_or_rows(source, most, seed), report))
    tell(report, source, what, allow_rejected)
    return found, report


def tell(report: Report, source: object, what: str, allow_rejected: bool = False) -> None:
    """Prints the report where anything was rejected or lost. `what` is the word for one record.

    Raises ValueError when no row can be used. The same when more than half of the rows were rejected, not
    counting those that stood there before, unless `allow_rejected`."""
    if not report.kept:
        raise ValueError(f"{source}: no {what} can be read ({report})")
    if 2 * (report.rejected.total() - report.repeated) > report.read and not allow_rejected:
        raise ValueError(
            f"{source}: more than half of the rows were rejected. {report}\n"
            "Repair these rows, or pass allow_rejected=True to go on with those that were kept"
        )
    if report.rejected or report.broken:
        print(f"{source}: {report}")


def text_of(row: Mapping, name: str, longest: int) -> str:
    """The text in column `name` of a row. Raises Rejected where there is none, or more than `longest`
    characters."""
    if name not in row:
        raise Rejected(
            "no text",
            f"there is no column {name!r}, only {', '.join(map(str, row))[:200]}; rename one of them",
        )
    value = row[name]
    if not isinstance(value, str):
        raise Rejected("no text", f"{name} is {shown(value)}; write a text there, or delete the row")
    if len(value) > longest:
        raise Rejected("too long", f"{name} has {len(value):,} characters, more than {longest:,}; shorten it")
    return value


def shown(value: object) -> str:
    """The beginning of what Python writes for `value`, which may be anything."""
    try:
        return repr(value)[:200]
    except (ValueError, RecursionError):  # a number of 5,000 digits, lists in lists in lists
        return f"a {type(value).__name__} that cannot be shown"


def rows_of(source: Source, report: Report) -> Iterator[tuple[str, Mapping | Rejected]]:
    """(where, row) of a file, or of the rows themselves. A row of CSV is a dict of texts, with the header's
    names as keys; one that has not as many cells as the header is rejected."""
    if not isinstance(source, (str, Path)):
        yield from ((f"row {number}", _mapping(row)) for number, row in enumerate(source, 1))
        return
    path = Path(source)
    numbered = _under_header(path, report) if is_csv(path) else objects_of(path, report)
    yield from ((f"{path}, row {number}", row) for number, row in numbered)


def _mapping(row: Any) -> Mapping | Rejected:
    return (
        row
        if isinstance(row, Mapping)
        else Rejected("no row", f"expected names and values, found {shown(row)}")
    )


def _under_header(path: Path, report: Report) -> Iterator[tuple[int, Mapping | Rejected]]:
    header: list[str] = []
    for number, cells in cells_of(path, report):
        if isinstance(cells, Rejected):
            yield number, cells
            if not header:
                report.broken.append(f"{path}: row {number} is the header, and cannot be read. Repair it")
                return
        elif not header:
            header = [cell.strip() for cell in cells]
            named = [name for name in header if name]  # the column of pandas' index has no name
            if twice := [name for name, n in Counter(named).items() if n > 1]:
                report.broken.append(
                    f"{path}: the header names {', '.join(twice)} twice, so no row is read. Rename one"
                )
                return
        elif len(cells) != len(header):
            yield number, wrong_width(len(cells), len(header))
        else:
            yield number, dict(zip(header, cells))


def wrong_width(found: int, due: int, lines: str = "") -> Rejected:
    """Why a row of CSV with `found` cells is rejected where there are `due` columns."""
    remedy = "put a cell with a delimiter, a quote or a line break in quotes, as pandas.to_csv does"
    return Rejected("wrong number of columns", f"{found} cells for {due} columns{lines}; {remedy}")


# ---- bytes and lines ---------------------------------------------------------------------------------
class _BreaksOff(Exception):
    """The rest of a file cannot be unpacked."""


def _open(path: Path):
    """A stream of bytes, decompressed if the file begins like gzip or zstd (or zstd in frames, as pzstd
    writes it)."""
    with path.open("rb") as stream:
        magic = stream.read(4)
    codec = (
        "gzip"
        if magic[:2] == b"\x1f\x8b"
        else "zstd"
        if magic == b"\x28\xb5\x2f\xfd" or magic[1:] == b"\x2a\x4d\x18"
        else ""
    )
    if codec and not pa.Codec.is_available(codec):
        raise ValueError(f"{path}: this pyarrow was built without {codec}; unpack the file first")
    return pa.CompressedInputStream(pa.OSFile(str(path)), codec) if codec else path.open("rb")


def _blocks(path: Path) -> Iterator[bytes]:
    """The bytes of a file, unpacked, as far as they can be read. Raises _BreaksOff after the last of them."""
    done, problem = 0, None
    for size in (BLOCK, 1):  # a read that fails throws its bytes away: they are read again one by one
        with _open(path) as stream:
            try:
                skip = done
                while skip:
                    skip -= len(stream.read(min(skip, BLOCK)))
                while block := stream.read(size):
                    done += len(block)
                    yield block
                return
            except OSError as error:
                problem = error
    raise _BreaksOff(str(problem))


def lines(path: Path, report: Report) -> Iterator[tuple[int, bytes | Rejected]]:
    """(number, line), from 1 on. Where the file breaks off, `report` says so; the cut line is left out.

    A line of more than LONGEST bytes is never held: each mebibyte of it is rejected by itself.
    """
    rest, number, goes_on = b"", 1, False
    try:
        for block in _blocks(path):
            *whole, rest = (rest + block).split(b"\n")
            for line in whole:
                yield number, _too_long(line) if goes_on or len(line) > LONGEST else line
                number, goes_on = number + 1, False
            if len(rest) > LONGEST:
                yield number, _too_long(rest)
                rest, goes_on = b"", True
    except _BreaksOff as problem:
        report.broken.append(f"{path}: breaks off in row {number} ({problem}). {FETCH_AGAIN}")
        return
    if rest.strip():
        yield number, _too_long(rest) if goes_on else rest


def _too_long(line: bytes) -> Rejected:
    return Rejected(
        "NUL byte" if b"\0" in line else "too long", f"a row of more than {LONGEST:,} bytes, {line[:80]!r}"
    )


def _head(path: Path) -> list[bytes]:
    """The first lines that are not blank, of the first block."""
    head = bytearray()
    try:
        for block in _blocks(path):
            head += block
            if len(head) >= BLOCK:
                break
    except _BreaksOff:
        pass
    return [line for line in bytes(head).removeprefix(MARK).split(b"\n") if line.strip()][:HEAD]


# ---- CSV ---------------------------------------------------------------------------------------------
def is_csv(path: Path) -> bool:
    """Whether a file is none of the others."""
    return not (_is_parquet(path) or _is_array(head := _head(path)) or _is_json_lines(head))


def cells_of(path: Path, report: Report) -> Iterator[tuple[int, list[str] | Rejected]]:
    """(line, cells) of the rows of a CSV file, its header included. The delimiter is the one that the first
    line has most of."""
    return iter(_Cells(path, report))


class _Cells:
    """Python's `csv` parses each row: it reads line by line, so that it knows where a row ends and one bad
    row can be told from the next. pandas and pyarrow parse whole blocks: there a stray quote costs the rest
    of the file, without a place.

    A row that cannot be parsed may have taken many lines in search of its second quote. Those of them that
    look like rows (as many cells as the header, and no blank after a delimiter unless other rows have it) are
    read again, each by itself, where they are at least half: then the quote was a stray one. The first of
    them is left out where the bad row lacks cells, since it may be its end. Lines that look like the text of
    a cell are left out, so that none of them becomes a row.

    What no reader can tell: a line break in a cell without quotes ends its row, and two stray quotes may make
    one cell."""

    def __init__(self, path: Path, report: Report):
        self.stream, self.given_back = lines(path, report), deque()
        self.delimiter, self.width = "", 0
        self.alone = 0  # rows that begin before this line have one line: so no line is taken more than twice
        self.blanks = False  # whether cells begin with a blank here, as in "a, b, c"
        self.suspect = 0  # at this line a row has failed, so a cell may end there

    def __iter__(self) -> Iterator[tuple[int, list[str] | Rejected]]:
        while (item := self._next()) is not None:
            number, line = item
            if isinstance(line, Rejected):
                yield number, line
            elif (line := line.removeprefix(MARK)).strip(b" \r"):  # tabs are empty cells
                try:
                    cells = self._cells(number, _text(line).strip("\r"))
                except Rejected as why:
                    yield number, why
                else:
                    yield number, cells

    def _next(self) -> tuple[int, bytes | Rejected] | None:
        return self.given_back.popleft() if self.given_back else next(self.stream, None)

    def _cells(self, number: int, text: str) -> list[str]:
        if not self.delimiter:
            plain = re.sub('"[^"]*"', "", text)
            self.delimiter = max(DELIMITERS, key=plain.count)
            self.dialect = csv.reader(
                [], delimiter=self.delimiter, strict=True
            ).dialect  # made anew, it takes 20 µs
        if '"' not in text and "\r" not in text:
            _check_bytes(text)
            cells = text.split(self.delimiter)
            self.blanks = self.blanks or len(cells) == self.width and self.delimiter + " " in text
        else:
            cells = self._parsed(number, text)
        self.width = self.width or len(cells)
        return cells

    def _parsed(self, number: int, text: str) -> list[str]:
        """The cells of the row that begins with `text`. It takes further lines while a quote is open."""
        taken, texts, ended = [], [text], False

        def following() -> Iterator[str]:
            nonlocal ended
            yield text + "\n"
            size = len(text)
            while number >= self.alone and size <= LONGEST and (item := self._next()) is not None:
                taken.append(item)
                if isinstance(item[1], Rejected):
                    break
                texts.append(_text(item[1]))
                size += len(texts[-1]) + 1
                yield texts[-1] + "\n"
            ended = True

        limit = csv.field_size_limit(2 * LONGEST)  # by itself, `csv` takes 131,072 characters for a cell
        try:
            cells = next(csv.reader(following(), self.dialect))
        except csv.Error as error:
            cells, problem = [], f"{error} ({text[:80]!r})"
        else:
            problem = ""
        finally:
            csv.field_size_limit(limit)

        if not problem and (not taken or len(cells) == self.width or not self.width):
            whole = "\n".join(texts)
            _check_bytes(whole)
            self._check_quotes(whole, cells, number == self.suspect)
            return cells
        left_out = self._give_back(texts, taken, bool(problem), ended)
        concerned = f" in lines {number} to {number + left_out}" if left_out else ""
        if taken[left_out:]:
            concerned += f", read again from line {number + left_out + 1} on"
        if not problem:
            raise wrong_width(len(cells), self.width, concerned)
        raise Rejected(
            "bad CSV", f"{problem}{concerned}; a quote inside a cell is written twice, and the cell in quotes"
        )

    def _give_back(
        self, texts: list[str], taken: list[tuple[int, bytes | Rejected]], failed: bool, ended: bool
    ) -> int:
        """Of the lines that a bad row has taken, how many are left out with it; the others are given back, to
        be read again."""
        if not taken:
            return 0
        rows = [self._is_row(text) for text in texts if ended or text is not texts[-1]]
        begins = 0 if rows[0] else rows.index(True) + 1 if True in rows else len(rows)
        if 2 * sum(rows[begins:]) >= len(rows[begins:]) > 0:
            left_out, self.alone = max(begins - 1, 0), taken[-1][0]
        else:
            left_out = len(taken) - (failed and not ended)  # where the parser failed, the next row may begin
        self.given_back.extendleft(reversed(taken[left_out:]))
        self.suspect = taken[-1][0]
        return left_out

    def _is_row(self, text: str) -> bool:
        cells = text.rstrip("\r").split(self.delimiter)
        return len(cells) == self.width > 1 and (
            self.blanks or not any(cell.startswith(" ") for cell in cells[1:])
        )

    def _check_quotes(self, text: str, cells: list[str], suspect: bool) -> None:
        """Raises Rejected where a single quote stands in a cell without quotes, and the cell may have been
        torn.

        So it is where the quote ends the cell, where a row has failed at this line, and where the next line
        is no row: it may be the rest of the cell. Otherwise the quote is taken as it is.
        """
        if not any('"' in cell for cell in cells):
            return
        between = re.escape(self.delimiter)
        unquoted = re.sub(rf'(?:^|(?<={between}))"(?:[^"]|"")*"(?={between}|\s*\Z)', "", text)
        for cell in unquoted.split(self.delimiter):
            if cell.count('"') % 2 and (suspect or cell.rstrip().endswith('"') or not self._row_follows()):
                detail = f"no quote opens the cell that has one in {cell[-80:]!r}; put the cell in quotes"
                raise Rejected("bad CSV", detail)

    def _row_follows(self) -> bool:
        """Whether the next line looks like a row; at the end of the file, nothing speaks against it."""
        item = self._next()
        if item is None:
            return True
        self.given_back.appendleft(item)
        return not isinstance(item[1], Rejected) and self._is_row(_text(item[1]))


def _text(line: bytes) -> str:
    """A line as text, whatever its bytes are, so that the end of its row can be found; `_check_bytes` rejects
    it then."""
    return line.decode("utf-8", "surrogateescape").replace("\0", NUL)


def _check_bytes(text: str) -> None:
    if text.isascii():
        return
    if NUL in text:
        raise Rejected("NUL byte", text[:80].replace(NUL, "\0"))
    if bad := NOT_UTF8.search(text):
        near = text[max(bad.start() - 20, 0) : bad.end() + 20].encode("utf-8", "surrogateescape")
        raise Rejected("not UTF-8", f"byte 0x{ord(bad[0]) - 0xDC00:x} in {near!r}; save the file as UTF-8")


# ---- JSON and parquet --------------------------------------------------------------------------------
BETWEEN = re.compile(r"[\s,\[\]\ufeff]+")  # what stands between the objects of an array
NEXT_OBJECT = re.compile(r',\s*(?=\{\s*")')
TOKEN = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*(?:(")|\\?\Z)|[\[\]{},]', re.DOTALL)
OPENS = {"}": "{", "]": "["}


def _is_parquet(path: Path) -> bool:
    with path.open("rb") as stream:
        return stream.read(4) == b"PAR1"


def _is_array(head: list[bytes]) -> bool:
    """Or objects, each in several lines, without an array around them: the same reader reads both."""
    return bool(head) and re.match(rb"\s*(\[\s*([{\]]|$)|\{\s*$)", head[0]) is not None


def _is_json_lines(head: list[bytes]) -> bool:
    """The first line may be broken: the others tell."""
    return 2 * sum(line.lstrip().startswith(b"{") for line in head) >= max(len(head), 1)


def objects_of(path: Path, report: Report) -> Iterator[tuple[int, Mapping | Rejected]]:
    """(number, object) of a file that is no CSV."""
    if _is_parquet(path):
        return _parquet_rows(path, report)
    return _array_rows(path, report) if _is_array(_head(path)) else _json_lines(path, report)


def _json_lines(path: Path, report: Report) -> Iterator[tuple[int, Mapping | Rejected]]:
    for number, line in lines(path, report):
        if isinstance(line, Rejected):
            yield number, line
        elif (line := line.removeprefix(MARK)).strip():
            try:
                text = _text(line)
                _check_bytes(text)
                row = json.loads(text, object_pairs_hook=_each_once)
            except Rejected as why:
                yield number, why
            except (
                ValueError,
                RecursionError,
            ) as error:  # bad syntax; a number of 5,000 digits; lists in lists in lists
                yield number, Rejected("bad JSON", f"{error} in {text[:80]!r}")
            else:
                yield number, _checked(row, text)


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """The object of these names and values. Python itself would keep the last of two values without a word."""
    row = dict(pairs)
    if len(row) < len(pairs):
        twice = [name for name, n in Counter(name for name, _ in pairs).items() if n > 1]
        raise ValueError(f"{', '.join(twice)[:200]} stands twice in one object; rename one")
    return row


def _checked(row: Any, text: str) -> Mapping | Rejected:
    """Half a surrogate pair can be written in JSON, but it is no text: no tokenizer takes it."""
    if "\\ud" in text.lower():
        try:
            json.dumps(row, ensure_ascii=False).encode()
        except (ValueError, RecursionError) as error:
            return Rejected("bad JSON", f"{error} in {text[:80]!r}")
    return _mapping(row)


def _array_rows(path: Path, report: Report) -> Iterator[tuple[int, Mapping | Rejected]]:
    """The objects one by one. Of the text, it holds what the longest row may take, and a block."""
    decode, scan = (
        codecs.getincrementaldecoder("utf-8")("surrogateescape").decode,
        json.JSONDecoder(object_pairs_hook=_each_once).raw_decode,
    )
    blocks, text, at, number, more, closed = _blocks(path), "", 0, 1, True, False

    def read_on() -> None:
        nonlocal text, at, more
        try:
            block = next(blocks, None)
        except _BreaksOff as problem:
            report.broken.append(f"{path}: breaks off in row {number} ({problem}). {FETCH_AGAIN}")
            block, text = None, ""
        more = block is not None
        text, at = text[at:] + decode(block or b"", final=not more).replace("\0", NUL), 0

    while True:
        if between := BETWEEN.match(text, at):
            at, closed = between.end(), "]" in between[0] or (closed and not between[0].strip())
        if at == len(text):
            if more:
                read_on()
                continue
            if not closed and number > 1 and not report.broken:
                report.broken.append(
                    f"{path}: the array has no end. It may have had more rows; fetch the file again"
                )
            return
        try:
            row, end = scan(text, at)
        except (ValueError, RecursionError) as error:
            end = _end_of(text, at)
            if end is None and more and len(text) - at <= LONGEST:
                read_on()
                continue
            if not end:
                found = NEXT_OBJECT.search(text, max(at + 1, getattr(error, "pos", 0)))
                end = found.end() if found else len(text)
            row = Rejected("bad JSON", f"{error} in {text[at : at + 80]!r}")
        else:
            row = _checked(row, text[at:end])
        try:
            _check_bytes(text[at:end])
        except Rejected as why:
            row = why
        if end - at > LONGEST:
            row = _too_long(text[at : at + 80].encode("utf-8", "surrogatepass"))
        yield number, row
        at, number, closed = end, number + 1, False


def _end_of(text: str, at: int) -> int | None:
    """Where the object at `at` ends, by its brackets; None where the text ends before, 0 where they do not
    match."""
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


def _parquet_rows(path: Path, report: Report) -> Iterator[tuple[int, Mapping | Rejected]]:
    from pyarrow.parquet import ParquetFile

    number = 0
    try:
        file = ParquetFile(path)
        if twice := [name for name, n in Counter(file.schema_arrow.names).items() if n > 1]:
            report.broken.append(
                f"{path}: has columns of one name, {', '.join(twice)}, so no row is read. Rename one"
            )
            return
        for batch in file.iter_batches(1000):
            for row in _values(batch):
                number += 1
                yield number, row
    except (OSError, ValueError) as error:  # cut parquet has lost its index, and with it every row
        report.broken.append(f"{path}: cannot be read after row {number} ({error}). Fetch the file again")


def _values(batch: pa.RecordBatch) -> list[Mapping | Rejected]:
    try:
        return batch.to_pylist()
    except (ValueError, OverflowError) as error:  # a text that is not UTF-8, or a date that Python has not
        if len(batch) == 1:
            return [Rejected("not UTF-8" if isinstance(error, UnicodeError) else "bad value", error)]
        return [row for i in range(len(batch)) for row in _values(batch.slice(i, 1))]
