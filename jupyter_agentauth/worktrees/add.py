"""Make a git worktree: which branch, off what, and where.

It is checked out in a directory of ours, where no container has anything mounted, and renamed to
its place when it is whole. What registers it are files that we write.
"""

from __future__ import annotations

import errno
import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace

from ..errors import AgentAuthError, BadRequest, Conflict, shown
from ..git.exclude import exclude
from ..git.files import create, replacing
from ..git.kept import checkouts
from ..git.large import fill
from ..git.paths import inside, outermost
from ..git.private import PrivateGit, private_git
from ..git.publish import log_entry
from ..git.refs import HEADS, valid
from ..git.repository import Registered, Repository
from ..git.resolve import resolve_commit
from ..git.run import GitFailed
from ..nofollow import copy_tree, identity, parent_of, remove_tree
from .apply import filter_warnings
from .filters import LARGE, Filters

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
) -> tuple[Registered, bool, list[str]]:
    """Make a worktree; on failure nothing of it is left.

    Parameters
    ----------
    repository : Repository
        Its HEAD is the default base.
    branch : str
        A new one, or one that is checked out nowhere.
    base : str or None
        What a new branch begins at.
    path : str
        Absolute.

    Returns
    -------
    worktree : Registered
    made : bool
        Whether the branch is new.
    warnings : list of str

    Raises
    ------
    BadRequest, Conflict, Forbidden
    """
    exists = _check_branch(repository, branch, base)
    try:
        with private_git(repository) as own:
            commit = _commit(own, repository.refs.get(f"{HEADS}{branch}") if exists else base)
            real = _check_path(repository, path, check_allowed)
            worktree = Registered(real, branch, commit)
            with _reserved(real) as reserved, checkouts() as place:
                staged = os.path.join(place, os.path.basename(real))
                passed, missing = _check_out(repository, replace(worktree, path=staged))
                with _registered(repository, own, worktree, None if exists else commit) as entry:
                    _keep_index(f"{staged}.index", repository, entry)
                    create(staged, ".git", os.fsencode(f"gitdir: {repository.common}/{entry}\n"))
                    _move(staged, real, reserved)
    except (GitFailed, OSError) as failure:
        raise Conflict(f"The worktree can't be made: {failure}.", "git_failed") from None
    warnings = filter_warnings(real, passed, missing)
    return replace(worktree, entry=entry), not exists, warnings


def _check_out(repository: Repository, worktree: Registered) -> tuple[dict[str, str], list[str]]:
    """Write the files of a commit; return those of filters, and those that are not whole."""
    os.mkdir(worktree.path)
    # All of them, whatever the main worktree leaves out.
    config = {**repository.config, "core.sparsecheckout": "false"}
    with private_git(replace(repository, config=config), worktree) as own:
        own("read-tree", "-m", "-u", "HEAD", timeout=_CHECKOUT_SECONDS)
        filters = Filters(own, {})
        passed = filters.of(own("ls-files", "-z").split("\0")) if filters.names else {}
        large = [name for name in passed if passed[name] == LARGE]
        root = os.open(worktree.path, os.O_RDONLY | os.O_DIRECTORY)
        try:
            missing = fill(own, root, large)
        finally:
            os.close(root)
        # For the worktree's own part of the git directory.
        shutil.copyfile(own.index, f"{worktree.path}.index")
    return passed, missing


def _check_branch(repository: Repository, branch: str, base: str | None) -> bool:
    """Return whether the branch exists."""
    if not valid(f"{HEADS}{branch}") or branch in ("@", "HEAD") or branch.startswith("-"):
        raise BadRequest(
            f"{shown(branch)} is no name that git takes for a branch: choose another.", "bad_branch"
        )
    for worktree in repository.worktrees:
        if worktree.branch == branch:
            raise Conflict(
                f"The branch {branch} is checked out in {shown(worktree.path)}: work there, or "
                "choose another branch.",
                "branch_checked_out",
            )
    try:
        exists = repository.refs.get(f"{HEADS}{branch}") is not None
    except GitFailed as failure:
        raise Conflict(f"The worktree can't be made: {failure}.", "git_failed") from None
    if exists and base is not None:
        raise Conflict(
            f"There is a branch {branch} already: leave out the base to check it out, or choose "
            "another name.",
            "branch_exists",
        )
    return exists


def _commit(own: PrivateGit, base: str | None) -> str:
    found = resolve_commit(own, base)
    if found is None and base is None:
        raise Conflict(
            "The repository has no commit yet, which a branch begins at: make one first.",
            "no_commit",
        )
    if found is None:
        raise BadRequest(
            f"There is no commit {shown(base or '')} in the repository: name a branch, a tag or a "
            "commit as the base.",
            "bad_base",
        )
    return found


def _check_path(repository: Repository, path: str, check_allowed: Callable[[str], object]) -> str:
    """Return the real path; its parents, as far as they are there, are no links then."""
    if os.path.lexists(path):
        raise _path_exists(path)
    real = os.path.realpath(path)
    check_allowed(real)
    around = outermost(os.path.dirname(real))
    main = repository.main.path if repository.main else None
    if inside(real, repository.common) or (around is not None and around != main):
        raise BadRequest(
            f"{shown(real)} lies in another worktree or in git's own data: choose a path outside.",
            "bad_path",
        )
    if any(inside(w.path, real) for w in repository.worktrees):
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


@contextmanager
def _reserved(path: str) -> Iterator[tuple[int, int]]:
    """Make the directory, so that nothing that another one made is ever taken for ours."""
    try:
        with parent_of("/", path, make=True) as (parent, name):
            os.mkdir(name, dir_fd=parent)
        made = identity(path)[:2]
    except FileExistsError:
        raise _path_exists(path) from None
    except OSError as error:
        raise Conflict(
            f"{shown(path)} cannot be made ({error.strerror}): choose another path.", "bad_path"
        ) from None
    try:
        yield made
    except BaseException:
        with suppress(OSError):
            os.rmdir(path)  # Only if nothing is in it: it may be another's by now.
        raise


@contextmanager
def _registered(
    repository: Repository, own: PrivateGit, worktree: Registered, new: str | None
) -> Iterator[str]:
    """Put a worktree on the repository's list, on its branch; both are undone on failure.

    Parameters
    ----------
    new : str or None
        The commit of a branch that is to be made.
    """
    refs, common = repository.refs, repository.common
    reference = f"{HEADS}{worktree.branch}"
    if new is not None:
        refs.update(reference, new, None, log_entry(own, f"branch: Created from {new}"))
    entry = ""
    try:
        entry = _new_entry(common, os.path.basename(worktree.path))
        create(common, f"{entry}/gitdir", os.fsencode(f"{worktree.path}/.git\n"))
        create(common, f"{entry}/commondir", b"../..\n")
        create(common, f"{entry}/HEAD", os.fsencode(f"ref: {reference}\n"))
        yield entry
    except BaseException:
        with suppress(OSError, GitFailed):
            if entry:
                remove_tree(os.path.join(common, entry))
        with suppress(OSError, GitFailed):
            if new is not None:
                refs.delete(reference, new)
        raise


def _keep_index(index: str, repository: Repository, entry: str) -> None:
    with open(index, "rb") as source, replacing(repository.common, f"{entry}/index") as file:
        shutil.copyfileobj(source, file, 1 << 20)


def _new_entry(common: str, name: str) -> str:
    """Make a worktree's own part of the git directory, under the first name that is free."""
    plain = re.sub(r"[^\w.-]", "-", name).strip(".") or "worktree"
    number = 0
    while True:
        entry = f"worktrees/{plain}{number or ''}"
        with suppress(FileExistsError), parent_of(common, entry, make=True) as (parent, last):
            os.mkdir(last, dir_fd=parent)
            return entry
        number += 1


def _move(staged: str, real: str, reserved: tuple[int, int]) -> None:
    """Move a checkout to its place: a directory that is ours and empty."""
    source, name = os.path.split(staged)
    made = identity(staged)[:2]
    with parent_of("/", real) as (parent, last):
        try:
            os.rename(staged, last, dst_dir_fd=parent)
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise
            copy_tree(source, os.path.dirname(real), name, frozenset())
            made = reserved
    if identity(real)[:2] != made:
        raise GitFailed(f"{shown(real)} was replaced meanwhile")


def _path_exists(path: str) -> Conflict:
    return Conflict(f"{shown(path)} is there already: choose another path.", "path_exists")
