"""One run: the engine's client without a terminal, and what the agent prints into it."""

from __future__ import annotations

import asyncio
import codecs
import json
import os
import time
from collections.abc import Callable
from contextlib import suppress

from .escapes import SEQUENCE
from .headless.output import Output
from .launch_plan import LaunchPlan
from .line_stream import Line, LineStream
from .redaction import redacted

_CHUNK = 1 << 16

#: For a client that was killed to end.
_CLIENT_SECONDS = 5

#: A longer line is no event of any CLI: it is told in pieces. In characters.
_LONGEST_LINE = 8 << 20

#: A longer one is parsed off the event loop; in characters.
_SOON_PARSED = 1 << 14

#: Of what is printed on stderr: what is kept, in bytes, and what is told of it, in lines and in
#: characters of each.
_ERRORS_KEPT, _LAST_LINES, _LONGEST_SHOWN = 1 << 16, 20, 1000


class AgentRun:
    """The client of one run's container.

    Parameters
    ----------
    plan : LaunchPlan
        Without a terminal.
    events : str
        The form of what it prints, see `headless.output`.
    worked : callable
        Called whenever it prints something.

    Attributes
    ----------
    lines : LineStream
        The contract's lines.
    cancelled : bool
        Whether somebody wanted its end.
    ended : asyncio.Event
        Set when its client has ended.
    """

    def __init__(self, plan: LaunchPlan, events: str, worked: Callable[[], object]) -> None:
        self.plan = plan
        self.lines = LineStream()
        self.cancelled = False
        self.ended = asyncio.Event()
        self.exit_code: int | None = None
        self.container: str | None = None
        self.output = Output(events)
        self._line_by_line = bool(events)
        self._worked = worked
        self._errors = bytearray()
        self._began = time.monotonic()
        self._process: asyncio.subprocess.Process | None = None
        self._stdin = b""

    async def start(self, argv: list[str], stdin: str) -> None:
        """Start the client.

        Raises
        ------
        OSError
        """
        self._stdin = stdin.encode()
        pipe = asyncio.subprocess.PIPE
        # A session of its own: Ctrl-C in the server's terminal is not for the agent.
        self._process = await asyncio.create_subprocess_exec(
            *argv, stdin=pipe, stdout=pipe, stderr=pipe, start_new_session=True
        )

    @property
    def client_has_ended(self) -> bool:
        """Whether the client has ended, or never began."""
        return self._process is None or self._process.returncode is not None

    @property
    def seconds(self) -> float:
        """Since it began."""
        return round(time.monotonic() - self._began, 3)

    @property
    def errors(self) -> str:
        """The end of what was printed on stderr."""
        return SEQUENCE.sub("", bytes(self._errors).decode(errors="replace"))

    async def follow(self) -> None:
        """Tell what it prints until its client has ended."""
        process = self._process
        assert process is not None
        await asyncio.gather(self._write(process), self._read(process), self._read_errors(process))
        self.exit_code = await process.wait()
        self.ended.set()

    def kill_client(self) -> None:
        """End the client; the container goes on."""
        if self._process is not None and self._process.returncode is None:
            with suppress(ProcessLookupError):
                self._process.kill()

    async def client_ended(self) -> None:
        """Wait a moment for the end of the client, if it ever began."""
        if self._process is not None:
            # Python 3.11 can wait for what nobody reads from its pipes.
            with suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._process.wait(), _CLIENT_SECONDS)

    def last_errors(self) -> list[str]:
        """Return the last lines of stderr, without what looks like a key."""
        lines = [line.rstrip() for line in self.errors.splitlines() if line.strip()]
        return [redacted(line, os.environ)[:_LONGEST_SHOWN] for line in lines[-_LAST_LINES:]]

    async def _write(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdin is not None
        with suppress(BrokenPipeError, ConnectionResetError):  # It did not want to read it all.
            process.stdin.write(self._stdin)
            await process.stdin.drain()
        process.stdin.close()
        self._stdin = b""

    async def _read(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None
        decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        # The beginning of a line, in pieces: to join them with each that comes takes minutes for
        # a long one.
        begun: list[str] = []
        size = 0
        while chunk := await process.stdout.read(_CHUNK):
            self._worked()
            if not self._line_by_line:
                # Not line by line, which would cost a message to each reader for each.
                await self._tell(decoder.decode(chunk))
                continue
            *whole, rest = decoder.decode(chunk).split("\n")
            for line in whole:
                await self._tell("".join([*begun, line, "\n"]))
                begun, size = [], 0
            begun.append(rest)
            size += len(rest)
            if size > _LONGEST_LINE:
                await self._tell("".join(begun))
                begun, size = [], 0
        await self._tell("".join([*begun, decoder.decode(b"", final=True)]))

    async def _tell(self, printed: str) -> None:
        if len(printed) <= _SOON_PARSED:
            lines = self._parsed(printed)
        else:
            loop = asyncio.get_running_loop()
            lines = await loop.run_in_executor(None, self._parsed, printed)
        for line, text in lines:
            self.lines.tell(line, text)

    def _parsed(self, printed: str) -> list[tuple[Line, str]]:
        return [(line, json.dumps(line)) for line in self.output.read(printed)]

    async def _read_errors(self, process: asyncio.subprocess.Process) -> None:
        assert process.stderr is not None
        while chunk := await process.stderr.read(_CHUNK):
            self._errors += chunk
            del self._errors[:-_ERRORS_KEPT]


def problem_of(run: AgentRun, title: str, said: str | None) -> str | None:
    """Say in one sentence how an agent failed; ``None`` when it did not.

    Parameters
    ----------
    said : str or None
        What is known of its end beside its exit code, see `ending.how_it_ended`.
    """
    told = run.output.problem
    if run.exit_code == 0 and told is None:
        return None
    why = said or told or _telling(run.last_errors())
    sentence = (
        f"{title} failed"
        if run.exit_code in (0, None)
        else (f"{title} ended with exit code {run.exit_code}")
    )
    if why:
        one_line = " ".join(redacted(SEQUENCE.sub("", why), os.environ).split())
        sentence += f": {one_line[:600]}"
    return sentence if sentence.endswith((".", "!", "?")) else f"{sentence}."


def _telling(lines: list[str]) -> str:
    """Return the line that says most: the first that begins with Error, else the last."""
    named = (line for line in lines if line.lower().startswith("error"))
    return next(named, lines[-1] if lines else "")


def started(run: AgentRun) -> Line:
    """Return a run's first line."""
    plan = run.plan
    return {
        "type": "started",
        "id": plan.session,
        "container": run.container,
        "agent": plan.agent,
        "profile": plan.profile,
        "worktree": plan.worktree,
        "share_auth": plan.share_auth,
        "warnings": list(plan.warnings),
    }
