"""What takes long goes on in threads, and is waited for in a cell, a script or an event loop.

An interrupt, a cancelled task and a timeout all do the same: they call `Stop.now`, and the
threads see to it that nothing is left running. So nothing that waits here holds a loop up, and
an interrupt reaches no request that is on its way.
"""

from __future__ import annotations

import asyncio
import contextvars
import threading
from collections.abc import Callable, Iterator
from concurrent import futures
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from typing import TypeVar

T = TypeVar("T")

#: How long what was stopped may take to end, in seconds: containers are asked before they are
#: killed, and an engine may be slow.
_PATIENCE = 60

#: Seconds after which a thread or an event loop that waits turns once. A loop that does nothing
#: does not see the stop button (ipykernel 7.4: `await asyncio.sleep(30)` was not ended by it).
_TURN = 0.5


class Stop:
    """Tells work in other threads that it is to end."""

    def __init__(self) -> None:
        self._stopped = threading.Event()
        self._lock = threading.Lock()
        self._callbacks: list[Callable[[], object]] = []

    @property
    def is_set(self) -> bool:
        """Whether the work is to end."""
        return self._stopped.is_set()

    def now(self) -> None:
        """Have the work end; returns at once."""
        with self._lock:
            callbacks = [] if self._stopped.is_set() else self._callbacks[:]
            self._stopped.set()
        for callback in callbacks:
            callback()

    @contextmanager
    def calls(self, end: Callable[[], object]) -> Iterator[None]:
        """Have `end` called, in a thread, when the work is to end while this lasts.

        It has returned when this ends. Several at a time do not wait for each other.
        """
        thread = threading.Thread(target=_quietly, args=(end,), daemon=True, name="agent run stops")
        began = threading.Lock()

        def call() -> None:
            if began.acquire(blocking=False):
                thread.start()

        with self._lock:
            self._callbacks.append(call)
            stopped = self._stopped.is_set()
        if stopped:
            call()
        try:
            yield
        finally:
            with self._lock:
                self._callbacks.remove(call)
            if not began.acquire(blocking=False):
                thread.join()


def in_thread(work: Callable[[], T], name: str) -> Future[T]:
    """Begin something in a thread that keeps neither a kernel nor a script from ending.

    What it prints and displays belongs to the cell that begins it, as ipykernel 7.4 reads the
    context.
    """
    future: Future[T] = Future()
    future.set_running_or_notify_cancel()  # It cannot be cancelled: it is told to stop.

    def begin() -> None:
        try:
            result = work()
        except BaseException as error:
            future.set_exception(error)
        else:
            future.set_result(result)

    context = contextvars.copy_context()
    threading.Thread(target=context.run, args=(begin,), daemon=True, name=name).start()
    return future


def wait(begin: Callable[[], Future[T]], stop: Stop) -> T:
    """Begin and wait; an interrupt stops the work, waits for its end, and is raised then."""
    future: Future[T] | None = None
    try:
        future = begin()
        # In turns: a thread that is about to sleep when a signal comes does not see it before it
        # wakes (CPython 3.11; an interrupt was lost until the end of the work, seen once).
        while not futures.wait([future], timeout=_TURN).done:
            pass
        return future.result()
    except KeyboardInterrupt:
        stop.now()
        if future is not None:
            with suppress(Exception):
                future.result(timeout=_PATIENCE)
        raise


async def wait_async(future: Future[T], stop: Stop) -> T:
    """As `wait`, for an event loop and a task that is cancelled."""
    waiting = asyncio.wrap_future(future)
    try:
        while not waiting.done():
            await asyncio.wait([waiting], timeout=_TURN)
        return waiting.result()
    except asyncio.CancelledError:
        stop.now()
        ending = asyncio.ensure_future(asyncio.wait([waiting], timeout=_PATIENCE))
        while not ending.done():
            with suppress(asyncio.CancelledError):  # Once more: it is being stopped already.
                await asyncio.shield(ending)
        if waiting.done() and not waiting.cancelled():
            waiting.exception()  # Nobody else asks for it.
        raise


def _quietly(end: Callable[[], object]) -> None:
    # The work that is to end says itself that it did not.
    with suppress(Exception):
        end()
