"""The engine's build output, read: events for people, and why a build failed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

_ESCAPES = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_MARK = "::agentauth::"
_NPM_CODE = re.compile(r"npm (?:error|ERR!) code (\S+)")

#: What npm's error codes mean for somebody who can change the machine (npm 9 and 11).
_NPM_ADVICE = {
    "E401": "the registry wants a valid token in this machine's .npmrc",
    "E403": "the registry refuses the token in this machine's .npmrc",
    "E404": "the registry that this machine's .npmrc names does not have it",
    "ETARGET": "the registry that this machine's .npmrc names does not have that version",
}
_NPM_NETWORK = "see that `npm view {package} version` works on this machine, then build again"


class BuildError(Exception):
    """A build cannot go on; the message is one sentence that says what to do."""

    def __init__(self, message: str, reason: str) -> None:
        super().__init__(message)
        self.message = message
        self.reason = reason

    @classmethod
    def base_missing(cls, base: str) -> BuildError:
        """There is no such image here, nor can it be pulled."""
        return cls(
            f"The base image {base} is not there and cannot be pulled: give a Debian-like image "
            "that is, with `jupyter agentauth image build --base-image IMAGE`.",
            "base_image_missing",
        )


@dataclass
class Progress:
    """Turns the engine's events into the contract's.

    Parameters
    ----------
    total : int
        How many steps there will be.
    scrub : callable
        Takes tokens out of a text.
    """

    total: int
    scrub: Callable[[str], str]
    _step: int = 0
    _title: str = ""
    _beats: int = 0
    _rest: str = ""
    _image: str = ""
    _npm_code: str = ""
    _fail: tuple[str, str] | None = None

    def step(self, title: str) -> dict[str, object]:
        """Begin the next step."""
        self._step = min(self._step + 1, self.total)
        self._title, self._beats = title, 0
        return self.message(title)

    def message(self, text: str) -> dict[str, object]:
        """Say something about the present step."""
        return {
            "type": "progress",
            "step": self._step,
            "total": self.total,
            "message": self.scrub(text),
        }

    def image(self) -> str:
        """Return the id of the image that was built.

        Raises
        ------
        BuildError
            When the engine hung up before it named one.
        """
        if not self._image:
            raise _engine_lost()
        return self._image

    def read(self, event: dict[str, Any]) -> Iterator[dict[str, object]]:
        """Yield what one event of the engine means.

        Raises
        ------
        BuildError
        """
        if "aux" in event:
            self._image = str(event["aux"].get("ID", self._image))
        if "error" in event:
            raise self._failure(str(event["error"]))
        *lines, self._rest = (self._rest + str(event.get("stream", ""))).split("\n")
        for line in lines:
            yield from self._line(_ESCAPES.sub("", line).strip())

    def _line(self, line: str) -> Iterator[dict[str, object]]:
        # A beat may fall into the middle of somebody's line.
        text, _, command = line.partition(_MARK)
        if text.strip():
            yield from self._output(text.strip())
        word, _, text = command.partition(" ")
        if word == "step":
            yield self.step(text)
        elif word == "beat":
            self._beats += 1
            yield self.message(f"{self._title}: {2 * self._beats} s")
        elif word == "fail":
            reason, _, subject = text.partition(" ")
            self._fail = (reason, subject)

    def _output(self, line: str) -> Iterator[dict[str, object]]:
        code = _NPM_CODE.match(line)
        self._npm_code = code[1] if code else self._npm_code
        if "COPY --from=builder" in line:
            yield self.step("Copying what was installed into the image")
        elif not line.startswith(("Step ", "--->", "Removing intermediate", "Successfully")):
            yield self.message(line)

    def _failure(self, error: str) -> BuildError:
        if "no space left" in error.lower() or self._npm_code == "ENOSPC":
            return _no_space()
        if self._fail is None:
            return BuildError(f"The engine could not build the image: {error}", "build_failed")
        reason, subject = self._fail
        return _script_failure(reason, subject, self._npm_code)


def explain(error: Exception, base: str) -> BuildError:
    """Return what an exception of the build means for people."""
    import docker
    import requests
    import urllib3

    if isinstance(error, BuildError):
        return error
    if "no space left" in str(error).lower():
        return _no_space()
    if isinstance(error, docker.errors.ImageNotFound):
        return BuildError.base_missing(base)
    if isinstance(error, docker.errors.APIError):
        return BuildError(
            f"The engine could not build the image: {error.explanation or error}", "build_failed"
        )
    lost = (
        docker.errors.DockerException,
        requests.exceptions.RequestException,
        urllib3.exceptions.HTTPError,
        OSError,
    )
    if isinstance(error, lost):
        return _engine_lost()
    return BuildError(
        "The image could not be built for a reason that we did not foresee "
        f"({type(error).__name__}): please report it with the lines above.",
        "failed",
    )


def _engine_lost() -> BuildError:
    return BuildError(
        "The container engine cannot be reached or went away during the build: start it (`sudo "
        "systemctl start docker`), then build again.",
        "engine_lost",
    )


def _no_space() -> BuildError:
    return BuildError(
        "The engine's disk is full: make room, for example with `docker system prune`, then build "
        "again (it takes about 4 GB).",
        "no_space",
    )


def _script_failure(reason: str, subject: str, npm_code: str) -> BuildError:
    """Say what ``install.sh`` gave up at."""
    if reason == "npm_failed":
        advice = _NPM_ADVICE.get(npm_code) or _NPM_NETWORK.format(package=subject)
        code = f" ({npm_code})" if npm_code else ""
        return BuildError(f"npm could not install {subject}{code}: {advice}.", reason)
    sentences = {
        "apt_failed": (
            f"apt could not install {subject}: see that the build's network reaches the base "
            "image's package sources, or give a base image that has them (`--base-image`)."
        ),
        "base_unsuitable": (
            f"The agents do not run on {subject}: give a Debian-like base image for x86-64 or "
            "arm64 (`--base-image`)."
        ),
        "command_missing": (
            f"The package and command {subject} do not belong together: leave that agent out "
            "(`--agents`), and report it."
        ),
        "agent_broken": (
            f"{subject} was installed but does not start on this base image: leave it out "
            "(`--agents`), or give another base image (`--base-image`)."
        ),
        "secret_found": (
            "A token of this machine's configuration would have come into the image, which was "
            "not made: report it, without the token."
        ),
    }
    return BuildError(sentences.get(reason, f"The build gave up: {reason} {subject}."), reason)
