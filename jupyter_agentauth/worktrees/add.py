"""Make a git worktree: which branch, off what, and where."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress

from ..errors import AgentAuthError, BadRequest, Conflict, shown
from ..git.exclude import exclude
from ..git.repository import Repository, inside, outermost
from ..git.run import GitFailed, git
from ..nofollow import identity, parent_of, remove_tree
from ..own_filters import filters_of_commit, without
from .remove import forget_registration

#: Seconds for the checkout of a big repository.
_CHECKOUT_SECONDS = 1800

#: In the main worktree, where nothing may be made beside it.
NESTED = ".worktrees"


def default_directory(repository: Repository, check_allowed: Callable[[str], object]) -> str:
    """Return where new worktrees lie unless somebody says otherwise.

    Parameters
    ----------
    check_allowed : callable
        Raises an `AgentAuthError` for a path that may be no worktree.
    """
    main = repository.main
    home = os.path.realpath(main.path if main else repository.common)
    parent, name = os.path.split(home)
    beside = os.path.join(parent, f"{name if main else name.removesuffix('.git')}.worktrees")
    writable = os.access(beside if os.path.lexists(beside) else parent, os.W_OK)
    with suppress(AgentAuthError):
        check_allowed(os.path.join(beside, "x"))
        if writable or main is None:
            return beside
    return os.path.join(home, NESTED)


def default_path(directory: str, branch: str) -> str:
    """Return where the worktree of a branch lies unless somebody says otherwise."""
    return os.path.join(directory, branch.replace("/", "-"))


def add_worktree(
    repository: Repository,
    branch: str,
    base: str | None,
    path: str,
    check_allowed: Callable[[str], object],
) -> tuple[str, list[str]]:
    """Make a worktree; on failure nothing of it is left.

    Parameters
    ----------
    repository : Repository
        Git is run in its `directory`, whose HEAD is the default base.
    branch : str
        A new one, or one that is checked out nowhere.
    base : str or None
        What a new branch begins at.
    path : str
        Absolute.

    Returns
    -------
    path : str
        Its real path.
    warnings : list of str

    Raises
    ------
    BadRequest, Conflict, Forbidden
    """
    exists = _check_branch(repository, branch, base)
    commit = _commit(repository, f"refs/heads/{branch}" if exists else base)
    real = _check_path(repository, path, check_allowed)
    made = _make_directory(real)
    try:
        filters = filters_of_commit(repository, commit)
        if not exists:
            _make_branch(repository, branch, commit)
        try:
            _check_out(repository, real, branch, commit, filters)
        except BaseException:
            _take_back(repository, real, branch, None if exists else commit)
            raise
        if identity(real)[:2] != made:
            raise Conflict(f"{shown(real)} was replaced meanwhile: look there.", "bad_path")
    except GitFailed as failure:
        with suppress(OSError):
            os.rmdir(real)
        raise Conflict(f"Git could not make the worktree: {failure}.", "git_failed") from None
    if not filters:
        return real, []
    names = ", ".join(map(shown, filters))
    warning = (
        f"Git ran no {names} for this checkout, since that is a file of the commit itself: "
        "`git checkout -- .` there does, if you trust it."
    )
    return real, [warning]


def _check_out(
    repository: Repository, path: str, branch: str, commit: str, filters: list[str]
) -> None:
    git(repository.directory, "worktree", "add", "--quiet", "--no-checkout", "--", path, branch)
    # The commit whose filters were looked at: an agent may have moved the branch since. Not by
    # `worktree add`, whose own checkout goes on when it is ended itself.
    git(
        path, "read-tree", "--reset", "-u", commit,
        timeout=_CHECKOUT_SECONDS, environment=without(filters),
    )  # fmt: skip


def _check_branch(repository: Repository, branch: str, base: str | None) -> bool:
    """Return whether the branch exists."""
    try:
        git(repository.directory, "check-ref-format", f"refs/heads/{branch}")
        bad = branch in ("@", "HEAD")
    except GitFailed:
        bad = True
    if bad:
        raise BadRequest(
            f"{shown(branch)} is no name that git takes for a branch: choose another.", "bad_branch"
        )
    for worktree in repository.worktrees:
        if worktree.branch == branch and not worktree.bare:
            raise Conflict(
                f"The branch {branch} is checked out in {shown(worktree.path)}: work there, or "
                "choose another branch.",
                "branch_checked_out",
            )
    try:
        git(repository.directory, "show-ref", "--verify", "--quiet", f"refs/heads/{branch}")
    except GitFailed:
        return False
    if base is not None:
        raise Conflict(
            f"There is a branch {branch} already: leave out the base to check it out, or choose "
            "another name.",
            "branch_exists",
        )
    return True


def _commit(repository: Repository, base: str | None) -> str:
    try:
        name = "HEAD" if base is None else base
        arguments = ("--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
        return git(repository.directory, "rev-parse", *arguments)
    except GitFailed:
        if base is None:
            raise Conflict(
                "The repository has no commit yet, which a branch begins at: make one first.",
                "no_commit",
            ) from None
        raise BadRequest(
            f"There is no commit {shown(base)} in the repository: name a branch, a tag or a commit "
            "as the base.",
            "bad_base",
        ) from None


def _check_path(repository: Repository, path: str, check_allowed: Callable[[str], object]) -> str:
    """Return the real path; its parents, as far as they are there, are no links then."""
    if os.path.lexists(path):
        raise _path_exists(path)
    real = os.path.realpath(path)
    check_allowed(real)
    around = outermost(os.path.dirname(real))
    main = os.path.realpath(repository.main.path) if repository.main else None
    if inside(real, repository.common) or (around is not None and around != main):
        raise BadRequest(
            f"{shown(real)} lies in another worktree or in git's own data: choose a path outside.",
            "bad_path",
        )
    if any(inside(os.path.realpath(w.path), real) for w in repository.worktrees):
        raise Conflict(
            f"{shown(real)} is the place of a worktree whose directory is gone: remove that "
            "first, or choose another path.",
            "path_exists",
        )
    if main is not None and inside(path, main) and real != path:
        raise BadRequest(
            f"A symbolic link is on the way to {shown(path)}: choose another path.", "bad_path"
        )
    if main is not None and inside(real, main):
        _hide(repository, os.path.relpath(real, main))
    return real


def _hide(repository: Repository, relative: str) -> None:
    """Have git not see a worktree in the main one as untracked."""
    nested = relative.startswith(f"{NESTED}/")
    try:
        exclude(repository.common, f"{NESTED if nested else relative}/")
    except OSError as error:
        raise Conflict(
            f"{shown(repository.common)}/info/exclude cannot be written ({error.strerror}), which "
            "hides the new worktree from git: mend it.",
            "exclude_not_written",
        ) from None


def _make_directory(path: str) -> tuple[int, int]:
    """Make the directory, so that nothing that another one made is ever taken for ours."""
    try:
        with parent_of("/", path, make=True) as (parent, name):
            os.mkdir(name, dir_fd=parent)
        return identity(path)[:2]
    except FileExistsError:
        raise _path_exists(path) from None
    except OSError as error:
        raise Conflict(
            f"{shown(path)} cannot be made ({error.strerror}): choose another path.", "bad_path"
        ) from None


def _make_branch(repository: Repository, branch: str, commit: str) -> None:
    # Without tracking: git would replace `.git/config`, whose mount running sessions then lose
    # (git 2.39, Docker 20.10).
    git(repository.directory, "branch", "--quiet", "--no-track", "--", branch, commit)


def _take_back(repository: Repository, path: str, branch: str, commit: str | None) -> None:
    """Remove what a checkout left that was broken off; git does so itself if it can."""
    with suppress(OSError):
        remove_tree(path)
        forget_registration(repository.common, path)
    if commit is not None:
        with suppress(GitFailed):
            # Not `branch -D`, which replaces `.git/config`; only if it is as we made it.
            git(repository.directory, "update-ref", "-d", f"refs/heads/{branch}", commit)


def _path_exists(path: str) -> Conflict:
    return Conflict(f"{shown(path)} is there already: choose another path.", "path_exists")
