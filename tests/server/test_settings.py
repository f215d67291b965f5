"""The sharing preference: kept at once, believed only when valid, an administrator's word wins."""

from __future__ import annotations

import json

import pytest


async def sharing(api) -> bool:
    """What a session started now would do, also by what its plan mounts."""
    shown = (await api("GET", "settings")).json["share_auth"]
    plan = (await api("POST", "plan", {"agent": "codex", "worktree": "main"})).json
    mounted = any(mount["purpose"] == "auth" for mount in plan["mounts"])
    assert shown == plan["share_auth"] == mounted
    return shown


@pytest.fixture
def stored(jp_config_dir):
    """Where jupyter_server keeps our section."""
    return jp_config_dir / "serverconfig" / "jupyter_agentauth.json"


async def test_the_switch_is_off_until_it_is_switched_and_then_kept_at_once(
    api, repository, stored, agentauth
):
    assert not await sharing(api)
    assert (await api("PATCH", "settings", {"share_auth": True})).json["share_auth"] is True
    assert await sharing(api)
    assert json.loads(stored.read_text()) == {"share_auth": True}
    plan = json.loads(agentauth("plan", "codex", "--json", cwd=repository).stdout)
    assert plan["share_auth"] is True
    await api("PATCH", "settings", {"share_auth": False})
    assert not await sharing(api)


async def test_a_wrong_value_that_came_in_by_the_servers_own_route_is_the_default(
    api, repository, stored, jp_fetch
):
    async def write(section: object) -> None:
        body = json.dumps(section)
        await jp_fetch("api", "config", "jupyter_agentauth", method="PUT", body=body)

    await write({"share_auth": True})
    assert await sharing(api)
    for value in ("yes", 1, [True], {"x": True}):
        await write({"share_auth": value})
        assert not await sharing(api)


class TestForbidden:
    @pytest.fixture
    def jp_server_config(self, jp_server_config):
        jp_server_config["AgentAuth"] = {"allow_share_auth": False, "share_auth": True}
        return jp_server_config

    async def test_no_way_in_switches_sharing_on(self, api, repository, stored, jp_fetch):
        body = json.dumps({"share_auth": True, "allow_share_auth": True})
        await jp_fetch("api", "config", "jupyter_agentauth", method="PUT", body=body)
        assert not await sharing(api)
        asked = {"agent": "codex", "worktree": "main", "share_auth": True}
        plan = (await api("POST", "plan", asked)).json
        assert plan["share_auth"] is False
        assert not any(mount["purpose"] == "auth" for mount in plan["mounts"])
        assert any("administrator" in warning for warning in plan["warnings"])

    async def test_the_switch_is_refused_with_the_reason_and_nothing_is_stored(
        self, api, repository, stored
    ):
        reply = await api("PATCH", "settings", {"share_auth": True, "profile": "work"})
        assert (reply.status, reply.json["reason"]) == (403, "sharing_forbidden")
        assert "allow_share_auth" in reply.json["message"]
        assert not stored.exists()


@pytest.mark.parametrize("flag", [[], ["--AgentAuth.allow_share_auth=True"], ["--share"]])
def test_the_servers_configuration_files_bind_the_commands_too(
    agentauth, repository, jp_config_dir, flag
):
    (jp_config_dir / "jupyter_server_config.py").write_text(
        "c.AgentAuth.allow_share_auth = False\nc.AgentAuth.share_auth = True\n"
    )
    done = agentauth("plan", "codex", "--json", *flag, cwd=repository)
    plan = json.loads(done.stdout)
    assert plan["share_auth"] is False
    assert not any(mount["purpose"] == "auth" for mount in plan["mounts"])


def test_a_trait_on_the_command_line_holds_for_that_call(agentauth, repository, tmp_path):
    done = agentauth(
        "plan", "codex", "--json", "--share", f"--AgentAuth.auth_dir={tmp_path / 'own'}",
        "--AgentAuth.cpus=2", cwd=repository,
    )  # fmt: skip
    plan = json.loads(done.stdout)
    assert f"{tmp_path}/own/codex/.codex" in [mount["source"] for mount in plan["mounts"]]
    assert "--cpus" in plan["argv"]


@pytest.mark.parametrize(
    "line",
    [
        "c.AgentAuth.memory = 'lots'",
        "c.AgentAuth.share_auth = 'maybe'",
        "c.AgentAuth.agents = {'x': {'comand': 'y'}}",
        "c.AgentAuth.env_passthrough = ['KEY=sk-secret']",
        "c.AgentAuth.extra_mounts = ['data:/data']",
        "c.AgentAuth.image = ",
        "c.AgentAuth.image = ''",
        "c.AgentAuth.agents = ['sk-secret']",
        "c.AgentAuth.extra_run_args = ['--env', 'KEY=sk-secret', 3]",
        "c.AgentAuth.host_path_map = {'/tmp': 5}",
        r"c.AgentAuth.auth_dir = '\0'",
        "raise SystemExit(0)",
        "1 / 0",
    ],
)
def test_a_wrong_configuration_is_one_sentence_without_the_secret(
    agentauth, repository, jp_config_dir, line
):
    (jp_config_dir / "jupyter_server_config.py").write_text(line + "\n")
    done = agentauth("plan", "codex", cwd=repository)
    assert done.returncode == 1
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    assert done.stderr.count("\n") == 1
    assert "sk-secret" not in done.stderr
