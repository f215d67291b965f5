"""Remove a git worktree: what would be lost, and what of it lies where.

Not by ``git worktree remove``: it gives up at the first file that it may not delete, and takes
``.git/worktrees`` away with the last worktree, whose mount running sessions then lose (git 2.39,
Docker 20.10).
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from ..errors import AgentAuthError, Conflict, shown
from ..git.paths import inside
from ..git.repository import Registered, Repository, opened_worktree
from ..git.run import GitFailed
from ..nofollow import has_foreign_directories, remove_tree
from .content import Content, content

#: Where a commit is on a branch, or the like.
_SAVED = ("refs/heads/", "refs/tags/", "refs/remotes/")


@dataclass(frozen=True)
class Removal:
    """A worktree that is to be removed, and may be.

    Parameters
    ----------
    identity : tuple of int or None
        The device and the inode of its directory; ``None`` where that is gone.
    """

    repository: Repository
    worktree: Registered
    identity: tuple[int, int] | None

    @property
    def path(self) -> str:
        """Where it is, or was."""
        return self.worktree.path

    def unsaved(self) -> list[str]:
        """Say what would be lost: changed and staged files, commits on no branch, submodules."""
        if self.identity is None:
            return []
        try:
            with content(self.repository, self.worktree) as held:
                return [found for found in _unsaved(held, self.worktree) if found]
        except (GitFailed, OSError) as failure:
            return [f"work that can't be determined ({failure})"]

    def has_submodules(self) -> bool:
        """Whether git keeps submodules of it, which go with it."""
        return has_submodules(self.repository, self.worktree)

    def remove(self, empty_as_root: Callable[[str], None]) -> None:
        """Remove its directory, and then it from the repository's list.

        Parameters
        ----------
        empty_as_root : callable
            Removes what is in a directory, whoever owns it.

        Raises
        ------
        Conflict
            It is still listed then.
        """
        try:
            if has_foreign_directories(self.path):
                empty_as_root(self.path)
            remove_tree(self.path, self.identity)
            remove_tree(os.path.join(self.repository.common, self.worktree.entry))
        except AgentAuthError as error:
            raise self._not_removed(error.message) from None
        except OSError as error:
            what = f"{shown(str(error.filename))}: {error.strerror}" if error.filename else error
            raise self._not_removed(f"{what}.") from None

    def _not_removed(self, why: str) -> Conflict:
        return Conflict(
            f"{shown(self.path)} could not be removed wholly: `sudo rm -r -- "
            f"{shlex.quote(self.path)}` does, and then remove it here again. ({why})",
            "not_removed",
        )


def has_submodules(repository: Repository, worktree: Registered) -> bool:
    """Whether a worktree's own part of the git directory holds submodules."""
    return os.path.isdir(os.path.join(repository.common, worktree.entry, "modules"))


def _unsaved(held: Content, worktree: Registered) -> Iterator[str]:
    found = held.found
    if found.index_problem:
        yield f"staged files that can't be determined ({found.index_problem})"
    new = {*found.untracked, *found.nested}
    staged = held.only_staged()
    counted = (
        _count(len(found.names - new - {*staged}), "changed file"),
        _count(len(new), "untracked file"),
        _count(len(staged), "file", " of which something else is staged"),
    )
    yield " and ".join(filter(None, counted))
    own = held.own
    if worktree.commit is not None:
        refs = own.repository.refs.all()
        others = "".join(f"^{refs[name]}\n" for name in refs if name.startswith(_SAVED))
        given = f"{worktree.commit}\n{others}".encode()
        commits = own("rev-list", "--count", "--ignore-missing", "--stdin", stdin=given)
        yield _count(int(commits), "commit", " on no branch")
    if has_submodules(own.repository, worktree):
        yield "submodules"


def check_removable(repository: Repository, worktree: Registered) -> Removal:
    """Return the removal of a worktree that can be removed at all.

    Raises
    ------
    Conflict
    """
    path = worktree.path
    if worktree.main:
        raise Conflict(
            f"{shown(path)} is the main worktree, which holds the repository itself: only linked "
            "ones are removed here.",
            "main_worktree",
        )
    if worktree.locked is not None:
        why = f" ({shown(worktree.locked)})" if worktree.locked else ""
        raise Conflict(
            f"{shown(path)} is locked{why}: `git worktree unlock -- {shlex.quote(path)}` first.",
            "worktree_locked",
        )
    others = [w.path for w in repository.worktrees if inside(w.path, path) and w.path != path]
    if others or repository.holds_git_data(path):
        what = f"another worktree, {shown(others[0])}" if others else "the repository's git data"
        raise Conflict(f"{shown(path)} holds {what}: remove that first.", "worktree_not_empty")
    if not os.path.lexists(path):
        return Removal(repository, worktree, None)
    try:
        with opened_worktree(repository, replace(worktree, problem=None)) as directory:
            status = os.fstat(directory)
    except GitFailed as failure:
        raise Conflict(
            f"{shown(path)} may not be the repository's worktree ({failure}): remove the directory "
            "yourself, and then it from the list here.",
            "not_removed",
        ) from None
    return Removal(repository, worktree, (status.st_dev, status.st_ino))


def refuse(path: str, sessions: Sequence[str], unsaved: Sequence[str]) -> None:
    """Refuse a removal that nobody has insisted on, for what it would end or lose.

    Raises
    ------
    Conflict
        ``worktree_in_use`` or ``unsaved_work``.
    """
    lost = ", ".join(unsaved)
    if sessions:
        run = f"The session {sessions[0]} runs" if len(sessions) == 1 else "Sessions run"
        also = f", and it holds {lost}" if lost else ""
        raise Conflict(
            f"{run} in {shown(path)}{also}: stop what runs, or remove it with force, which stops "
            "it and discards what is there.",
            "worktree_in_use",
        )
    if lost:
        raise Conflict(
            f"{shown(path)} holds {lost}: commit or move what you need, or remove it with force, "
            "which discards it.",
            "unsaved_work",
        )


def _count(number: int, what: str, behind: str = "") -> str:
    return f"{number} {what}{'' if number == 1 else 's'}{behind}" if number else ""
