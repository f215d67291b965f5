"""Whatever a repository's configuration, attributes and hooks name, we run none of it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from git_bench import Bench

from jupyter_agentauth.worktrees.listing import list_worktrees, look_again

HOOKS = (
    "pre-commit", "commit-msg", "post-commit", "post-merge", "post-checkout", "pre-rebase",
    "reference-transaction", "post-index-change", "fsmonitor-watchman", "post-rewrite",
)  # fmt: skip


@pytest.fixture
def bench(tmp_path, monkeypatch) -> Bench:
    return Bench(tmp_path / "home", monkeypatch)


def trap(bench: Bench) -> None:
    """Put a trap into everything that git can be told to run."""
    script = bench.home / "trap"
    script.write_text(f'#!/bin/sh\necho "$0 $*" >> {bench.ran}\ncat 2>/dev/null\n')
    script.chmod(0o755)
    for hook in HOOKS:
        (bench.common / "hooks" / hook).unlink(missing_ok=True)
        (bench.common / "hooks" / hook).symlink_to(script)
    for key in (
        "filter.x.clean", "filter.x.smudge", "filter.lfs.clean", "filter.lfs.smudge",
        "core.fsmonitor", "core.editor", "core.pager", "core.sshCommand", "core.askPass",
        "core.alternateRefsCommand", "diff.external", "diff.x.command", "diff.x.textconv",
        "merge.x.driver", "merge.default", "gpg.program", "credential.helper", "pager.status",
        "alias.status", "alias.read-tree", "uploadpack.packObjectsHook", "sequence.editor",
        "trailer.x.command", "submodule.sub.update", "diff.guitool", "interactive.diffFilter",
    ):  # fmt: skip
        bench.git("config", key, "x" if key == "merge.default" else str(script))
    bench.git("config", "commit.gpgSign", "true")
    bench.git("config", "merge.verifySignatures", "true")
    for path in (bench.main, bench.a):
        (path / ".gitattributes").write_text(
            "*.txt filter=x diff=x merge=x\n*.bin filter=lfs diff=lfs merge=lfs\n"
        )
        (path / "large.bin").write_text("large\n")


def acts(bench: Bench) -> dict[str, Callable[[], object]]:
    return {
        "list": lambda: list_worktrees(str(bench.root)),
        "list again": lambda: [look_again(w) for w in list_worktrees(str(bench.root))],
        "find": lambda: bench.service.find(str(bench.a)),
        "changes": lambda: bench.changes(),
        "changes since the base": lambda: bench.changes(since="base"),
        "choices": lambda: bench.service.choices(str(bench.main)),
        "removal": lambda: bench.unsaved(),
        "add": lambda: bench.add("topic"),
        "apply": lambda: bench.apply(),
        "discard": lambda: bench.discard(),
    }


def test_nothing_that_a_repository_names_is_run(bench):
    trap(bench)
    (bench.main / ".gitattributes").unlink()
    (bench.main / "large.bin").unlink()
    (bench.a / "new.md").write_text("of the agent\n")
    (bench.a / "readme.txt").write_text("HELLO\n")
    for name, act in acts(bench).items():
        act()
        assert not bench.ran.exists(), (name, bench.ran.read_text())


@pytest.mark.parametrize(
    "words",
    [("status",), ("diff",), ("add", "."), ("commit", "-qam", "x"), ("checkout", "-q", "-b", "y")],
    ids=str,
)
def test_the_traps_work_on_the_users_own_git(bench, words):
    trap(bench)
    (bench.main / "readme.txt").write_text("hello again\n")
    bench.ran.unlink(missing_ok=True)
    bench.git(*words, fails=True)
    assert bench.ran.exists()


def test_a_repository_that_appears_in_a_plain_directory_runs_nothing_when_it_is_looked_at(bench):
    """The worst of the red team: default settings, and nobody does anything."""
    plain = bench.root / "plain"
    bench.make(plain)
    bench.git("config", "filter.x.clean", f"touch {bench.ran}; cat", at=plain)
    (plain / ".gitattributes").write_text("* filter=x\n")
    (plain / "readme.txt").write_text("HELLO\n")
    assert bench.listed(plain).changes == 2
    assert bench.changes(plain).files
    assert not bench.ran.exists()
    bench.git("status", at=plain)
    assert bench.ran.exists()


def test_below_a_repository_the_outermost_one_counts(bench):
    """The server's root is a directory of the worktree, where an agent can make a repository."""
    notebooks = bench.main / "notebooks"
    bench.make(notebooks)
    bench.git("config", "core.fsmonitor", f"touch {bench.ran}; false", at=notebooks)
    found = list_worktrees(str(notebooks))
    assert [w.path for w in found] == [str(bench.main), str(bench.a)]
    assert not bench.ran.exists()
    assert bench.git("rev-parse", "--show-toplevel", at=notebooks).strip() == str(notebooks)
    bench.git("status", at=notebooks)
    assert bench.ran.exists()


def test_a_program_that_appears_between_look_and_use_is_not_run(bench):
    bench.git("config", "filter.x.clean", "./tools/clean")
    bench.git("config", "filter.x.smudge", "./tools/clean")
    (bench.a / ".gitattributes").write_text("* filter=x\n")
    (bench.a / "tools").mkdir()
    (bench.a / "tools" / "clean").write_text(f"#!/bin/sh\ntouch {bench.ran}\ncat\n")
    (bench.a / "tools" / "clean").chmod(0o755)
    bench.changes(), bench.listed(), bench.unsaved()
    with pytest.raises(Exception, match="nothing to apply"):
        bench.apply()  # All of it passes through the filter, and is left out.
    assert not bench.ran.exists()
    bench.git("add", ".", at=bench.a)
    assert bench.ran.exists()


def test_loading_from_the_worktree_a_filter_of_the_user_reaches_nothing_of_it(bench):
    """As nbstripout installs itself: `python3 -m …`, in the worktree."""
    bench.git("config", "--global", "filter.x.clean", "python3 -c 'import argparse'; cat")
    (bench.a / ".gitattributes").write_text("* filter=x\n")
    (bench.a / "argparse.py").write_text(f"open({str(bench.ran)!r}, 'w')\n")
    (bench.a / "readme.txt").write_text("changed\n")
    bench.listed(), bench.changes(), bench.unsaved()
    assert not bench.ran.exists()
    bench.git("diff", at=bench.a)
    assert bench.ran.exists()
