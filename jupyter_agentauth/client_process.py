"""The engine's client in its pty, which never blocks who writes to it."""

from __future__ import annotations

import codecs
import os
import signal
import termios
import threading
import tty

from ptyprocess import PtyProcessUnicode
from tornado.ioloop import IOLoop

#: Keys that wait for a client which does not read (a stopped one); more are dropped.
_MOST_UNWRITTEN = 1_000_000


class ClientProcess(PtyProcessUnicode):  # type: ignore[misc] # ptyprocess 0.7 has no types.
    """The engine's client in its pty. To read from it and to write to it never block.

    terminado 0.18.1 writes the keys of all terminals in one thread, so one client that does
    not read, such as a stopped one, would take them from every terminal of the server.
    """

    def __init__(self, pid: int, fd: int) -> None:
        super().__init__(pid, fd)
        # ptyprocess 0.7 would sleep, on the event loop; who closes it waits before.
        self.delayafterclose = 0
        # As terminado does: output need not be UTF-8.
        self.decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        os.set_blocking(fd, False)
        self._unwritten = bytearray()
        self._writing = threading.Lock()
        self._loop = IOLoop.current()
        self._held = False

    @classmethod
    def start(cls, argv: list[str], env: dict[str, str], size: tuple[int, int]) -> ClientProcess:
        """Start a client in a pty of this size: rows and columns."""
        process: ClientProcess = cls.spawn(argv, env=env, dimensions=size, preexec_fn=_before_exec)
        return process

    def read(self, size: int = 1024) -> str:
        """Return what was printed; nothing when there is nothing now.

        Raises
        ------
        EOFError
            When the process has closed its terminal.
        """
        try:
            data = os.read(self.fd, size)
        except BlockingIOError:
            return ""
        except OSError:
            data = b""  # Linux: EIO.
        if not data:
            self.flag_eof = True
            raise EOFError("The terminal is closed.")
        return str(self.decoder.decode(data))

    def hold(self, held: bool) -> None:
        """Read no output until further notice, or read on: then the process waits, too."""
        with self._writing:
            self._held = held
            self._listen()

    def write(self, text: str) -> int:
        """Write keys, now or as soon as the process reads; called in terminado's thread."""
        data = text.encode()
        with self._writing:
            if len(self._unwritten) + len(data) <= _MOST_UNWRITTEN:
                self._unwritten += data
            if self._write_some():
                return len(data)
        self._loop.add_callback(self._write_later)
        return len(data)

    def write_rest(self) -> None:
        """Go on writing; called on the event loop when the process may read again."""
        with self._writing:
            if self._write_some():
                self._listen()

    def _write_later(self) -> None:
        with self._writing:
            self._listen()

    def _listen(self) -> None:
        if not (self.closed or self.flag_eof):
            read = 0 if self._held else self._loop.READ
            self._loop.update_handler(self.fd, read | (self._loop.WRITE if self._unwritten else 0))

    def _write_some(self) -> bool:
        try:
            while self._unwritten and not self.closed:
                del self._unwritten[: os.write(self.fd, self._unwritten[:4096])]
        except BlockingIOError:
            return False
        except OSError:
            self._unwritten.clear()  # It ended.
        return True


def _before_exec() -> None:
    """In the child, once it has its pty."""
    # As terminado 0.18.1 does.
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    # Keys are for the agent alone. The client has the pty so, too, but only once it runs: a
    # Ctrl-U or Ctrl-C that comes sooner (a terminal that is attached anew) would be taken here.
    tty.setraw(0, termios.TCSANOW)
    attributes = termios.tcgetattr(0)
    attributes[1] |= termios.OPOST  # The client's own messages begin at the left.
    termios.tcsetattr(0, termios.TCSANOW, attributes)
