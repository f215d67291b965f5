"""The engine's client in its pty, of which nobody waits for long."""

from __future__ import annotations

import asyncio
import os
import signal
import time

import pytest

from jupyter_agentauth.client_process import ClientProcess


def started(*argv: str) -> ClientProcess:
    return ClientProcess.start(list(argv), dict(os.environ), (24, 80))


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


def test_keys_that_come_before_the_client_has_its_terminal_reach_it_as_they_were_typed():
    """Here the client never changes its terminal: what it gets came through as it was given."""
    keys = "kept\x15\x03\x04\x7f\x16\x1a\x13\r"

    async def try_it() -> None:
        process = started("sh", "-c", f"head --bytes={len(keys)} | od -An -c -w64; echo; echo left")
        process.write(keys)
        seen = read_until(process, "left")
        # Nothing was echoed, and the lines of its own begin at the left.
        shown = "k e p t 025 003 004 177 026 032 023 \\r"
        assert seen.split() == [*shown.split(), "left"]
        assert "\r\nleft" in seen
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
