"""Trees that an agent may have written to: copied and removed without following a link."""

from __future__ import annotations

import os
import subprocess
import threading
from contextlib import suppress

import pytest

from jupyter_agentauth.nofollow import (
    copy_tree,
    has_foreign_directories,
    identity,
    parent_of,
    remove_tree,
)


@pytest.fixture
def roots(tmp_path):
    source, target, outside = (tmp_path / name for name in ("source", "target", "outside"))
    for directory in (source, target, outside):
        directory.mkdir()
    (outside / "file").write_text("outside")
    return source, target, outside


def copy(source, target, path, passed=()):
    return copy_tree(str(source), str(target), path, frozenset(map(str, passed)))


def test_modes_times_and_links_are_kept(roots):
    source, target, _ = roots
    (source / "d" / "e").mkdir(parents=True)
    (source / "d" / "e" / "run").write_bytes(b"\0\xff")
    (source / "d" / "e" / "run").chmod(0o4751)
    os.utime(source / "d" / "e" / "run", ns=(1, 2_000_000_001))
    (source / "d" / "e").chmod(0o500)
    (source / "d" / "link").symlink_to("nowhere\n")
    assert copy(source, target, "d") == []
    copied = (target / "d" / "e" / "run").stat()
    assert (target / "d" / "e" / "run").read_bytes() == b"\0\xff"
    assert (oct(copied.st_mode & 0o7777), copied.st_mtime_ns) == (oct(0o751), 2_000_000_001)
    assert (target / "d" / "e").stat().st_mode & 0o777 == 0o500
    assert os.readlink(target / "d" / "link") == "nowhere\n"


def test_a_link_on_the_way_is_an_error_on_either_side(roots):
    source, target, outside = roots
    (source / "link").symlink_to(outside)
    with pytest.raises(OSError, match="link"):
        copy(source, target, "link/file")
    (source / "d").mkdir()
    (source / "d" / "new").write_text("x")
    (target / "d").symlink_to(outside)
    with pytest.raises(OSError, match="'d'"):
        copy(source, target, "d/new")
    with pytest.raises(OSError, match="'d'"):
        copy(source, target, "d")
    assert [path.name for path in outside.iterdir()] == ["file"]
    with pytest.raises(OSError, match="link"):
        identity(str(source / "link" / "file"))


def test_what_is_there_stays_and_the_rest_is_copied_beside_it(roots):
    source, target, _ = roots
    for name in ("a", "b", "c"):
        (source / name / "d").mkdir(parents=True)
        (source / name / "d" / "file").write_text("new")
    (target / "a" / "d").mkdir(parents=True)
    (target / "a" / "d" / "file").write_text("old")
    assert copy(source, target, "a") == ["a/d/file (there already)"]
    assert (target / "a" / "d" / "file").read_text() == "old"
    (source / "b" / "pipe").touch()
    os.unlink(source / "b" / "pipe")
    os.mkfifo(source / "b" / "pipe")
    assert copy(source, target, "b", [source / "b" / "d"]) == [
        "b/d (a worktree)",
        "b/pipe (no file)",
    ]
    assert list((target / "b").iterdir()) == []
    (target / "c").write_text("a file")
    with pytest.raises(OSError, match="'c'"):
        copy(source, target, "c")


def test_a_directory_is_not_copied_into_itself(roots):
    source, _, _ = roots
    inner = source / "trees" / "new"
    inner.mkdir(parents=True)
    assert copy(source, inner, "trees", [inner]) == ["trees/new (a worktree)"]
    assert list((inner / "trees").iterdir()) == []


def test_a_file_that_cannot_be_read_is_named_and_half_of_it_is_not_left(roots):
    source, target, _ = roots
    (source / "d").mkdir()
    (source / "d" / "secret").write_text("x")
    (source / "d" / "secret").chmod(0)
    with pytest.raises(PermissionError) as raised:
        copy(source, target, "d")
    assert raised.value.filename == "d/secret"
    assert list((target / "d").iterdir()) == []


def test_a_tree_is_removed_with_links_and_unwritable_directories_and_no_more(roots):
    source, _, outside = roots
    (source / "d" / "e").mkdir(parents=True)
    (source / "d" / "e" / "file").write_text("")
    (source / "d" / "link").symlink_to(outside)
    (source / "d" / "e").chmod(0o555)
    (source / "d").chmod(0)
    assert not has_foreign_directories(str(source))
    remove_tree(str(source))
    assert not source.exists()
    assert (outside / "file").read_text() == "outside"
    remove_tree(str(source))


def test_a_link_in_the_place_of_a_tree_is_removed_itself_and_one_above_is_an_error(roots):
    source, _, outside = roots
    (source / "link").symlink_to(outside)
    remove_tree(str(source / "link"))
    (source / "link").symlink_to(outside.parent)
    with pytest.raises(OSError, match="link"):
        remove_tree(str(source / "link" / "outside"))
    assert (outside / "file").exists()


def test_a_tree_that_is_swapped_for_a_link_all_the_time_leads_nowhere_else(roots):
    source, _, outside = roots
    for number in range(200):
        (outside / str(number)).write_text("")
    over = threading.Event()

    def swap() -> None:
        while not over.is_set():
            os.rename(source / "d", source / "away")
            os.symlink(outside, source / "d")
            os.unlink(source / "d")
            os.rename(source / "away", source / "d")

    (source / "d").mkdir()
    swapping = threading.Thread(target=swap)
    swapping.start()
    try:
        for _ in range(300):
            for number in range(3):
                try:
                    with parent_of(str(source), f"d/{number}") as (directory, name):
                        os.close(os.open(name, os.O_CREAT | os.O_WRONLY, dir_fd=directory))
                    remove_tree(str(source / "d" / str(number)))
                except OSError:
                    continue
    finally:
        over.set()
        swapping.join()
    assert len(list(outside.iterdir())) == 201


@pytest.fixture
def deep(roots):
    """A tree that is too deep for Python, and for pytest to remove."""
    source, _, _ = roots
    directory = os.open(source, os.O_RDONLY)
    try:
        for _ in range(1500):
            os.mkdir("d", dir_fd=directory)
            below = os.open("d", os.O_RDONLY, dir_fd=directory)
            os.close(directory)
            directory = below
    finally:
        os.close(directory)
    yield source
    subprocess.run(["rm", "-rf", source], check=True)


def test_a_tree_of_any_depth_is_removed_and_copied_with_an_error_and_no_crash(deep, roots):
    with suppress(OSError):
        has_foreign_directories(str(deep))
    with pytest.raises(OSError, match=r"deep|many"):
        copy(deep, roots[1], "d")
    remove_tree(str(deep))
    assert not deep.exists()
    subprocess.run(["rm", "-r", roots[1]], check=True)  # What was copied by then.


def test_what_goes_away_meanwhile_does_not_end_a_removal(roots, monkeypatch):
    source, _, _ = roots
    (source / "d").mkdir()
    (source / "d" / "file").write_text("")
    names = os.listdir
    monkeypatch.setattr("os.listdir", lambda place: ["gone", *names(place)])
    remove_tree(str(source))
    assert not source.exists()
