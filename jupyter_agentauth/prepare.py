"""The host side of a plan: the only place that makes what a plan needs on the host.

What fails here does not stop the agent: the mount is dropped, or git made read-only, and
the plan says so in its warnings. Only what is not what was planned ends a launch.
"""

from __future__ import annotations

import os
import shlex
import stat
import sys
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from .authstore import AuthStore, StoreError
from .errors import Conflict, shown
from .git.paths import inside
from .gitguard import NO_RESOLUTIONS
from .hostfiles import create_once, make_private_parents, write_atomically
from .launch_plan import HostPath, LaunchPlan, Mount
from .nofollow import identity, open_file, parent_of
from .packed_refs import move_packed_refs


def prepare(plan: LaunchPlan, store: AuthStore) -> LaunchPlan:
    """Make what the plan needs on the host.

    Returns
    -------
    LaunchPlan
        The plan without the mounts that could not be made, with a warning for each, and
        for every mode that was repaired.

    Raises
    ------
    Conflict
        When the worktree or its git data is not what was planned any more.
    """
    for path in plan.host_paths:
        try:
            if path.kind in ("store", "store_file"):
                plan = plan.warn(*_make_in_store(path, store))
            elif path.kind == "identity":
                _make_identity(path)
            elif path.kind == "mountpoint":
                _make_mountpoint(path, plan)
            elif path.kind == "carried":
                _check_carried(path)
            elif path.kind == "packed_refs":
                plan = _move_packed_refs(path, plan)
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
    return _pinned(_without_links(plan))


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
    with parent_of("/", path.path) as (parent, name):
        if path.text is not None:
            # Through the open directory, so that no link that comes meanwhile is followed.
            opened = (
                f"/proc/self/fd/{parent}" if sys.platform == "linux" else path.path[: -len(name)]
            )
            create_once(Path(opened, name), path.text, 0o644)
            return
        _remove_placeholder(parent, name)
        with suppress(FileExistsError):
            os.mkdir(name, dir_fd=parent)
        mode = os.stat(name, dir_fd=parent, follow_symlinks=False).st_mode
        if not stat.S_ISDIR(mode):
            raise OSError(0, f"it is a {'symbolic link' if stat.S_ISLNK(mode) else 'file'}")


def _remove_placeholder(parent: int, name: str) -> None:
    """Make room where the user has had git record resolutions since the last session."""
    with suppress(OSError):
        with open_file(parent, name) as file:
            ours = file.read(len(NO_RESOLUTIONS) + 1) == NO_RESOLUTIONS.encode()
        if ours:
            os.unlink(name, dir_fd=parent)


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


def _check_carried(path: HostPath) -> None:
    mode = identity(path.path)[2]
    if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
        raise OSError(0, "it is neither a file nor a directory")


def _move_packed_refs(path: HostPath, plan: LaunchPlan) -> LaunchPlan:
    try:
        move_packed_refs(path.path)
    except OSError as error:
        return plan.warn(
            "Git cannot delete branches, tags and stashes in this session, since packed-refs in "
            f"{shown(path.path)} could not be moved ({error.strerror or error})."
        )
    return plan


def _pinned(plan: LaunchPlan) -> LaunchPlan:
    """Have the container end at once if it does not see the files that were planned.

    The engine looks paths up when it mounts them (Docker 20.10 follows links), and an agent of
    another session may have put something else there until then. So the container itself
    compares, before the agent's first command.
    """
    carried = {path.path for path in plan.host_paths if path.kind == "carried"}
    # A server that runs in a container itself may have the same directory from another mount.
    form = "%i" if plan.host_path_map else "%d:%i"
    seen: dict[str, str] = {}
    for mount in plan.mounts:
        if mount.purpose in ("worktree", "git") or mount.source in carried:
            try:
                device, inode, _ = identity(mount.source)
            except OSError as error:
                raise Conflict(
                    f"{shown(mount.source)} cannot be mounted without following a symbolic link "
                    f"({error.strerror}): look at it, and start the session again.",
                    "mount_replaced",
                ) from None
            identified = form.replace("%d", str(device)).replace("%i", str(inode))
            seen[mount.target] = identified
    if not plan.same_files or not seen or sys.platform != "linux":
        return plan
    look = f"stat -c {form} -- {shlex.join(seen)}"
    expected = shlex.quote("\n".join(seen.values()))
    said = shlex.quote(
        f"Something that is mounted from {shown(plan.worktree)}, its git data or the files that "
        "are carried along was replaced meanwhile: start the session again."
    )
    return plan.run_before(f'[ "$({look})" = {expected} ] || {{ echo {said} >&2; exit 1; }}')


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
    try:
        return stat.S_ISLNK(identity(mount.source)[2])
    except OSError:
        return True
