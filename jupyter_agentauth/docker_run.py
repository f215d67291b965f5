"""Render a `LaunchPlan` as a ``docker run`` command line.

Another engine would be another renderer beside this one. No value of a host variable
ever stands on the command line: those are passed by name.
"""

from __future__ import annotations

import posixpath
from collections.abc import Mapping, Sequence

from .errors import BadRequest
from .launch_plan import LaunchPlan, Mount

#: Docker's own, Ctrl-P Ctrl-Q, swallows a key that agents use (OpenCode's palette). This
#: sequence begins with a key that none of the five uses.
DETACH_KEYS = "ctrl-^,ctrl-_,ctrl-^"


def docker_run_argv(plan: LaunchPlan) -> list[str]:
    """Return the whole command line.

    Raises
    ------
    BadRequest
        With reason ``bad_path`` when a path cannot be written on it.
    """
    argv = [*plan.docker_command, "run", "--rm", "--init", "--interactive"]
    if plan.tty:
        # Keys come through the terminal; a signal that ends the client (the server's end,
        # a closed terminal) must not reach the agent (docker 28.2.2 passes SIGHUP on).
        argv += ["--tty", "--sig-proxy=false"]
    argv += ["--pull", "never", "--name", plan.name, "--hostname", plan.hostname]
    argv += ["--user", f"{plan.uid}:{plan.gid}", f"--workdir={plan.workdir}"]
    argv += _walls(plan)
    # Terminal output stays with the terminal: any log driver would keep it on disk.
    argv += ["--log-driver", "none", "--detach-keys", DETACH_KEYS]
    for name, label in plan.labels.items():
        argv += ["--label", f"{name}={label}"]
    for name, value in plan.env.items():
        argv += ["--env", name if value is None else f"{name}={value}"]
    for target in plan.tmpfs:
        argv += ["--tmpfs", f"{target}:{_tmpfs_options(plan)}"]
    for mount in plan.mounts:
        argv += ["--mount", _mount(mount, plan)]
    # An image's own entry point must not stand between us and the agent.
    return [*argv, *plan.extra_run_args, "--entrypoint", "", plan.image, *plan.command_line]


#: Runs a command whose output goes through a pipe, and ends with its exit status.
_THROUGH_A_PIPE = """
{ code=$({ { "$@" 4>&-; echo $? >&4; } | cat >&3 4>&-; } 4>&1); } 3>&1
exit "$code"
"""


def docker_attach_argv(docker_command: Sequence[str], container: str) -> list[str]:
    """Return the command line that shows a running container's terminal again.

    It leaves that terminal's size alone, which the engine's API must set then. When its
    output is a terminal, docker 28.2.2 makes the container's one row and one column larger and
    smaller again within milliseconds: Gemini CLI 0.61.0 then draws its box some rows lower,
    and Codex 0.169.0 its input line (seen in 2 of 3 and 1 of 3).
    """
    options = ["--sig-proxy=false", "--detach-keys", DETACH_KEYS]
    attach = [*docker_command, "attach", *options, container]
    return ["sh", "-c", _THROUGH_A_PIPE, "sh", *attach]


def plan_json(plan: LaunchPlan) -> dict[str, object]:
    """Return the contract's object for ``plan --json`` and ``POST plan``."""
    return {
        "session": plan.session,
        "agent": plan.agent,
        "profile": plan.profile,
        "share_auth": plan.share_auth,
        "share_scope": plan.share_scope,
        "image": plan.image,
        "worktree": plan.worktree,
        "workdir": plan.workdir,
        "home": plan.home,
        "user": plan.user,
        "hostname": plan.hostname,
        "argv": docker_run_argv(plan),
        "mounts": [mount.to_json() for mount in plan.mounts],
        "tmpfs": list(plan.tmpfs),
        "env": dict(plan.env),
        "labels": dict(plan.labels),
        "warnings": list(plan.warnings),
    }


def _walls(plan: LaunchPlan) -> list[str]:
    argv = ["--cap-drop", "ALL", "--security-opt", "no-new-privileges"]
    for option in plan.security_options:
        argv += ["--security-opt", option]
    if plan.userns:
        argv += ["--userns", plan.userns]
    argv += ["--pids-limit", str(plan.pids_limit), "--memory", plan.memory]
    if plan.cpus:
        argv += ["--cpus", plan.cpus]
    if plan.network:
        argv += ["--network", plan.network]
    return argv


def _tmpfs_options(plan: LaunchPlan) -> str:
    # `exec`: OpenCode 1.18 loads a library from its home. No `size`: the memory limit
    # bounds it, for the pages count as the container's.
    return f"rw,exec,nosuid,nodev,mode=0700,uid={plan.uid},gid={plan.gid}"


def _mount(mount: Mount, plan: LaunchPlan) -> str:
    source = engine_path(mount.source, plan.host_path_map)
    fields = ["type=bind", _field("source", source), _field("target", mount.target)]
    if mount.read_only:
        fields.append("readonly")
    return ",".join(fields)


def _field(key: str, value: str) -> str:
    """Quote one field as Docker's CSV reader wants it.

    Python's csv writer with an empty line terminator would leave a newline unquoted.
    """
    if "\r\n" in value or "\0" in value:
        # Go's CSV reader drops a carriage return before a newline.
        raise BadRequest(
            f"The path {value!r} cannot be mounted: rename it so that it holds no control "
            "characters.",
            "bad_path",
        )
    text = f"{key}={value}"
    if any(character in text for character in ',"\r\n'):
        return '"' + text.replace('"', '""') + '"'
    return text


def engine_path(path: str, host_path_map: Mapping[str, str]) -> str:
    """Translate a server path to the engine's (``host_path_map``, longest prefix wins)."""
    for prefix in sorted(host_path_map, key=len, reverse=True):
        root = prefix.rstrip("/")
        if path == root or path.startswith(root + "/"):
            return posixpath.normpath(host_path_map[prefix] + path[len(root) :])
    return path
