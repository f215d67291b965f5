from __future__ import annotations

import json

import pytest

from jupyter_agentauth.authstore import AuthStore
from jupyter_agentauth.handover import take_over
from jupyter_agentauth.known_agents import BUILT_IN
from jupyter_agentauth.signin import sign_in, sign_in_of_scope

ALONE = ".agentauth-credentials"
CODEX = BUILT_IN["codex"]
GEMINI = BUILT_IN["gemini"]
SELECTED = json.dumps({"security": {"auth": {"selectedType": "oauth-personal"}}})
GOOGLE = json.dumps({"access_token": "a", "refresh_token": "r"})


@pytest.fixture
def store(tmp_path):
    return AuthStore(str(tmp_path / "store"))


def never(scope):
    return False


def fill(store, path, text):
    store.ensure_file(str(store.root / path), text)
    return store.root / path


def test_a_sign_in_moves_to_where_the_scope_keeps_it_and_back(store):
    config = fill(store, "codex/.codex/auth.json", '{"OPENAI_API_KEY": "k"}')
    alone = store.root / "codex" / ALONE / "auth.json"
    assert sign_in(store, CODEX, "default", "credentials").signed_in
    [said] = take_over(store, CODEX, "default", "credentials", never)
    assert "taken over" in said
    assert (config.exists(), alone.read_text()) == (False, '{"OPENAI_API_KEY": "k"}')
    assert sign_in_of_scope(store, CODEX, "default", "credentials").signed_in
    assert not sign_in_of_scope(store, CODEX, "default", "config").signed_in

    assert take_over(store, CODEX, "default", "config", never)
    assert (config.exists(), alone.exists()) == (True, False)


def test_it_stays_where_a_running_session_uses_it(store):
    config = fill(store, "codex/.codex/auth.json", '{"OPENAI_API_KEY": "k"}')
    asked = []
    [said] = take_over(store, CODEX, "default", "credentials", lambda s: not asked.append(s))
    assert asked == ["config"]
    assert "still runs" in said
    assert config.exists()


def test_a_sign_in_that_is_there_is_never_replaced(store):
    fill(store, "codex/.codex/auth.json", '{"OPENAI_API_KEY": "old"}')
    alone = fill(store, f"codex/{ALONE}/auth.json", '{"OPENAI_API_KEY": "new"}')
    assert take_over(store, CODEX, "default", "credentials", never) == ()
    assert "new" in alone.read_text()


def test_another_profiles_sign_in_is_not_taken(store):
    fill(store, "@work/codex/.codex/auth.json", '{"OPENAI_API_KEY": "k"}')
    assert take_over(store, CODEX, "default", "credentials", never) == ()
    assert take_over(store, CODEX, "work", "credentials", never)


def test_what_cannot_be_split_is_never_moved(store):
    fill(store, "copilot/.copilot/config.json", '{"authTokens": {"x": {"token": "t"}}}')
    assert take_over(store, BUILT_IN["copilot"], "default", "credentials", never) == ()
    assert not sign_in(store, BUILT_IN["copilot"], "default", "credentials").signed_in
    assert sign_in(store, BUILT_IN["copilot"], "default", "config").signed_in


def test_gemini_takes_along_which_kind_of_sign_in_it_uses(store):
    fill(store, "gemini/.gemini/settings.json", SELECTED)
    fill(store, "gemini/.gemini/oauth_creds.json", GOOGLE)
    assert take_over(store, GEMINI, "default", "credentials", never)
    assert sign_in_of_scope(store, GEMINI, "default", "credentials").signed_in
    (store.root / "gemini/.gemini/settings.json").unlink()
    assert take_over(store, GEMINI, "default", "config", never)
    assert json.loads((store.root / "gemini/.gemini/settings.json").read_text()) == json.loads(
        SELECTED
    )
    assert sign_in_of_scope(store, GEMINI, "default", "config").signed_in


def test_a_link_in_the_files_place_is_not_followed(store, tmp_path):
    fill(store, "codex/.codex/auth.json", '{"OPENAI_API_KEY": "k"}')
    outside = tmp_path / "outside"
    outside.write_text("theirs")
    alone = store.root / "codex" / ALONE
    store.ensure_directory(str(alone))
    (alone / "auth.json").symlink_to(outside)
    take_over(store, CODEX, "default", "credentials", never)
    assert outside.read_text() == "theirs"
    assert not (alone / "auth.json").is_symlink()
