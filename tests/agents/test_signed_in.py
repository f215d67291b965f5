"""What `agents` says of a sign-in, from the store's files, is how a real request ends.

Each form lies in a profile of its own with a credential of its own, so one container for each
shows whether a model request carries it, and the stand-in accepts it as the provider would: it
refuses what has expired, which Claude Code and Codex send all the same. Not among the forms is
an expired token with a refresh token: whether that one lives, no file tells (`test_refresh.py`).
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone

import pytest
from conformance_agents import SLOW, of
from conformance_bench import PROMPT, Bench
from form_values import LATER
from signed_in_forms import FORMS, Form
from soak import small_or_large

from jupyter_agentauth.authstore import AuthStore
from jupyter_agentauth.known_agents import BUILT_IN


@pytest.mark.claim('`agents` says "signed in" of each form of its files as a real request ends')
@of(*BUILT_IN, soak=SLOW)
@small_or_large("every", False, True, ("some", "every"))
@pytest.mark.timeout(600)
def test_signed_in_or_not_is_told_of_each_form_as_a_real_request_ends(bench: Bench, every: bool):
    """Of two forms, a whole and a broken one; in ``make soak`` of every form."""
    of_agent = [form for form in FORMS if form.agent == bench.agent.name]
    if not every:
        of_agent = [next(f for f in of_agent if f.signed_in is worth) for worth in (True, False)]
    forms = {f"form-{n}": form for n, form in enumerate(of_agent)}
    keys = {profile: _credential(bench, profile, form) for profile, form in forms.items()}
    for profile, form in forms.items():
        for path, text in form.files(keys[profile]).items():
            bench.place(path, text, profile)
    told = bench.told()

    words = [word.replace("{prompt}", PROMPT) for word in BUILT_IN[bench.agent.name].headless]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda profile: bench.run(bench.a, *words, profile=profile), forms))
    accepted = [r for r in bench.provider.requests if r.model and r.carries(bench.agent.credential)]
    expected = {form.name: form.signed_in for form in forms.values()}
    assert {
        form.name: any(request.carries(keys[profile]) for request in accepted)
        for profile, form in forms.items()
    } == expected
    assert {form.name: told[profile]["signed_in"] for profile, form in forms.items()} == expected


def _credential(bench: Bench, profile: str, form: Form) -> str:
    return f"{'expired' if form.expired else bench.agent.credential}-{profile}-"


def _gemini_signs_out(bench: Bench) -> None:
    offered = "Sign out and clear all cached credentials"
    with bench.dialogue(bench.a) as terminal:
        terminal.answer({"Type your message": "/auth signout"}, lambda: offered in terminal.screen)
        terminal.answer({offered: "\r"}, lambda: offered not in terminal.screen)
        terminal.until("You are now signed out")
    # 0.61.0 takes away what names the key; the key itself stays in its encrypted file.
    assert bench.stored(".gemini/gemini-credentials.json").is_file()


#: How each CLI itself signs out: arguments, or a dialogue.
_SIGN_OUTS: dict[str, tuple[str, ...] | Callable[[Bench], None]] = {
    "claude": ("auth", "logout"),
    "codex": ("logout",),
    "gemini": _gemini_signs_out,
    "opencode": ("auth", "logout", "anthropic"),
}
_NOT_HAD = {
    "copilot": "1.0.102 has no such command. `/logout`, typed into its dialogue in three ways, "
    "cleared the line and left the token in the file."
}


@pytest.mark.claim("after the CLI's own sign-out it is not signed in", not_had=_NOT_HAD)
@of(*_SIGN_OUTS, soak=("gemini", "opencode"))
def test_after_the_clis_own_sign_out_it_is_not_signed_in(bench: Bench):
    bench.be_signed_in()
    assert bench.signed_in()
    own = _SIGN_OUTS[bench.agent.name]
    if callable(own):
        own(bench)
    else:
        done = bench.run(bench.a, *own)
        assert done.returncode == 0, done.stdout + done.stderr
    assert not bench.signed_in()
    _, requests = bench.ask(bench.b)
    assert not any(request.carries(bench.agent.credential) for request in requests)


async def test_rest_tells_the_same_and_when_it_ends(api, agentauth, image):
    store = AuthStore(os.path.join(os.environ["JUPYTER_DATA_DIR"], "agentauth"))
    for number, form in enumerate(FORMS):
        for path, text in form.files("the-key").items():
            store.ensure_file(f"{store.root}/@form-{number}/{form.agent}/{path}", text)
    done = agentauth("agents", "--json")
    told = (await api("GET", "agents")).json
    assert told == json.loads(done.stdout)

    states = {agent["name"]: {p["name"]: p for p in agent["profiles"]} for agent in told}
    for number, form in enumerate(FORMS):
        assert states[form.agent][f"form-{number}"]["signed_in"] is form.signed_in, form
    for agent in ("claude", "codex", "gemini", "opencode"):
        ends = [p["expires"] for p in states[agent].values() if p["signed_in"] and p["expires"]]
        assert datetime.fromtimestamp(LATER, timezone.utc).isoformat()[:19] in {
            e[:19] for e in ends
        }
    assert "the-key" not in done.stdout
