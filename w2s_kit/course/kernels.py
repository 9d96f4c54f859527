"""A notebook's cells run in a kernel, a process of their own. What is started here, ends here.

nbclient ends no kernel that a signal interrupts, and nothing that a kernel has started in its turn. So the
runner of notebooks (`course.notebooks`) starts and ends its kernels by `run`. Grading has no kernels: other
people's cells run in a cage (`course.caged_cells`).
"""

from __future__ import annotations

import asyncio
import os
import signal
import tempfile
import threading
from concurrent.futures import Future, wait
from contextlib import suppress
from typing import IO

from ..shared.names import pip

try:
    from ipykernel.kernelspec import RESOURCES, get_kernel_dict
    from jupyter_client.kernelspec import KernelSpec
    from jupyter_client.manager import AsyncKernelManager
    from nbclient import NotebookClient
except ImportError as error:
    raise ImportError(
        f"running notebooks needs more than the kit itself ({error}): {pip('w2s_kit[notebooks]')}"
    ) from error

from .notebooks import kernel_environment
from .stopping import stopped_by_signals as stopped_by_signals

SECONDS_TO_END = 10  # a kernel has 5 to end by itself; then it is killed


class Kernel(AsyncKernelManager):
    """This interpreter as a kernel, whatever kernel a notebook names or the user has registered."""

    @property
    def kernel_spec(self) -> KernelSpec:
        """How the kernel is started: by the interpreter that runs this, with ipykernel's own command."""
        return KernelSpec(resource_dir=RESOURCES, **get_kernel_dict())

    async def end(self) -> None:
        """Ask the kernel to end, so that it removes its own temporary files. After 5 s, make it."""
        try:
            if await self.is_alive():
                await self.shutdown_kernel()
        finally:
            await self.cleanup_resources()
            self.kill()

    def kill(self) -> None:
        """Kill the kernel and what it started, at once: they are one process group."""
        group = getattr(self.provisioner, "pgid", None)
        if group and group != os.getpgrp():
            with suppress(ProcessLookupError, PermissionError):  # nothing is left of it
                os.killpg(group, signal.SIGKILL)
        self.cleanup_connection_file()


def run(client: NotebookClient) -> None:
    """Run all cells of `client` in a fresh kernel, which has ended when this returns or raises.

    The kernel's children have ended, too, its channels are closed, and its connection file is gone: also
    after a signal. Raises what nbclient raises: CellExecutionError, CellTimeoutError, DeadKernelError, and
    RuntimeError where no kernel starts. What a kernel wrote before it died is a note of the error.
    """
    kernel = client.km = Kernel()
    stop = threading.Event()
    outcome: Future[None] = Future()

    def in_a_loop_of_its_own(last_words) -> None:
        try:
            outcome.set_result(asyncio.run(_cells(client, kernel, last_words, stop)))
        except BaseException as error:
            outcome.set_exception(error)

    # A thread: a signal's exception is raised in the main one, so it cannot tear the loop apart, and nbclient
    # sets no handlers of its own. A daemon: a loop that stands still must not hold the process. The outcome
    # is waited for, not the thread: `join` takes a thread for ended if a signal interrupts it (Python 3.11).
    with tempfile.TemporaryFile() as last_words:
        with stopped_by_signals():
            try:
                threading.Thread(target=in_a_loop_of_its_own, args=[last_words], daemon=True).start()
                while not outcome.done():
                    wait([outcome], timeout=0.5)  # with no limit, Windows hears no Ctrl-C
            finally:
                stop.set()
                try:
                    wait([outcome], timeout=SECONDS_TO_END)
                finally:
                    kernel.kill()
        try:
            outcome.result()
        except RuntimeError as error:
            last_words.seek(0)
            if text := last_words.read().decode(errors="replace").strip():
                error.add_note(f"The kernel's last words:\n{text[-2000:]}")
            raise


async def _cells(client: NotebookClient, kernel: Kernel, last_words: IO, stop: threading.Event) -> None:
    """Run the cells until they are done, or `stop` is set."""
    cells = asyncio.create_task(_start_and_execute(client, last_words))
    try:
        while not (cells.done() or stop.is_set()):
            await asyncio.wait({cells}, timeout=0.1)
    finally:
        waiting = asyncio.all_tasks() - {asyncio.current_task()}  # for messages that will not come
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        if client.kc is not None:
            client.kc.stop_channels()
        await kernel.end()
    cells.result()


async def _start_and_execute(client: NotebookClient, last_words: IO) -> None:
    # Outputs come over a channel. What still comes this way is read only where a kernel dies.
    await client.async_start_new_kernel(env=kernel_environment(), stderr=last_words)
    await client.async_start_new_kernel_client()
    await client.async_execute(cleanup_kc=False)  # `_cells` ends the kernel, also if it is still starting
