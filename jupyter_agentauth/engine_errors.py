"""What the Docker SDK raises, as one sentence that says what to do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from .errors import EngineError, NotFound


@contextmanager
def engine_errors() -> Iterator[None]:
    """Turn whatever the SDK raises, but that something is not there, into an `EngineError`."""
    import docker
    import requests

    try:
        yield
    except docker.errors.NotFound:
        raise
    except docker.errors.APIError as error:
        said = " ".join(str(error.explanation or error).split()).removesuffix(".")
        raise EngineError(f"The container engine refused: {said}.") from None
    except (docker.errors.DockerException, requests.exceptions.RequestException, OSError) as error:
        raise _connection_error(error) from None


def _connection_error(error: BaseException) -> EngineError:
    text = str(error)
    denied = "Permission denied" in text or "PermissionError" in text
    return engine_no_permission() if denied else engine_not_running()


def engine_missing(command: str) -> EngineError:
    """The error for a machine without the engine's command."""
    mend = "sudo apt-get install docker.io"
    return EngineError(
        f"There is no command {command!r}: install Docker Engine (on Debian and Ubuntu: `{mend}`).",
        "engine_missing",
        mend,
    )


def engine_no_permission() -> EngineError:
    """The error for a socket that the user may not use."""
    mend = "sudo usermod -aG docker $USER"
    return EngineError(
        f"You may not use the container engine's socket: `{mend}`, then log in again.",
        "engine_no_permission",
        mend,
    )


def engine_not_running() -> EngineError:
    """The error for an engine that nobody finds."""
    mend = "sudo systemctl start docker"
    return EngineError(
        f"The container engine does not run: start it (`{mend}`, or on a machine without systemd "
        "`sudo dockerd &`).",
        "engine_not_running",
        mend,
    )


@contextmanager
def gone_is_fine() -> Iterator[None]:
    """Pass over that a container has stopped or is gone."""
    import docker

    try:
        yield
    except docker.errors.NotFound:
        return
    except docker.errors.APIError as error:
        # 409: it stopped, or its removal (`--rm`) is already under way.
        if error.status_code != 409:
            raise


def no_session(session: str) -> NotFound:
    """The error for an id that names no session."""
    return NotFound(
        f"There is no session {session!r}: `jupyter agentauth sessions` lists them.",
        "session_not_found",
    )
