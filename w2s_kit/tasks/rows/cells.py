"""CSV, row by row, with a place for each row that is broken."""

from __future__ import annotations

import csv
import re
from collections import deque
from collections.abc import Iterator
from pathlib import Path

from .lines import LONGEST, MARK, check_bytes, decoded, lines
from .report import Rejected, Report

DELIMITERS = ",;\t"


def cells_of(path: Path, report: Report) -> Iterator[tuple[int, list[str] | Rejected]]:
    """(line, cells) of the rows of a CSV file, its header included.

    The delimiter is the one that occurs most often in the first line.
    """
    return iter(_Cells(path, report))


def wrong_width(cells: int, columns: int, lines: str = "") -> Rejected:
    """Why a row of so many cells is rejected where there are so many columns."""
    remedy = "put a cell with a delimiter, a quote or a line break in quotes, as pandas.to_csv does"
    return Rejected("wrong number of columns", f"{cells} cells for {columns} columns{lines}; {remedy}")


class _Cells:
    """The rows of a CSV file, each parsed by itself, so that a broken row costs as little as possible.

    Python's `csv` parses each row. It reads line by line, so it knows where a row ends, and one bad row can
    be told from the next. pandas and pyarrow parse whole blocks: there a stray quote costs the rest of the
    file, and nobody knows where it stands.

    A row that cannot be parsed may have taken many lines in search of its second quote. Some of these lines
    look like rows: they have as many cells as the header, and no blank after a delimiter unless other rows
    have it. Where they are at least half, the quote was a stray one, and they are read again, each by itself.
    The first of them is left out where the bad row lacks cells, since it may be the end of that row. Lines
    that look like the text of a cell are left out, so that none of them becomes a row.

    Between tabs, a quote is often a sign like any other: many published files have no quoted cells at all.
    There, a row that cannot be parsed is taken as it stands where it has the width of the header. So is one
    whose quote would swallow two lines or more that are rows themselves.

    Two things no reader can tell: a line break in a cell without quotes ends its row, and two stray quotes
    may make one cell.
    """

    def __init__(self, path: Path, report: Report):
        self.stream, self.given_back = lines(path, report), deque()
        self.delimiter, self.width = "", 0
        self.alone = 0  # rows that begin before this line have one line: so no line is taken more than twice
        self.blanks = False  # whether cells begin with a blank here, as in "a, b, c"
        self.suspect = 0  # at this line a row has failed, so a cell may end there
        self.report, self.plain_quotes = report, 0  # rows whose quotes were guessed to be signs

    def __iter__(self) -> Iterator[tuple[int, list[str] | Rejected]]:
        while (item := self._next()) is not None:
            number, line = item
            if isinstance(line, Rejected):
                yield number, line
            elif (line := line.removeprefix(MARK)).strip(b" \r"):  # tabs are empty cells
                try:
                    cells = self._cells(number, decoded(line).strip("\r"))
                except Rejected as why:
                    yield number, why
                else:
                    yield number, cells
        if self.plain_quotes:
            rows = "1 row has" if self.plain_quotes == 1 else f"{self.plain_quotes:,} rows have"
            self.report.notes.append(
                f"{rows} a quote that closes nowhere, or after other rows: it is taken as it stands"
            )

    def _next(self) -> tuple[int, bytes | Rejected] | None:
        return self.given_back.popleft() if self.given_back else next(self.stream, None)

    def _cells(self, number: int, text: str) -> list[str]:
        """The cells of the row that begins with `text`; the first row sets the delimiter and the width."""
        if not self.delimiter:
            plain = re.sub('"[^"]*"', "", text)
            self.delimiter = max(DELIMITERS, key=plain.count)
            # made once: it takes 20 microseconds
            self.dialect = csv.reader([], delimiter=self.delimiter, strict=True).dialect
        if '"' not in text and "\r" not in text:
            check_bytes(text)
            cells = text.split(self.delimiter)
            self.blanks = self.blanks or len(cells) == self.width and self.delimiter + " " in text
        else:
            cells = self._parsed(number, text)
        self.width = self.width or len(cells)
        return cells

    def _parsed(self, number: int, text: str) -> list[str]:
        """The cells of the row that begins with `text`, which takes further lines while a quote is open."""
        taken, texts, ended = [], [text], False

        def following() -> Iterator[str]:
            nonlocal ended
            yield text + "\n"
            size = len(text)
            while number >= self.alone and size <= LONGEST and (item := self._next()) is not None:
                taken.append(item)
                if isinstance(item[1], Rejected):
                    break
                texts.append(decoded(item[1]))
                size += len(texts[-1]) + 1
                yield texts[-1] + "\n"
            ended = True

        if self._plain([text]) and not re.search(r'(?:^|\t)"', text):
            check_bytes(text)
            return text.split("\t")
        limit = csv.field_size_limit(2 * LONGEST)  # by itself, `csv` takes 131,072 characters for a cell
        try:
            cells = next(csv.reader(following(), self.dialect))
        except csv.Error as error:
            cells, problem = [], f"{error} ({text[:80]!r})"
        else:
            problem = ""
        finally:
            csv.field_size_limit(limit)

        if (problem or len(taken) > 1) and self._plain(texts):
            self.given_back.extendleft(reversed(taken))
            self.alone = taken[-1][0] if taken else self.alone
            self.plain_quotes += 1
            check_bytes(text)
            return text.split("\t")
        if not problem and (not taken or len(cells) == self.width or not self.width):
            whole = "\n".join(texts)
            check_bytes(whole)
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
        """How many of the lines that a bad row has taken are left out with it.

        The others are given back, to be read again.
        """
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

    def _plain(self, texts: list[str]) -> bool:
        """Whether all lines look like rows between tabs, where a quote may be a sign like any other."""
        return self.delimiter == "\t" and all(map(self._is_row, texts))

    def _is_row(self, text: str) -> bool:
        """Whether a line looks like a row and not like a piece of a cell."""
        cells = text.rstrip("\r").split(self.delimiter)
        return len(cells) == self.width > 1 and (
            self.blanks or not any(cell.startswith(" ") for cell in cells[1:])
        )

    def _check_quotes(self, text: str, cells: list[str], suspect: bool) -> None:
        """Raises Rejected where a cell without quotes has a single quote and may have been torn by it.

        It may have been where the quote ends the cell, where a row has failed at this line, and where the
        next line is no row, since that may be the rest of the cell. Otherwise the quote is taken as it is.
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
        return not isinstance(item[1], Rejected) and self._is_row(decoded(item[1]))
