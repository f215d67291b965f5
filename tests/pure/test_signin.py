from __future__ import annotations

import base64
import json
import time

import pytest

from jupyter_agentauth.agents import BUILT_IN, Agent
from jupyter_agentauth.authstore import AuthStore
from jupyter_agentauth.signin import sign_in

LATER = time.time() + 3600
BEFORE = time.time() - 3600


def jwt(expires):
    claims = base64.urlsafe_b64encode(json.dumps({"exp": expires}).encode()).decode().rstrip("=")
    return f"e30.{claims}.c2ln"


def claude(access="a", refresh="r", expires=LATER):
    oauth = {"accessToken": access, "refreshToken": refresh, "expiresAt": int(expires * 1000)}
    return {".claude/.credentials.json": json.dumps({"claudeAiOauth": oauth})}


def codex(**auth):
    return {".codex/auth.json": json.dumps(auth)}


def gemini(selected="oauth-personal", **files):
    settings = {"security": {"auth": {"selectedType": selected}}} if selected else {}
    stored = {".gemini/settings.json": json.dumps(settings)}
    return {**stored, **{f".gemini/{name}": json.dumps(value) for name, value in files.items()}}


def opencode(**entries):
    return {".local/share/opencode/auth.json": json.dumps(entries)}


def copilot(**tokens):
    return {".copilot/config.json": "// kept by the CLI\n" + json.dumps({"authTokens": tokens})}


SIGNED_IN = [
    ("claude", claude()),
    ("claude", claude(expires=BEFORE)),
    ("codex", codex(OPENAI_API_KEY="sk-x")),
    ("codex", codex(tokens={"access_token": jwt(LATER), "refresh_token": "r"})),
    ("codex", codex(tokens={"access_token": jwt(BEFORE), "refresh_token": "r"})),
    ("gemini", gemini(**{"oauth_creds.json": {"access_token": "a", "refresh_token": "r"}})),
    ("gemini", gemini("gemini-api-key", **{"gemini-credentials.json": "abc"})),
    ("opencode", opencode(anthropic={"type": "api", "key": "k"})),
    ("opencode", opencode(x={"type": "oauth", "access": "a", "refresh": "r", "expires": 1})),
    ("copilot", copilot(**{"https://github.com:me": {"token": "gho_x"}})),
]
NOT_SIGNED_IN = [
    ("claude", {}),
    ("claude", claude(access="")),
    ("claude", claude(refresh="", expires=BEFORE)),
    ("claude", {".claude/.credentials.json": "{}"}),
    ("claude", {".claude/.credentials.json": '{"claudeAiOauth": []}'}),
    ("claude", {".claude/.credentials.json": "\x00garbage"}),
    ("claude", {".claude/.credentials.json": "[" * 100_000}),
    ("claude", claude(expires=1e17)),
    ("claude", {".claude/.credentials.json/a-directory": "x"}),
    ("codex", codex()),
    ("codex", codex(OPENAI_API_KEY=None, tokens={"access_token": "", "refresh_token": ""})),
    ("codex", codex(tokens={"access_token": jwt(BEFORE), "refresh_token": ""})),
    ("codex", codex(tokens={"access_token": "a.!.b"})),
    ("gemini", gemini(None, **{"oauth_creds.json": {"access_token": "a"}})),
    ("gemini", gemini()),
    ("gemini", gemini(**{"oauth_creds.json": {"access_token": "a", "expiry_date": 1}})),
    ("opencode", opencode()),
    ("opencode", opencode(anthropic={"type": "api", "key": ""})),
    ("copilot", copilot()),
    ("copilot", copilot(x={"token": ""})),
]


@pytest.fixture
def store(tmp_path):
    return AuthStore(str(tmp_path / "store"))


def fill(store, agent, files, profile="default"):
    root = store.root if profile == "default" else store.root / f"@{profile}"
    for path, text in files.items():
        store.ensure_file(str(root / agent / path), text)


@pytest.mark.parametrize(("agent", "files"), SIGNED_IN)
def test_a_stored_sign_in_is_seen(store, agent, files):
    fill(store, agent, files)
    assert sign_in(store, BUILT_IN[agent], "default").signed_in
    assert not sign_in(store, BUILT_IN[agent], "work").signed_in


@pytest.mark.parametrize(("agent", "files"), NOT_SIGNED_IN)
def test_a_blank_broken_or_dead_sign_in_is_not_signed_in(store, agent, files):
    fill(store, agent, files)
    assert not sign_in(store, BUILT_IN[agent], "default").signed_in


def test_an_expiry_is_told_where_the_form_has_one(store):
    fill(store, "claude", claude())
    state = sign_in(store, BUILT_IN["claude"], "default")
    assert state.expires == pytest.approx(LATER, abs=1)
    assert "T" in state.to_json("default")["expires"]


def test_a_custom_agent_is_signed_in_once_it_stored_more_than_its_seed(store):
    agent = Agent("mycli", ("mycli",), auth_dirs=(".mycli",), auth_files={".mycli/c": "seed"})
    fill(store, "mycli", {".mycli/c": "seed"})
    assert not sign_in(store, agent, "default").signed_in
    fill(store, "mycli", {".mycli/token": "t"})
    assert sign_in(store, agent, "default").signed_in
