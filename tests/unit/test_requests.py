from __future__ import annotations

import pytest

from jupyter_agentauth.errors import BadRequest
from jupyter_agentauth.requests import parse_launch_request, parse_settings_change


@pytest.mark.parametrize(
    "body",
    [
        None,
        [],
        "claude",
        {},
        {"agent": 1},
        {"agent": "claude", "share_auth": "true"},
        {"agent": "claude", "share_auth": 1},
        {"agent": "claude", "share_auth": None},
        {"agent": "claude", "args": "--resume"},
        {"agent": "claude", "args": [1]},
        {"agent": "claude", "args": ["a\0b"]},
        {"agent": "claude", "args": ["\ud800"]},
        {"agent": "claude", "args": ["x" * 200_000]},
        {"agent": "claude", "worktree": 1},
        {"agent": "claude", "profile": "../x"},
        {"agent": "claude", "profile": "Work"},
        {"agent": "claude", "share": True},
    ],
)
def test_a_wrong_launch_request_is_a_400_in_one_sentence(body):
    with pytest.raises(BadRequest) as refused:
        parse_launch_request(body)
    assert refused.value.status == 400
    assert "\n" not in refused.value.message


@pytest.mark.parametrize(
    "body", [None, [], {"share_auth": 1}, {"share_auth": None}, {"x": 1}, {"profile": "A"}]
)
def test_a_wrong_settings_change_is_a_400(body):
    with pytest.raises(BadRequest):
        parse_settings_change(body)
