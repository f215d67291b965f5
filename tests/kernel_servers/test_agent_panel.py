"""`AgentPanel()` in a real kernel that no server started, as in VS Code, beside real servers."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from jupyter_client.manager import KernelManager
from lab_server import LabServer, servers_in
from waiting import DEADLINE, wait_until

#: What the panel shows to a user, and its buttons, found in its widgets.
LOOK = """
import json, threading
from jupyter_agentauth import AgentPanel
import ipywidgets

def seen(widget):
    if widget.layout.display == "none":
        return
    yield widget
    for child in getattr(widget, "children", ()):
        yield from seen(child)

def text(panel):
    return " ".join(
        str(part) for widget in seen(panel) for part in (
            getattr(widget, "description", ""), getattr(widget, "value", ""),
            *(getattr(widget, "outputs", ())), *(getattr(widget, "options", ())),
        )
    )

def press(panel, name):
    [button] = [w for w in seen(panel) if getattr(w, "description", "") == name
                and isinstance(w, ipywidgets.Button)]
    assert not button.disabled, button.tooltip
    button.click()

def switch(panel):
    [found] = [w for w in seen(panel) if isinstance(w, ipywidgets.Checkbox)]
    return found

def left():
    kept = len(ipywidgets.widgets.widget._instances)
    return [kept, sorted(t.name for t in threading.enumerate() if "agent" in t.name)]
"""


class Kernel:
    """A kernel with the panel's module loaded."""

    def __init__(self, directory: Path) -> None:
        self._manager = KernelManager(kernel_name="python3")
        self._manager.start_kernel(cwd=str(directory))
        self._client = self._manager.client()
        self._client.start_channels()
        self._client.wait_for_ready(timeout=DEADLINE)
        self.run(LOOK)

    def run(self, code: str) -> str:
        """Run a cell and return what it printed."""
        printed: list[str] = []

        def take(message: dict) -> None:
            if message["msg_type"] == "stream":
                printed.append(message["content"]["text"])

        reply = self._client.execute_interactive(code, timeout=120, output_hook=take)
        assert reply["content"]["status"] == "ok", reply["content"]
        return "".join(printed)

    def value(self, expression: str) -> object:
        """Return what an expression is."""
        return json.loads(self.run(f"print(json.dumps({expression}))"))

    def text(self, panel: str = "panel") -> str:
        """Return what a panel shows."""
        return str(self.value(f"text({panel})"))

    def wait_for(self, text: str, panel: str = "panel") -> None:
        """Wait until a panel shows a text."""
        shown = ""

        def is_there() -> bool:
            nonlocal shown
            shown = self.text(panel)
            return text in shown

        try:
            wait_until(is_there)
        except AssertionError:
            raise AssertionError(f"{text!r} is not in the panel:\n{shown}") from None

    def sent_to_the_page(self, target: str) -> dict:
        """Return the next comm of a kind that the kernel opens."""
        while True:
            message = self._client.get_iopub_msg(timeout=DEADLINE)
            opened = message["msg_type"] == "comm_open"
            if opened and message["content"]["target_name"] == target:
                return message

    @property
    def session(self) -> str:
        """What the messages of this kernel's page are marked with."""
        return self._client.session.session

    def end(self) -> None:
        self._client.stop_channels()
        self._manager.shutdown_kernel(now=True)


@pytest.fixture
def kernel(repository: Path) -> Iterator[Kernel]:
    kernel = Kernel(repository)
    yield kernel
    kernel.end()


@pytest.fixture
def serve(repository: Path, tmp_path: Path) -> Iterator[Callable[..., LabServer]]:
    """Start a server over the repositories; all are gone afterwards."""
    with servers_in(tmp_path) as start:
        yield partial(start, repository.parent)


def test_without_a_server_it_says_so_and_retry_finds_the_one_that_was_started(kernel, serve):
    kernel.run("panel = AgentPanel()")
    kernel.wait_for("No Jupyter server")
    assert "Retry" in kernel.text()
    assert "Traceback" not in kernel.text()
    serve()
    kernel.run("press(panel, 'Retry')")
    kernel.wait_for("Open Claude Code")
    kernel.wait_for("No agent runs.")
    assert "Retry" not in kernel.text()


def test_several_panels_go_on_with_the_server_that_took_the_place_of_a_killed_one(kernel, serve):
    first = serve()
    kernel.run("one, two = AgentPanel(), AgentPanel()")
    kernel.wait_for("No agent runs.", "one")
    assert kernel.value("left()[1]") == ["agent panel: read", "agentauth-events"]
    first.kill()
    kernel.wait_for("Retry", "one")
    said = kernel.text("one")
    assert "start JupyterLab" in said or "start it again, and press Retry." in said
    assert "Open Claude Code" in kernel.text("two")  # What was known stays to be seen.
    assert kernel.value("switch(two).disabled") is True

    second = serve()
    assert second.address != first.address
    wait_until(lambda: kernel.value("[switch(p).disabled for p in (one, two)]") == [False, False])
    wait_until(lambda: "Retry" not in kernel.text("one"))
    second.request("PATCH", "agentauth/api/settings", {"share_auth": True})
    wait_until(lambda: kernel.value("[switch(p).value for p in (one, two)]") == [True, True])
    kernel.run("switch(two).value = False")
    wait_until(lambda: kernel.value("switch(one).value") is False)
    assert second.request("GET", "agentauth/api/settings")["share_auth"] is False


def test_a_click_returns_before_the_agent_runs_and_the_panel_follows_while_a_cell_runs(
    kernel, serve, image, containers
):
    serve()
    kernel.run("panel = AgentPanel()")
    kernel.wait_for("Open Codex")
    assert "Opening Codex…" in kernel.run("press(panel, 'Open Codex'); print(text(panel))")
    # One cell, and the session comes and goes meanwhile.
    kernel.run(
        "import time\n"
        "def until(said, there=True):\n"
        "    end = time.monotonic() + 100\n"
        "    while (said in text(panel)) is not there:\n"
        "        assert time.monotonic() < end, text(panel)\n"
        "        time.sleep(0.05)\n"
        "until('running, since')\n"
        "press(panel, 'Stop')\n"
        "until('No agent runs.')\n"
        "until('jupyter agentauth stop', there=False)"
    )
    assert containers() == []


def test_the_page_that_clicked_is_told_which_session_to_show(kernel, serve, image, containers):
    server = serve()
    kernel.run("panel = AgentPanel()")
    kernel.wait_for("Open Codex")
    kernel.run("press(panel, 'Open Codex')")
    message = kernel.sent_to_the_page("jupyter-agentauth")
    [session] = server.sessions()
    assert message["content"]["data"] == {"show": session["id"]}
    assert message["parent_header"]["session"] == kernel.session


def test_closed_it_leaves_neither_threads_nor_widgets(kernel, serve):
    serve()
    kernel.run("panel = AgentPanel()\nother = AgentPanel()")
    kernel.wait_for("No agent runs.")
    kernel.run("panel.close()\npanel.close()")
    assert kernel.value("left()[1]") == ["agent panel: read", "agentauth-events"]
    kernel.run("other.close()")
    wait_until(lambda: kernel.value("left()") == [0, []])
    kernel.run("panel = AgentPanel()")
    kernel.wait_for("No agent runs.")
    kernel.run("ipywidgets.Widget.close_all()")
    wait_until(lambda: kernel.value("left()[1]") == [])


def test_where_sharing_is_forbidden_the_switch_is_off_and_says_why(kernel, serve):
    serve("--AgentAuth.allow_share_auth=False")
    kernel.run("panel = AgentPanel()")
    kernel.wait_for("Switched off by the administrator")
    assert kernel.value("[switch(panel).disabled, switch(panel).value]") == [True, False]
    # Whoever sets it all the same (it is disabled for a user) has the server's answer.
    kernel.run("switch(panel).value = True")
    wait_until(lambda: kernel.value("switch(panel).value") is False)
    assert "administrator" in kernel.text()


def test_what_an_agent_needs_is_said_where_the_server_has_no_extension(kernel, serve):
    serve("--ServerApp.jpserver_extensions={'jupyter_agentauth': False}")
    kernel.run("panel = AgentPanel()")
    kernel.wait_for("has no jupyter_agentauth")
    assert "Retry" in kernel.text()


def test_no_token_is_in_the_state_that_a_page_may_save(kernel, serve, image, containers):
    server = serve()
    kernel.run("panel = AgentPanel()")
    kernel.wait_for("Open Codex")
    kernel.run("press(panel, 'Open Codex')")
    kernel.wait_for("running, since")
    kernel.wait_for("jupyter agentauth stop")
    state = kernel.run("print(json.dumps(ipywidgets.Widget.get_manager_state()), repr(panel))")
    assert "Codex" in state
    assert server.headers["Authorization"].split()[1] not in state
