"""The REST API against its own description, and the rules that it keeps."""

from __future__ import annotations

import asyncio
import json

import pytest
from jupyter_server.auth import Authorizer
from openapi import OPENAPI, check

OPERATIONS = [
    (method.upper(), path)
    for path, item in OPENAPI["paths"].items()
    for method in item
    if method != "parameters"
]


def filled(path: str) -> str:
    return path.strip("/").replace("{id}", "0123456789ab").replace("{name}", "codex")


def test_the_description_is_valid_openapi():
    from openapi_spec_validator import validate

    validate(OPENAPI)


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
async def test_every_route_wants_the_servers_authentication(api, home, method, path):
    reply = await api(method, filled(path), headers={"Authorization": "token wrong"})
    assert reply.status in (401, 403)
    assert set(reply.json) == {"message", "reason"}


class DenyAll(Authorizer):
    """Lets nobody at our resource, and notes what was asked for."""

    asked: list[tuple[str, str]] = []

    def is_authorized(self, handler, user, action, resource):
        self.asked.append((action, resource))
        return resource != "agentauth"


class TestAuthorization:
    @pytest.fixture
    def jp_server_config(self, jp_server_config):
        jp_server_config["ServerApp"]["authorizer_class"] = DenyAll
        return jp_server_config

    @pytest.mark.parametrize(("method", "path"), OPERATIONS)
    async def test_every_route_is_authorised_as_our_resource(self, api, home, method, path):
        reply = await api(method, filled(path))
        assert reply.status == 403
        assert DenyAll.asked[-1][1] == "agentauth"


@pytest.mark.parametrize(
    "path",
    [
        "agents", "settings", "worktrees", "worktrees/choices?repo=main",
        "worktrees/changes?path=main", "sessions", "image", "doctor",
    ],
)  # fmt: skip
async def test_what_is_read_has_the_described_form(api, repository, image, path):
    reply = await api("GET", path)
    assert reply.status == 200
    check(reply, "GET", f"/{path.partition('?')[0]}")


async def test_a_plan_and_a_session_have_the_described_form(api, repository, image, containers):
    asked = {"agent": "sh", "worktree": str(repository), "args": ["-c", "sleep 1000"]}
    check(await api("POST", "plan", asked), "POST", "/plan")
    opened = await api("POST", "sessions", asked)
    check(opened, "POST", "/sessions")
    check(await api("GET", f"sessions/{opened.json['id']}"), "GET", "/sessions/{id}")
    check(await api("DELETE", f"sessions/{opened.json['id']}"), "DELETE", "/sessions/{id}")


WRONG = [
    ("POST", "/plan", "not json", 400),
    ("POST", "/plan", {}, 400),
    ("POST", "/plan", {"agent": "Claude"}, 400),
    ("POST", "/plan", {"agent": "../claude"}, 400),
    ("POST", "/plan", {"agent": "claude", "share_auth": "yes"}, 400),
    ("POST", "/plan", {"agent": "claude", "profile": "../x"}, 400),
    ("POST", "/plan", {"agent": "claude", "worktree": "/"}, 400),
    ("POST", "/plan", {"agent": "claude", "worktree": "no/such"}, 404),
    ("POST", "/plan", {"agent": "claude", "worktree": "\ud800"}, 400),
    ("POST", "/plan", {"agent": "claude", "worktree": "a\0b"}, 400),
    ("POST", "/plan", {"agent": "claude", "worktree": "/usr/share"}, 403),
    ("POST", "/plan", {"agent": "claude", "worktree": ".."}, 400),
    ("POST", "/sessions", {"agent": 3}, 400),
    ("POST", "/sessions", {"agent": "claude", "args": ["\0"]}, 400),
    ("POST", "/sessions", {"agent": "claude", "args": ["x" * 100_000] * 40}, 400),
    ("POST", "/image/build", {"base_image": "\ud800"}, 400),
    ("PATCH", "/settings", {"share_auth": "yes"}, 400),
    ("PATCH", "/settings", {"colour": "red"}, 400),
    ("PATCH", "/settings", {"allow_share_auth": True}, 403),
    ("PATCH", "/settings", None, 400),
    ("POST", "/worktrees", "not json", 400),
    ("POST", "/worktrees", {}, 400),
    ("POST", "/worktrees", {"repo": "main", "branch": "a"}, 409),
    ("POST", "/worktrees", {"repo": "no/such", "branch": "x"}, 404),
    ("POST", "/worktrees", {"repo": "main", "branch": "x", "path": "/usr/x"}, 403),
    ("DELETE", "/worktrees?path=main", None, 409),
    ("DELETE", "/worktrees?path=nowhere", None, 404),
    ("DELETE", "/worktrees", None, 400),
    ("GET", "/worktrees/choices?repo=/usr", None, 400),
    ("GET", "/worktrees/choices?repo=/usr/share", None, 403),
    ("GET", "/worktrees/changes?path=main&since=ever", None, 400),
    ("GET", "/worktrees/changes?path=nowhere", None, 404),
    ("POST", "/image/build", {"agents": "claude"}, 400),
    ("POST", "/image/build", {"agents": ["nothing"]}, 400),
    ("POST", "/image/build", {"base_image": 1}, 400),
]


@pytest.mark.parametrize(("method", "path", "body", "status"), WRONG)
async def test_what_is_wrong_is_one_sentence_in_the_described_form_and_writes_nothing(
    api, repository, home, method, path, body, status
):
    before = sorted(home.parent.rglob("*"))
    reply = await api(method, path.strip("/"), body)
    assert reply.status == status, reply.json
    check(reply, method, path.partition("?")[0])
    assert "\n" not in reply.json["message"]
    new = [path for path in home.parent.rglob("*") if path not in before]
    assert [path for path in new if "runtime" not in path.parts] == []


async def test_a_body_that_no_parser_takes_is_a_400(home, jp_fetch):
    reply = await jp_fetch(
        "agentauth", "api", "plan", method="POST", body="[" * 200_000, raise_error=False
    )
    assert reply.code == 400


async def test_an_unknown_route_answers_in_the_same_form(api, home):
    reply = await api("GET", "nothing/here")
    assert (reply.status, reply.json["reason"]) == (404, "not_found")


async def test_signing_out_deletes_one_profile_and_no_other(api, jp_data_dir, home):
    for profile in ("", "@work/"):
        directory = jp_data_dir / "agentauth" / f"{profile}codex" / ".codex"
        directory.mkdir(parents=True)
        (directory / "auth.json").write_text('{"OPENAI_API_KEY": "sk-x"}')

    async def state() -> dict[str, bool]:
        agents = {agent["name"]: agent for agent in (await api("GET", "agents")).json}
        return {p["name"]: p["signed_in"] for p in agents["codex"]["profiles"]}

    assert await state() == {"default": True, "work": True}
    check(await api("DELETE", "agents/codex/auth?profile=work"), "DELETE", "/agents/{name}/auth")
    assert await state() == {"default": True}
    assert (await api("DELETE", "agents/nobody/auth")).status == 404
    assert (await api("DELETE", "agents/codex/auth?profile=..")).status == 400


async def test_a_build_streams_its_progress_and_only_one_runs_at_a_time(
    api, jp_fetch, jp_serverapp, image, engine
):
    service = jp_serverapp.web_app.settings["agentauth_sessions"].service
    service.config.image = "jupyter-agentauth-test:api"
    body = json.dumps({"base_image": image, "agents": ["codex"]})
    lines: list[bytes] = []
    begun = asyncio.Event()

    def receive(line: bytes) -> None:
        lines.append(line)
        begun.set()

    building = asyncio.ensure_future(
        jp_fetch(
            "agentauth", "api", "image", "build", method="POST", body=body,
            streaming_callback=receive, request_timeout=240,
        )
    )  # fmt: skip
    try:
        await asyncio.wait_for(begun.wait(), 60)
        second = await api("POST", "image/build", {})
        assert (second.status, second.json["reason"]) == (409, "build_running")
        check(second, "POST", "/image/build")
        await building
        events = [json.loads(line) for line in b"".join(lines).splitlines()]
        assert {event["type"] for event in events[:-1]} == {"progress"}
        assert events[-1]["type"] == "done"
        found = (await api("GET", "image")).json
        assert (found["present"], found["id"]) == (True, events[-1]["id"])
        assert found["agents"]["codex"]
    finally:
        engine.client.images.remove("jupyter-agentauth-test:api", force=True)
