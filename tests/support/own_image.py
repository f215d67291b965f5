"""Images of the tests' own: another one with programs put in or taken out."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from jupyter_agentauth.engine import Engine

#: Makes an image: ``own_image(base, [program, …], without=["/a/path", …])``; its tag.
OwnImage = Callable[..., str]


@pytest.fixture(scope="session")
def own_image(engine: Engine) -> Iterator[OwnImage]:
    """Make images; all of them are gone afterwards."""
    made: dict[object, str] = {}

    def make(base: str, programs: Iterable[Path] = (), without: Iterable[str] = ()) -> str:
        wanted = (base, *programs), tuple(without)
        if wanted not in made:
            made[wanted] = _make(engine, base, tuple(programs), wanted[1])
        return made[wanted]

    yield make
    for tag in made.values():
        engine.client.images.remove(tag)


def _make(engine: Engine, base: str, programs: tuple[Path, ...], without: tuple[str, ...]) -> str:
    container = engine.client.containers.create(
        base, ["rm", "-f", *without], user="0", network_mode="none"
    )
    try:
        if programs:
            container.put_archive("/usr/local/bin", _archive(programs))
        if without:
            container.start()
            assert container.wait()["StatusCode"] == 0, container.logs()
        tag = uuid4().hex[:12]
        container.commit("agentauth-test-own", tag)
    finally:
        container.remove(force=True)
    return f"agentauth-test-own:{tag}"


def _archive(programs: tuple[Path, ...]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for program in programs:
            entry = tarfile.TarInfo(program.name)
            content = program.read_bytes()
            entry.size, entry.mode = len(content), 0o755
            archive.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()
