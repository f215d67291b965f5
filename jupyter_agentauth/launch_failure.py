"""Why a session could not be started, as one sentence of ours."""

from __future__ import annotations

from .engine_errors import engine_no_permission, engine_not_running
from .errors import AgentAuthError, Unavailable
from .escapes import SEQUENCE
from .text.visible import visible

#: Docker 28.2.2: what it says, and what it is.
_NOT_RUNNING = ("Cannot connect to the Docker daemon", "error during connect")
_NO_PERMISSION = "permission denied while trying to connect"
_NO_IMAGE = ("No such image", "Unable to find image")

#: Characters of what is passed on.
_LONGEST = 500


def why_not_started(output: str, image: str) -> AgentAuthError:
    """Return the error for what ``docker run`` printed.

    Parameters
    ----------
    output : str
        Its last lines.
    image : str
        The session's.
    """
    if _NO_PERMISSION in output:
        return engine_no_permission()
    if any(said in output for said in _NOT_RUNNING):
        return engine_not_running()
    if any(said in output for said in _NO_IMAGE):
        return Unavailable(
            f"The image {image} is not there any more: make it with `jupyter agentauth image "
            "build`, or get it again.",
            "image_missing",
        )
    # What the agent itself printed can be among it.
    lines = [line.strip() for line in SEQUENCE.sub("", output).splitlines() if line.strip()]
    said = next((line for line in lines if "rror" in line), "it said nothing")
    said = visible(said.removeprefix("docker: ").removesuffix("."))[:_LONGEST]
    return Unavailable(
        f"The container engine could not start the session: {said}.", "launch_failed"
    )


def no_container() -> Unavailable:
    """The error for an engine that took its time, see `Engine.wait_for_container`."""
    return Unavailable(
        "The container engine made no container in 30 seconds: look at `jupyter agentauth doctor` "
        "and try again.",
        "launch_timeout",
    )
