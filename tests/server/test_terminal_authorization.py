"""Who may not use agents may not use their terminals either, whatever else is allowed."""

from __future__ import annotations

import json
from http import HTTPStatus

import pytest
from jupyter_server.auth import Authorizer
from tornado.httpclient import HTTPClientError

from jupyter_agentauth.agent_terminal import DEFAULT_SIZE
from jupyter_agentauth.replay import Replay


class ByResource(Authorizer):
    """Allows everything but what is denied at the moment."""

    denied: set[str] = set()

    def is_authorized(self, handler, user, action, resource):
        return resource not in self.denied


@pytest.fixture
def jp_server_config(jp_server_config):
    ByResource.denied = set()
    jp_server_config["ServerApp"]["authorizer_class"] = ByResource
    return jp_server_config


@pytest.fixture
def agents_terminal(home, jp_serverapp):
    """The name of a terminal that stands where an agent's would, of which nothing is stopped."""
    manager = jp_serverapp.web_app.settings["terminal_manager"]
    terminal = manager.open_agent_terminal("agentauth_0123", ["cat"], DEFAULT_SIZE, Replay())
    yield terminal
    terminal.end_client()


async def connects(jp_ws_fetch, name: str) -> bool:
    try:
        (await jp_ws_fetch("terminals", "websocket", name)).close()
    except HTTPClientError as error:
        return error.code != HTTPStatus.FORBIDDEN
    return True


@pytest.mark.parametrize("resource", ["agentauth", "terminals"])
async def test_each_of_the_two_resources_is_needed(
    jp_fetch, jp_ws_fetch, agents_terminal, resource
):
    ByResource.denied = {resource}
    assert not await connects(jp_ws_fetch, "agentauth_0123")
    for method in ("GET", "DELETE"):
        reply = await jp_fetch(
            "api", "terminals", "agentauth_0123", method=method, raise_error=False
        )
        assert reply.code == HTTPStatus.FORBIDDEN
    assert not agents_terminal.client_has_ended


async def test_with_both_one_connects_and_reads(jp_fetch, jp_ws_fetch, agents_terminal):
    assert await connects(jp_ws_fetch, "agentauth_0123")
    model = json.loads((await jp_fetch("api", "terminals", "agentauth_0123")).body)
    assert model["name"] == "agentauth_0123"


async def test_ordinary_terminals_need_only_their_own(jp_fetch, jp_ws_fetch, home):
    ByResource.denied = {"agentauth"}
    made = json.loads((await jp_fetch("api", "terminals", method="POST", body="{}")).body)
    assert await connects(jp_ws_fetch, made["name"])
    await jp_fetch("api", "terminals", made["name"], method="DELETE")
