"""What the conformance suite does with an agent, as a user would."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import docker
import pytest
from conformance_agents import Conformance
from conformance_terminal import Terminal
from providers import Edit, Provider, Request
from providers.listening import Listening
from providers.tls import Authority
from providers.tunnel import reached_by_tunnel, trust
from waiting import DEADLINE

from jupyter_agentauth.agent_table import make_table
from jupyter_agentauth.engine import Engine
from jupyter_agentauth.known_agents import Agent
from jupyter_agentauth.split import stored_path

if TYPE_CHECKING:
    from command_line import CommandLine

PROMPT = "Please do what you were asked to do."


class Bench:
    """One agent, a repository with worktrees, and a provider to answer it.

    Parameters
    ----------
    agent : Conformance
    known : Agent
        What the table of agents says of it.
    agentauth : CommandLine
        ``jupyter agentauth``.
    repository : Path
        Its worktrees ``a`` and ``b`` lie beside it.
    provider : Provider
    kept : Path
        Where what its sign-in stored is kept for further tests.
    """

    def __init__(
        self,
        agent: Conformance,
        known: Agent,
        agentauth: CommandLine,
        repository: Path,
        provider: Provider,
        kept: Path,
    ) -> None:
        self.agent = agent
        self.known = known
        self.provider = provider
        self.a, self.b = repository.parent / "a", repository.parent / "b"
        self.store = Path(os.environ["JUPYTER_DATA_DIR"]) / "agentauth"
        self._agentauth = agentauth
        self._kept = kept
        self._scope = "config"

    def share(self, scope: str) -> None:
        """Set what is shared from now on."""
        self._scope = scope
        configure(share_scope=scope)

    def sign_in(self) -> None:
        """Sign in, in container 1."""
        self.agent.sign_in(self, self.a, "default")
        if not self._kept.exists():
            whole = self._kept.with_name(uuid4().hex)
            shutil.copytree(self.store, whole, symlinks=True)
            with suppress(OSError):  # Another of the run's processes was first.
                whole.rename(self._kept)

    def be_signed_in(self) -> None:
        """Begin with what a sign-in has stored; sign in if none has been."""
        if self._kept.exists():
            shutil.copytree(self._kept, self.store, symlinks=True, dirs_exist_ok=True)
        else:
            self.sign_in()

    def run(
        self,
        worktree: Path,
        *args: str,
        share: bool = True,
        profile: str = "default",
        stdin: str = "",
    ) -> subprocess.CompletedProcess[str]:
        """Run the agent in a new container, without a terminal."""
        sharing = "--share" if share else "--no-share"
        return self._agentauth(*self._words(worktree, profile, sharing, args), stdin=stdin)

    def dialogue(self, worktree: Path, *args: str, profile: str = "default") -> Terminal:
        """Run the agent in a new container, sharing, in a terminal."""
        return Terminal([*self._agentauth.argv, *self._words(worktree, profile, "--share", args)])

    def _words(
        self, worktree: Path, profile: str, sharing: str, args: tuple[str, ...]
    ) -> tuple[str, ...]:
        options = ("--worktree", str(worktree), "--profile", profile, sharing)
        return ("run", self.agent.name, *options, "--", *args)

    def ask(
        self, worktree: Path, edit: Edit | None = None, **options: Any
    ) -> tuple[subprocess.CompletedProcess[str], list[Request]]:
        """Run one prompt in a new container; return how it ended and what it requested."""
        self.provider.requests.clear()
        self.provider.edit = edit
        done = self.prompt(worktree, **options)
        return done, list(self.provider.requests)

    def prompt(self, worktree: Path, **options: Any) -> subprocess.CompletedProcess[str]:
        """Run one prompt in a new container."""
        words = [word.replace("{prompt}", PROMPT) for word in self.known.headless]
        return self.run(worktree, *words, **options)

    def place(self, path: str, text: str, profile: str = "default") -> None:
        """Write a file into the store, as the CLI in a container would."""
        file = self.stored(path, profile)
        for directory in reversed([d for d in file.parents if d.is_relative_to(self.store)]):
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        file.write_text(text)
        file.chmod(0o600)

    def stored(self, path: str, profile: str = "default") -> Path:
        """Return where the store keeps a file that lies below the container's home."""
        root = self.store if profile == "default" else self.store / f"@{profile}"
        return root / self.agent.name / stored_path(self.known, path, self._scope)

    def signed_in(self, profile: str = "default") -> bool:
        """Return what ``agents --json`` says of a profile."""
        return bool(self.told().get(profile, {}).get("signed_in", False))

    def told(self) -> dict[str, dict[str, Any]]:
        """Return what ``agents --json`` says of the agent's profiles, by name."""
        done = self._agentauth("agents", "--json")
        assert done.returncode == 0, done.stderr
        [entry] = [a for a in json.loads(done.stdout) if a["name"] == self.agent.name]
        return {profile["name"]: profile for profile in entry["profiles"]}

    def sign_out(self) -> None:
        """Sign out, as the user does."""
        done = self._agentauth("logout", self.agent.name, "--yes")
        assert done.returncode == 0, done.stderr


@pytest.fixture(scope="session")
def walled_network(engine: Engine) -> Iterator[tuple[str, str]]:
    """A network that leads to its own gateway and nowhere else: its name and that address."""
    name = f"agentauth-test-{uuid4().hex[:12]}"
    network = engine.client.networks.create(name, internal=True)
    try:
        network.reload()
        yield name, network.attrs["IPAM"]["Config"][0]["Gateway"]
    finally:
        remove_unused(network)


def remove_unused(network: Any, seconds: float = DEADLINE) -> None:
    """Remove a network, once the engine has seen off the last container on it."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            network.remove()
            return
        except docker.errors.APIError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Vouches for the stand-ins under the providers' names."""
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="session")
def kept_sign_ins(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What each agent's sign-in stored, once a test of any of the run's processes made it."""
    run = tmp_path_factory.getbasetemp()
    # pytest-xdist: each process has a directory of its own in the run's.
    kept = (run.parent if "PYTEST_XDIST_WORKER" in os.environ else run) / "kept-sign-ins"
    kept.mkdir(exist_ok=True)
    return kept


def make_bench(
    request: pytest.FixtureRequest,
    agentauth: CommandLine,
    repository: Path,
    walled_network: tuple[str, str],
    kept_sign_ins: Path,
    image: str,
    home: Path,
    authority: Authority,
    containers: object,
) -> Iterator[Bench]:
    """One agent and its provider; the parameter is its entry in the suite's table."""
    agent: Conformance = request.param
    entry = dict(agent.entry)
    if agent.program is not None:
        entry["image"] = request.getfixturevalue("own_image")(image, [agent.program])
    known = make_table({agent.name: entry})[agent.name]
    network, gateway = walled_network
    with (
        pytest.MonkeyPatch.context() as environment,
        # The gateway's address: this machine and the test's containers alone reach it.
        Provider(gateway, agent.credential, authority) as provider,
    ):
        for name in known.env:
            environment.delenv(name, raising=False)
        point_at(provider, agent.name, network, home, entry)
        yield Bench(agent, known, agentauth, repository, provider, kept_sign_ins / agent.name)


bench = pytest.fixture(make_bench)


def point_at(
    standin: Listening,
    agent: str,
    network: str,
    directory: Path,
    entry: Mapping[str, Any] = MappingProxyType({}),
) -> None:
    """Have all of an agent's requests answered by a stand-in, whatever host they are for.

    ``entry`` is what else ``c.AgentAuth.agents`` says of the agent.

    Nothing of it is a credential, and nothing lies in the store, so that it holds without
    sharing and after a sign-out, too.
    """
    assert standin.authority is not None
    env = {**entry.get("env", {}), **reached_by_tunnel(standin.url)}
    configure(
        network=network,
        extra_mounts=[
            f"{_no_names(directory)}:/etc/resolv.conf:ro",
            trust(standin.authority),
        ],
        agents={agent: {**entry, "env": env}},
    )


def _no_names(directory: Path) -> Path:
    """Make a resolv.conf with which every name is refused at once, not after 20 seconds."""
    file = directory / "resolv.conf"
    file.write_text("nameserver 127.0.0.1\n")
    return file


def configure(**settings: object) -> None:
    """Set ``c.AgentAuth.…`` as a user does, in a file."""
    directory = Path(os.environ["JUPYTER_CONFIG_DIR"])
    directory.mkdir(parents=True, exist_ok=True)
    with (directory / "jupyter_server_config.py").open("a") as file:
        for name, value in settings.items():
            file.write(f"c.AgentAuth.{name} = {value!r}\n")
