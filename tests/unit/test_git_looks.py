"""What we see of a worktree is what the user's own git sees, in repositories of all kinds."""

from __future__ import annotations

import hashlib
import os
import shutil
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from git_bench import Bench

from jupyter_agentauth.git.repository import read_repository
from jupyter_agentauth.git.run import GitFailed
from jupyter_agentauth.worktrees import listing
from jupyter_agentauth.worktrees.snapshot import snapshot


@pytest.fixture
def bench(tmp_path, monkeypatch) -> Bench:
    return Bench(tmp_path / "home", monkeypatch)


def crlf_by_attributes(bench: Bench) -> None:
    (bench.a / ".gitattributes").write_text("*.txt text eol=crlf\n*.bin -text\n")
    (bench.a / "same.txt").write_bytes(b"a\r\nb\r\n")
    (bench.a / "same.bin").write_bytes(b"a\r\nb\r\n")
    (bench.a / "other.txt").write_bytes(b"a\r\n")
    bench.commit(bench.a)
    (bench.a / "same.txt").write_bytes(b"a\nb\n")  # The same to git.
    (bench.a / "same.bin").write_bytes(b"a\nb\n")
    (bench.a / "other.txt").write_bytes(b"b\n")
    bench.git("add", "same.txt", at=bench.a)  # Git looks at its size alone otherwise.


def crlf_by_configuration(bench: Bench) -> None:
    bench.git("config", "core.autocrlf", "true")
    (bench.a / "dos.txt").write_bytes(b"a\r\nb\r\n")
    bench.commit(bench.a)
    (bench.a / "dos.txt").write_bytes(b"a\nb\n")
    (bench.a / "readme.txt").write_bytes(b"hello\r\n")
    (bench.a / "new.txt").write_bytes(b"x\r\n")
    bench.git("add", "dos.txt", "readme.txt", at=bench.a)


def file_modes(bench: Bench) -> None:
    (bench.a / "run.sh").write_text("#!/bin/sh\n")
    bench.commit(bench.a)
    (bench.a / "run.sh").chmod(0o755)


def file_modes_that_do_not_count(bench: Bench) -> None:
    bench.git("config", "core.fileMode", "false")
    file_modes(bench)


def intent_to_add(bench: Bench) -> None:
    (bench.a / "later.txt").write_text("x\n")
    bench.git("add", "--intent-to-add", "later.txt", at=bench.a)


def staged_in_all_ways(bench: Bench) -> None:
    (bench.a / ".gitignore").write_text("*.log\nbuild/\n")
    bench.commit(bench.a)
    for name in ("new.txt", "forced.log", "gone.txt", "dir/new.txt"):
        (bench.a / name).parent.mkdir(exist_ok=True)
        (bench.a / name).write_text("x\n")
        bench.git("add", "--force", name, at=bench.a)
    (bench.a / "gone.txt").unlink()
    (bench.a / "ignored.log").write_text("x\n")
    (bench.a / "readme.txt").write_text("staged\n")
    bench.git("add", "readme.txt", at=bench.a)
    (bench.a / "readme.txt").write_text("hello\n")


def renames(bench: Bench) -> None:
    bench.git("mv", "readme.txt", "moved ü.txt", at=bench.a)


def unmerged(bench: Bench) -> None:
    (bench.a / "readme.txt").write_text("ours\n")
    bench.commit(bench.a)
    bench.git("switch", "-q", "-c", "theirs", "HEAD~", at=bench.a)
    (bench.a / "readme.txt").write_text("theirs\n")
    bench.commit(bench.a)
    bench.git("merge", "a", at=bench.a, fails=True)


def submodules(bench: Bench) -> None:
    bench.make(bench.home / "library")
    allowed = ("-c", "protocol.file.allow=always")
    for name in ("same", "moved", "changed", "empty"):
        bench.git(*allowed, "submodule", "-q", "add", str(bench.home / "library"), name, at=bench.a)
    bench.commit(bench.a)
    bench.commit(bench.a / "moved")
    bench.git("submodule", "deinit", "-q", "--force", "empty", at=bench.a)


def sparse_checkout(bench: Bench) -> None:
    for name in ("in/one.txt", "in/two.txt", "out/one.txt", "out/two.txt"):
        (bench.a / name).parent.mkdir(exist_ok=True)
        (bench.a / name).write_text("x\n")
    bench.commit(bench.a)
    bench.git("sparse-checkout", "set", "in", at=bench.a)
    (bench.a / "in" / "one.txt").unlink()
    (bench.a / "in" / "two.txt").write_text("changed\n")


def sparse_checkout_by_patterns(bench: Bench) -> None:
    sparse_checkout(bench)
    bench.git("sparse-checkout", "disable", at=bench.a)
    bench.git("sparse-checkout", "set", "--no-cone", "/*", "!*two.txt", at=bench.a)
    (bench.a / "out" / "one.txt").unlink()


def kinds_of_files(bench: Bench) -> None:
    for name in ("file", "link", "directory"):
        (bench.a / name).write_text("x\n")
    bench.commit(bench.a)
    (bench.a / "link").unlink()
    (bench.a / "link").symlink_to("file")
    (bench.a / "directory").unlink()
    (bench.a / "directory").mkdir()
    (bench.a / "directory" / "below").write_text("x\n")
    (bench.a / "file").unlink()
    os.mkfifo(bench.a / "pipe")


def odd_names(bench: Bench) -> None:
    for name in ("new\nline", "tab\there", '"quoted"', ":top", "-dash", "ü", "dir ectory/x "):
        (bench.a / name).parent.mkdir(exist_ok=True)
        (bench.a / name).write_text("x\n")
    (bench.a / "nested").mkdir()
    bench.git("init", "-q", at=bench.a / "nested")
    (bench.a / "nested" / "file").write_text("x\n")


def ignored(bench: Bench) -> None:
    (bench.home / ".config" / "git").mkdir(parents=True)
    (bench.home / ".config" / "git" / "ignore").write_text("*.by-default\n")
    (bench.a / ".gitignore").write_text("*.by-file\n!kept.by-file\n")
    (bench.common / "info" / "exclude").write_text("*.by-repository\n")
    for name in ("x.by-default", "x.by-file", "kept.by-file", "x.by-repository", "x.by-nobody"):
        (bench.a / name).write_text("x\n")


def an_unborn_branch(bench: Bench) -> None:
    bench.git("switch", "-q", "--orphan", "fresh", at=bench.a)
    (bench.a / "new.txt").write_text("x\n")


STATES: list[Callable[[Bench], None]] = [
    crlf_by_attributes, crlf_by_configuration, file_modes, file_modes_that_do_not_count,
    intent_to_add, staged_in_all_ways, renames, unmerged, submodules, sparse_checkout,
    sparse_checkout_by_patterns, kinds_of_files, odd_names, ignored, an_unborn_branch,
]  # fmt: skip


#: No commit yet, repositories inside, and files outside of a sparse checkout that we take along.
NOT_THE_SAME = (unmerged, submodules, an_unborn_branch, sparse_checkout_by_patterns)


def names_of_git(bench: Bench, path: Path, *options: str) -> set[str]:
    words = ("status", "--porcelain", "-z", "--no-renames", "--ignore-submodules=dirty")
    listing = bench.git(*words, *options, at=path)
    return {entry[3:] for entry in listing.split("\0") if entry}


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
def test_the_files_that_differ_are_those_of_git(bench, state):
    state(bench)
    assert bench.listed().changes == len(names_of_git(bench, bench.a))
    assert bench.listed().changes == len(names_of_git(bench, bench.a))  # From what is kept, too.
    shown = bench.changes()
    was = {file.was for file in shown.files if file.was}
    staged = {"gone.txt", "readme.txt"} if state is staged_in_all_ways else set()
    of_git = names_of_git(bench, bench.a, "--untracked-files=all")
    assert {file.path for file in shown.files} | was == of_git - staged


@pytest.mark.parametrize(
    "state",
    [s for s in STATES if s not in NOT_THE_SAME],
    ids=lambda state: state.__name__,
)
def test_a_commit_of_it_is_that_of_git(bench, state):
    """The tree that is merged or kept, against that of ``git add --all``."""
    state(bench)
    shutil.rmtree(bench.a / "nested", ignore_errors=True)
    bench.git("reset", "-q", "--", "readme.txt", at=bench.a)
    with snapshot(*bench.registered(), "x") as taken:
        kept = taken.commit
    expected = bench.commit(bench.a)
    assert bench.git("ls-tree", "-r", kept) == bench.git("ls-tree", "-r", expected)


class TestKindsOfRepositories:
    def check(self, bench: Bench, path: Path) -> None:
        (path / "readme.txt").write_text("changed\n")
        found = bench.listed(path)
        assert (found.changes, found.problem) == (1, None)
        assert bench.statuses(path) == {"readme.txt": "modified"}
        assert found.head == bench.git("rev-parse", "HEAD", at=path).strip()

    def test_sha256(self, bench):
        bench.make(bench.root / "new", "--object-format=sha256")
        bench.git("worktree", "add", "-q", "-b", "x", "../x", at=bench.root / "new")
        self.check(bench, bench.root / "x")
        assert [f.path for f in bench.apply(bench.root / "x").files] == ["readme.txt"]

    def test_bare(self, bench):
        bare = bench.root / "bare.git"
        bench.git("clone", "-q", "--bare", str(bench.main), str(bare))
        bench.git("worktree", "add", "-q", "-b", "x", str(bench.root / "x"), at=bare)
        bench.git("config", "user.name", "x", at=bare)
        self.check(bench, bench.root / "x")

    def test_a_git_directory_elsewhere(self, bench):
        path = bench.root / "apart"
        bench.make(path, "--separate-git-dir", str(bench.home / "data"))
        with pytest.raises(GitFailed, match=r"core\.worktree"):
            read_repository(str(path))
        bench.git("config", "core.worktree", str(path), at=path)
        self.check(bench, path)

    def test_relative_paths_as_git_2_48_can_write_them(self, bench):
        (bench.common / "worktrees" / "a" / "gitdir").write_text("../../../../a/.git\n")
        (bench.a / ".git").write_text("gitdir: ../main/.git/worktrees/a\n")
        self.check(bench, bench.a)

    def test_packed_references_and_objects_that_are_borrowed(self, bench):
        bench.git("clone", "-q", "--shared", str(bench.main), str(bench.root / "borrows"))
        bench.git("pack-refs", "--all", at=bench.root / "borrows")
        self.check(bench, bench.root / "borrows")

    def test_a_shallow_one(self, bench):
        bench.commit(bench.main)
        source = f"file://{bench.main}"
        bench.git("clone", "-q", "--depth=1", source, str(bench.root / "shallow"))
        self.check(bench, bench.root / "shallow")
        assert bench.unsaved() == []

    def test_reftable_is_said_to_be_unsupported(self, bench):
        with open(bench.common / "config", "a") as file:
            file.write("[extensions]\n\trefStorage = reftable\n")
        with pytest.raises(GitFailed, match="reftable"):
            read_repository(str(bench.main))


class TestLargeFiles:
    """Git LFS, without its program: pointers are what git has of such files."""

    CONTENT = bytes(range(256)) * 64

    @pytest.fixture
    def lfs(self, bench) -> Bench:
        for path in (bench.main,):
            (path / ".gitattributes").write_text("*.bin filter=lfs diff=lfs merge=lfs -text\n")
            (path / "large.bin").write_text(self.pointer(self.CONTENT))
        bench.commit(bench.main)
        bench.git("merge", "-q", "main", at=bench.a)
        stored = hashlib.sha256(self.CONTENT).hexdigest()
        place = bench.common / "lfs" / "objects" / stored[:2] / stored[2:4] / stored
        place.parent.mkdir(parents=True)
        place.write_bytes(self.CONTENT)
        for path in (bench.main, bench.a):
            (path / "large.bin").write_bytes(self.CONTENT)
        for key in ("clean", "smudge", "process"):
            bench.git("config", "--global", f"filter.lfs.{key}", f"touch {bench.ran}; cat")
        bench.git("config", "--global", "filter.lfs.required", "true")
        return bench

    def pointer(self, content: bytes) -> str:
        oid = hashlib.sha256(content).hexdigest()
        size = len(content)
        return f"version https://git-lfs.github.com/spec/v1\noid sha256:{oid}\nsize {size}\n"

    def test_a_file_that_is_as_its_pointer_says_has_not_changed(self, lfs):
        for _ in range(2):
            assert lfs.listed().changes == 0
        assert lfs.changes().files == ()
        assert lfs.unsaved() == []
        assert not lfs.ran.exists()

    @pytest.mark.parametrize("content", [b"x" * 16384, b"longer" * 9000, b""], ids=len)
    def test_one_that_changed_is_shown_as_its_pointer(self, lfs, content):
        assert lfs.listed().changes == 0
        (lfs.a / "large.bin").write_bytes(content)
        (lfs.a / "new.bin").write_bytes(content)
        assert lfs.listed().changes == 2
        assert lfs.statuses() == {"large.bin": "modified", "new.bin": "untracked"}
        if content:
            assert hashlib.sha256(content).hexdigest() in lfs.changes().diff

    def test_one_that_is_gone_is_deleted(self, lfs):
        (lfs.a / "large.bin").unlink()
        assert lfs.statuses() == {"large.bin": "deleted"}
        assert lfs.listed().changes == 1

    def test_it_arrives_by_a_merge_and_what_git_keeps_is_the_pointer(self, lfs):
        content = b"new content" * 2000
        (lfs.a / "large.bin").write_bytes(content)
        (lfs.a / "new.bin").write_bytes(content[::-1])
        applied = lfs.apply()
        assert applied.warnings == ()
        assert (lfs.main / "large.bin").read_bytes() == content
        assert (lfs.main / "new.bin").read_bytes() == content[::-1]
        assert lfs.git("show", "HEAD:large.bin") == self.pointer(content)
        assert lfs.listed(lfs.main).changes == 0
        assert lfs.listed().changes == 0
        assert not lfs.ran.exists()

    def test_a_new_worktree_has_it_or_says_that_it_has_not(self, lfs):
        made, warnings = lfs.add("topic")
        assert (made / "large.bin").read_bytes() == self.CONTENT
        assert warnings == []
        shutil.rmtree(lfs.common / "lfs")
        made, warnings = lfs.add("other")
        assert (made / "large.bin").read_text() == self.pointer(self.CONTENT)
        assert "lfs pull" in warnings[0]
        assert lfs.listed(made).changes == 0

    def test_a_stored_file_that_is_another_is_not_taken(self, lfs):
        for path in (lfs.common / "lfs").rglob("*"):
            if path.is_file():
                path.write_bytes(self.CONTENT[::-1])
        made, _ = lfs.add("topic")
        assert (made / "large.bin").read_text() == self.pointer(self.CONTENT)

    def test_what_is_discarded_keeps_it(self, lfs):
        (lfs.a / "large.bin").write_bytes(b"new" * 9999)
        kept = lfs.discard().kept
        assert lfs.git("show", f"{kept}:large.bin") == self.pointer(b"new" * 9999)
        made, _ = lfs.add("again", base=kept)
        assert (made / "large.bin").read_bytes() == b"new" * 9999


class TestOtherFilters:
    @pytest.fixture
    def filtered(self, bench) -> Bench:
        (bench.main / ".gitattributes").write_text("*.ipynb filter=strip\n")
        (bench.main / "notebook.ipynb").write_text("cells\n")
        bench.commit(bench.main)
        bench.git("merge", "-q", "main", at=bench.a)
        bench.git("config", "filter.strip.clean", f"touch {bench.ran}; grep -v output")
        return bench

    def test_a_file_that_is_as_git_keeps_it_has_not_changed(self, filtered):
        found = filtered.listed()
        assert (found.changes, found.problem) == (0, None)

    def test_it_is_said_of_one_that_differs_and_it_is_left_out_of_a_merge(self, filtered):
        (filtered.a / "notebook.ipynb").write_text("cells\noutput\n")
        (filtered.a / "made.txt").write_text("x\n")
        assert filtered.listed().changes == 2
        assert "strip" in filtered.listed().problem
        assert "+output" in filtered.changes().diff
        assert "strip" in filtered.changes().problem
        applied = filtered.apply()
        assert [file.path for file in applied.files] == ["made.txt"]
        assert "strip" in applied.warnings[0]
        assert (filtered.a / "notebook.ipynb").read_text() == "cells\noutput\n"
        assert not filtered.ran.exists()

    def test_what_is_discarded_keeps_it_as_it_is(self, filtered):
        (filtered.a / "notebook.ipynb").write_text("cells\noutput\n")
        kept = filtered.discard().kept
        assert filtered.git("show", f"{kept}:notebook.ipynb") == "cells\noutput\n"


class TestLists:
    def test_one_that_takes_long_keeps_no_list_waiting_and_comes_with_a_later_one(
        self, bench, monkeypatch
    ):
        bench.make(bench.root / "other")
        go = threading.Event()
        look = listing._changes

        def slow(repository, worktree):
            if worktree.path == str(bench.a):
                go.wait(60)
            return look(repository, worktree)

        monkeypatch.setattr(listing, "_changes", slow)
        monkeypatch.setattr(listing, "_LIST_SECONDS", 0.5)
        (bench.a / "new.txt").write_text("x\n")
        found = {w.path: w for w in bench.service.all()}
        assert (found[str(bench.a)].changes, found[str(bench.a)].branch) == (None, "a")
        assert found[str(bench.a)].problem == listing.PENDING
        assert found[str(bench.root / "other")].changes == 0
        go.set()
        monkeypatch.setattr(listing, "_LIST_SECONDS", 60)
        assert bench.listed().changes == 1

    def test_a_later_look_reads_no_file_again_and_still_sees_what_changed(self, bench):
        assert bench.listed().changes == 0
        before = (bench.a / "readme.txt").stat()
        (bench.a / "readme.txt").write_text("HELLO\n")
        os.utime(bench.a / "readme.txt", ns=(before.st_atime_ns, before.st_mtime_ns))
        assert bench.listed().changes == 1
        bench.commit(bench.a)
        assert bench.listed().changes == 0

    def test_one_that_can_be_told_nothing_of_is_listed_with_the_reason(self, bench):
        (bench.common / "worktrees" / "a" / "HEAD").write_text("nonsense\n")
        found = bench.listed()
        assert found.changes is None
        assert "HEAD" in found.problem


class TestSparseCheckouts:
    def test_a_merge_into_one_leaves_out_what_it_leaves_out(self, bench):
        for name in ("in/one.txt", "out/one.txt"):
            (bench.main / name).parent.mkdir(exist_ok=True)
            (bench.main / name).write_text("x\n")
        bench.commit(bench.main)
        bench.git("merge", "-q", "main", at=bench.a)
        bench.git("sparse-checkout", "set", "in", at=bench.main)
        for name in ("in/one.txt", "out/one.txt", "out/new.txt"):
            (bench.a / name).write_text("of the agent\n")
        assert len(bench.apply().files) == 3
        assert (bench.main / "in" / "one.txt").read_text() == "of the agent\n"
        assert not (bench.main / "out").exists()
        assert bench.git("status", "--porcelain") == ""
        assert bench.git("show", "HEAD:out/new.txt") == "of the agent\n"
        assert bench.listed(bench.main).changes == 0

    def test_a_merge_from_one_deletes_nothing(self, bench):
        (bench.a / "out").mkdir()
        (bench.a / "out" / "one.txt").write_text("x\n")
        bench.commit(bench.a)
        bench.git("sparse-checkout", "set", "in", at=bench.a)
        (bench.a / "new.txt").write_text("x\n")
        assert {file.path for file in bench.apply().files} == {"new.txt", "out/one.txt"}
        assert bench.git("status", "--porcelain", at=bench.a) == ""
        assert not (bench.a / "out").exists()
