"""When a submission was handed in: each version of it has a time, and an old version's time is kept."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from pathlib import Path

FORMAT = "%Y-%m-%d %H:%M"


def when(submission: Path) -> str:
    """The time of a submission, in UTC, as "2027-05-01 12:30".

    It is the first line of timestamp.txt beside the notebook, where a platform has left one ("2027-05-01
    12:30:00 UTC"), and else the time when the file was written last.
    """
    stamp = submission.with_name("timestamp.txt")
    try:
        line = stamp.read_text(encoding="utf-8").splitlines()[0].replace("UTC", "+00:00").replace(" +", "+")
        time = datetime.fromisoformat(line.strip())
        time = time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
    except (OSError, ValueError, IndexError):
        time = datetime.fromtimestamp(submission.stat().st_mtime, UTC)
    return time.strftime(FORMAT)


def versions(before: list[dict], submission: Path) -> list[dict]:
    """The versions of a submission with the one that is there now: their times, and digests of their texts.

    A file that is there again unchanged keeps its first time.
    """
    digest = hashlib.sha256(submission.read_bytes()).hexdigest()
    if before and before[-1]["digest"] == digest:
        return before
    return [*before, {"time": when(submission), "digest": digest}]


def late(time: str, due: datetime | None) -> str:
    """By how much a submission of this `time` is late, in words; nothing where it is not."""
    if due is None:
        return ""
    over = datetime.strptime(time, FORMAT).replace(tzinfo=UTC) - due
    if over <= timedelta(0):
        return ""
    hours, minutes = divmod(over // timedelta(minutes=1), 60)
    return f"late by {hours} h {minutes} min"


def a_time(text: str) -> datetime:
    """The time that somebody types, "2027-05-01 12:00" in UTC or with an offset as "+02:00"; ValueError."""
    time = datetime.fromisoformat(text)
    return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
