"""Signals that end a program, as exceptions: so every `finally` still runs."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

ENDING = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]


@contextmanager
def stopped_by_signals() -> Iterator[None]:
    """Let the signals that end a process raise here instead, so that every `finally` still runs.

    Ctrl-C raises KeyboardInterrupt. SIGTERM and SIGHUP raise SystemExit with the exit code that a shell would
    give, such as 143. Code inside may swallow the exception; it is raised again at the end. A signal that
    somebody else handles already, or ignores, stays as it is. Only the main thread hears signals: elsewhere
    nothing is done.
    """
    received: list[int] = []

    def stop(signum, frame):
        received.append(signum)
        raise_stop()

    def raise_stop():
        raise KeyboardInterrupt if received[0] == signal.SIGINT else SystemExit(128 + received[0])

    before = {}
    if threading.current_thread() is threading.main_thread():
        ours = [s for s in ENDING if signal.getsignal(s) in (signal.SIG_DFL, signal.default_int_handler)]
        before = {signum: signal.signal(signum, stop) for signum in ours}
    try:
        yield
    except BaseException:
        if not received:
            raise
    finally:
        for signum, handler in before.items():
            signal.signal(signum, handler)
    if received:
        raise_stop()
