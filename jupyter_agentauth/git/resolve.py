"""The commit that a user means by a name: a branch before a tag, and never an option."""

from __future__ import annotations

import re

from .private import PrivateGit
from .refs import HEADS
from .run import GitFailed

_NAMESPACES = (HEADS, "refs/remotes/", "refs/tags/", "refs/", "")

#: `main~2`, `v1^{commit}`: what git follows from a commit on.
_SUFFIX = re.compile(r"([^~^]*)((?:[~^].*)?)", re.DOTALL)

_HEX = re.compile(r"[0-9a-f]{4,64}", re.IGNORECASE)


def resolve_commit(own: PrivateGit, name: str | None) -> str | None:
    """Return the commit of a name such as ``main``, ``v1``, ``origin/x~2`` or ``1a2b3c4d``.

    Parameters
    ----------
    name : str or None
        ``None`` for the HEAD of the repository.
    """
    match = _SUFFIX.fullmatch(name or "HEAD")
    assert match is not None
    base, suffix = match.groups()
    refs = own.repository.refs
    try:
        found = (
            refs.head()[1]
            if base == "HEAD"
            else next(filter(None, (refs.get(space + base) for space in _NAMESPACES)), None)
        )
        if found is None and _HEX.fullmatch(base):
            found = base
        if found is None:
            return None
        words = ("rev-parse", "--verify", "--quiet", "--end-of-options")
        return own(*words, f"{found}{suffix}^{{commit}}").strip()
    except GitFailed:
        return None
