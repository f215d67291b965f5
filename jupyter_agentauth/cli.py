"""The command ``jupyter agentauth``: parse, call the service, print.

Exit codes: 0 done, 1 it could not be done (one sentence on stderr), 2 wrong usage; ``run``
passes on the agent's own.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Sequence

from .cli_image import image_command
from .cli_output import fail, print_json, print_table, shell_word, warn
from .commands import CommandLine, argument_parser, make_service, split_command_line
from .docker_run import docker_run_argv, plan_json
from .errors import AgentAuthError
from .requests import LaunchRequest, check_arguments
from .service import AgentAuthService
from .sessions_anywhere import sessions_anywhere, stop_anywhere
from .text.sign_ins import signed_in_text, undetermined
from .text.visible import visible

SHARED = "Agent credentials are shared across containers."


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    line = split_command_line(list(sys.argv[1:] if arguments is None else arguments))
    parser = argument_parser()
    options = parser.parse_args(line.words)
    if line.agent_args and options.command not in ("plan", "run"):
        parser.error(f"{options.command} takes nothing after --")
    try:
        return _COMMANDS[options.command](_service(line), options, line)
    except AgentAuthError as error:
        return fail(error.message)
    except KeyboardInterrupt:
        return fail("Interrupted.")
    except BrokenPipeError:
        # The reader of a pipe went away; nothing more can be said to it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


def _service(line: CommandLine) -> AgentAuthService:
    try:
        return make_service(line.settings)
    except AgentAuthError:
        raise
    except (Exception, SystemExit) as error:
        # A configuration file is a program and can raise anything. What traitlets says of a
        # value of the wrong type ends in the value, which may be a secret.
        said = re.sub(r", not the (\w+) .*", r", not a \1", str(error), flags=re.DOTALL)
        said = f"{type(error).__name__}: {' '.join(said.split())}"
        raise AgentAuthError(
            f"The configuration cannot be read ({said}): mend jupyter_server_config.py.",
            "bad_config",
        ) from None


def _request(options: argparse.Namespace, line: CommandLine) -> LaunchRequest:
    terminal = sys.stdin.isatty() and sys.stdout.isatty()
    return LaunchRequest(
        agent=options.agent,
        args=check_arguments(line.agent_args),
        worktree=options.worktree,
        profile=options.profile,
        share_auth=options.share,
        tty=terminal or options.command == "plan",
    )


def _plan(service: AgentAuthService, options: argparse.Namespace, line: CommandLine) -> int:
    plan = service.plan(_request(options, line))
    argv = docker_run_argv(plan)
    if options.json:
        print_json(plan_json(plan))
    else:
        warn(plan.warnings)
        print(" ".join(map(shell_word, argv)))
    return 0


def _run(service: AgentAuthService, options: argparse.Namespace, line: CommandLine) -> int:
    from .attended import run_attended

    plan = service.launch(_request(options, line))
    warn(plan.warnings)
    if plan.share_auth:
        print(SHARED, file=sys.stderr)
    sys.stderr.flush()
    return run_attended(docker_run_argv(plan), lambda: service.stop(plan.session))


def _agents(service: AgentAuthService, options: argparse.Namespace, line: CommandLine) -> int:
    agents = service.agents()
    if options.json:
        print_json(agents)
        return 0
    rows = [("AGENT", "TITLE", "PROFILES", "SIGNED IN", "IN IMAGE")]
    for agent in agents:
        profiles = _dicts(agent["profiles"])
        rows.append(
            (
                str(agent["name"]),
                str(agent["title"]),
                ", ".join(str(p["name"]) for p in profiles),
                signed_in_text(profiles),
                "yes" if agent["image_ok"] else "no",
            )
        )
    print_table(rows)
    warn(dict.fromkeys(str(agent["problem"]) for agent in agents if agent["problem"]))
    for agent in agents:
        warn(f"{agent['name']}: {told}" for told in undetermined(_dicts(agent["profiles"])))
    return 0


def _sessions(service: AgentAuthService, options: argparse.Namespace, line: CommandLine) -> int:
    sessions = sessions_anywhere(service)
    if options.json:
        print_json([session.to_json() for session in sessions])
        return 0
    if not sessions:
        print("No agent runs. `jupyter agentauth run claude` starts one.")
        return 0
    rows = [("ID", "AGENT", "PROFILE", "SHARED", "STATE", "STARTED", "WORKTREE")]
    for s in sessions:
        shared = "yes" if s.share_auth else "no"
        state = s.state if s.exit_code is None else f"{s.state} ({s.exit_code})"
        rows.append((s.id, s.agent, s.profile, shared, state, s.started[:19], s.worktree))
    print_table(rows)
    for s in sessions:
        if s.problem or s.last_lines:
            said = [f"{s.id}: {s.problem or 'Its last lines:'}"]
            print("", *map(visible, said), *(f"  {line}" for line in s.last_lines), sep="\n")
    return 0


def _stop(service: AgentAuthService, options: argparse.Namespace, line: CommandLine) -> int:
    from .engine_errors import no_session

    if not options.all:
        if not stop_anywhere(service, options.session):
            raise no_session(options.session)
        print(f"Stopped {options.session}.")
        return 0
    running = [c.labels["session"] for c in service.containers()]
    stopped = [session for session in running if stop_anywhere(service, session)]
    print(f"Stopped {len(stopped)} session{'' if len(stopped) == 1 else 's'}.")
    return 0


def _logout(service: AgentAuthService, options: argparse.Namespace, line: CommandLine) -> int:
    what = "every sign-in of every agent" if options.all else f"the sign-in of {options.agent}"
    profile = options.profile or service.settings.profile
    if profile != "default" and not options.all:
        what += f" under the profile {profile}"
    if options.all and options.profile:
        print("--all is every agent and profile: leave --profile out.", file=sys.stderr)
        return 2
    if not options.yes:
        if not sys.stdin.isatty():
            print("Say --yes to delete it without being asked.", file=sys.stderr)
            return 2
        if input(f"Delete {what}? [y/N] ").strip().lower() not in ("y", "yes"):
            return fail("Nothing was deleted.")
    if options.all:
        using = service.sign_out_everywhere()
    else:
        using = service.sign_out(options.agent, options.profile)
    print(f"Deleted {what}.")
    if using:
        ids = ", ".join(using)
        warn([f"What runs can store it again: end it with `jupyter agentauth stop ID` ({ids})."])
    return 0


def _doctor(service: AgentAuthService, options: argparse.Namespace, line: CommandLine) -> int:
    from .doctor import examine

    checks = examine(service)
    if options.json:
        print_json([check.to_json() for check in checks])
        return 0
    for check in checks:
        print(f"{check.level:8} {visible(check.message)}")
        if check.mend:
            print(f"{'':8} mend it with: {visible(check.mend)}")
    return 0


_COMMANDS = {
    "plan": _plan,
    "run": _run,
    "agents": _agents,
    "sessions": _sessions,
    "stop": _stop,
    "image": image_command,
    "logout": _logout,
    "doctor": _doctor,
}


def _dicts(value: object) -> list[dict[str, object]]:
    return value if isinstance(value, list) else []


if __name__ == "__main__":
    sys.exit(main())
