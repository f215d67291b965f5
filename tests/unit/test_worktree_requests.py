"""What of a request for a worktree is taken, and how it is read what git says changed."""

from __future__ import annotations

import pytest

from jupyter_agentauth.errors import BadRequest
from jupyter_agentauth.worktrees.changes import ChangedFile, parse_changes
from jupyter_agentauth.worktrees.requests import Carry, NewWorktree, parse_new_worktree, parse_path


def test_a_request_is_read_as_it_is_meant():
    body = {
        "repo": "main", "branch": "x", "base": None, "path": "trees/x",
        "carry": [{"path": "data/", "how": "mount"}, {"path": ".env.d/x", "how": "copy"}],
    }  # fmt: skip
    assert parse_new_worktree(body) == NewWorktree(
        "main", "x", None, "trees/x", (Carry("data", "mount"), Carry(".env.d/x", "copy"))
    )


@pytest.mark.parametrize("path", ["", "-x", "a\nb", "a\rb", "a\0b", "\ud800", "..", "a/../b", 3])
def test_a_path_that_something_would_take_for_another_is_refused(path):
    with pytest.raises(BadRequest):
        parse_path(path)


@pytest.mark.parametrize(
    "path",
    [
        "", "/", "/etc", ".", "./x", "a//b", "..", "a/..", ".git", ".GIT/config", "a/.git/hooks",
        "a\nb", "a\0b", "-x", "\udcff", None,
    ],
)  # fmt: skip
def test_what_is_not_plainly_in_the_main_worktree_is_not_carried(path):
    body = {"repo": "r", "branch": "b", "carry": [{"path": path, "how": "copy"}]}
    with pytest.raises(BadRequest):
        parse_new_worktree(body)


def test_what_git_says_changed_is_read_with_odd_names_renames_and_conflicts():
    listing = (
        ":100644 100644 1 0 M\0a\nb\0:100644 100644 1 1 R090\0old\0new\0"
        ":000000 100644 0 0 U\0torn\0:100644 100644 1 0 M\0torn\0:100644 120000 1 0 T\0kind\0"
        "1\t2\ta\nb\0003\t0\t\0old\0new\0-\t-\tkind\0"
    )
    assert parse_changes(listing, whole=True) == [
        ChangedFile("a\nb", "modified", 1, 2),
        ChangedFile("new", "renamed", 3, 0, was="old"),
        ChangedFile("torn", "unmerged", None, None),
        ChangedFile("kind", "modified", None, None),
    ]
