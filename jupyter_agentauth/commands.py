"""What the commands read: arguments, and the server's own configuration files."""

from __future__ import annotations

import argparse
import os
import sys
from dataclasses import dataclass
from typing import Any

from jupyter_core.application import JupyterApp
from jupyter_core.paths import jupyter_config_dir
from traitlets.config import Config
from traitlets.config.loader import KeyValueConfigLoader

from ._version import __version__
from .config import AgentAuth
from .preferences import SECTION, Preferences
from .service import AgentAuthService


@dataclass(frozen=True)
class CommandLine:
    """One command line, taken apart.

    Parameters
    ----------
    words : list of str
        For the argument parser.
    settings : list of str
        ``--AgentAuth.x=…``, for traitlets.
    agent_args : tuple of str
        All after the first ``--``: the agent's, further ``--`` included.
    """

    words: list[str]
    settings: list[str]
    agent_args: tuple[str, ...]


def split_command_line(arguments: list[str]) -> CommandLine:
    """Take a command line apart.

    By hand, since argparse in Python 3.11 drops or keeps ``--`` depending on what stands
    around it.
    """
    end = arguments.index("--") if "--" in arguments else len(arguments)
    ours, agent_args = arguments[:end], tuple(arguments[end + 1 :])
    settings = [word for word in ours if word.startswith("--AgentAuth.")]
    return CommandLine([w for w in ours if w not in settings], settings, agent_args)


class _ServerConfig(JupyterApp):
    """Reads ``jupyter_server_config.*`` from where the server reads it."""

    name = "jupyter-server"
    classes = [AgentAuth]


def read_config(settings: list[str]) -> Config:
    """Read the server's configuration files, with ``--AgentAuth.x=…`` on top.

    A command line cannot lift an administrator's ``allow_share_auth = False``.

    Raises
    ------
    OSError, SyntaxError, Exception
        Whatever a configuration file raises when it is executed.
    """
    app = _ServerConfig()
    app.raise_config_file_errors = True
    app.load_config_file()
    # As for any extension application, its own file is read after the server's.
    app.config_file_name = f"{SECTION}_config"
    app.load_config_file()
    config = Config(app.config)
    forbidden = config.AgentAuth.get("allow_share_auth") is False
    config.merge(KeyValueConfigLoader(argv=settings, classes=[AgentAuth]).load_config())
    if forbidden:
        config.AgentAuth.allow_share_auth = False
    return config


def make_service(settings: list[str]) -> AgentAuthService:
    """Make the service for a command, with relative paths from where it is called."""
    config = AgentAuth(config=read_config(settings))
    return AgentAuthService(config, Preferences(jupyter_config_dir()), os.getcwd())


def argument_parser() -> argparse.ArgumentParser:
    """Describe the commands."""
    parser = argparse.ArgumentParser(
        prog="jupyter agentauth",
        description="Coding agents in Docker containers, signed in once.",
        epilog="Settings stand in jupyter_server_config.py (c.AgentAuth.…); --AgentAuth.NAME=VALUE "
        "sets one for this call.",
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=__version__)
    parser.add_argument(
        "--help-all", action=_HelpAll, nargs=0, help="also show every setting, and exit"
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)

    plan = _command(commands, "plan", "show what a session would be; makes nothing", json=True)
    run = _command(commands, "run", "run an agent in a container, in this terminal")
    for command in (plan, run):
        _add_launch_options(command)
    _command(
        commands, "agents", "list the agents: in the image or not, signed in or not", json=True
    )
    _command(commands, "sessions", "list your running containers", json=True)
    stop = _command(commands, "stop", "stop a session's container")
    which = stop.add_mutually_exclusive_group(required=True)
    which.add_argument("session", nargs="?", metavar="ID")
    which.add_argument("--all", action="store_true", help="all of your sessions")
    _add_image_commands(commands)
    logout = _command(commands, "logout", "delete what an agent stored")
    which = logout.add_mutually_exclusive_group(required=True)
    which.add_argument("agent", nargs="?", metavar="AGENT")
    which.add_argument("--all", action="store_true", help="empty the whole store")
    logout.add_argument("--profile", metavar="P")
    logout.add_argument("--yes", action="store_true", help="do not ask")
    _command(commands, "doctor", "say what works, what does not, and what mends it", json=True)
    return parser


class _HelpAll(argparse.Action):
    """Prints what `-h` prints, and the settings with their examples."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        parser.print_help()
        sys.stdout.write(f"\n{AgentAuth.class_get_help()}\n")
        parser.exit()


def _command(commands: Any, name: str, summary: str, json: bool = False) -> argparse.ArgumentParser:
    command: argparse.ArgumentParser = commands.add_parser(
        name, help=summary, description=summary.capitalize() + ".", allow_abbrev=False
    )
    if json:
        command.add_argument("--json", action="store_true", help="for programs")
    return command


def _add_launch_options(command: argparse.ArgumentParser) -> None:
    command.usage = f"{command.prog} AGENT [options] [-- ARGS…]"
    command.add_argument("agent", metavar="AGENT", help="a name such as claude, or a command")
    command.add_argument("--worktree", metavar="DIR", help="default: the current directory")
    share = command.add_mutually_exclusive_group()
    share.add_argument(
        "--share", dest="share", action="store_true", default=None, help="share its sign-in"
    )
    share.add_argument("--no-share", dest="share", action="store_false", help="do not")
    command.add_argument("--profile", metavar="P", help="one of several accounts")


def _add_image_commands(commands: Any) -> None:
    image = _command(commands, "image", "build the agent image, update it, or show what it is")
    actions = image.add_subparsers(dest="action", metavar="ACTION", required=True)
    build = _command(actions, "build", "build the agent image, of the newest versions")
    build.add_argument("--base-image", metavar="I", help="instead of the default one")
    build.add_argument("--agents", metavar="A,B", help="install only these")
    _command(
        actions, "update", "build it anew on its base and with its agents, of the newest versions"
    )
    _command(actions, "status", "show what the agent image is", json=True)
