"""Many containers of one agent start at once on an expired token, and none is signed out.

Codex 0.169.0 does not lock its refresh against other containers: without our lock the
provider saw one refresh token several times and ended all sign-ins (agents' facts, seen).
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from conformance_bench import configure
from providers.http import DONE
from token_family import TokenFamily

HEADLESS = ("exec", "--json", "--skip-git-repo-check", "--sandbox", "danger-full-access", "hello")


@pytest.mark.parametrize("count", [4, 8])
def test_codex_in_many_containers_refreshes_once_and_all_work(
    agentauth, repository, image, walled_network, containers, count
):
    network, gateway = walled_network
    with TokenFamily(gateway) as family:
        base = ["-c", f'chatgpt_base_url="{family.url}/backend-api"']
        base += ["-c", f'openai_base_url="{family.url}/v1"', "-c", "analytics.enabled=false"]
        base += ["-c", "features.plugins=false", "-c", "features.apps=false"]
        codex = {
            "command": ["codex", *base],
            "env": {"CODEX_REFRESH_TOKEN_URL_OVERRIDE": f"{family.url}/oauth/token"},
        }
        configure(network=network, agents={"codex": codex})
        directory = Path(os.environ["JUPYTER_DATA_DIR"]) / "agentauth" / "codex" / ".codex"
        directory.mkdir(parents=True)
        (directory / "auth.json").write_text(family.expired())

        def ask(_: int):
            run = ("run", "codex", "--share", "--worktree", str(repository.parent / "a"))
            return agentauth(*run, "--", *HEADLESS)

        with ThreadPoolExecutor(count) as pool:
            ended = list(pool.map(ask, range(count)))
        assert not family.dead
        assert family.refreshes == 1
        for done in ended:
            assert DONE in done.stdout, done.stdout + done.stderr
        assert DONE in ask(0).stdout
        assert family.refreshes == 1
