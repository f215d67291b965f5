"""What users can ask of git worktrees: list, add, look at, remove. All methods block."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import replace

from ..errors import AgentAuthError, BadRequest, Conflict, NotFound, shown
from ..git.paths import inside
from ..git.repository import Registered, Repository, find_repository
from ..plain_directories import how_to_claim, is_agents
from ..preferences import Preferences
from ..settings import Worktree
from .add import add_worktree, default_directory, default_path
from .apply import Applied, apply_worktree
from .carry import carry, main_directory, usable_sources
from .changes import Changes, worktree_changes
from .choices import choices
from .discard import Discarded, discard_worktree
from .find import check_allowed, find_worktree
from .listing import ListedWorktree, list_worktrees, listed
from .remove import Removal, check_removable
from .requests import NewWorktree, WorktreeToApply


class WorktreeService:
    """The worktrees that sessions may have.

    Parameters
    ----------
    root : str
        Where relative paths begin, and where repositories are looked for.
    allowed_roots : iterable of str
        Where worktrees may lie; empty for no limit.
    private : iterable of str
        Never a worktree, nor what contains them or lies in them.
    preferences : Preferences
        Keeps what is carried along.
    """

    def __init__(
        self,
        root: str,
        allowed_roots: Iterable[str],
        private: Iterable[str],
        preferences: Preferences,
    ) -> None:
        self._root = root
        self._roots = [os.path.realpath(path) for path in allowed_roots]
        self._private = [os.path.realpath(path) for path in private]
        self._preferences = preferences

    def find(self, directory: str) -> Worktree:
        """Find the worktree that holds a directory, and what its sessions have carried along.

        Raises
        ------
        NotFound, BadRequest, Forbidden
        """
        worktree = find_worktree(self._absolute(directory), self._roots, self._private)
        sources = self._preferences.carried(worktree.path)
        if worktree.git is None or not sources:
            return worktree
        try:
            repository = self._repository(worktree.path)[0]
            self._check_allowed(main_directory(repository))
            usable, warnings = usable_sources(repository, sources)
        except AgentAuthError as error:
            usable, warnings = [], [f"Nothing is carried along: {error.message}"]
        return replace(worktree, carried=tuple(usable), warnings=(*worktree.warnings, *warnings))

    def all(self) -> list[ListedWorktree]:
        """List those under the root."""
        return [
            worktree
            for worktree in list_worktrees(self._root)
            if not self._roots or any(inside(worktree.path, root) for root in self._roots)
        ]

    def add(self, wanted: NewWorktree) -> tuple[ListedWorktree, list[str]]:
        """Make a worktree, and carry along what was asked for.

        Returns
        -------
        worktree : ListedWorktree
        warnings : list of str
            What could not be carried along.

        Raises
        ------
        AgentAuthError
            Nothing was made then.
        """
        repository, _ = self._repository(self._absolute(wanted.repo))
        path = wanted.path and self._absolute(wanted.path)
        if not path:
            path = default_path(default_directory(repository, self._check_allowed), wanted.branch)
        made, is_new, warnings = add_worktree(
            repository, wanted.branch, wanted.base, path, self._check_allowed
        )
        repository = replace(repository, linked=(*repository.linked, made))
        warnings += self._forget(made.path, wanted.branch if is_new else None)
        if wanted.carry:
            warnings += self._carry(repository, made.path, wanted)
        return listed(repository, made), warnings

    def choices(self, path: str) -> dict[str, object]:
        """Return the contract's object of ``GET worktrees/choices``.

        Raises
        ------
        NotFound, BadRequest, Forbidden, Conflict
        """
        path = self._absolute(path)
        repository, _ = self._repository(path)
        return choices(repository, path, default_directory(repository, self._check_allowed))

    def changes(
        self, path: str, since: str, base: str | None = None, without: tuple[str, ...] = ()
    ) -> Changes:
        """Return what changed in a worktree, see `worktree_changes`.

        Raises
        ------
        NotFound, BadRequest, Forbidden, Conflict
        """
        repository, worktree = self._repository(self._absolute(path))
        if not os.path.isdir(worktree.path):
            raise NotFound(
                f"The directory of the worktree {shown(worktree.path)} is gone: remove it.",
                "worktree_not_found",
            )
        return worktree_changes(repository, worktree, since, base, without)

    def apply(self, wanted: WorktreeToApply, check: Callable[[str, bool], object]) -> Applied:
        """Merge a worktree's branch, with what is not committed yet; see `apply_worktree`.

        Parameters
        ----------
        check : callable
            Raises when a session runs in a worktree, or in one inside of it (or else around it).

        Raises
        ------
        NotFound, BadRequest, Forbidden, Conflict
        """
        repository, source = self._repository(self._absolute(wanted.path))
        target = repository.main
        if wanted.into is not None:
            other, target = self._repository(self._absolute(wanted.into))
            if other.common != repository.common:
                raise BadRequest(
                    f"{shown(wanted.into)} is a worktree of another repository.", "bad_into"
                )
        if target is None:
            raise Conflict(
                "The repository is bare: name the worktree to merge into with 'into'.",
                "target_detached",
            )
        self._check_allowed(target.path)
        check(source.path, True)
        check(target.path, False)
        return apply_worktree(repository, source, target, wanted.message)

    def discard(
        self,
        path: str,
        check: Callable[[str, bool], object],
        remove: Callable[[Removal], object],
    ) -> Discarded:
        """Remove a worktree and its branch, and keep what was in them; see `discard_worktree`.

        Parameters
        ----------
        check : callable
            As `apply`.
        remove : callable
            Removes the worktree.

        Raises
        ------
        NotFound, BadRequest, Forbidden, Conflict
        """
        repository, worktree = self._repository(self._absolute(path))
        removal = check_removable(repository, worktree)
        check(removal.path, True)
        made = self._preferences.branch(removal.path)
        return discard_worktree(removal, made, lambda: remove(removal))

    def removal(self, path: str) -> Removal:
        """Return the removal of a worktree, which begins when it is told to.

        Raises
        ------
        NotFound, BadRequest, Forbidden, Conflict
        """
        return check_removable(*self._repository(self._absolute(path)))

    def remove(self, removal: Removal, empty_as_root: Callable[[str], None]) -> None:
        """Remove a worktree; its branch stays.

        Parameters
        ----------
        empty_as_root : callable
            See `Removal.remove`.

        Raises
        ------
        Conflict
        """
        removal.remove(empty_as_root)
        self._forget(removal.path)

    def _forget(self, path: str, branch: str | None = None) -> list[str]:
        """Forget what a worktree that is gone had; also where a new one takes its place."""
        try:
            self._preferences.forget_carried(path)
            self._preferences.keep_branch(path, branch)
        except Conflict as error:
            return [error.message]
        return []

    def _carry(self, repository: Repository, real: str, wanted: NewWorktree) -> list[str]:
        try:
            self._check_allowed(main_directory(repository))
        except AgentAuthError as error:
            return [f"Nothing was carried along: {error.message}"]
        return carry(repository, real, wanted.carry, self._preferences)

    def _repository(self, path: str) -> tuple[Repository, Registered]:
        real = os.path.realpath(path)
        self._check_allowed(real)
        repository, worktree = find_repository(real, self._root, is_agents)
        if is_agents(repository.common):
            raise Conflict(how_to_claim(repository.common), "agents_repository")
        return repository, worktree

    def _check_allowed(self, path: str) -> None:
        check_allowed(path, self._roots, self._private)

    def _absolute(self, path: str) -> str:
        return os.path.join(self._root, os.path.expanduser(path))
