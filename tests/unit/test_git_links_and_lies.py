"""What an agent writes into a repository's git data leads nowhere, and hides nothing."""

from __future__ import annotations

import hashlib
import os
import struct
import zlib
from contextlib import suppress
from pathlib import Path

import pytest
from git_bench import Bench

from jupyter_agentauth.errors import AgentAuthError, Conflict
from jupyter_agentauth.git import run
from jupyter_agentauth.worktrees import add as adding


@pytest.fixture
def bench(tmp_path, monkeypatch) -> Bench:
    return Bench(tmp_path / "home", monkeypatch)


@pytest.fixture
def victim(bench) -> Path:
    """A file of the user's, which nothing may write to or read."""
    path = bench.home / "victim"
    path.write_text("secret of the host\n")
    return path


def forge_index(path: Path, *names: str, blob: str) -> None:
    """Write an index with these names, which git itself never would."""
    body = b"DIRC" + struct.pack(">LL", 2, len(names))
    for name in sorted(names):
        raw = os.fsencode(name)
        entry = struct.pack(">10L", *[0] * 6, 0o100644, 0, 0, 0) + bytes.fromhex(blob)
        entry += struct.pack(">H", min(len(raw), 0xFFF)) + raw
        body += entry + b"\0" * (8 - len(entry) % 8)
    path.write_bytes(body + hashlib.sha1(body).digest())


def forge_object(bench: Bench, name: str, kind: bytes, content: bytes) -> None:
    """Put a content under another one's name, where git keeps loose objects."""
    path = bench.common / "objects" / name[:2] / name[2:]
    path.parent.mkdir(exist_ok=True)
    path.unlink(missing_ok=True)
    path.write_bytes(zlib.compress(kind + b" %d\0" % len(content) + content))


class TestLinks:
    def test_an_index_that_is_a_link_is_replaced_and_not_written_through(self, bench, victim):
        before = victim.read_text()
        index = bench.common / "worktrees" / "a" / "index"
        index.unlink()
        index.symlink_to(victim)
        (bench.a / "ssh-ed25519 of the agent\n").write_text("x\n")
        with pytest.raises(Conflict):
            bench.discard()
        bench.apply()
        assert victim.read_text() == before
        # The payload: the user's own git writes through it.
        victim.unlink()
        bench.git("read-tree", "HEAD", at=bench.a, fails=True)
        assert b"ssh-ed25519 of the agent\n" in victim.read_bytes()

    @pytest.mark.parametrize("place", ["logs/refs/heads/main", "logs/refs/heads/a", "logs/HEAD"])
    def test_a_reflog_that_is_a_link_is_not_written_through(self, bench, victim, place):
        before = victim.read_text()
        log = bench.common / place
        log.unlink(missing_ok=True)
        log.symlink_to(victim)
        (bench.a / "made.txt").write_text("x\n")
        bench.apply()
        assert victim.read_text() == before
        at = bench.a if place.endswith("/a") else bench.main
        bench.commit(at)  # The payload works.
        assert victim.read_text() != before

    @pytest.mark.parametrize("place", ["refs/heads", "refs/agentauth", "logs/refs", "objects/pack"])
    def test_a_directory_that_is_a_link_is_not_followed(self, bench, victim, place):
        outside = bench.home / "outside"
        outside.mkdir()
        (outside / "main").write_text("kept\n")
        real = bench.common / place
        if real.exists():
            real.rename(real.with_name("moved"))
        real.symlink_to(outside)
        (bench.a / "made.txt").write_text("x\n")
        for act in (bench.apply, bench.discard, lambda: bench.add("topic")):
            with suppress(AgentAuthError):  # Refused or done: what matters is below.
                act()
        assert [path.name for path in outside.iterdir()] == ["main"]
        assert (outside / "main").read_text() == "kept\n"

    def test_the_users_own_git_follows_such_a_directory(self, bench):
        outside = bench.home / "outside"
        (bench.common / "refs" / "heads").rename(outside)
        (bench.common / "refs" / "heads").symlink_to(outside)
        bench.git("branch", "topic")
        assert (outside / "topic").exists()

    def test_a_ref_that_is_a_link_is_not_deleted_through(self, bench, victim):
        made, _ = bench.add("topic")
        head = bench.git("rev-parse", "HEAD").strip()
        outside = bench.home / "outside"
        outside.mkdir()
        (outside / "topic").write_text(f"{head}\n")
        (bench.common / "refs" / "heads" / "topic").unlink()
        (bench.common / "refs" / "heads" / "topic").symlink_to(outside / "topic")
        with pytest.raises(Exception, match="can't"):
            bench.discard(made)
        assert (outside / "topic").read_text() == f"{head}\n"

    def test_a_checkout_goes_to_no_directory_that_took_its_place(self, bench, monkeypatch):
        """Another worktree, whose work would be overwritten."""
        (bench.a / "readme.txt").write_text("not committed\n")
        place = bench.main / ".worktrees" / "topic"
        check_out = adding._check_out

        def swapped(repository, worktree):
            found = check_out(repository, worktree)
            place.rmdir()
            place.symlink_to(bench.a)
            return found

        monkeypatch.setattr(adding, "_check_out", swapped)
        with pytest.raises(Conflict):
            bench.add("topic", path=str(place))
        assert (bench.a / "readme.txt").read_text() == "not committed\n"
        assert bench.git("branch", "--list", "topic") == ""
        assert bench.git("worktree", "list").count("\n") == 2

    def test_a_removal_takes_no_directory_that_took_its_place(self, bench):
        (bench.main / ".worktrees").mkdir()
        for name in ("one", "two"):
            bench.add(name, path=str(bench.main / ".worktrees" / name))
        one, two = (bench.main / ".worktrees" / name for name in ("one", "two"))
        (two / "work.txt").write_text("not committed\n")
        removal = bench.service.removal(str(one))
        one.rename(one.with_name("away"))
        two.rename(one)
        with pytest.raises(Conflict):
            bench.service.remove(removal, lambda directory: None)
        assert (one / "work.txt").read_text() == "not committed\n"


class TestForeignData:
    @pytest.mark.parametrize("names", [("{victim}",), ("../../victim",), (".git/config",)])
    def test_names_of_the_index_that_lead_outside_are_not_read(self, bench, victim, names):
        blob = bench.git("rev-parse", "HEAD:readme.txt").strip()
        names = [name.format(victim=victim) for name in names]
        forge_index(bench.common / "worktrees" / "a" / "index", *names, blob=blob)
        shown = bench.changes()
        assert "secret" not in shown.diff
        assert {file.path for file in shown.files} == set()
        assert bench.listed().changes is None
        assert "index" in bench.listed().problem
        before = set(bench.git("cat-file", "--batch-check", "--batch-all-objects").split())
        for act in (bench.discard, bench.apply):
            with pytest.raises(Conflict):
                act()
        assert set(bench.git("cat-file", "--batch-check", "--batch-all-objects").split()) == before
        assert "index" in "".join(bench.unsaved())
        if names[0] != ".git/config":  # The payload: the user's own git reads it.
            assert "secret" in bench.git("diff", at=bench.a, fails=True)

    @pytest.mark.parametrize("how", ["gitdir", "commondir", "modules"])
    def test_git_data_of_another_project_is_not_taken_for_ones_own(self, bench, how):
        private = bench.home / "private"
        bench.make(private)
        (private / "secret.txt").write_text("secret of the host\n")
        bench.commit(private)
        plain = bench.root / "plain"
        plain.mkdir()
        if how == "gitdir":
            (plain / ".git").write_text(f"gitdir: {private}/.git\n")
        elif how == "commondir":
            (plain / ".git").mkdir()
            (plain / ".git" / "HEAD").write_text("ref: refs/heads/main\n")
            (plain / ".git" / "commondir").write_text(f"{private}/.git\n")
        else:
            own = private / ".git" / "worktrees" / "x"
            own.mkdir(parents=True)
            for name, text in (("gitdir", f"{private}/y/.git"), ("commondir", "../..")):
                (own / name).write_text(f"{text}\n")
            (own / "HEAD").write_text("ref: refs/heads/main\n")
            (plain / ".git").write_text(f"gitdir: {own}\n")
        with pytest.raises(Exception, match="worktree"):
            bench.changes(plain)
        assert [w.path for w in bench.service.all()] == [str(bench.main), str(bench.a)]
        assert "secret.txt" in bench.git("ls-tree", "--name-only", "HEAD", at=plain)

    def test_a_file_that_became_a_link_is_shown_as_one(self, bench, victim):
        (bench.a / "readme.txt").unlink()
        (bench.a / "readme.txt").symlink_to(victim)
        (bench.a / "dir").symlink_to(bench.home)
        shown = bench.changes()
        assert "secret" not in shown.diff
        assert {file.path for file in shown.files} == {"readme.txt", "dir"}


class TestLies:
    def test_a_replaced_object_changes_nothing_that_is_shown(self, bench):
        (bench.a / "readme.txt").write_text("evil\n")
        evil = bench.git("hash-object", "-w", "readme.txt", at=bench.a).strip()
        good = bench.git("rev-parse", "HEAD:readme.txt").strip()
        bench.git("replace", good, evil)
        assert bench.statuses() == {"readme.txt": "modified"}
        assert "-hello" in bench.changes().diff
        assert bench.listed().changes == 1
        # The payload: the user's own git shows what was there before as the same.
        assert "-hello" not in bench.git("diff", at=bench.a)

    @pytest.mark.parametrize("bit", ["--assume-unchanged", "--skip-worktree"])
    def test_marks_of_the_index_hide_nothing_and_nothing_of_it_is_lost(self, bench, bit):
        bench.git("update-index", bit, "readme.txt", at=bench.a)
        (bench.a / "readme.txt").write_text("hidden\n")
        assert bench.git("status", "--porcelain", at=bench.a) == ""
        assert bench.listed().changes == 1
        assert "+hidden" in bench.changes().diff
        assert "1 changed file" in bench.unsaved()
        kept = bench.discard().kept
        assert bench.git("show", f"{kept}:readme.txt") == "hidden\n"

    def test_forged_times_hide_nothing(self, bench):
        """The file as long as before, with its old times, and an index that knows its inode."""
        file = bench.a / "readme.txt"
        assert bench.listed().changes == 0
        before = file.stat()
        file.write_text("HELLO\n")
        os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
        index = bench.common / "worktrees" / "a" / "index"
        data, now = bytearray(index.read_bytes()), file.stat()
        ctime = struct.pack(">LL", *divmod(now.st_ctime_ns, 10**9))
        data[12:20] = ctime
        index.write_bytes(data[:-20] + hashlib.sha1(data[:-20]).digest())
        os.utime(index, ns=(now.st_ctime_ns + 10**10,) * 2)
        assert bench.git("status", "--porcelain", at=bench.a) == ""  # The payload works.
        assert bench.listed().changes == 1
        assert "+HELLO" in bench.changes().diff

    def test_a_forged_object_is_refused_by_a_review_and_by_a_merge(self, bench):
        (bench.a / "deploy.sh").write_text("echo fine\n")
        bench.commit(bench.a)
        bench.git("switch", "-q", "-c", "elsewhere", at=bench.a)
        good = bench.git("rev-parse", "HEAD:deploy.sh", at=bench.a).strip()
        forge_object(bench, good, b"blob", b"echo evil\n")
        with pytest.raises(Conflict, match="forged"):
            bench.changes(since="base")
        with pytest.raises(Conflict, match="forged"):
            bench.apply()
        assert not (bench.main / "deploy.sh").exists()
        assert "evil" in bench.git("show", "HEAD:deploy.sh", at=bench.a)  # Git itself shows it.

    def test_what_was_set_aside_is_not_merged_along(self, bench):
        """`MERGE_AUTOSTASH`: a commit that a merge takes along, and no review shows."""
        (bench.main / "evil.txt").write_text("x\n")
        bench.git("add", ".")
        stash = bench.git("stash", "create").strip()
        bench.git("reset", "-q", "--hard")
        for place in (bench.common, bench.common / "worktrees" / "a"):
            (place / "MERGE_AUTOSTASH").write_text(f"{stash}\n")
        (bench.a / "made.txt").write_text("x\n")
        assert [file.path for file in bench.apply().files] == ["made.txt"]
        assert not (bench.main / "evil.txt").exists()
        # The payload: the user's own merge takes it along.
        bench.commit(bench.a)
        (bench.common / "MERGE_AUTOSTASH").write_text(f"{stash}\n")
        bench.git("merge", "-q", "a", fails=True)
        assert (bench.main / "evil.txt").exists()

    def test_a_resolution_that_an_agent_recorded_is_not_taken(self, bench):
        bench.git("config", "rerere.enabled", "true")
        bench.git("config", "rerere.autoUpdate", "true")
        (bench.a / "readme.txt").write_text("the agent's\n")
        bench.commit(bench.a)
        (bench.main / "readme.txt").write_text("the user's\n")
        bench.commit(bench.main)
        bench.git("merge", "a", fails=True)
        (bench.main / "readme.txt").write_text("resolved by the agent\n")
        bench.git("add", "."), bench.git("commit", "-q", "-m", "merged")
        bench.git("reset", "-q", "--hard", "HEAD~")
        with pytest.raises(Conflict, match="conflicts"):
            bench.apply()
        bench.git("merge", "a", fails=True)
        assert (bench.main / "readme.txt").read_text() == "resolved by the agent\n"

    def test_a_tag_that_is_called_like_a_branch_is_no_base(self, bench):
        branch = bench.commit(bench.a, "on the branch")
        bench.git("tag", "a", "main")
        made, _ = bench.add("topic", base="a")
        assert bench.git("rev-parse", "HEAD", at=made).strip() == branch
        assert bench.git("rev-parse", "a").strip() != branch  # Git takes the tag.


class TestOddFiles:
    @pytest.fixture(autouse=True)
    def _soon(self, monkeypatch):
        monkeypatch.setattr(run, "_SUSPICIOUS_SECONDS", 0.2)

    PLACES = (
        "worktrees/a/index", "worktrees/a/HEAD", "packed-refs", "info/exclude", "info/attributes",
        "config", "shallow", "worktrees/a/gitdir",
    )  # fmt: skip

    @pytest.mark.parametrize("place", PLACES)
    def test_a_fifo_in_git_data_is_said_and_nobody_waits(self, bench, place):
        path = bench.common / place
        path.unlink(missing_ok=True)
        os.mkfifo(path)
        if place in ("config", "worktrees/a/gitdir"):
            assert str(bench.a) not in [w.path for w in bench.service.all()]
            return
        listed = bench.listed()
        if place == "packed-refs":  # Its branch is a loose one: nothing has to be read there.
            assert listed.changes == 0
            return
        assert listed.changes is None
        assert "not a regular file" in listed.problem
        assert os.path.basename(place) in listed.problem

    def test_directories_in_the_place_of_files_leave_no_descriptor_open(self, bench):
        for place in ("worktrees/a/index", "worktrees/a/HEAD", "packed-refs", "shallow"):
            path = bench.common / place
            path.unlink(missing_ok=True)
            path.mkdir()
        bench.listed()
        before = len(os.listdir("/proc/self/fd"))
        for _ in range(5):
            bench.listed()
        assert len(os.listdir("/proc/self/fd")) == before

    @pytest.mark.parametrize(
        "name", [".gitignore", ".gitattributes", "dir/.gitignore", "dir/.git/HEAD"]
    )
    def test_a_fifo_in_a_worktree_is_said(self, bench, name):
        (bench.a / "dir").mkdir()
        (bench.a / "dir" / "new").write_text("x\n")
        (bench.a / name).parent.mkdir(exist_ok=True)
        os.mkfifo(bench.a / name)
        listed = bench.listed()
        assert listed.changes is None
        assert f"{name} is not a regular file" in listed.problem

    def test_a_fifo_among_objects_is_said(self, bench):
        head = bench.git("rev-parse", "HEAD^{tree}").strip()
        path = bench.common / "objects" / head[:2] / head[2:]
        path.unlink()
        os.mkfifo(path)
        listed = bench.listed()
        assert listed.changes is None
        assert f"{head[2:]} is not a regular file" in listed.problem

    def test_references_that_are_endless_are_said(self, bench):
        (bench.common / "packed-refs").unlink(missing_ok=True)
        with open(bench.common / "packed-refs", "wb") as file:
            file.truncate(1 << 27)
        (bench.common / "refs" / "heads" / "a").unlink()
        assert "packed-refs" in bench.listed().problem

    @pytest.mark.parametrize("named", ["/", "..", "/usr", "../../elsewhere"])
    def test_a_worktree_that_the_configuration_moves_is_refused_in_one_sentence(self, bench, named):
        bench.git("config", "core.worktree", named, fails=True)
        assert bench.service.all() == [] or named == ".."
        if named == "..":  # As it is anyway.
            assert bench.service.find(str(bench.main)).path == str(bench.main)
            return
        with pytest.raises(AgentAuthError, match=r"core\.worktree|elsewhere") as raised:
            bench.service.find(str(bench.main))
        assert "\n" not in raised.value.message


class TestBranches:
    def test_the_main_branch_stays_when_an_agents_head_names_it(self, bench):
        made, _ = bench.add("topic")
        (bench.common / "worktrees" / "topic" / "HEAD").write_text("ref: refs/heads/main\n")
        discarded = bench.discard(made)
        assert discarded.branch_kept
        assert bench.git("branch", "--list", "main", "topic").split() == ["*", "main", "topic"]

    def test_a_branch_of_the_users_stays_and_is_said_to(self, bench):
        bench.git("branch", "users")
        made, _ = bench.add("topic")
        bench.git("switch", "-q", "users", at=made)
        discarded = bench.discard(made)
        assert (discarded.branch, discarded.branch_kept) == ("users", True)
        assert bench.git("branch", "--list", "users").split() == ["users"]

    def test_the_branch_that_was_made_for_it_goes(self, bench):
        bench.git("pack-refs", "--all")
        made, _ = bench.add("topic/x")
        bench.git("pack-refs", "--all")
        assert not bench.discard(made).branch_kept
        assert bench.git("branch", "--list", "topic/x") == ""
        assert bench.git("branch", "--list", "a", "main").split() == ["+", "a", "*", "main"]
        bench.add("topic")  # The directory of the other one is no obstacle.

    def test_what_was_staged_and_is_in_no_file_is_unsaved_and_kept(self, bench):
        (bench.a / "readme.txt").write_text("staged\n")
        bench.git("add", ".", at=bench.a)
        (bench.a / "readme.txt").write_text("hello\n")
        assert "1 file of which something else is staged" in bench.unsaved()
        kept = bench.discard().kept
        assert bench.git("show", f"{kept}^2:readme.txt") == "staged\n"
        assert bench.git("show", f"{kept}:readme.txt") == "hello\n"
