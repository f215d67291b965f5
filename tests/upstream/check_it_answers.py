"""Run among another project's tests: a route of ours answers in the servers that they start."""

from __future__ import annotations

import json


async def test_the_extension_answers(jp_fetch):
    reply = await jp_fetch("agentauth", "api", "settings")
    assert json.loads(reply.body)["allow_share_auth"] is True
