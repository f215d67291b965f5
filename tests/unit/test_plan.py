from __future__ import annotations

from dataclasses import replace

import pytest
from planning import HOST, LINKED, MAIN, SETTINGS, plan, targets

from jupyter_agentauth.agent_table import make_table
from jupyter_agentauth.docker_run import docker_run_argv, plan_json
from jupyter_agentauth.errors import BadRequest
from jupyter_agentauth.settings import EngineFacts, ExtraMount

SHARING = replace(SETTINGS, share_auth=True)


def values(argv: list[str], option: str) -> list[str]:
    return [argv[i + 1] for i, word in enumerate(argv) if word == option]


def test_sharing_is_off_by_default_and_then_nothing_of_the_store_is_mounted():
    launch = plan()
    assert not launch.share_auth
    assert not targets(launch, "auth")
    assert not any("/store" in word for word in docker_run_argv(launch))


def test_identity_and_host_name_stay_when_sharing_is_off():
    launch = plan()
    assert set(targets(launch, "identity")) == {"/etc/passwd", "/etc/group"}
    assert (launch.hostname, launch.user) == (
        plan(settings=SHARING).hostname,
        plan(settings=SHARING).user,
    )


@pytest.mark.parametrize(
    ("agent", "directory"),
    [
        ("claude", ".claude"),
        ("codex", ".codex"),
        ("gemini", ".gemini"),
        ("opencode", ".local/share/opencode"),
        ("copilot", ".copilot"),
    ],
)
def test_with_sharing_an_agents_directory_is_mounted_from_the_store(agent, directory):
    launch = plan(agent, settings=SHARING)
    assert targets(launch, "auth")[f"/home/agent/{directory}"] == f"/store/{agent}/{directory}"


def test_a_named_profile_has_a_store_of_its_own():
    launch = plan("codex", settings=SHARING, profile="work")
    assert list(targets(launch, "auth").values()) == ["/store/@work/codex/.codex"]


@pytest.mark.parametrize("agent", ["claude", "codex", "gemini", "opencode", "copilot", "bash"])
def test_no_two_mounts_share_a_source_or_a_target(agent):
    for worktree in (LINKED, MAIN):
        mounts = plan(agent, settings=SHARING, worktree=worktree).mounts
        assert len({m.source for m in mounts}) == len(mounts)
        assert len({m.target for m in mounts}) == len(mounts)


@pytest.mark.parametrize("command", ["claude", "/usr/local/bin/claude", "/opt/claude --resume"])
def test_a_command_is_matched_by_its_base_name(command):
    launch = plan(command, settings=SHARING, args=("-p", "hi there"))
    assert launch.agent == "claude"
    assert targets(launch, "auth")
    assert docker_run_argv(launch)[-2:] == ["-p", "hi there"]
    assert launch.command[0] == command.split()[0]


@pytest.mark.parametrize("command", ["claudex", "my-claude", "bash", "claude.sh"])
def test_an_unknown_command_gets_no_credentials_and_the_warning_names_the_setting(command):
    launch = plan(command, settings=SHARING)
    assert not targets(launch, "auth")
    assert not launch.share_auth
    assert any("c.AgentAuth.agents" in warning for warning in launch.warnings)


@pytest.mark.parametrize("share", [True, None])
def test_an_administrators_word_wins_over_preference_and_request(share):
    launch = plan(settings=replace(SHARING, allow_share_auth=False), share_auth=share)
    assert not launch.share_auth
    assert not targets(launch, "auth")
    assert any("allow_share_auth" in warning for warning in launch.warnings)


def test_a_request_wins_over_the_preference_both_ways():
    assert plan(share_auth=True).share_auth
    assert not plan(settings=SHARING, share_auth=False).share_auth


def test_the_host_environment_goes_in_by_name_and_only_what_is_named():
    launch = plan("claude")
    assert launch.env["LANG"] is None
    assert launch.env["ANTHROPIC_API_KEY"] is None
    assert "JUPYTER_TOKEN" not in launch.env
    assert "AWS_SECRET_ACCESS_KEY" not in launch.env
    assert "ANTHROPIC_API_KEY" in values(docker_run_argv(launch), "--env")


def test_an_agents_own_key_goes_to_that_agent_alone():
    assert "ANTHROPIC_API_KEY" not in plan("codex").env
    assert "ANTHROPIC_API_KEY" not in plan("bash").env


def test_the_walls_are_up_in_every_plan():
    argv = docker_run_argv(plan(settings=SHARING))
    assert values(argv, "--cap-drop") == ["ALL"]
    assert "no-new-privileges" in values(argv, "--security-opt")
    assert values(argv, "--pids-limit") == ["512"]
    assert values(argv, "--memory") == ["8g"]
    assert values(argv, "--user") == ["4321:4321"]
    assert values(argv, "--log-driver") == ["none"]
    assert values(argv, "--pull") == ["never"]
    assert "ctrl-p" not in values(argv, "--detach-keys")[0]
    assert {"--rm", "--init", "--interactive", "--tty"} <= set(argv)
    assert "--privileged" not in argv
    assert not any("docker.sock" in word for word in argv)


def test_without_a_terminal_there_are_plain_pipes():
    argv = docker_run_argv(plan(tty=False))
    assert "--interactive" in argv
    assert "--tty" not in argv


def test_home_is_writable_and_so_is_every_directory_between_it_and_a_mount():
    launch = plan("opencode", settings=SHARING)
    assert launch.home == "/home/agent"
    assert not launch.home.startswith("/tmp")
    assert {"/home/agent", "/home/agent/.local", "/home/agent/.local/share"} <= set(launch.tmpfs)
    assert "/home/agent/.local/share/opencode" not in launch.tmpfs


def test_worktree_and_git_directory_are_at_their_own_paths():
    launch = plan()
    assert targets(launch, "worktree") == {"/src/wt": "/src/wt"}
    assert all(target == source for target, source in targets(launch, "git").items())
    assert "/src/main/.git" in targets(launch, "git")
    assert "--workdir=/src/wt/sub" in docker_run_argv(launch)


@pytest.mark.parametrize(
    "path", ["/a b", "/a,b", "/a:b", '/a"b', "/a'b", "/a\nb", "/-a", "/é", "/a=b", "/$(x)"]
)
def test_an_odd_path_stays_one_path(path):
    import csv

    launch = plan(worktree=replace(LINKED, path=path, workdir=path, git=None))
    argv = docker_run_argv(launch)
    specs = [next(csv.reader([spec], strict=True)) for spec in values(argv, "--mount")]
    assert ["type=bind", f"source={path}", f"target={path}"] in specs
    assert f"--workdir={path}" in argv


def test_a_path_that_the_engine_would_read_otherwise_is_refused():
    launch = plan(worktree=replace(LINKED, path="/a\r\nb", workdir="/a\r\nb", git=None))
    with pytest.raises(BadRequest, match="rename it"):
        docker_run_argv(launch)


def test_a_custom_agent_is_a_full_member_of_the_table():
    table = make_table(
        {
            "mycli": {
                "command": "my-cli --fast",
                "auth_dirs": [".mycli"],
                "auth_files": {".mycli/config.json": "{}", ".myclirc": "x=1\n"},
                "env": {"MYCLI_HOME": "{home}/.mycli", "LANG": None},
                "image": "own:1",
            }
        }
    )
    launch = plan("mycli", settings=replace(SHARING, agents=table))
    assert launch.command == ("my-cli", "--fast")
    assert launch.image == "own:1"
    assert launch.env["MYCLI_HOME"] == "/home/agent/.mycli"
    assert targets(launch, "auth") == {
        "/home/agent/.mycli": "/store/mycli/.mycli",
        "/home/agent/.myclirc": "/store/mycli/.myclirc",
    }
    seeds = {p.path: p.text for p in launch.host_paths if p.kind == "store_file"}
    assert seeds == {"/store/mycli/.mycli/config.json": "{}", "/store/mycli/.myclirc": "x=1\n"}
    assert any("single file" in warning for warning in launch.warnings)
    assert plan("my-cli", settings=replace(SHARING, agents=table)).agent == "mycli"


@pytest.mark.parametrize(
    ("facts", "user", "more"),
    [
        (EngineFacts(rootless=True), "0:0", []),
        (EngineFacts(userns_remap=True), "4321:4321", ["--userns", "host"]),
        (EngineFacts(selinux=True), "4321:4321", ["--security-opt", "label=disable"]),
    ],
)
def test_the_kind_of_engine_changes_who_the_container_is(facts, user, more):
    argv = docker_run_argv(plan(host=replace(HOST, engine=facts)))
    assert values(argv, "--user") == [user]
    assert " ".join(more) in " ".join(argv)


def test_an_engine_that_was_never_reached_is_said():
    assert any("doctor" in w for w in plan(host=replace(HOST, engine=None)).warnings)
    assert not any("doctor" in w for w in plan().warnings)


def test_paths_of_a_server_in_a_container_are_translated_for_the_engine():
    settings = replace(SETTINGS, host_path_map={"/src": "/srv/users/me/src"})
    mounts = values(docker_run_argv(plan(settings=settings)), "--mount")
    assert "type=bind,source=/srv/users/me/src/wt,target=/src/wt" in mounts


@pytest.mark.parametrize("path", ["/home/agent", "/home/agent/.claude", "/home/agent/.claude/x"])
def test_a_worktree_in_the_place_of_the_agents_own_files_is_refused(path):
    with pytest.raises(BadRequest, match="move the worktree"):
        plan(settings=SHARING, worktree=replace(LINKED, path=path, workdir=path, git=None))
    assert plan(
        worktree=replace(LINKED, path="/home/agent/src", workdir="/home/agent/src", git=None)
    )


def test_an_extra_mount_cannot_replace_one_of_ours():
    extra = (ExtraMount("/data", "/data", True), ExtraMount("/evil", "/etc/passwd"))
    launch = plan(settings=replace(SETTINGS, extra_mounts=extra))
    assert targets(launch, "extra") == {"/data": "/data"}
    assert any("/etc/passwd" in warning for warning in launch.warnings)


def test_the_json_form_has_the_contracts_keys():
    shown = plan_json(plan(settings=SHARING))
    assert {
        "agent", "profile", "share_auth", "image", "worktree", "home", "user", "hostname", "argv",
        "mounts", "env", "labels", "warnings",
    } <= set(shown)  # fmt: skip
    assert all(set(m) == {"source", "target", "read_only", "purpose"} for m in shown["mounts"])


def test_an_agents_system_files_are_read_only_and_the_users_own_mount_wins():
    launch = plan("codex")
    [mount] = [m for m in launch.mounts if m.target == "/etc/codex/config.toml"]
    assert mount.read_only
    [text] = [path.text for path in launch.host_paths if path.path == mount.source]
    assert "danger-full-access" in text
    own = ExtraMount("/src/codex.toml", mount.target, True)
    launch = plan("codex", settings=replace(SETTINGS, extra_mounts=(own,)))
    assert [m.source for m in launch.mounts if m.target == mount.target] == [own.source]
    assert not any("left out" in warning for warning in launch.warnings)
    assert not any(m.target == mount.target for m in plan("claude").mounts)


ALONE = replace(SHARING, share_scope="credentials")


@pytest.mark.parametrize("agent", ["claude", "codex", "gemini", "opencode"])
def test_credentials_alone_are_one_directory_that_holds_nothing_else(agent):
    launch = plan(agent, settings=ALONE)
    home = "/home/agent/.agentauth-credentials"
    assert launch.share_auth
    assert targets(launch, "auth") == {home: f"/store/{agent}/.agentauth-credentials"}
    assert not targets(launch, "cache")
    assert plan_json(launch)["share_scope"] == "credentials"


def test_claude_is_told_where_its_credentials_lie_and_the_others_by_a_link():
    claude = plan("claude", settings=ALONE)
    assert claude.env["CLAUDE_SECURESTORAGE_CONFIG_DIR"] == "/home/agent/.agentauth-credentials"
    assert not any("ln -s" in command for command in claude.before)
    codex = plan("codex", settings=ALONE, args=("exec", "a b"))
    assert any(
        command == "ln -s /home/agent/.agentauth-credentials/auth.json /home/agent/.codex/auth.json"
        for command in codex.before
    )
    assert codex.command_line[-3:] == ("codex", "exec", "a b")


def test_an_agent_that_cannot_be_split_shares_nothing_and_says_so():
    launch = plan("copilot", settings=ALONE)
    assert not launch.share_auth
    assert not targets(launch, "auth")
    assert any("share_scope = 'config'" in warning for warning in launch.warnings)
    assert launch.before == ()


def test_a_custom_agents_credential_files_are_shared_alone_and_its_seeds_are_its_own():
    entry = {
        "auth_dirs": [".mycli"],
        "credential_files": [".mycli/token"],
        "auth_files": {".mycli/settings": "a seed"},
    }
    launch = plan("mycli", settings=replace(ALONE, agents=make_table({"mycli": entry})))
    assert targets(launch, "auth") == {
        "/home/agent/.agentauth-credentials": "/store/mycli/.agentauth-credentials"
    }
    script = "\n".join(launch.before)
    assert "ln -s /home/agent/.agentauth-credentials/token /home/agent/.mycli/token" in script
    assert "printf %s 'a seed' >/home/agent/.mycli/settings" in script


def test_without_sharing_a_seeded_file_is_in_the_sessions_own_home():
    table = make_table({"mycli": {"auth_files": {".mycli/settings": "a seed"}}})
    launch = plan("mycli", settings=replace(SETTINGS, agents=table))
    assert not targets(launch, "auth")
    assert "printf %s 'a seed' >/home/agent/.mycli/settings" in "\n".join(launch.before)


@pytest.mark.parametrize("scope", ["config", "credentials"])
def test_without_sharing_the_scope_changes_nothing(scope):
    launch = plan("codex", settings=replace(SETTINGS, share_scope=scope))
    assert not targets(launch, "auth")
    assert launch.before == ()


def test_planning_does_no_input_or_output(monkeypatch):
    def refuse(*arguments: object, **options: object) -> None:
        raise AssertionError("the planner touched the machine")

    for name in ("open", "os.stat", "os.lstat", "os.open", "subprocess.Popen", "socket.socket"):
        monkeypatch.setattr(name if "." in name else f"builtins.{name}", refuse)
    assert docker_run_argv(plan("opencode", settings=SHARING))


def test_what_is_carried_along_is_mounted_read_only_at_its_own_path():
    carried = ("/src/main/.env", "/home/agent/main/data")
    launch = plan(worktree=replace(LINKED, carried=carried))
    assert targets(launch, "extra") == {path: path for path in carried}
    assert all(mount.read_only for mount in launch.mounts if mount.purpose == "extra")
    # The engine would make it as root, and no agent could write beside it.
    assert "/home/agent/main" in launch.tmpfs
    assert [path.kind for path in launch.host_paths if path.path in carried] == ["carried"] * 2


def test_the_configuration_replaces_nothing_that_is_carried_along():
    settings = replace(SETTINGS, extra_mounts=(ExtraMount("/x", "/src/main/.env"),))
    launch = plan(worktree=replace(LINKED, carried=("/src/main/.env",)), settings=settings)
    assert targets(launch, "extra") == {"/src/main/.env": "/src/main/.env"}
    assert any("/src/main/.env" in warning for warning in launch.warnings)
