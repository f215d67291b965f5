"""The engine's client in its pty, of which nobody waits for long."""

from __future__ import annotations

import asyncio
import signal
import time

import pytest

from jupyter_agentauth.client_process import ClientProcess


def started(*argv: str) -> ClientProcess:
    process: ClientProcess = ClientProcess.spawn(list(argv), dimensions=(24, 80), echo=False)
    return process


def read_until(process: ClientProcess, text: str) -> str:
    seen, deadline = "", time.monotonic() + 30
    while text not in seen:
        assert time.monotonic() < deadline, seen
        seen += process.read(65536)
    return seen


def test_with_nothing_to_read_it_says_so_at_once_and_is_not_taken_for_ended():
    async def try_it() -> None:
        process = started("cat")
        assert process.read() == ""
        process.write("here\n")
        assert "here" in read_until(process, "here")
        assert process.read() == ""
        process.kill(signal.SIGKILL)
        with pytest.raises(EOFError):
            read_until(process, "never")
        process.close()

    asyncio.run(try_it())


def test_keys_for_a_stopped_process_wait_and_hold_nobody_up():
    async def try_it() -> None:
        process = started("cat")
        process.kill(signal.SIGSTOP)
        for _ in range(100):  # Far more than a pty takes.
            process.write("x" * 4095 + "\n")
        process.kill(signal.SIGKILL)
        with pytest.raises(EOFError):
            read_until(process, "never")
        process.close()

    asyncio.run(try_it())
