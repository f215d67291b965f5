"""Git worktrees: which one holds a directory, and which ones there are."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace

from ..errors import BadRequest, Forbidden, NotFound, shown
from ..git.repository import Registered, Repository, inside, read_repository, repositories
from ..git.run import GitFailed, git
from ..gitlayout import git_layout
from ..settings import Worktree
from .status import worktree_status

#: Mounting one of these over the container's own would break it, or hand the host over.
_SYSTEM = frozenset(
    f"/{name}"
    for name in (
        "", "bin", "boot", "etc", "home", "lib", "lib32", "lib64", "media", "mnt", "opt", "root",
        "sbin", "srv", "tmp", "usr", "var",
    )
)  # fmt: skip
_SYSTEM_TREES = ("/dev", "/proc", "/run", "/sys", "/var/run")


@dataclass(frozen=True)
class ListedWorktree:
    """One worktree of a repository, as `list_worktrees` finds it."""

    path: str
    repo: str
    branch: str | None
    head: str | None
    main: bool
    changes: int

    def to_json(self, sessions: Iterable[str] = ()) -> dict[str, object]:
        """Return the contract's form."""
        return {
            "path": self.path,
            "repo": self.repo,
            "branch": self.branch,
            "head": self.head,
            "main": self.main,
            "changes": self.changes,
            "sessions": list(sessions),
        }


def find_worktree(directory: str, allowed_roots: Iterable[str], private: Iterable[str]) -> Worktree:
    """Find the git worktree that holds a directory, and where its git data lies.

    Parameters
    ----------
    directory : str
        Absolute path of a directory.
    allowed_roots : iterable of str
        The worktree must lie in one of these; none means no limit.
    private : iterable of str
        Directories that an agent never sees as a worktree, nor what contains them or
        lies in them: the credential store, Jupyter's own. The user's home is one by itself.

    Returns
    -------
    Worktree
        The directory alone, with a warning, where it is no git worktree or where the
        worktree around it is not allowed.

    Raises
    ------
    NotFound, BadRequest, Forbidden
        ``worktree_not_found``, ``bad_worktree``, ``worktree_forbidden``.
    """
    workdir = _real_directory(directory)
    roots = [os.path.realpath(root) for root in allowed_roots]
    kept = [os.path.realpath(path) for path in private]
    check_allowed(workdir, roots, kept)
    try:
        # As the configuration is, for our safe values hide a git directory from git.
        if git(workdir, "rev-parse", "--is-inside-git-dir", config=True) == "true":
            raise BadRequest(
                f"{shown(workdir)} is inside a git directory: choose the worktree itself.",
                "bad_worktree",
            )
        top = os.path.realpath(git(workdir, "rev-parse", "--show-toplevel"))
    except GitFailed as failure:
        return _plain_directory(workdir, str(failure))
    try:
        check_allowed(top, roots, kept)
    except (BadRequest, Forbidden):
        warning = (
            f"The git worktree around {shown(workdir)} is {shown(top)}, which may not be mounted, "
            "so git does not work in this session."
        )
        return Worktree(workdir, workdir, warnings=(warning,))
    if os.path.islink(os.path.join(top, ".git")):
        raise BadRequest(
            f"{shown(os.path.join(top, '.git'))} is a symbolic link, which an agent could replace: "
            "put a file there that says 'gitdir: PATH' instead.",
            "bad_worktree",
        )
    git_data, warnings = git_layout(top)
    found = Worktree(top, workdir, git_data, warnings=tuple(warnings))
    return replace(found, identity=_identity(top))


def list_worktrees(root: str, depth: int = 2) -> list[ListedWorktree]:
    """List the worktrees of the repositories at, around and below a directory.

    Parameters
    ----------
    root : str
        Where to look.
    depth : int
        How many levels below it; hidden directories and ``node_modules`` are passed over.
    """
    found: dict[str, ListedWorktree] = {}
    seen: set[str] = set()
    for directory in repositories(root, depth):
        if directory in found:
            continue
        with suppress(GitFailed):
            repository = read_repository(directory)
            if repository.common not in seen:
                seen.add(repository.common)
                for worktree in _listed(repository):
                    found.setdefault(worktree.path, worktree)
    return list(found.values())


def listed(repository: Repository, worktree: Registered) -> ListedWorktree:
    """Return a worktree as it is listed; looks at its files."""
    return ListedWorktree(
        path=worktree.path,
        repo=repository.worktrees[0].path,
        branch=worktree.branch,
        head=worktree.head,
        main=worktree.main,
        changes=count_changes(worktree.path, repository.worktrees[0].path),
    )


def _listed(repository: Repository) -> Iterator[ListedWorktree]:
    for worktree in repository.worktrees:
        if not worktree.bare and os.path.isdir(worktree.path):
            yield listed(repository, worktree)


def _real_directory(directory: str) -> str:
    if "\0" in directory or not os.path.isabs(directory):
        raise BadRequest(f"{directory!r} is not an absolute path of a directory.", "bad_worktree")
    try:
        directory.encode("utf-8")
    except UnicodeEncodeError:
        raise BadRequest(
            f"{directory!r} is not valid UTF-8, which the container engine needs: rename it.",
            "bad_worktree",
        ) from None
    if not os.path.isdir(directory):
        raise NotFound(
            f"There is no directory {shown(directory)}: choose one that exists.",
            "worktree_not_found",
        )
    return os.path.realpath(directory)


def check_allowed(path: str, roots: Iterable[str], private: Iterable[str]) -> None:
    """Refuse a path that may be no worktree, see `find_worktree`; all are real paths.

    Raises
    ------
    BadRequest, Forbidden
    """
    roots = list(roots)
    home = os.path.realpath(os.path.expanduser("~"))
    system = path in _SYSTEM or any(inside(path, tree) for tree in _SYSTEM_TREES)
    if system or path == home or inside(home, path):
        raise BadRequest(
            f"{shown(path)} is never mounted as a worktree, since it holds far more than one: "
            "choose a directory below it.",
            "bad_worktree",
        )
    if any(inside(path, kept) or inside(kept, path) for kept in private):
        raise BadRequest(
            f"{shown(path)} is never mounted as a worktree, since credentials or Jupyter's own "
            "configuration lie there: choose another directory.",
            "bad_worktree",
        )
    if roots and not any(inside(path, root) for root in roots):
        raise Forbidden(
            f"{shown(path)} lies outside of the allowed directories ({', '.join(roots)}); "
            "c.AgentAuth.allowed_roots would add it.",
            "worktree_forbidden",
        )


def _plain_directory(workdir: str, failure: str) -> Worktree:
    if os.path.lexists(os.path.join(workdir, ".git")):
        # Mounted as it is, its git directory would stand open.
        raise BadRequest(
            f"Git does not accept {shown(workdir)} as a worktree ({failure}): mend it first.",
            "bad_worktree",
        )
    warning = (
        f"{shown(workdir)} is no git worktree: git repositories in it, if any, can be changed by "
        "the agent in every part."
    )
    return Worktree(workdir, workdir, warnings=(warning,))


def _identity(top: str) -> dict[str, str]:
    """Name commits after the user: the host's own git configuration is not mounted."""
    names = {}
    for role, key in (("NAME", "user.name"), ("EMAIL", "user.email")):
        try:
            value = git(top, "config", "--get", key, config=True)
        except GitFailed:
            continue
        if value:
            names.update({f"GIT_AUTHOR_{role}": value, f"GIT_COMMITTER_{role}": value})
    return names


def count_changes(path: str, main: str) -> int:
    """Count the files of a worktree that differ from its last commit, untracked ones too."""
    try:
        return len(worktree_status(path, main))
    except GitFailed:
        return 0
