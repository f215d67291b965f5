"""Which git worktree holds a directory, and which directories may be one."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping

from ..errors import BadRequest, Forbidden, NotFound, shown
from ..git.config import read_config
from ..git.paths import inside
from ..git.run import GitFailed
from ..git_files import find_top, git_data, is_git_directory
from ..gitlayout import git_layout
from ..plain_directories import how_to_claim, is_agents
from ..settings import Worktree

#: Mounting one of these over the container's own would break it, or hand the host over.
_SYSTEM = frozenset(
    f"/{name}"
    for name in (
        "", "bin", "boot", "etc", "home", "lib", "lib32", "lib64", "media", "mnt", "opt", "root",
        "sbin", "srv", "tmp", "usr", "var",
    )
)  # fmt: skip
_SYSTEM_TREES = ("/dev", "/proc", "/run", "/sys", "/var/run")


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
    top = find_top(workdir)
    _check_outside_git_data(workdir, top)
    if top is None:
        return _plain_directory(workdir)
    try:
        check_allowed(top, roots, kept)
    except (BadRequest, Forbidden):
        warning = (
            f"The git worktree around {shown(workdir)} is {shown(top)}, which may not be mounted, "
            "so git does not work in this session."
        )
        return Worktree(workdir, workdir, warnings=(warning,))
    repository = _repository_of(top)
    if is_agents(repository):
        return Worktree(workdir, workdir, warnings=(how_to_claim(repository),))
    try:
        layout, warnings = git_layout(top)
        identity = _identity(read_config(layout.git_dir, layout.common_dir))
    except GitFailed as failure:
        # Mounted as it is, its git directory would stand open.
        raise BadRequest(
            f"Git does not accept {shown(top)} as a worktree ({failure}): repair it first.",
            "bad_worktree",
        ) from None
    return Worktree(top, workdir, layout, identity, tuple(warnings))


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


def _check_outside_git_data(workdir: str, top: str | None) -> None:
    path = workdir
    while path != (top or "/"):
        if is_git_directory(path):
            raise BadRequest(
                f"{shown(workdir)} is inside a git directory: choose the worktree itself.",
                "bad_worktree",
            )
        path = os.path.dirname(path)


def _repository_of(top: str) -> str:
    try:
        return git_data(top).common
    except BadRequest:
        return os.path.join(top, ".git")  # What it names is not its own: its place counts.


def _plain_directory(workdir: str) -> Worktree:
    warning = (
        f"{shown(workdir)} is not a git worktree. The agent can change any repository inside it."
    )
    return Worktree(workdir, workdir, warnings=(warning,))


def _identity(config: Mapping[str, str]) -> dict[str, str]:
    """Name commits after the user: the host's own git configuration is not mounted."""
    names = {}
    for role, key in (("NAME", "user.name"), ("EMAIL", "user.email")):
        if value := config.get(key):
            names.update({f"GIT_AUTHOR_{role}": value, f"GIT_COMMITTER_{role}": value})
    return names
