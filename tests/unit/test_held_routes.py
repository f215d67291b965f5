"""What was tried on the routes and held: no token, other origins, names that lead elsewhere.

Each table is asked of one server, which has no engine: what is let in ends there at the latest.
"""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from urllib.parse import quote

import pytest
from one_server import TOKEN, OneServer, one_server

# The Docker SDK leaves the sockets open with which it reached no engine.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")

API = "/agentauth/api/"
OPENAPI = json.loads((files("jupyter_agentauth") / "server" / "openapi.json").read_text())
ROUTES = [
    (method.upper(), API + path.strip("/").format(id="0123456789ab", name="codex"))
    for path, item in OPENAPI["paths"].items()
    for method in item
    if method != "parameters"
]  # fmt: skip

#: What each route takes that changes something or starts something.
BODIES = {
    "plan": {"agent": "bash", "worktree": "."},
    "sessions": {"agent": "bash", "worktree": "."},
    "runs": {"agent": "claude", "prompt": "x", "worktree": "."},
    "settings": {"share_auth": True},
    "worktrees": {"repo": "main", "branch": "x"},
    "image/build": {},
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OneServer]:
    with one_server(tmp_path_factory.mktemp("held")) as running:
        yield running


def body_of(method: str, path: str) -> object:
    return BODIES.get(path.removeprefix(API), {}) if method in ("POST", "PATCH") else None


def everything_below(directory: Path) -> dict[str, int]:
    return {
        str(path): path.lstat().st_mtime_ns for path in directory.rglob("*") if not path.is_dir()
    }


CREDENTIALS: dict[str, dict[str, str]] = {
    "none": {},
    "a wrong token": {"Authorization": "token wrong"},
    "the beginning of the token": {"Authorization": f"token {TOKEN[:-1]}"},
    "no word of a token": {"Authorization": "token"},
    "another scheme": {"Authorization": f"Basic {TOKEN}"},
    "a cookie of its own": {"Cookie": "username-127-0-0-1-1=2|1:0|10:1|8:username|4:eA==|00"},
    "a forwarded user": {"X-Forwarded-User": "admin", "Remote-User": "admin"},
}


@pytest.mark.parametrize("credentials", CREDENTIALS.values(), ids=CREDENTIALS)
def test_no_route_answers_without_the_token(server, credentials):
    before = everything_below(server.home)
    let_in = {}
    for method, path in ROUTES:
        reply = server.ask(method, path, body_of(method, path), token=None, headers=credentials)
        if reply.status not in (401, 403) or set(reply.json) != {"message", "reason"}:
            let_in[method, path] = (reply.status, reply.text)
    assert let_in == {}
    assert everything_below(server.home) == before


def test_with_the_token_they_answer(server):
    refused = {
        (method, path): reply.text
        for method, path in ROUTES
        if (method, path) != ("PATCH", f"{API}settings")
        and (reply := server.ask(method, path, body_of(method, path))).status in (401, 403)
    }
    assert refused == {}


def evil(host: str) -> list[dict[str, str]]:
    """Return the headers of requests that another origin's page has a browser make."""
    origins = [
        "http://evil.test", "https://evil.test", f"http://{host}.evil.test", "null", "file://",
        "http://127.0.0.1:1", "http://localhost:1", f"http://evil.test/{host}",
        f"http://evil.test@{host}.x",
    ]  # fmt: skip
    forms = ["application/json", "text/plain", "application/x-www-form-urlencoded"]
    return [
        {"Origin": origin, "Content-Type": forms[n % 3], "Referer": f"{origin}/page"}
        for n, origin in enumerate(origins)
    ]


def test_no_route_answers_another_origins_page_of_a_signed_in_browser(server):
    cookies = server.login_cookies()
    before = everything_below(server.home)
    let_in = {}
    for method, path in ROUTES:
        for headers in evil(server.url.removeprefix("http://")):
            reply = server.ask(
                method, path, body_of(method, path), token=None, headers=headers, cookies=cookies
            )
            read = "access-control-allow-origin" in reply.headers
            if reply.status not in (401, 403, 404) or read or "share_auth" in reply.text:
                let_in[method, path, headers["Origin"]] = (reply.status, reply.text)
    assert let_in == {}
    assert everything_below(server.home) == before


def test_no_route_answers_under_another_name_of_the_server(server):
    cookies = server.login_cookies()
    let_in = {}
    for method, path in ROUTES:
        for host in ("evil.test", "evil.test:8888", "127.0.0.1.evil.test"):
            reply = server.ask(
                method, path, body_of(method, path), token=None, cookies=cookies,
                headers={"Host": host, "Origin": f"http://{host}"},
            )  # fmt: skip
            if reply.status not in (401, 403, 404):
                let_in[method, path, host] = (reply.status, reply.text)
    assert let_in == {}


def test_the_servers_own_page_is_answered(server):
    cookies = server.login_cookies()
    own = {"Origin": server.url, "X-XSRFToken": "x"}
    page = server.ask("GET", f"{API}settings", token=None, cookies=cookies, headers=own)
    assert page.status == 200
    plan = server.ask(
        "POST", f"{API}plan", BODIES["plan"], token=None,
        cookies={**cookies, "_xsrf": "x"}, headers=own,
    )  # fmt: skip
    assert plan.status == 200


OUTSIDE = [
    "..", "../..", "../outside", "../outside/codex", "a/../../outside", "/etc", "/", "~", "$HOME",
    "..\\outside", "....//outside", "\0", "a\0b", "../outside\n", "\n", "%2e%2e", ".", "",
    "@work", "-x", "x" * 5000, "\ud800", "\udcff", "outside/", "file:///etc", "//etc",
]  # fmt: skip


def as_path(text: str) -> str:
    return quote(text.encode("utf-8", "surrogatepass"), safe="")


def test_no_name_in_a_route_leads_anywhere_else(server):
    """The two that delete by name: of agents and profiles, and of sessions."""
    outside = server.home / "data" / "outside" / "codex"
    outside.mkdir(parents=True, exist_ok=True)
    (outside / "keep").write_text("x")
    wrong = {}
    for name in OUTSIDE:
        told = as_path(name)
        paths = [
            f"{API}agents/{told}/auth", f"{API}agents/codex/auth?profile={told}",
            f"{API}sessions/{told}", f"{API}runs/{told}", f"{API}agents/{name[:50]}/auth",
        ]  # fmt: skip
        for path in paths:
            if any(character in path for character in "\0\n\ud800\udcff"):
                continue  # No request can hold it as it is.
            reply = server.ask("DELETE", path)
            allowed = (400, 404, 405, 503)
            # An empty profile is the chosen one.
            if reply.status not in allowed and not (reply.status == 204 and not name):
                wrong[path] = (reply.status, reply.text)
    assert wrong == {}
    assert (outside / "keep").exists()


def test_signing_out_by_a_name_does_delete(server):
    stored = server.home / "data" / "agentauth" / "codex" / ".codex" / "auth.json"
    stored.parent.mkdir(parents=True, mode=0o700)
    stored.write_text("secret")
    assert server.ask("DELETE", f"{API}agents/codex/auth").status == 204
    assert not stored.exists()


def test_no_path_leads_out_of_the_servers_root(server):
    (server.home / "outside").mkdir(exist_ok=True)
    link = server.home / "root" / "link"
    link.symlink_to(server.home / "outside")
    wrong = {}
    for place in (
        *OUTSIDE,
        "link",
        "link/..",
        "link/../..",
        str(server.home / "outside"),
        "~/outside",
    ):
        if place in ("", ".", "%2e%2e") or place.startswith("x"):
            continue  # The root itself, and what is only not there.
        asked = [
            ("POST", f"{API}plan", {"agent": "bash", "worktree": place}),
            ("POST", f"{API}sessions", {"agent": "bash", "worktree": place}),
            ("GET", f"{API}worktrees/changes?path={as_path(place)}", None),
            ("GET", f"{API}worktrees/choices?repo={as_path(place)}", None),
            ("DELETE", f"{API}worktrees?path={as_path(place)}&force=true", None),
        ]  # fmt: skip
        for method, path, body in asked:
            reply = server.ask(method, path, body)
            if reply.status not in (400, 403, 404, 409) or set(reply.json) != {"message", "reason"}:
                wrong[method, path, place] = (reply.status, reply.text[:200])
    assert wrong == {}
    assert (server.home / "outside").is_dir()


ODD_NAMES = [
    "with space", "a,b", "a:b", "a=b", 'a"b', "a'b", "a\\b", "a\nb", "-x", "--privileged", "$HOME",
    "`id`", "a;id", "ä", "\u202ea", "a,target=/etc", '"a",readonly', "*", "[a]", "{a,b}", "~",
]  # fmt: skip


def test_an_odd_directory_name_is_that_directory_and_nothing_more(server):
    wrong = {}
    for name in ODD_NAMES:
        place = server.home / "root" / "odd" / name
        place.mkdir(parents=True)
        reply = server.ask("POST", f"{API}plan", {"agent": "bash", "worktree": f"odd/{name}"})
        if reply.status != 200:
            wrong[name] = reply.text
            continue
        plan = reply.json
        mounted = [m["source"] for m in plan["mounts"] if m["purpose"] == "worktree"]
        values = [plan["argv"][n + 1] for n, word in enumerate(plan["argv"]) if word == "--mount"]
        parsed = [dict(f.partition("=")[::2] for f in next(csv.reader([v]))) for v in values]
        sources = [fields.get("source") for fields in parsed if fields.get("source") == str(place)]
        if mounted != [str(place)] or sources != [str(place)]:
            wrong[name] = (mounted, values)
    assert wrong == {}


def test_hostile_bodies_are_one_sentence_and_no_fault(server):
    deep = b"[" * 100_000
    bodies = [
        b"", b"x", b"\xff", deep, b'{"agent":' * 5000, b"[]", b"null", b'"x"', b"1e999",
        json.dumps({"agent": "claude", "args": "x"}).encode(),
        json.dumps({"agent": {"a": []}}).encode(), json.dumps({"agent": ["x"]}).encode(),
        b'{"agent": "claude", "args": [NaN]}', b'{"agent": ' + b"9" * 5000 + b"}",
        json.dumps({"agent": "claude", "x" * 100_000: 1}).encode(),
    ]  # fmt: skip
    wrong = {}
    for method, path in ROUTES:
        if method not in ("POST", "PATCH"):
            continue
        for content in bodies:
            reply = server.ask(method, path, content)
            if reply.status >= 500 and reply.json["reason"] == "internal_error":
                wrong[method, path, content[:40]] = reply.text
    assert wrong == {}


def test_what_an_agent_left_makes_no_reply_invalid_and_keeps_no_other_agents_status(server):
    store = server.home / "data" / "agentauth"
    for agent, file, content in [
        ("claude", ".claude/.credentials.json", b'{"x": ' + b"[" * 5000 + b"]" * 5000 + b"}"),
        ("gemini", ".gemini/settings.json", b"/*a" * 40_000),
        ("opencode", ".local/share/opencode/auth.json", b"[]," * 100_000),
    ]:
        path = store / agent / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    fifo = store / "copilot" / ".copilot"
    fifo.mkdir(parents=True)
    os.mkfifo(fifo / "config.json")
    codex = store / "codex" / ".codex"
    codex.mkdir(parents=True, exist_ok=True)
    (codex / "auth.json").write_text('{"OPENAI_API_KEY": "k"}')
    for path in (store, *store.rglob("*")):
        if path.is_dir():
            path.chmod(0o700)
    agents = server.ask("GET", f"{API}agents").json
    told = {agent["name"]: agent["signed_in"] for agent in agents}
    assert told == {
        "claude": None, "codex": True, "gemini": False, "opencode": None, "copilot": None,
    }  # fmt: skip
    why = {agent["name"]: agent["profiles"][0]["problem"] for agent in agents}
    assert why["codex"] is None
    assert "can't be determined" in why["claude"]
    assert "config.json is not a regular file" in why["copilot"]
    assert server.ask("GET", f"{API}doctor").status == 200
