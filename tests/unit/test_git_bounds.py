"""What is endless, huge or moving in a worktree costs that worktree, and nothing else."""

from __future__ import annotations

import hashlib
import os
import resource
import shutil
import sys
import zlib

import pytest
from git_bench import Bench

from jupyter_agentauth.git import run
from jupyter_agentauth.worktrees.content import _Copies
from jupyter_agentauth.worktrees.status import Differences


@pytest.fixture
def bench(tmp_path, monkeypatch) -> Bench:
    return Bench(tmp_path / "home", monkeypatch)


@pytest.fixture
def _soon(monkeypatch):
    monkeypatch.setattr(run, "_SUSPICIOUS_SECONDS", 0.2)


def test_a_file_of_a_terabyte_is_listed_and_neither_copied_nor_merged(bench):
    with open(bench.a / "huge", "wb") as file:
        file.truncate(1 << 40)
    (bench.a / "small").write_text("x\n")
    assert bench.listed().changes == 2
    shown = bench.changes()
    assert {file.path: file.added for file in shown.files} == {"huge": None, "small": 1}
    assert "too large" in shown.problem
    applied = bench.apply()
    assert [file.path for file in applied.files] == ["small"]
    assert "huge" in applied.warnings[0]
    with pytest.raises(Exception, match="huge"):
        bench.discard()
    assert (bench.a / "huge").exists()


def test_an_object_that_unpacks_to_gigabytes_takes_no_memory_of_the_servers(bench):
    """A review reads it once, in pieces, to see that it is what it is named after."""
    size = 200 << 20
    packer = zlib.compressobj(9)
    data = packer.compress(b"blob %d\0" % size)
    data += b"".join(packer.compress(bytes(1 << 20)) for _ in range(size >> 20)) + packer.flush()
    digest = hashlib.sha1(b"blob %d\0" % size)
    for _ in range(size >> 20):
        digest.update(bytes(1 << 20))
    name = digest.hexdigest()
    path = bench.common / "objects" / name[:2] / name[2:]
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(data)
    bench.git("update-index", "--add", "--cacheinfo", f"100644,{name},bomb", at=bench.a)
    bench.git("commit", "-q", "-m", "bomb", at=bench.a)
    before = memory()
    files = {file.path: file.status for file in bench.changes(since="base").files}
    assert files == {}  # It is not in the worktree itself.
    assert bench.statuses() == {"bomb": "deleted"}
    assert memory() - before < size // 2


def memory() -> int:
    """The most that this process ever had, in bytes."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def test_a_directory_that_becomes_a_link_while_it_is_copied_leads_nowhere(bench, tmp_path):
    """First `dir` is a link to the user's files, then a directory with a file for them."""
    outside, place = tmp_path / "outside", tmp_path / "place"
    outside.mkdir(), place.mkdir()
    root = os.open(bench.a, os.O_RDONLY)

    def take(name: str) -> dict[str, str]:
        found = Differences(changed=[name])
        return _Copies(root, str(place), found, {}, None).take(True, 60)

    (bench.a / "dir").symlink_to(outside)
    assert take("dir") == {}
    (bench.a / "dir").unlink()
    (bench.a / "dir").mkdir()
    (bench.a / "dir" / "file").write_text("of the agent\n")
    assert set(take("dir/file")) == {"dir/file"}
    os.close(root)
    assert list(outside.iterdir()) == []
    shutil.copy(bench.a / "dir" / "file", place / "dir" / "file")  # An ordinary copy does.
    assert (outside / "file").exists()


@pytest.mark.parametrize("name", [".gitignore", ".gitattributes", "config"])
@pytest.mark.usefixtures("_soon")
def test_an_endless_file_that_the_configuration_names_is_not_read(bench, name):
    key = {".gitignore": "core.excludesFile", ".gitattributes": "core.attributesFile"}
    if name == "config":
        bench.git("config", "include.path", "/dev/zero")
        assert bench.service.all() == []
        return
    bench.git("config", key[name], "/dev/zero")
    (bench.a / "new").write_text("x\n")
    assert bench.listed().changes == 1


def test_git_is_not_taken_from_an_environment_in_a_worktree(bench, monkeypatch):
    fake = bench.a / ".venv" / "bin"
    fake.mkdir(parents=True)
    (fake / "git").write_text(f'#!/bin/sh\ntouch {bench.ran}\nexec /usr/bin/git "$@"\n')
    (fake / "git").chmod(0o755)
    monkeypatch.setenv("PATH", f"{fake}{os.pathsep}{os.environ['PATH']}")
    run._program.cache_clear()
    assert bench.listed().problem is None
    assert bench.changes().problem is None
    assert not bench.ran.exists()
    run._program.cache_clear()
    bench.git("status")
    assert bench.ran.exists()  # The user's own shell takes it.
