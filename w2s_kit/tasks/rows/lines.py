"""The bytes of a file, unpacked, and its lines, as far as they can be read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa

from .report import Rejected, Report

BLOCK = 1 << 16  # bytes read at once
#: No row has more bytes, but a file whose end was lost may go on with a gigabyte of NUL.
LONGEST = 1 << 20
FETCH_AGAIN = "The rows before are read; for the others, fetch the file again"
MARK = b"\xef\xbb\xbf"  # the byte-order mark that some programs write before UTF-8
#: Stands for a NUL byte until its row ends; bytes that are not UTF-8 become \\udc80 to \\udcff.
NUL = "\udc00"
NOT_UTF8 = re.compile("[\udc80-\udcff]")


class BreaksOff(Exception):
    """The rest of a file cannot be unpacked."""


def unpacked(path: Path):
    """A stream of the bytes of a file, decompressed if it begins like gzip or zstd.

    zstd may stand in frames, as pzstd writes it. Raises ValueError where pyarrow cannot unpack the file.
    """
    with path.open("rb") as stream:
        magic = stream.read(4)
    codec = ""
    if magic[:2] == b"\x1f\x8b":
        codec = "gzip"
    elif magic == b"\x28\xb5\x2f\xfd" or magic[1:] == b"\x2a\x4d\x18":
        codec = "zstd"
    if codec and not pa.Codec.is_available(codec):
        raise ValueError(f"{path}: this pyarrow was built without {codec}; unpack the file first")
    return pa.CompressedInputStream(pa.OSFile(str(path)), codec) if codec else path.open("rb")


def blocks(path: Path) -> Iterator[bytes]:
    """The bytes of a file, unpacked, as far as they can be read.

    Raises BreaksOff after the last of them where the rest cannot be unpacked.
    """
    done, problem = 0, None
    for size in (BLOCK, 1):  # a read that fails throws its bytes away: they are read again one by one
        with unpacked(path) as stream:
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
    raise BreaksOff(str(problem))


def lines(path: Path, report: Report) -> Iterator[tuple[int, bytes | Rejected]]:
    """(number, line) of each line of a file, from 1 on.

    Where the file breaks off, `report` says so, and the cut line is left out. A line of more than LONGEST
    bytes is never held: each mebibyte of it is rejected by itself.
    """
    rest, number, goes_on = b"", 1, False
    try:
        for block in blocks(path):
            *whole, rest = (rest + block).split(b"\n")
            for line in whole:
                yield number, too_long(line) if goes_on or len(line) > LONGEST else line
                number, goes_on = number + 1, False
            if len(rest) > LONGEST:
                yield number, too_long(rest)
                rest, goes_on = b"", True
    except BreaksOff as problem:
        report.broken.append(f"{path}: breaks off in row {number} ({problem}). {FETCH_AGAIN}")
        return
    if rest.strip():
        yield number, too_long(rest) if goes_on else rest


def too_long(line: bytes) -> Rejected:
    """Why a row of more than LONGEST bytes is rejected, by what it holds or by its length."""
    reason = "NUL byte" if b"\0" in line else "too long"
    return Rejected(reason, f"a row of more than {LONGEST:,} bytes, {line[:80]!r}")


def beginning(path: Path) -> bytes:
    """The first bytes of a file, unpacked: at most two blocks, and what can be read of them."""
    head = bytearray()
    try:
        for block in blocks(path):
            head += block
            if len(head) >= BLOCK:
                break
    except BreaksOff:
        pass
    return bytes(head)


def decoded(line: bytes) -> str:
    """A line as text, whatever its bytes are, so that the end of its row can be found.

    Bytes that are no UTF-8 and NUL bytes become lone surrogates, which `check_bytes` rejects then.
    """
    return line.decode("utf-8", "surrogateescape").replace("\0", NUL)


def check_bytes(text: str) -> None:
    """Raises Rejected for a text from `decoded` with bytes that are no text."""
    if text.isascii():
        return
    if NUL in text:
        raise Rejected("NUL byte", text[:80].replace(NUL, "\0"))
    if bad := NOT_UTF8.search(text):
        near = text[max(bad.start() - 20, 0) : bad.end() + 20].encode("utf-8", "surrogateescape")
        raise Rejected("not UTF-8", f"byte 0x{ord(bad[0]) - 0xDC00:x} in {near!r}; save the file as UTF-8")
