"""What git on the host would run is read-only in a session, and what cannot be is said."""

from __future__ import annotations

from pathlib import Path

import pytest
from made_repositories import git, make_repository

from jupyter_agentauth.gitlayout import git_layout


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    made = make_repository(tmp_path / "main")
    (made / "t").mkdir()
    for name in ("f", "t/f"):
        (made / name).write_text(f"#!/bin/sh\ntouch {tmp_path}/mark\n")
        (made / name).chmod(0o755)
    return made


#: Key, value, and the file that git runs then.
NAMED = [
    ("alias.x", "!./f", "f"),
    ("alias.x", "!cd t && ./f", "t/f"),
    ("alias.x", "!sh -c '. ./f'", "f"),
    ("alias.x", "!$(git rev-parse --show-toplevel)/f", "f"),
    ("alias.x", "!`pwd`/t/f", "t/f"),
    ("credential.helper", "!./f", "f"),
    ("gpg.ssh.defaultKeyCommand", "./f", "f"),
    ("trailer.x.command", "./f", "f"),
    ("trailer.x.cmd", "./t/f $1", "t/f"),
    ("tar.x.command", "./f -c", "f"),
    ("submodule.x.update", "!./f", "f"),
    ("sendemail.toCmd", "./f", "f"),
    ("sendemail.smtpServer", "./f", "f"),
    ("filter.x.clean", "sh f", "f"),
    ("lfs.customtransfer.x.path", "t/f", "t/f"),
    ("unheard.of", "t/f", "t/f"),
    ("core.sshCommand", "ssh -o ProxyCommand=./t/f -F t/f", "t/f"),
]


@pytest.mark.parametrize(("key", "value", "file"), NAMED)
def test_a_file_of_the_worktree_that_the_configuration_names_is_guarded(
    repository, key, value, file
):
    git(repository, "config", key, value)
    layout, warnings = git_layout(str(repository))
    assert f"{repository}/{file}" in layout.guarded
    assert any(f"reads or runs it: {repository}/" in warning for warning in warnings)


@pytest.mark.parametrize(("key", "value", "file"), [n for n in NAMED if n[0] == "alias.x"])
def test_git_on_the_host_runs_it(repository, tmp_path, key, value, file):
    """The companion: the values do name the file that git runs."""
    other = {"f": "t/f", "t/f": "f"}[file]
    (repository / other).write_text("#!/bin/sh\n")
    git(repository, "config", key, value)
    git(repository, "x", check=False)
    assert (tmp_path / "mark").exists()


@pytest.mark.parametrize("key", ["core.hooksPath", "init.templateDir", "remote.x.url"])
def test_a_directory_of_scripts_is_guarded(repository, key):
    git(repository, "config", key, "./t" if key == "remote.x.url" else "t")
    assert f"{repository}/t" in git_layout(str(repository))[0].guarded


@pytest.mark.parametrize(
    "value", ["make -C t", "npm run clean", "python -m nbstripout", "./f", "$TOOLS/x"]
)
def test_what_such_a_command_loads_cannot_be_guarded_and_is_said(repository, value):
    git(repository, "config", "filter.nb.clean", value)
    warnings = git_layout(str(repository))[1]
    assert any("filter.nb.clean" in warning and "load" in warning for warning in warnings)


def test_large_files_filters_are_no_reason_to_warn(repository):
    for key, value in (("clean", "git-lfs clean -- %f"), ("process", "git-lfs filter-process")):
        git(repository, "config", f"filter.lfs.{key}", value)
    layout, warnings = git_layout(str(repository))
    assert (layout.large_files, warnings) == (True, [])


def test_a_users_own_commands_for_all_repositories_are_no_reason_to_warn(repository):
    git(repository, "config", "--global", "core.editor", "code --wait")
    assert git_layout(str(repository))[1] == []


@pytest.mark.parametrize(
    ("key", "value"),
    [("init.defaultBranch", "f"), ("branch.main.description", "about f"), ("user.name", "f")],
)
def test_a_plain_word_that_happens_to_be_a_files_name_guards_nothing(repository, key, value):
    git(repository, "config", key, value)
    assert f"{repository}/f" not in git_layout(str(repository))[0].guarded
