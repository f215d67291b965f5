"""Cells run in a real kernel of a real server, as a page runs them; every message is kept."""

from __future__ import annotations

import json
import os
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty
from typing import Any

from jupyter_client.blocking.client import BlockingKernelClient
from lab_server import LabServer
from waiting import DEADLINE

Message = dict[str, Any]


@dataclass
class Outputs:
    """What a cell showed, as a notebook would keep it."""

    status: str = ""
    stdout: str = ""
    stderr: str = ""
    error: list[str] = field(default_factory=list)
    bundles: list[dict[str, Any]] = field(default_factory=list)
    comms: list[Any] = field(default_factory=list)

    def of(self, mime: str) -> str:
        """Return the text of all bundles in one form."""
        return "\n".join(str(bundle.get(mime, "")) for bundle in self.bundles)

    @property
    def text(self) -> str:
        """What a console shows."""
        return self.of("text/plain")

    @property
    def html(self) -> str:
        """What a page shows."""
        return self.of("text/html")


class Cells:
    """A kernel that the server starts in a directory.

    Parameters
    ----------
    server : LabServer
    directory : Path
        Below the server's root.
    """

    def __init__(self, server: LabServer, directory: Path) -> None:
        self._server = server
        path = str(directory.relative_to(server.root))
        asked = {"name": "python3", "path": path}
        self._id = server.request("POST", "api/kernels", asked)["id"]
        self._client = self._connected()
        self._messages: list[Message] = []
        self._came = threading.Condition()
        self._ends = threading.Event()
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    def run(self, code: str, seconds: float = DEADLINE) -> Outputs:
        """Run a cell to its end."""
        with self.running(code, seconds) as cell:
            pass
        return cell()

    @contextmanager
    def running(self, code: str, seconds: float = DEADLINE) -> Iterator[Callable[[], Outputs]]:
        """Run a cell; what is yielded tells what it has shown so far, also after its end."""
        asked = self._client.execute(code)
        yield lambda: self._outputs(asked)
        self.wait(lambda: self._idle(asked), seconds)

    def wait(self, condition: Callable[[], object], seconds: float = DEADLINE) -> None:
        """Wait for messages until a condition holds."""
        with self._came:
            if not self._came.wait_for(condition, seconds):
                raise AssertionError(self.all()[-5000:])

    def tab(self, code: str) -> list[str]:
        """Return what the Tab key offers at the end of a code."""
        reply = self._client.complete(code, len(code), reply=True, timeout=DEADLINE)
        return list(reply["content"]["matches"])

    def interrupt(self) -> None:
        """Press the stop button."""
        self._server.request("POST", f"api/kernels/{self._id}/interrupt")

    def restart(self) -> None:
        """Restart the kernel."""
        self._server.request("POST", f"api/kernels/{self._id}/restart")
        # All that was asked before is answered, or lost with the old kernel.
        self._client.kernel_info(reply=True, timeout=DEADLINE)
        # What the new one tells all of its clients arrives only once they are connected again.
        end = time.monotonic() + DEADLINE
        while time.monotonic() < end:
            asked = self._client.execute("pass", silent=True)
            with suppress(AssertionError):
                return self.wait(lambda asked=asked: self._idle(asked), 1)
        raise AssertionError("The kernel tells nothing after its restart.")

    def begin_anew(self) -> None:
        """Forget the names and the agents of the cells before."""
        self.run("%reset -f")
        self.run("%unload_ext jupyter_agentauth")
        self.run("%load_ext jupyter_agentauth")

    def all(self) -> str:
        """Return everything that the kernel ever sent to a page."""
        return json.dumps(self._messages, default=str)

    def end(self) -> None:
        """Shut the kernel down."""
        self._ends.set()
        self._listener.join()
        self._server.request("DELETE", f"api/kernels/{self._id}")
        self._client.stop_channels()

    def _connected(self) -> BlockingKernelClient:
        file = Path(os.environ["JUPYTER_RUNTIME_DIR"]) / f"kernel-{self._id}.json"
        client = BlockingKernelClient(connection_file=str(file))
        client.load_connection_file()
        client.start_channels()
        _be_heard(client)
        return client

    def _listen(self) -> None:
        while not self._ends.is_set():
            try:
                message = self._client.get_iopub_msg(timeout=0.2)
            except Empty:
                continue
            with self._came:
                self._messages.append(message)
                self._came.notify_all()

    def _idle(self, asked: str) -> bool:
        return any(
            m["msg_type"] == "status" and m["content"]["execution_state"] == "idle"
            for m in self._of(asked)
        )

    def _of(self, asked: str) -> list[Message]:
        return [m for m in self._messages if m["parent_header"].get("msg_id") == asked]

    def _outputs(self, asked: str) -> Outputs:
        shown = Outputs()
        places: dict[str, int] = {}
        for message in self._of(asked):
            content = message["content"]
            match message["msg_type"]:
                case "stream":
                    name = content["name"]
                    setattr(shown, name, getattr(shown, name) + content["text"])
                case "error":
                    shown.error = [re.sub(r"\x1b\[[\d;]*m", "", x) for x in content["traceback"]]
                case "comm_open":
                    shown.comms.append((content["target_name"], content["data"]))
                case "display_data" | "execute_result":
                    place = content.get("transient", {}).get("display_id", "")
                    places[place] = len(shown.bundles)
                    shown.bundles.append(content["data"])
        self._update(shown, places)
        return shown

    def _update(self, shown: Outputs, places: dict[str, int]) -> None:
        """Replace what was updated, by whichever cell: a page goes by the display's id."""
        for message in self._messages:
            place = message["content"].get("transient", {}).get("display_id", "")
            if message["msg_type"] == "update_display_data" and place in places:
                shown.bundles[places[place]] = message["content"]["data"]


def _be_heard(client: BlockingKernelClient) -> None:
    """Wait until the kernel answers, and what it tells all of its clients arrives here."""
    # Not `wait_for_ready`: on a busy machine it takes a slow kernel for a dead one (8.10).
    client.kernel_info(reply=True, timeout=120)
    for _ in range(30):
        client.execute("pass", silent=True)
        with suppress(Empty):
            client.get_iopub_msg(timeout=2)
            return
    raise AssertionError("The kernel tells nothing.")


@contextmanager
def cells_of(server: LabServer, directory: Path) -> Iterator[Cells]:
    """Give a notebook with the magics; all that it ever showed holds no token of the server."""
    cells = Cells(server, directory)
    try:
        cells.run("%load_ext jupyter_agentauth")
        yield cells
        token = server.headers["Authorization"].removeprefix("token ")
        assert token not in cells.all()
    finally:
        cells.end()


def eventually(condition: Callable[[], object], seconds: float = DEADLINE) -> None:
    """Wait for what no message tells."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)
