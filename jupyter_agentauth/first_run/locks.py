"""The locks that the agents themselves hold while they change a file of theirs."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager

from ..authstore import StoreError
from ..errors import shown

#: Seconds to wait for an agent that holds one.
_PATIENCE = 5.0


@contextmanager
def directory_lock(path: str, stale: float) -> Iterator[None]:
    """Hold a lock that is a directory.

    Parameters
    ----------
    stale : float
        Seconds after which an untouched one is what a killed agent left.
    """
    deadline = time.monotonic() + _PATIENCE
    while not _made(path, stale):
        _wait(path, deadline)
    try:
        yield
    finally:
        os.rmdir(path)


@contextmanager
def file_lock(path: str) -> Iterator[None]:
    """Hold an ``flock`` on a file, which is made where it is missing and stays."""
    deadline = time.monotonic() + _PATIENCE
    flags = os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    try:
        descriptor = os.open(path, flags, 0o600)
    except OSError as error:
        raise StoreError(f"{shown(path)} cannot be made ({error.strerror}).") from None
    try:
        while not _locked(path, descriptor):
            _wait(path, deadline)
        yield
    finally:
        os.close(descriptor)


def _wait(path: str, deadline: float) -> None:
    if time.monotonic() > deadline:
        raise StoreError(f"{shown(path)} is held by a running agent.")
    time.sleep(0.02)


def _made(path: str, stale: float) -> bool:
    try:
        os.mkdir(path, 0o700)
    except FileExistsError:
        try:
            # A time to come is one of before the clock was put back.
            if abs(time.time() - os.lstat(path).st_mtime) > stale:
                os.rmdir(path)
        except OSError:
            pass  # Its holder was faster, or it is no lock that can be taken away.
        return False
    except OSError as error:
        raise StoreError(f"{shown(path)} cannot be made ({error.strerror}).") from None
    return True


def _locked(path: str, descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError as error:
        raise StoreError(f"{shown(path)} cannot be locked ({error.strerror}).") from None
    return True
