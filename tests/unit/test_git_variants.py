"""What got through once more: links that come later, odd repositories, bombs, forged pointers.

See `test_git_links_and_lies.py` and `test_git_bounds.py` for the first of each kind.
"""

from __future__ import annotations

import hashlib
import os
import stat
import subprocess
import threading
import time
from pathlib import Path

import pytest
from git_bench import Bench

from jupyter_agentauth.errors import NotFound
from jupyter_agentauth.git import large, refs, repository, run
from jupyter_agentauth.git.run import GitFailed, run_git
from jupyter_agentauth.nofollow import remove_tree
from jupyter_agentauth.plain_directories import remember
from jupyter_agentauth.run_changes import changes_since, look_at_start
from jupyter_agentauth.worktrees import apply, content, listing
from jupyter_agentauth.worktrees.listing import list_worktrees


@pytest.fixture
def bench(tmp_path, monkeypatch) -> Bench:
    return Bench(tmp_path / "home", monkeypatch)


@pytest.fixture
def _soon(monkeypatch):
    monkeypatch.setattr(run, "_SUSPICIOUS_SECONDS", 0.2)


def _deep(top: Path, levels: int = 1200) -> None:
    """Make directories in each other, and a FIFO that git reads in the last one."""
    here = os.open(top, os.O_RDONLY)
    for _ in range(levels):
        os.mkdir("d", dir_fd=here)
        below = os.open("d", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
    os.mkfifo(".gitignore", dir_fd=here)
    os.close(here)


class TestTheTargetOfAMerge:
    """An agent works in it, too: its directory becomes a link while the files are written."""

    @pytest.fixture
    def outside(self, bench) -> Path:
        (bench.a / "sub").mkdir()
        for name in ("one", "two", "victim"):
            (bench.a / "sub" / name).write_text("the agent's\n")
        outside = bench.home / "outside"
        outside.mkdir()
        (outside / "victim").write_text("the user's\n")
        return outside

    def test_git_itself_writes_through_the_link(self, bench, outside):
        swap = bench.home / "swap"
        sub = bench.main / "sub"
        swap.write_text(f"#!/bin/sh\nmv {sub} {sub}.was && ln -s {outside} {sub}\ncat\n")
        swap.chmod(0o755)
        bench.commit(bench.a)
        (bench.common / "info").mkdir(exist_ok=True)
        (bench.common / "info/attributes").write_text("sub/one filter=swap\n")
        bench.git("-c", f"filter.swap.smudge={swap}", "merge", "-q", "a", fails=True)
        assert (outside / "one").read_text() == "the agent's\n"

    def test_we_do_not(self, bench, outside, monkeypatch):
        bring = apply.bring

        def swapped(*arguments) -> None:
            os.symlink(outside, bench.main / "sub")
            bring(*arguments)

        monkeypatch.setattr(apply, "bring", swapped)
        with pytest.raises(Exception, match="can't be done"):
            bench.apply()
        assert os.listdir(outside) == ["victim"]
        assert (outside / "victim").read_text() == "the user's\n"
        (bench.main / "sub").unlink()
        monkeypatch.setattr(apply, "bring", bring)
        assert len(bench.apply().files) == 3

    def test_nothing_is_deleted_through_it(self, bench, outside, monkeypatch):
        bench.apply()
        (bench.a / "sub/victim").unlink()
        bring = apply.bring

        def swapped(*arguments) -> None:
            (bench.main / "sub").rename(bench.main / "was")
            os.symlink(outside, bench.main / "sub")
            bring(*arguments)

        monkeypatch.setattr(apply, "bring", swapped)
        bench.apply()
        assert (outside / "victim").exists()

    def test_all_kinds_of_changes_arrive(self, bench):
        main = bench.main
        (main / "dir").mkdir()
        (main / "dir/x").write_text("x\n")
        (main / "tofile").mkdir()
        (main / "tofile/y").write_text("y\n")
        (main / "todir").write_text("z\n")
        (main / "mode").write_text("#!/bin/sh\n")
        (main / "kept").write_text("k\n")
        bench.commit(main)
        bench.git("merge", "-q", "main", at=bench.a)
        (bench.a / "dir/x").unlink()
        (bench.a / "tofile/y").unlink()
        (bench.a / "tofile").rmdir()
        (bench.a / "tofile").write_text("now a file\n")
        (bench.a / "todir").unlink()
        (bench.a / "todir").mkdir()
        (bench.a / "todir/w").write_text("w\n")
        (bench.a / "mode").chmod(0o755)
        (bench.a / "link").symlink_to("kept")
        bench.apply()
        assert bench.git("status", "--porcelain") == ""
        assert bench.git("diff-files") == ""
        assert not (main / "dir").exists()
        assert (main / "tofile").read_text() == "now a file\n"
        assert (main / "todir/w").read_text() == "w\n"
        assert (main / "mode").stat().st_mode & stat.S_IXUSR
        assert os.readlink(main / "link") == "kept"


class TestOneOddRepositoryInAList:
    @pytest.mark.parametrize(
        ("name", "text"),
        [
            (".git", b"gitdir: a\0b\n"),
            (".git/commondir", b"a\0b\n"),
            (".git/HEAD", b"ref: refs/heads/main\n"),  # Without an object store.
        ],
    )
    def test_the_others_are_listed(self, bench, name, text):
        path = bench.root / "odd" / name
        path.parent.mkdir(parents=True)
        path.write_bytes(text)
        assert {w.path for w in list_worktrees(str(bench.root))} == {str(bench.main), str(bench.a)}

    def test_one_that_claims_the_root_of_all(self, bench):
        bench.make(bench.root / "odd")
        entry = bench.root / "odd/.git/worktrees/x"
        entry.mkdir(parents=True)
        (entry / "gitdir").write_text("/.git\n")
        (entry / "HEAD").write_text("ref: refs/heads/main\n")
        assert bench.listed().changes == 0

    def test_it_cannot_claim_the_users_worktrees(self, bench):
        bench.make(bench.root / "0first")
        for name, path in (("x", bench.main), ("y", bench.a)):
            entry = bench.root / "0first/.git/worktrees" / name
            entry.mkdir(parents=True)
            (entry / "gitdir").write_text(f"{path}/.git\n")
            (entry / "commondir").write_text("../..\n")
            (entry / "HEAD").write_text("ref: refs/heads/main\n")
        found = {w.path: w for w in list_worktrees(str(bench.root))}
        assert {found[str(path)].repo for path in (bench.main, bench.a)} == {str(bench.main)}
        assert found[str(bench.a)].branch == "a"
        assert found[str(bench.a)].changes == 0


class TestWaiting:
    @pytest.mark.usefixtures("_soon")
    def test_a_fifo_below_a_thousand_directories_is_found(self, bench):
        """Python's own walk ends in an error there (3.11), and git was never ended."""
        try:
            _deep(bench.a)
            assert "is not a regular file" in bench.listed().problem
        finally:
            remove_tree(str(bench.a))  # pytest can't (Python 3.11).

    @pytest.mark.usefixtures("_soon")
    def test_git_is_ended_in_time_whatever_the_look_for_a_reason_comes_upon(self, tmp_path):
        def odd() -> str:
            raise RecursionError

        os.mkfifo(tmp_path / "fifo")

        def ask() -> None:
            with pytest.raises(GitFailed):
                run_git(("hash-object", "fifo"), str(tmp_path), {}, timeout=1, odd=odd)

        asked = threading.Thread(target=ask, daemon=True)
        asked.start()
        asked.join(10)
        assert not asked.is_alive()

    @pytest.mark.usefixtures("_soon")
    def test_a_fifo_in_a_git_directory_that_a_file_names_is_found(self, bench):
        for name in ("gd/objects", "gd/refs", "nested"):
            (bench.a / name).mkdir(parents=True)
        os.mkfifo(bench.a / "gd/HEAD")
        (bench.a / "nested/.git").write_text("gitdir: ../gd\n")
        (bench.a / "nested/file").write_text("x\n")
        assert "HEAD is not a regular file" in bench.listed().problem


def test_a_worktree_of_any_depth_is_reviewed_discarded_and_leaves_nothing(bench, monkeypatch):
    temporary = bench.home / "tmp"
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    try:
        _deep(bench.a)
        _review_and_discard(bench)
        assert not bench.a.exists()
    finally:
        remove_tree(str(bench.a))  # pytest can't (Python 3.11).
    assert os.listdir(temporary) == []


def _review_and_discard(bench) -> None:
    last = bench.a.joinpath(*["d"] * 1200)
    (last / ".gitignore").unlink()
    (last / "file").write_text("x\n")
    assert len(bench.changes().files) == 1
    assert bench.unsaved() == ["1 untracked file"]
    bench.discard()


def test_directories_that_hold_each_other_many_times_end_a_look_in_bounds(bench, monkeypatch):
    """Each level has 100 names for the same one below it: ten billion files."""
    monkeypatch.setattr(listing, "_FIRST_SECONDS", 1)
    kind, name = "100644 blob", bench.git("rev-parse", "HEAD:readme.txt").strip()
    for _ in range(5):
        entries = "".join(f"{kind} {name}\tf{i:03d}\n" for i in range(100))
        name = subprocess.run(
            ["git", "-C", str(bench.main), "mktree"],
            input=entries, capture_output=True, text=True, check=True,
        ).stdout.strip()  # fmt: skip
        kind = "040000 tree"
    commit = bench.git("commit-tree", "-m", "bomb", name).strip()
    (bench.common / "refs/heads/a").write_text(f"{commit}\n")
    problem = bench.listed().problem
    assert "took too long" in problem or "memory" in problem


def test_objects_of_another_repository_are_not_shown_through_a_link(bench):
    private = bench.home / "private"
    bench.make(private)
    (private / "secret.txt").write_text("SECRET\n")
    commit = bench.commit(private)
    bench.git("repack", "-adq", at=private)
    os.rename(bench.common / "objects/pack", bench.common / "objects/was")
    os.symlink(private / ".git/objects/pack", bench.common / "objects/pack")
    (bench.common / "refs/heads/a").write_text(f"{commit}\n")
    assert "SECRET" in bench.git("show", "a")  # Git follows it.
    with pytest.raises(Exception, match="objects/pack is a symbolic link"):
        bench.changes()


def test_nor_through_links_in_the_place_of_single_objects(bench):
    private = bench.home / "private"
    bench.make(private)
    (private / "secret.txt").write_text("SECRET\n")
    commit = bench.commit(private)
    for name in bench.git("rev-list", "--objects", "--all", at=private).split("\n"):
        object_id = name.split(" ")[0]
        place = bench.common / "objects" / object_id[:2] / object_id[2:]
        if object_id and not place.exists():
            place.parent.mkdir(exist_ok=True)
            place.symlink_to(private / ".git/objects" / object_id[:2] / object_id[2:])
    (bench.common / "refs/heads/a").write_text(f"{commit}\n")
    assert "SECRET" in bench.git("show", "a")  # Git follows them.
    with pytest.raises(Exception, match="is a symbolic link"):
        bench.changes()


def test_what_are_no_references_is_counted_too(bench, monkeypatch):
    monkeypatch.setattr(refs, "_MOST", 30)
    for number in range(4):
        directory = bench.common / "refs/heads" / str(number)
        directory.mkdir()
        for name in range(10):
            (directory / str(name)).touch()
    with pytest.raises(Exception, match="more than 30 references"):
        bench.service.choices(str(bench.a))


def test_many_files_below_the_limit_of_one_do_not_fill_the_disk(bench, monkeypatch):
    monkeypatch.setattr(content, "_MOST_SHOWN", 3 << 20)
    for name in "abcde":
        with open(bench.a / name, "wb") as file:
            file.truncate(1 << 20)
    shown = bench.changes()
    assert len(shown.files) == 5
    assert "there is too much" in shown.problem


class TestForgedPointers:
    TEXT = "version https://git-lfs.github.com/spec/v1\noid sha256:{}\nsize 12\n"

    @pytest.fixture(autouse=True)
    def _configured(self, bench):
        with (bench.home / ".gitconfig").open("a") as file:
            file.write('[filter "lfs"]\n\tclean = git-lfs clean -- %f\n')
        (bench.a / ".gitattributes").write_text("*.bin filter=lfs\n")

    def stored(self, bench) -> list[Path]:
        return [path for path in (bench.common / "lfs").rglob("*") if path.is_file()]

    def test_a_pointer_is_not_stored_as_what_it_points_to(self, bench):
        text = self.TEXT.format(hashlib.sha256(b"the real one").hexdigest())
        (bench.a / "x.bin").write_text(text)
        bench.apply()
        assert self.stored(bench) == []

    def test_what_changes_while_it_is_stored_is_not(self, bench, monkeypatch):
        (bench.a / "x.bin").write_bytes(b"the real one")
        check_space = large.check_space

        def swapped(*arguments) -> None:
            (bench.a / "x.bin").write_bytes(b"another one!")
            check_space(*arguments)

        monkeypatch.setattr(large, "check_space", swapped)
        with pytest.raises(Exception, match="changed meanwhile"):
            bench.apply()
        assert self.stored(bench) == []


@pytest.mark.parametrize("name", ["git~1", ".GIT/work", ".git "])
def test_a_file_that_git_lists_and_does_not_take_is_not_lost(bench, name):
    (bench.a / name).parent.mkdir(exist_ok=True)
    (bench.a / name).write_text("work\n")
    bench.git("add", "--all", at=bench.a, fails=True)
    assert bench.git("ls-files", at=bench.a) == "readme.txt\n"
    shown = bench.changes()
    assert [file.path for file in shown.files] == [name]
    assert "git takes no such name" in shown.problem
    with pytest.raises(Exception, match="would be lost"):
        bench.discard()
    assert (bench.a / name).exists()


@pytest.mark.parametrize("act", ["all", "find"])
def test_a_fifo_in_the_place_of_head_holds_nothing_up(bench, act):
    (bench.common / "HEAD").unlink()
    os.mkfifo(bench.common / "HEAD")
    bench.make(bench.root / "other")
    begun = time.monotonic()
    if act == "all":
        assert [w.path for w in bench.service.all()] == [str(bench.root / "other")]
    else:
        with pytest.raises(Exception, match="HEAD is not a regular file"):
            bench.service.find(str(bench.main))
    assert time.monotonic() - begun < 4


def test_a_run_cannot_hide_what_it_does_to_a_file_that_was_changed_before(bench):
    """It writes as much as was there, into the same file, and puts its time back."""
    path = bench.a / "readme.txt"
    path.write_text("user\n")
    before = look_at_start(bench.service, str(bench.a))
    status = path.stat()
    path.write_text("evil\n")
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert [file.path for file in changes_since(bench.service, before).files] == ["readme.txt"]


def test_patterns_that_take_git_forever_do_not_keep_a_processor_busy(bench, monkeypatch):
    monkeypatch.setattr(listing, "_FIRST_SECONDS", 1)
    (bench.a / ".gitignore").write_text("*a" * 12 + "*b\n")
    (bench.a / ("a" * 200 + "0")).touch()
    assert "took too long" in bench.listed().problem
    begun = time.monotonic()
    assert "tried again" in bench.listed().problem
    assert time.monotonic() - begun < 0.9
    (bench.a / ".gitignore").unlink()
    monkeypatch.setattr(listing, "_REST", 0)
    assert bench.listed().changes == 1


def test_an_agents_repositories_hold_no_list_up(bench):
    """Git waits for the FIFO that their configuration includes: five seconds for each."""
    plain = bench.root / "plain"
    plain.mkdir()
    remember(str(plain), [])
    for name in ("x", "y"):
        bench.make(plain / name)
        os.mkfifo(plain / name / "fifo")
        (plain / name / ".git/config").write_text("[include]\n\tpath = ../fifo\n")
    begun = time.monotonic()
    assert {w.path for w in list_worktrees(str(bench.root))} == {str(bench.main), str(bench.a)}
    with pytest.raises(NotFound):
        bench.service.removal(str(bench.root / "gone"))
    assert time.monotonic() - begun < 4


def test_very_many_directories_are_not_all_looked_at(bench, monkeypatch):
    monkeypatch.setattr(repository, "_MOST_IN_ONE", 20)
    for number in range(50):
        (bench.root / "plain" / str(number) / ".git").mkdir(parents=True)
    found = list(repository.repositories(str(bench.root)))
    assert {str(bench.main), str(bench.a)} <= set(found)
    assert len(found) == 22
