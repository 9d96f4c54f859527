"""What the cells of a graded submission show, kept as a notebook keeps it.

This text runs in the child, behind that of the cage (`cell_child`); it imports nothing of the kit.
"""

import base64
import io
from typing import Any

KEPT = 4 << 20  #: characters of its outputs that a cell keeps
IN_ALL = 8 * KEPT  # and all cells together


class Outputs:
    """What a cell shows, as a notebook keeps it. Beyond KEPT it is counted, and thrown away."""

    def __init__(self):
        self.list: list[dict] = []
        self.room, self.left = KEPT, IN_ALL

    def add(self, output: dict, size: int) -> None:
        """Keep one output of so many characters."""
        self.room -= size
        if self.room >= 0:
            self.list.append(output)

    def write(self, name: str, text: str) -> None:
        """Keep a piece of text of the stream `name`."""
        text = text[: max(self.room, 0)]
        last = self.list[-1] if self.list else {}
        if text and last.get("output_type") == "stream" and last["name"] == name:
            last["text"].append(text)
            self.room -= len(text)
        elif text:
            self.add({"output_type": "stream", "name": name, "text": [text]}, len(text))

    def show(self, kind: str, data: dict, metadata: dict | None, **more: Any) -> None:
        """Keep something displayed; pictures as base64."""
        data = {
            mime: base64.b64encode(value).decode() if isinstance(value, bytes) else value
            for mime, value in data.items()
        }
        size = sum(len(str(value)) for value in data.values())
        self.add({"output_type": kind, "data": data, "metadata": metadata or {}, **more}, size)

    def taken(self) -> list[dict]:
        """All that was kept; begin anew."""
        taken, cut = self.list, self.room < 0
        self.left -= KEPT - max(self.room, 0)
        self.list, self.room = [], max(min(KEPT, self.left), 0)
        for output in taken:
            if output["output_type"] == "stream":
                output["text"] = "".join(output["text"])
        if cut:
            more = f"... and more, which is not kept: a cell may show {KEPT >> 20} MB\n"
            taken.append({"output_type": "stream", "name": "stderr", "text": more})
        return taken


class Stream(io.TextIOBase):
    """sys.stdout or sys.stderr of a submission."""

    encoding, errors = "utf-8", "replace"

    def __init__(self, outputs: Outputs, name: str):
        self._outputs, self._name = outputs, name

    def write(self, text: str) -> int:
        """Keep the text as output of the cell."""
        self._outputs.write(self._name, str(text))
        return len(text)

    def writable(self) -> bool:
        """Yes."""
        return True


def shell_with(outputs: Outputs):
    """IPython, whose outputs go to `outputs`: it runs the cells of students."""
    from IPython.core.displayhook import DisplayHook
    from IPython.core.displaypub import DisplayPublisher
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets import Type
    from traitlets.config import Config

    class Publisher(DisplayPublisher):
        def publish(self, data, metadata=None, *_, **__):
            outputs.show("display_data", data, metadata)

        def clear_output(self, wait=False):
            outputs.taken()

    class Hook(DisplayHook):
        def write_output_prompt(self):
            pass

        def write_format_data(self, format_dict, md_dict=None):
            outputs.show("execute_result", format_dict, md_dict, execution_count=self.prompt_count)

        def finish_displayhook(self):
            pass

    class Shell(InteractiveShell):
        displayhook_class, display_pub_class = Type(Hook), Type(Publisher)

        def _showtraceback(self, etype, evalue, stb):
            error = {"ename": etype.__name__, "evalue": str(evalue), "traceback": list(stb)}
            outputs.add({"output_type": "error", **error}, sum(map(len, stb)))

        def enable_gui(self, gui=None):
            pass

    config = Config()
    config.HistoryManager.enabled = False
    return Shell.instance(config=config)
