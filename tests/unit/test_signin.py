from __future__ import annotations

import base64
import hashlib
import json
import time
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from jupyter_agentauth.authstore import AuthStore
from jupyter_agentauth.known_agents import BUILT_IN, Agent
from jupyter_agentauth.signin import sign_in

LATER = time.time() + 3600
BEFORE = time.time() - 3600


def jwt(expires):
    claims = base64.urlsafe_b64encode(json.dumps({"exp": expires}).encode()).decode().rstrip("=")
    return f"e30.{claims}.c2ln"


def claude(access="a", refresh="r", expires=LATER, scopes=("user:inference",), **more):
    oauth = {"accessToken": access, "refreshToken": refresh, "scopes": scopes, **more}
    oauth["expiresAt"] = expires if isinstance(expires, str) else int(expires * 1000)
    return {".claude/.credentials.json": json.dumps({"claudeAiOauth": oauth})}


def console(key):
    return {".claude/.claude.json": json.dumps({"primaryApiKey": key, "numStartups": 1})}


def codex(**auth):
    return {".codex/auth.json": json.dumps(auth)}


def chatgpt(expires=LATER, access=None, last_refresh="2026-01-01T00:00:00Z", **tokens):
    given = {"access_token": access or jwt(expires), "refresh_token": "r", "id_token": jwt(LATER)}
    return codex(auth_mode="chatgpt", tokens={**given, **tokens}, last_refresh=last_refresh)


def gemini(selected="oauth-personal", **files):
    settings = {"security": {"auth": {"selectedType": selected}}} if selected else {}
    stored = {".gemini/settings.json": json.dumps(settings)}
    return {**stored, **{f".gemini/{name}": _text(value) for name, value in files.items()}}


def _text(value):
    return value if isinstance(value, str) else json.dumps(value)


def sealed(token, host="agentauth", user="agent", service="gemini-cli-api-key", nonce=12):
    """Gemini CLI's encrypted file, as its FileKeychain writes it."""
    salt = f"{host}-{user}-gemini-cli".encode()
    key = hashlib.scrypt(b"gemini-cli-oauth", salt=salt, n=16384, r=8, p=1, dklen=32)
    names = {"gemini-cli-oauth": "main-account", "gemini-cli-api-key": "default-api-key"}
    kept = {service: {names.get(service, "other"): json.dumps({"token": token})}}
    text = json.dumps(kept if token is not None else {}).encode()
    start = b"n" * nonce
    closed = AESGCM(key).encrypt(start, text, None)
    return f"{start.hex()}:{closed[-16:].hex()}:{closed[:-16].hex()}"


def key_file(*args, **kwargs):
    return gemini("gemini-api-key", **{"gemini-credentials.json": sealed(*args, **kwargs)})


def google(**tokens):
    return gemini(**{"oauth_creds.json": tokens})


def opencode(**entries):
    return {".local/share/opencode/auth.json": json.dumps(entries)}


def oauth(access, refresh, expires):
    return {"type": "oauth", "access": access, "refresh": refresh, "expires": expires}


def copilot(last=None, **tokens):
    user = {"lastLoggedInUser": {"host": "https://github.com", "login": last}} if last else {}
    text = json.dumps({"authTokens": tokens, **user})
    return {".copilot/config.json": f"// kept by the CLI\n{text}\n// end"}


MINE = "https://github.com:me"
KEY = {"accessToken": "k", "tokenType": "ApiKey"}
SIGNED_IN = [
    ("claude", claude()),
    ("claude", claude(expires=BEFORE)),
    ("claude", claude(expires="soon")),
    ("claude", claude(expires=1e17)),
    ("claude", console("sk-ant-api03-x")),
    ("claude", {**claude(access="", refresh=""), **console("sk-ant-api03-x")}),
    ("claude", {**claude(scopes=["org:create_api_key"]), **console("sk-ant-api03-x")}),
    ("codex", codex(OPENAI_API_KEY="sk-x")),
    ("codex", codex(auth_mode="apikey", OPENAI_API_KEY="sk-x")),
    ("codex", chatgpt()),
    ("codex", chatgpt(BEFORE)),
    ("codex", chatgpt(last_refresh=None)),
    ("codex", chatgpt(access="opaque", refresh_token="")),
    ("codex", chatgpt(access="a.!.b")),
    ("codex", codex(OPENAI_API_KEY=None, personal_access_token="at-x")),
    ("codex", codex(auth_mode="personalAccessToken", personal_access_token="at-x")),
    ("codex", codex(auth_mode="bedrockApiKey", bedrock_api_key={"api_key": "k", "region": "r"})),
    ("codex", codex(auth_mode="agentIdentity", agent_identity=jwt(LATER))),
    ("gemini", google(access_token="a", refresh_token="r")),
    ("gemini", google(access_token="a", expiry_date=LATER * 1000)),
    ("gemini", google(refresh_token="r", expiry_date=1)),
    ("gemini", key_file(KEY)),
    ("gemini", key_file(KEY, nonce=16)),
    ("opencode", opencode(anthropic={"type": "api", "key": "k"})),
    ("opencode", opencode(x=7, y={"type": "api"}, z={"type": "api", "key": "k", "metadata": {}})),
    ("opencode", opencode(openai=oauth("a", "r", 1))),
    (
        "opencode",
        opencode(
            **{"github-copilot": {"type": "oauth", "access": "g", "refresh": "g", "expires": 0}}
        ),
    ),
    ("opencode", opencode(**{"https://a.test": {"type": "wellknown", "key": "K", "token": "t"}})),
    ("copilot", copilot(**{MINE: {"token": "gho_x"}})),
    ("copilot", copilot("me", **{MINE: {"token": "gho_x"}})),
    ("copilot", copilot("me", **{f"{MINE}:github": {"token": "gho_x"}})),
]
NOT_SIGNED_IN = [
    ("claude", {}),
    ("claude", claude(access="")),
    ("claude", claude(access=7)),
    ("claude", claude(refresh="", expires=BEFORE)),
    ("claude", claude(refresh=None, expires=BEFORE)),
    ("claude", claude(expires=BEFORE, refreshTokenExpiresAt=int(BEFORE * 1000))),
    ("claude", claude(scopes=["user:profile", "org:create_api_key"])),
    ("claude", claude(scopes=None)),
    # Tokens that may ask are sent, so a key beside them is not.
    ("claude", {**claude(refresh="", expires=BEFORE), **console("sk-ant-api03-x")}),
    ("claude", console("")),
    ("claude", {".claude/.credentials.json": "{}"}),
    ("claude", {".claude/.credentials.json": ""}),
    ("claude", {".claude/.credentials.json": '{"claudeAiOauth": []}'}),
    ("claude", {".claude/.credentials.json": "\x00garbage"}),
    ("claude", {".claude/.credentials.json": "[" * 100_000}),
    ("claude", {".claude/.credentials.json": "\ufeff" + claude()[".claude/.credentials.json"]}),
    ("claude", {".claude/.credentials.json/a-directory": "x"}),
    ("codex", codex()),
    ("codex", codex(OPENAI_API_KEY=7)),
    ("codex", codex(auth_mode="chatgpt", OPENAI_API_KEY="sk-x")),
    ("codex", codex(auth_mode="another", OPENAI_API_KEY="sk-x")),
    ("codex", codex(auth_mode="apikey", personal_access_token="at-x")),
    ("codex", codex(OPENAI_API_KEY="sk-x", personal_access_token="")),
    ("codex", codex(auth_mode="agentIdentity", agent_identity=jwt(BEFORE))),
    ("codex", chatgpt(access_token="", refresh_token="")),
    ("codex", chatgpt(BEFORE, refresh_token="")),
    ("codex", chatgpt(refresh_token=None, last_refresh=None)),
    ("codex", chatgpt(id_token="a.b")),
    ("codex", {".codex/auth.json": "[]"}),
    ("gemini", gemini(None, **{"oauth_creds.json": {"access_token": "a"}})),
    ("gemini", gemini()),
    ("gemini", gemini("gemini-api-key", **{"oauth_creds.json": {"access_token": "a"}})),
    ("gemini", gemini("vertex-ai", **{"gemini-credentials.json": sealed(KEY)})),
    ("gemini", gemini(**{"gemini-credentials.json": sealed(KEY)})),
    ("gemini", google(access_token="a", expiry_date=1)),
    ("gemini", google(access_token="a", expiry_date=int((time.time() + 60) * 1000))),
    ("gemini", google(access_token="", refresh_token="")),
    ("gemini", key_file(KEY, host="elsewhere")),
    ("gemini", key_file(KEY, user="somebody")),
    ("gemini", key_file(KEY, service="gemini-cli-oauth")),
    ("gemini", key_file({"accessToken": ""})),
    ("gemini", key_file(None)),
    ("gemini", gemini("gemini-api-key", **{"gemini-credentials.json": sealed(KEY)[:-2]})),
    ("gemini", gemini("gemini-api-key", **{"gemini-credentials.json": sealed(KEY) + "\n"})),
    ("gemini", gemini("gemini-api-key", **{"gemini-credentials.json": ""})),
    ("gemini", gemini("gemini-api-key", **{"gemini-credentials.json": {"a": "b"}})),
    ("gemini", {**key_file(KEY), ".gemini/settings.json": "garbage"}),
    ("gemini", {**key_file(KEY), ".gemini/settings.json": '{"security": {"auth": 7}}'}),
    ("opencode", opencode()),
    ("opencode", opencode(anthropic={"type": "api", "key": ""})),
    ("opencode", opencode(anthropic={"key": "k"})),
    ("opencode", opencode(anthropic={"type": "api", "key": "k", "metadata": {"a": 7}})),
    ("opencode", opencode(anthropic=oauth("a", "r", int(LATER * 1000)))),
    ("opencode", opencode(openai=oauth("a", "", 1))),
    ("opencode", opencode(openai=oauth("", "", 1))),
    ("opencode", opencode(x=None)),
    ("copilot", copilot()),
    ("copilot", copilot(x={"token": ""})),
    ("copilot", copilot(x="gho_x")),
    ("copilot", copilot("me", **{"https://github.com:me2": {"token": "gho_x"}})),
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


def test_a_sign_in_is_read_through_the_comments_of_a_settings_file(store):
    auth = '"security": {"auth": {"selectedType": "gemini-api-key" /* "oauth-personal" */}}'
    settings = f'// https://mine\n{{"url": "https://x/*", {auth}}}'
    fill(store, "gemini", {**key_file(KEY), ".gemini/settings.json": settings})
    assert sign_in(store, BUILT_IN["gemini"], "default").signed_in


def test_geminis_google_account_is_read_from_the_encrypted_file_where_that_is_forced(store):
    forced = replace(BUILT_IN["gemini"], env={"GEMINI_FORCE_ENCRYPTED_FILE_STORAGE": "true"})
    token = {"accessToken": "a", "expiresAt": int(LATER * 1000)}
    kept = sealed(token, service="gemini-cli-oauth")
    fill(store, "gemini", gemini(**{"gemini-credentials.json": kept}))
    assert not sign_in(store, BUILT_IN["gemini"], "default").signed_in
    state = sign_in(store, forced, "default")
    assert state.signed_in
    assert state.expires == pytest.approx(LATER, abs=1)
    fill(store, "gemini", gemini(**{"oauth_creds.json": {"access_token": "a"}}), "plain")
    assert sign_in(store, forced, "plain").signed_in


def test_a_console_accounts_key_does_not_count_where_credentials_alone_are_shared(store):
    fill(store, "claude", console("sk-ant-api03-x"))
    assert sign_in(store, BUILT_IN["claude"], "default", "config").signed_in
    assert not sign_in(store, BUILT_IN["claude"], "default", "credentials").signed_in


def test_a_sign_out_of_geminis_own_is_not_undone_by_what_it_left(store):
    fill(store, "gemini", gemini(None, **{"gemini-credentials.json": sealed(KEY)}))
    for scope in ("config", "credentials"):
        assert not sign_in(store, BUILT_IN["gemini"], "default", scope).signed_in


def test_of_several_sign_ins_the_one_that_ends_first_is_told(store):
    ends = int(LATER * 1000)
    several = {"anthropic": {"type": "api", "key": "k"}, "openai": oauth("a", "r", ends)}
    several["xai"] = oauth("a", "r", ends + 9_000_000)
    fill(store, "opencode", opencode(**several))
    state = sign_in(store, BUILT_IN["opencode"], "default")
    assert state.expires == pytest.approx(LATER, abs=1)


def test_a_file_that_is_empty_for_a_moment_is_looked_at_again(store, monkeypatch):
    fill(store, "gemini", key_file(KEY))
    whole, looks = store.read, []

    def read(path, **options):
        looks.append(path)
        return b"" if looks.count(path) == 1 else whole(path, **options)

    monkeypatch.setattr(store, "read", read)
    assert sign_in(store, BUILT_IN["gemini"], "default").signed_in


def test_a_custom_agent_is_signed_in_once_it_stored_more_than_its_seed(store):
    agent = Agent("mycli", ("mycli",), auth_dirs=(".mycli",), auth_files={".mycli/c": "seed"})
    fill(store, "mycli", {".mycli/c": "seed"})
    assert not sign_in(store, agent, "default").signed_in
    fill(store, "mycli", {".mycli/token": "t"})
    assert sign_in(store, agent, "default").signed_in
