"""Many containers of one agent start at once on an expired sign-in; none is signed out.

The provider's refresh tokens are single-use, and one that comes twice ends all sign-ins that
came of it (Google's are not; there it is the calls that are counted). Each agent signs in by its
own login.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from conformance_bench import Bench, point_at
from providers.http import DONE
from token_family import TokenFamily
from token_family_logins import EXPIRING

from jupyter_agentauth.known_agents import BUILT_IN

ALONE = pytest.mark.alone("eight containers compute at once")

#: Of those that lock in the shared directory, by themselves or by us, in the stricter form, too.
CASES = {name: (name, "config") for name in EXPIRING}
CASES |= {f"{name}-credentials": (name, "credentials") for name in ("claude", "codex")}


@pytest.fixture
def expired(
    request, agentauth, repository, walled_network, authority, image, home, containers, tmp_path
) -> Iterator[Bench]:
    """An agent that is signed in, by its own login, with tokens that have expired."""
    name, scope = request.param
    expiring = EXPIRING[name]
    network, gateway = walled_network
    with TokenFamily(gateway, authority, expiring.rotates) as family:
        point_at(family, name, network, home, {"env": expiring.env})
        kept = tmp_path / "kept"
        bench = Bench(expiring.agent, BUILT_IN[name], agentauth, repository, family, kept)
        bench.share(scope)
        bench.sign_in()
        family.begin()
        yield bench


@pytest.mark.claim(
    "containers that start at once on an expired sign-in refresh it once, and all work (two of "
    "Claude Code and Codex in `make test`, eight of each in `make soak`)",
    not_had={"copilot": "1.0.102 has nothing to refresh: its token does not expire."},
)
@pytest.mark.parametrize(
    ("expired", "many"),
    [
        *(pytest.param(CASES[name], 2, id=f"{name}-two") for name in ("claude", "codex")),
        *(
            pytest.param(case, 8, id=f"{name}-eight", marks=[pytest.mark.soak, ALONE])
            for name, case in CASES.items()
        ),
    ],
    indirect=["expired"],
)
def test_many_containers_on_an_expired_sign_in_refresh_it_once_and_all_work(
    expired: Bench, many: int
):
    family = expired.provider
    with ThreadPoolExecutor(many) as pool:
        ended = list(pool.map(lambda _: expired.prompt(expired.a), range(many)))
    for done in ended:
        assert DONE in done.stdout, done.stdout + done.stderr
    assert not family.dead
    assert family.refreshes == 1
    assert expired.signed_in()
    assert DONE in expired.prompt(expired.b).stdout
    assert family.refreshes == 1
