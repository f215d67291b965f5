"""What each agent CLI is: one table, data only.

Everything that differs between agents stands here and nowhere else. The versions named
beside a fact are those on which it was seen.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

#: In an agent's ``env`` values and headless arguments, the container's home directory.
HOME = "{home}"

#: In an agent's arguments, what it goes on with.
CONVERSATION = "{conversation}"


@dataclass(frozen=True)
class Agent:
    """One agent CLI.

    Parameters
    ----------
    name : str
        The base name of its command; also its directory in the credential store.
    command : tuple of str
        The command and its fixed arguments.
    title, icon : str
        For people.
    seen : str
        The version with which the tests were last seen to pass.
    package : str
        The npm package that the agent image installs; empty for agents that the image
        is not built with.
    auth_dirs : tuple of str
        Directories below HOME that hold its sign-in. Shared when sharing is on.
    auth_files : mapping
        Files below HOME that must exist, with the text they start with. A file inside an
        auth directory is seeded there; any other is mounted as a single file.
    cache_dirs : tuple of str
        Directories below HOME that only save time. Shared when sharing is on.
    env : mapping
        Variables for this agent alone. ``None`` passes the host's variable by its name;
        ``{home}`` in a value stands for the container's home.
    system_files : mapping
        Files outside of HOME, by absolute path, with their text; read-only inside.
    headless : tuple of str
        Arguments that run one prompt without a terminal; ``{prompt}`` is the prompt.
    piped : tuple of str
        As ``headless``, but the prompt comes on stdin, and what it prints are the ``events``; for
        a run (`runs.py`), whose prompt then stands on no command line.
    events : str
        The form of what it prints then, see `headless.output`; empty for plain text.
    resume_piped, resume : tuple of str
        Arguments that go on with ``{conversation}``, on a prompt from stdin and in a terminal.
    refresh : tuple of str
        Arguments with which it refreshes an expired sign-in and ends; for an agent that
        does not lock its refresh against other containers, see `refresh.with_refresh`.
    refresh_env : mapping
        Variables for that alone.
    refreshes_at_start : bool
        Whether it refreshes an expired sign-in as it starts, but does not keep others from
        doing so, or from reading what is half written.
    credential_files : tuple of str
        The files below HOME that hold its sign-in and nothing else; the first is the one
        that a refresh replaces. Empty where they cannot be told from the rest, and then
        ``share_scope = "credentials"`` shares nothing, see `split.py`.
    credentials_env : str
        The variable that moves the credential files into a directory of their own, where it
        has one; else they are written through a link.
    sign_in_settings : mapping
        Of a credential file: the settings file without which it is not used, and its text.
    image : str or None
        An image of its own.
    known : bool
        Whether the table has it. An unknown command gets no credentials.
    """

    name: str
    command: tuple[str, ...]
    title: str = ""
    icon: str = ""
    seen: str = ""
    package: str = ""
    auth_dirs: tuple[str, ...] = ()
    auth_files: Mapping[str, str] = field(default_factory=dict)
    cache_dirs: tuple[str, ...] = ()
    env: Mapping[str, str | None] = field(default_factory=dict)
    system_files: Mapping[str, str] = field(default_factory=dict)
    headless: tuple[str, ...] = ()
    piped: tuple[str, ...] = ()
    events: str = ""
    resume_piped: tuple[str, ...] = ()
    resume: tuple[str, ...] = ()
    refresh: tuple[str, ...] = ()
    refresh_env: Mapping[str, str] = field(default_factory=dict)
    refreshes_at_start: bool = False
    credential_files: tuple[str, ...] = ()
    credentials_env: str = ""
    sign_in_settings: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    image: str | None = None
    known: bool = True

    @property
    def single_files(self) -> dict[str, str]:
        """The ``auth_files`` outside of the ``auth_dirs``, each a mount of its own."""
        inside = tuple(f"{directory}/" for directory in self.auth_dirs)
        return {path: seed for path, seed in self.auth_files.items() if not path.startswith(inside)}


def _gemini_settings(selected: str) -> tuple[str, str]:
    text = json.dumps({"security": {"auth": {"selectedType": selected}}}, indent=2)
    return ".gemini/settings.json", f"{text}\n"


#: OpenCode's configuration with a model of its provider "openai" that no request can reach.
_REFRESH_ONLY = (
    '{"provider": {"openai": {"options": {"baseURL": "nowhere"}, "models": {"gpt-refresh": {}}}}}'
)

# All five read a prompt from stdin, and go on with a conversation by its id, at the versions
# that the table names.
_CLAUDE_PIPED = (
    "-p", "--output-format", "stream-json", "--verbose", "--include-partial-messages",
    "--permission-mode", "acceptEdits",
)  # fmt: skip
_GEMINI_PIPED = ("--yolo", "--output-format", "stream-json")
_OPENCODE_PIPED = ("run", "--format", "json")
_COPILOT_PIPED = ("--allow-all-tools", "--output-format", "json")

_BUILT_IN = (
    Agent(
        name="claude",
        command=("claude",),
        title="Claude Code",
        icon="claude",
        seen="2.1.332",
        package="@anthropic-ai/claude-code",
        # Claude Code 2.1.330: `.credentials.json`, its locks and, with CLAUDE_CONFIG_DIR,
        # `.claude.json` lie inside this one directory, so renames and locks are shared
        # by all containers. `.claude.json` as a mounted file tears under load.
        auth_dirs=(".claude",),
        env={
            "CLAUDE_CONFIG_DIR": f"{HOME}/.claude",
            # The CLI comes with the image, which the container cannot write.
            "DISABLE_AUTOUPDATER": "1",
            "ANTHROPIC_API_KEY": None,
            "ANTHROPIC_AUTH_TOKEN": None,
            "ANTHROPIC_BASE_URL": None,
            "ANTHROPIC_MODEL": None,
            "CLAUDE_CODE_OAUTH_TOKEN": None,
        },
        headless=(
            "-p", "{prompt}", "--output-format", "stream-json", "--verbose",
            "--permission-mode", "acceptEdits",
        ),
        piped=_CLAUDE_PIPED,
        events="claude",
        resume_piped=(*_CLAUDE_PIPED, "--resume", CONVERSATION),
        resume=("--resume", CONVERSATION),
        credential_files=(".claude/.credentials.json",),
        # Claude Code 2.1.331, undocumented: its locks lie there, too.
        credentials_env="CLAUDE_SECURESTORAGE_CONFIG_DIR",
    ),
    Agent(
        name="codex",
        command=("codex",),
        title="Codex",
        icon="codex",
        seen="0.169.0",
        package="@openai/codex",
        # Codex 0.169.0: `auth.json`, `config.toml` and its locks.
        auth_dirs=(".codex",),
        env={
            # Not CODEX_HOME: Codex ends at once when it names a directory that is not there.
            "OPENAI_API_KEY": None,
            "CODEX_API_KEY": None,
        },
        headless=(
            "exec", "--json", "--skip-git-repo-check",
            "--sandbox", "danger-full-access", "{prompt}",
        ),
        piped=("exec", "--json", "--skip-git-repo-check", "--sandbox", "danger-full-access", "-"),
        events="codex",
        # Codex 0.169.0: `exec resume` has no `--sandbox`.
        resume_piped=(
            "exec", "resume", "--json", "--skip-git-repo-check",
            "--config", 'sandbox_mode="danger-full-access"', CONVERSATION, "-",
        ),
        resume=("resume", CONVERSATION),
        # The container is the sandbox; Codex's own needs what we take away: "bwrap: No
        # permissions to create a new namespace" was the end of every command (0.169.0). The
        # user's own settings and options win over these.
        system_files={"/etc/codex/config.toml": 'sandbox_mode = "danger-full-access"\n'},
        # Codex 0.169.0: asks for the list of models, and refreshes an expired token first.
        refresh=("debug", "models"),
        # Codex 0.169.0 replaces what a link leads to, by renaming, with its lock beside it; of
        # a mounted file it says "Resource busy".
        credential_files=(".codex/auth.json",),
    ),
    Agent(
        name="gemini",
        command=("gemini",),
        title="Gemini CLI",
        icon="gemini",
        seen="0.61.0",
        package="@google/gemini-cli",
        # Gemini 0.61.0: `oauth_creds.json`, or `gemini-credentials.json`, whose key is
        # made of the host name and the user name: both stay the same for ever.
        auth_dirs=(".gemini",),
        cache_dirs=(".cache/gemini",),
        env={
            # It asks whether to trust the folder before it lets one sign in; the container
            # has no other folder than the one that the user chose.
            "GEMINI_CLI_TRUST_WORKSPACE": "true",
            # Its first request comes 0.4 s earlier (2.55-2.8 s to 2.1-2.3 s, seen).
            "NODE_COMPILE_CACHE": f"{HOME}/.cache/gemini/node-compile-cache",
            "GEMINI_API_KEY": None,
            "GOOGLE_API_KEY": None,
            "GOOGLE_CLOUD_PROJECT": None,
            "GOOGLE_GEMINI_BASE_URL": None,
        },
        headless=("-p", "{prompt}", "--yolo", "--output-format", "stream-json"),
        piped=_GEMINI_PIPED,
        events="gemini",
        resume_piped=(*_GEMINI_PIPED, "--resume", CONVERSATION),
        resume=("--resume", CONVERSATION),
        # Gemini 0.61.0, of a Google account. The file is empty for moments while it is
        # written, and who reads it then is asked to sign in.
        refreshes_at_start=True,
        # Gemini 0.61.0 writes the key in place, through a link; a Google sign-in takes the
        # link's place.
        credential_files=(
            ".gemini/oauth_creds.json", ".gemini/gemini-credentials.json",
            ".gemini/google_accounts.json",
        ),
        sign_in_settings={
            ".gemini/gemini-credentials.json": _gemini_settings("gemini-api-key"),
            ".gemini/oauth_creds.json": _gemini_settings("oauth-personal"),
        },
    ),
    Agent(
        name="opencode",
        command=("opencode",),
        title="OpenCode",
        icon="opencode",
        seen="1.18.33",
        package="opencode-ai",
        # OpenCode 1.18.33: `auth.json` and the session database lie in the data
        # directory; `.config/opencode` holds settings only.
        auth_dirs=(".local/share/opencode", ".config/opencode"),
        cache_dirs=(".cache/opencode",),
        env={
            "OPENCODE_DISABLE_AUTOUPDATE": "1",
            "OPENCODE_API_KEY": None,
            "OPENCODE_AUTH_CONTENT": None,
        },
        headless=("run", "--format", "json", "{prompt}"),
        piped=_OPENCODE_PIPED,
        events="opencode",
        resume_piped=(*_OPENCODE_PIPED, "--session", CONVERSATION),
        resume=("--session", CONVERSATION),
        # OpenCode 1.18.33 refreshes a ChatGPT sign-in when it asks a model, and only then:
        # so it asks one, at an address that is none. It ends there, before anything is sent.
        refresh=("run", "--model", "openai/gpt-refresh", "refresh"),
        refresh_env={
            "OPENCODE_CONFIG_CONTENT": _REFRESH_ONLY,
            "OPENCODE_DB": ":memory:",  # No session of it is kept.
            "OPENCODE_DISABLE_PROJECT_CONFIG": "1",
        },
        # OpenCode 1.18.33 writes it in place, through a link.
        credential_files=(".local/share/opencode/auth.json",),
    ),
    Agent(
        name="copilot",
        command=("copilot",),
        title="GitHub Copilot",
        icon="copilot",
        seen="1.0.102",
        package="@github/copilot",
        # Copilot 1.0.102: `config.json` holds the tokens where there is no keychain, and
        # settings beside them. It replaces a link there by a file of its own at each start,
        # and with a mounted file it ends at once, so there is no `credential_files`.
        auth_dirs=(".copilot",),
        # It unpacks itself here at its first start. Remembers the user, so it is kept
        # per profile like a sign-in.
        cache_dirs=(".cache/copilot",),
        env={
            "COPILOT_HOME": f"{HOME}/.copilot",
            # Else it compiles 2.3 MB anew into /tmp at each start.
            "NODE_COMPILE_CACHE": f"{HOME}/.cache/copilot/node-compile-cache",
            "COPILOT_GITHUB_TOKEN": None,
            "COPILOT_PROVIDER_API_KEY": None,
            "COPILOT_PROVIDER_BASE_URL": None,
            "COPILOT_MODEL": None,
            "COPILOT_OFFLINE": None,
        },
        headless=("-p", "{prompt}", "--allow-all-tools", "--output-format", "json"),
        piped=_COPILOT_PIPED,
        events="copilot",
        resume_piped=(*_COPILOT_PIPED, f"--resume={CONVERSATION}"),
        resume=(f"--resume={CONVERSATION}",),
    ),
)  # fmt: skip

#: The built-in table by name, in the order in which people see it.
BUILT_IN: Mapping[str, Agent] = {agent.name: agent for agent in _BUILT_IN}
