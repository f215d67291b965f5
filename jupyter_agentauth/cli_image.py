"""The commands ``jupyter agentauth image …``."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from .cli_output import fail, print_json, print_table
from .commands import CommandLine
from .service import AgentAuthService


def image_command(service: AgentAuthService, options: argparse.Namespace, line: CommandLine) -> int:
    """Do one of them; returns the exit code."""
    if options.action == "build":
        agents = tuple(filter(None, (options.agents or "").split(",")))
        return _follow(service, service.image.build(options.base_image, agents))
    if options.action == "update":
        return _update(service)
    return _status(service, options.json)


def _status(service: AgentAuthService, json: bool) -> int:
    image = service.image
    status = image.status
    if json:
        print_json(status.to_json())
    elif not status.present:
        print(f"{status.name} is not there: `jupyter agentauth image build` makes it.")
    else:
        made = f" on {status.base_image}" if status.built else ", not by `image build`"
        print(f"{status.name}, made {status.created}{made}")
        print_table(list(image.contents().items()))
    return 0


def _update(service: AgentAuthService) -> int:
    before = service.image.status.agents
    code = _follow(service, service.image.update())
    if code == 0:
        for name, version in service.image.status.agents.items():
            if version and version != before[name]:
                print(f"{name} {before[name]} -> {version}")
            elif version:
                print(f"{name} {version} unchanged")
    return code


def _follow(service: AgentAuthService, events: Iterator[dict[str, object]]) -> int:
    """Show how a build goes, to its end."""
    for event in events:
        if event["type"] == "progress":
            print(f"[{event['step']}/{event['total']}] {event['message']}", flush=True)
        elif event["type"] == "error":
            return fail(str(event["message"]))
        else:
            print(f"Built {service.settings.image} ({event['id']}).")
    return 0
