"""Git worktrees: found, listed, looked at, added, merged, removed."""
