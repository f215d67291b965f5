"""A container is killed: by `docker kill`, and at its memory limit."""

from __future__ import annotations

import pytest
from fault_claims import launches_and_stops, one_sentence, start

from jupyter_agentauth.launch_plan import LABEL


@pytest.fixture
def jp_server_config(jp_server_config):
    """An agent has little memory, but enough for the engine to start it in."""
    return {**jp_server_config, "AgentAuth": {"memory": "64m"}}


#: What ends it, and whether the memory limit was it.
ENDS = {
    "docker kill": (None, 137, False),
    "the agent itself": ("tail /dev/zero", 137, True),
    "its home": ("cat /dev/zero >~/full; exit $?", 137, True),
    "a child": ("tail /dev/zero; exit 3", 3, True),
}


@pytest.mark.parametrize("end", ENDS)
async def test_a_killed_session_is_listed_with_its_exit_code_and_the_reason(
    api, repository, second_engine, terminal, sessions, end
):
    script, code, oom = ENDS[end]
    session = (await start(api, repository)).json
    client = await terminal(session["terminal"])
    await client.until("$")
    if script is None:
        second_engine.docker("kill", session["container"])
    else:
        await client.type(f"exec sh -c '{script}'\r")
    await client.until_closed()

    [listed] = await sessions()
    assert (listed["state"], listed["exit_code"]) == ("exited", code)
    assert second_engine.all_containers() == []
    assert one_sentence(listed["problem"])
    assert ("c.AgentAuth.memory" in listed["problem"]) is oom
    await launches_and_stops(api, repository)


def test_the_commands_exit_code_says_that_it_was_killed(agentauth, repository, second_engine):
    run = ("run", "sh", "--AgentAuth.memory=32m", "--", "-c", "exec tail /dev/zero")
    done = agentauth(*run, cwd=repository)
    assert (done.returncode, done.stdout) == (137, "")
    assert f"{LABEL}" not in done.stderr
    assert second_engine.all_containers() == []
