"""Git on the host: what a repository holds, and git itself, which obeys nothing that is there."""

from .run import GitFailed, git

__all__ = ["GitFailed", "git"]
