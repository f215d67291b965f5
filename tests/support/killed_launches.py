"""Launches that kill themselves at their k-th step; a program of the tests.

    python killed_launches.py WORKTREE AGENT SCOPE

Reads a number a line. For each it makes one launch, as `jupyter agentauth run --share` does, in
a process of its own, which ends by SIGKILL just before its step of that number: writing a
file, making, renaming, linking, removing or changing one, sending something to the engine,
starting the client. Prints the step, or "done" when the launch ran through. 0 never kills.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import Any

from jupyter_agentauth.commands import make_service
from jupyter_agentauth.docker_run import docker_run_argv
from jupyter_agentauth.requests import LaunchRequest

_STEPS = {
    "os.mkdir", "os.rename", "os.link", "os.remove", "os.rmdir", "os.chmod",
    "os.truncate", "http.client.send", "subprocess.Popen",
}  # fmt: skip

_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC


class Killer:
    """Counts the steps of this process, and kills it before one of them."""

    def __init__(self, number: int, tell: int) -> None:
        self._left = number
        self._tell = tell

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        is_step = event in _STEPS
        if event == "open":
            is_step = bool(arguments[2] & _WRITES) and arguments[0] != os.devnull
        if not is_step:
            return
        self._left -= 1
        if self._left == 0:
            shown = [a if isinstance(a, str) else type(a).__name__ for a in arguments[:2]]
            os.write(self._tell, f"{event} {shown}".replace("\n", " ").encode())
            os.kill(os.getpid(), signal.SIGKILL)


def launch(worktree: str, agent: str, scope: str) -> None:
    """Do what the command does."""
    service = make_service([f"--AgentAuth.share_scope={scope}"])
    plan = service.launch(LaunchRequest(agent=agent, worktree=worktree, share_auth=True, tty=False))
    subprocess.run(
        docker_run_argv(plan), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=True
    )
    service.launched(plan.session)


def main() -> None:
    """Make launches until there are no more numbers."""
    import docker  # noqa: F401 - imported once, since the SDK takes its time.
    import requests  # noqa: F401

    for line in sys.stdin:
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            number = int(line)
            if number:
                sys.addaudithook(Killer(number, writing))
            launch(*sys.argv[1:4])
            os._exit(0)
        os.close(writing)
        _, status = os.waitpid(child, 0)
        with open(reading) as told:
            step = told.read()
        killed = os.WIFSIGNALED(status)
        print(step if killed else f"done {os.waitstatus_to_exitcode(status)}", flush=True)


if __name__ == "__main__":
    main()
