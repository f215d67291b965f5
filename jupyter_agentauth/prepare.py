"""The host side of a plan: the only place that makes what a plan needs on the host.

What fails here never stops the agent: the mount is dropped, or git made read-only, and
the plan says so in its warnings.
"""

from __future__ import annotations

import os
import shlex
import stat
from dataclasses import replace
from pathlib import Path

from .authstore import AuthStore, StoreError
from .errors import shown
from .git.paths import inside
from .hostfiles import create_once, make_private_parents, write_atomically
from .launch_plan import HostPath, LaunchPlan, Mount
from .nofollow import identity


def prepare(plan: LaunchPlan, store: AuthStore) -> LaunchPlan:
    """Make what the plan needs on the host.

    Returns
    -------
    LaunchPlan
        The plan without the mounts that could not be made, with a warning for each, and
        for every mode that was repaired.
    """
    for path in plan.host_paths:
        try:
            if path.kind in ("store", "store_file"):
                plan = plan.warn(*_make_in_store(path, store))
            elif path.kind == "identity":
                _make_identity(path)
            elif path.kind == "mountpoint":
                _make_mountpoint(path, plan)
            elif path.kind in ("carried", "carried_unseen"):
                plan = _pin(path, plan)
            else:
                _make_git(path)
        except StoreError as error:
            plan = _drop(plan, path, error.message)
        except OSError as error:
            plan = _drop(plan, path, error.strerror or type(error).__name__)
    for mount in plan.mounts:
        if mount.purpose in ("auth", "cache") and os.path.isdir(mount.source):
            try:
                store.tighten(mount.source)
            except StoreError as error:
                plan = plan.warn(error.message)
    return _without_links(plan)


def _make_in_store(path: HostPath, store: AuthStore) -> list[str]:
    if path.kind == "store_file":
        return store.ensure_file(path.path, path.text or "")
    return store.ensure_directory(path.path)


def _make_identity(path: HostPath) -> None:
    file = Path(path.path)
    make_private_parents(file)
    # Unchanged is the rule, and running containers have the file mounted.
    if not file.is_file() or file.read_text() != path.text:
        write_atomically(file, path.text or "")


def _make_git(path: HostPath) -> None:
    if path.text is None:
        Path(path.path).mkdir(exist_ok=True)
    else:
        create_once(Path(path.path), path.text, 0o644)


def _make_mountpoint(path: HostPath, plan: LaunchPlan) -> None:
    """Make the place for a mount inside another one, never outside of it through a link."""
    if os.path.exists(path.path):
        return
    outer = max(
        (m.source for m in plan.mounts if path.path.startswith(m.source + "/")), key=len, default=""
    )
    parent = os.path.dirname(path.path)
    if not outer or not (os.path.realpath(parent) + "/").startswith(os.path.realpath(outer) + "/"):
        raise OSError(0, "it leads out of its directory through a link")
    if os.path.isdir(path.text or ""):
        os.makedirs(path.path)
    else:
        os.makedirs(parent, exist_ok=True)
        create_once(Path(path.path), "")


def _pin(path: HostPath, plan: LaunchPlan) -> LaunchPlan:
    """Have the container end at once if it is not this file that it sees.

    An agent of the main worktree could put a link there until the engine mounts it, and with it
    anything of the host.
    """
    device, inode, mode = identity(path.path)
    if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
        raise OSError(0, "it is neither a file nor a directory")
    if path.kind == "carried_unseen":
        return plan
    name = shlex.quote(path.path)
    seen = f'[ "$(stat -c %d:%i -- {name})" = {device}:{inode} ]'
    sentence = shlex.quote(f"{shown(path.path)} was replaced meanwhile: start the session again.")
    return plan.run_before(f"{seen} || {{ echo {sentence} >&2; exit 1; }}")


def _drop(plan: LaunchPlan, path: HostPath, why: str) -> LaunchPlan:
    if path.kind == "git":
        return _git_read_only(plan, f"{shown(path.path)} could not be made ({why})")
    source = path.text if path.kind == "mountpoint" else path.path
    kept = [m for m in plan.mounts if not inside(m.source, source or "")]
    if len(kept) == len(plan.mounts):
        return plan.warn(f"{shown(path.path)} could not be made: {why}") if path.text else plan
    if path.kind in ("store", "store_file"):
        sentence = f"What the agent keeps in {shown(path.path)} ends with this session: {why}"
    else:
        sentence = f"{shown(str(source))} is not mounted: {why}"
    return replace(plan, mounts=tuple(kept)).warn(sentence)


def _without_links(plan: LaunchPlan) -> LaunchPlan:
    """A control file that is a link could be replaced in its writable directory."""
    for mount in plan.mounts:
        if mount.purpose == "git" and os.path.islink(mount.source):
            return _git_read_only(plan, f"{shown(mount.source)} is a symbolic link")
    return plan


def _git_read_only(plan: LaunchPlan, why: str) -> LaunchPlan:
    mounts = [_locked(m) if m.purpose == "git" else m for m in plan.mounts]
    # A mount whose source is missing or a link is covered by its read-only directory.
    kept = [m for m in mounts if m.purpose != "git" or not _unmountable(m)]
    return replace(plan, mounts=tuple(kept)).warn(
        f"The git repository is read-only in this session, so commits fail there: {why}."
    )


def _locked(mount: Mount) -> Mount:
    return replace(mount, read_only=True)


def _unmountable(mount: Mount) -> bool:
    return os.path.islink(mount.source) or not os.path.exists(mount.source)
