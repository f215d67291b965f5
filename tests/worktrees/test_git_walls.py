"""No way found so far leads from a container to code on the host through git.

Each attack is run inside a real container; then the user's own git runs on the host in
every worktree. The attack works if it leaves its mark.
"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from command_line import git

PAYLOAD = '#!/bin/sh\ntouch "{mark}"\n'

#: $G is the repository's git directory, $O the worktree's own, $W its root, $P a script
#: that leaves the mark, $E a configuration that has git start it.
ATTACKS = {
    "hook": 'cp "$P" "$G/hooks/post-index-change"; cp "$P" "$G/hooks/pre-commit"',
    "config": 'git config core.fsmonitor "$P"',
    "config file": 'cat "$E" >> "$G/config"',
    "config replaced": 'cp "$E" "$G/c"; mv -f "$G/c" "$G/config"',
    "config.worktree": 'cp "$E" "$O/config.worktree"; cp "$E" "$G/config.worktree"',
    "hooks renamed": 'mv "$G/hooks" "$G/h"; mkdir "$G/hooks"; cp "$P" "$G/hooks/pre-commit"',
    "git directory renamed": 'mv "$G" "$G.old" && cp -r "$G.old" "$G" && cat "$E" >> "$G/config"',
    "own part renamed": 'mv "$O" "$O.old"; mkdir -p "$O"; echo "$W/fake" > "$O/commondir"',
    "commondir": 'printf "%s" "$W/fake" > "$O/commondir"; printf "%s" "$W/fake" > "$G/commondir"',
    "commondir replaced": 'rm -f "$G/commondir"; echo "$W/fake" > "$G/commondir"; '
    'rm -f "$O/commondir"; echo "$W/fake" > "$O/commondir"',
    "pointer": 'rm -f "$W/.git"; echo "gitdir: $W/fake" > "$W/.git"',
    "pointer renamed": 'mv "$W/.git" "$W/.g"; echo "gitdir: $W/fake" > "$W/.git"',
    "other worktrees": 'for d in "$G"/worktrees/*; do echo "$W/fake" > "$d/commondir"; '
    'cp "$E" "$d/config.worktree"; done; mv "$G/worktrees" "$G/w"',
    "new worktree entry": 'mkdir -p "$G/worktrees/later" && cp "$E" "$G/worktrees/later/config"',
    "attributes": 'echo "* filter=x" > "$G/info/attributes"; git config filter.x.clean "$P"',
    "remote that is a directory": 'git init -q --bare evil.git; cp "$P" evil.git/hooks/pre-receive;'
    'mkdir -p "$G/remotes"; echo "URL: $W/evil.git" > "$G/remotes/origin"',
    "modules": 'mkdir -p "$G/modules/lib"; cp "$E" "$G/modules/lib/config"',
}


@pytest.mark.parametrize("which", ["main", "a"])
@pytest.mark.parametrize("attack", ATTACKS)
def test_an_attack_through_git_leaves_no_mark_on_the_host(
    agentauth, repository, image, tmp_path, which, attack
):
    mark = tmp_path / "mark"
    worktree = repository.parent / which
    own = Path(git(worktree, "rev-parse", "--absolute-git-dir").strip())
    payload = worktree / "payload"
    payload.write_text(PAYLOAD.format(mark=mark))
    payload.chmod(0o755)
    evil = worktree / "evil-config"
    evil.write_text(f"[core]\n\tfsmonitor = {payload}\n\thooksPath = {worktree}\n")
    script = (
        f'W="{worktree}" G="{repository}/.git" O="{own}" P="{payload}" E="{evil}"\n'
        'mkdir fake; cp -r "$G/objects" "$G/refs" "$G/HEAD" fake; cp "$E" fake/config\n'
        f"{ATTACKS[attack]}"
    )
    agentauth("run", "sh", "--worktree", str(worktree), "--", "-c", script)

    for name in ("main", "a", "b"):
        directory = repository.parent / name
        git(directory, "status")
        git(directory, "diff")
        subprocess.run(
            ["git", "-C", directory, "push", "--quiet"], capture_output=True, check=False
        )
        git(directory, "commit", "--quiet", "--allow-empty", "--message=on the host")
    assert not mark.exists()
    modules = repository / ".git" / "modules"
    assert not modules.exists() or list(modules.iterdir()) == []


def test_the_payload_would_leave_its_mark(repository, tmp_path):
    """The attacks' payload works, so a missing mark means that the walls held."""
    mark = tmp_path / "mark"
    payload = tmp_path / "payload"
    payload.write_text(PAYLOAD.format(mark=mark))
    payload.chmod(0o755)
    git(repository, "config", "core.fsmonitor", str(payload))
    git(repository, "status")
    assert mark.exists()


def test_a_worktree_inside_the_main_checkout_is_out_of_its_agents_reach(
    agentauth, repository, image, tmp_path
):
    mark = tmp_path / "mark"
    nested = repository / "trees" / "x"
    git(repository, "worktree", "add", "--quiet", "-b", "x", str(nested))
    (repository / "evil").write_text(f'[core]\n\tfsmonitor = "touch {mark}; false"\n')
    script = (
        "cp -r .git fake; cp evil fake/config;"
        "echo gitdir: $PWD/fake > trees/x/.git; mv trees/x trees/y; mv trees woods;"
        "mkdir -p trees/x; echo gitdir: $PWD/fake > trees/x/.git"
    )
    agentauth("run", "sh", "--worktree", str(repository), "--", "-c", script)
    git(nested, "status")
    assert not mark.exists()


def test_hooks_that_are_kept_in_the_worktree_are_read_only_and_said(
    agentauth, repository, image, tmp_path
):
    mark = tmp_path / "mark"
    (repository / ".githooks").mkdir()
    git(repository, "config", "core.hooksPath", ".githooks")
    script = (
        f"printf '#!/bin/sh\\ntouch {mark}\\n' > h; chmod +x h; cp h .githooks/pre-commit;"
        "mv .githooks old; mkdir .githooks; cp h .githooks/pre-commit"
    )
    done = agentauth("run", "sh", "--worktree", str(repository), "--", "-c", script)
    assert "core.hooksPath" in done.stderr
    git(repository, "commit", "--quiet", "--allow-empty", "--message=x")
    assert not mark.exists()


def test_a_pointer_is_guarded_also_where_the_git_directory_lies_elsewhere(
    agentauth, home, image, tmp_path
):
    mark = tmp_path / "mark"
    worktree = home / "src" / "separate"
    worktree.mkdir(parents=True)
    git(worktree, "init", "--quiet", "--separate-git-dir", str(tmp_path / "elsewhere.git"))
    git(worktree, "config", "core.worktree", str(worktree))
    git(worktree, "commit", "--quiet", "--allow-empty", "--message=first")
    script = (
        f"cp -r {tmp_path}/elsewhere.git fake; printf '[core]\\nfsmonitor = touch {mark}\\n' >> "
        "fake/config; rm -f .git; echo gitdir: $PWD/fake > .git"
    )
    agentauth("run", "sh", "--worktree", str(worktree), "--", "-c", script)
    git(worktree, "status")
    assert not mark.exists()


def test_a_git_directory_behind_a_link_is_refused_in_one_sentence(agentauth, repository, tmp_path):
    (repository / ".git").rename(tmp_path / "real.git")
    (repository / ".git").symlink_to(tmp_path / "real.git")
    done = agentauth("plan", "sh", "--worktree", str(repository))
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "symbolic link" in done.stderr


@pytest.mark.parametrize("which", ["main", "a"])
def test_the_hosts_git_is_as_before_once_a_session_has_run(agentauth, repository, image, which):
    worktree = repository.parent / which
    script = "git commit -q --allow-empty -m x"
    agentauth("run", "sh", "--worktree", str(worktree), "--", "-c", script)
    git(repository, "fsck", "--strict")
    git(repository, "gc", "--quiet")
    later, moved = str(repository.parent / "later"), str(repository.parent / "c")
    git(repository, "worktree", "add", "--quiet", "-b", "later", later)
    git(repository, "worktree", "remove", later)
    git(repository, "worktree", "move", str(repository.parent / "a"), moved)
    git(repository, "worktree", "remove", moved)
    assert git(repository, "worktree", "list").count("\n") == 2
    git(repository, "branch", "-D", "a")
    assert git(repository, "status", "--porcelain") == ""


def test_what_the_configuration_includes_and_runs_is_read_only(
    agentauth, repository, image, tmp_path
):
    mark = tmp_path / "mark"
    (repository / "clean").write_text("#!/bin/sh\ncat\n")
    (repository / "clean").chmod(0o755)
    (repository / "shared-config").write_text("[demo]\n")
    (repository / ".gitattributes").write_text("*.txt filter=x\n")
    git(repository, "add", ".")
    git(repository, "commit", "--quiet", "--message=filter")
    git(repository, "config", "filter.x.clean", "./clean")
    git(repository, "config", "includeIf.onbranch:topic/**.path", "../shared-config")
    git(repository, "config", "include.path", "../not-there")
    script = (
        f"printf '#!/bin/sh\\ntouch {mark}\\ncat\\n' > clean; echo more >> readme.txt;"
        f"printf '[core]\\nfsmonitor = touch {mark}\\n' > shared-config;"
        "mv shared-config old; git checkout -q -b topic/x"
    )
    done = agentauth("run", "sh", "--worktree", str(repository), "--", "-c", script)
    assert "not-there" in done.stderr
    for name in ("clean", "shared-config"):
        assert re.search(f"reads or runs it: .*{repository / name}", done.stderr)
    git(repository, "status")
    assert git(repository, "branch", "--show-current") == "topic/x\n"
    assert not mark.exists()


async def test_our_own_server_runs_nothing_of_a_repository_that_an_agent_made(
    api, agentauth, repository, image, tmp_path
):
    mark = tmp_path / "mark"
    script = (
        "git init -q nested; cd nested; echo '* filter=x' > .gitattributes; echo a > f;"
        "git add .; git commit -qm x;"
        f"git config filter.x.clean 'touch {mark}; cat'; echo b > f"
    )
    agentauth("run", "sh", "--worktree", str(repository), "--", "-c", script)
    listed = (await api("GET", "worktrees")).json
    assert {"main", "a", "b"} == {Path(worktree["path"]).name for worktree in listed}
    assert not mark.exists()


def test_a_control_file_that_is_a_link_makes_git_read_only_and_the_agent_still_starts(
    agentauth, repository, image, tmp_path
):
    hooks = repository / ".git" / "hooks"
    hooks.rename(tmp_path / "hooks")
    hooks.symlink_to(tmp_path / "hooks")
    script = "git status --short && ! git commit -q --allow-empty -m x"
    done = agentauth("run", "sh", "--worktree", str(repository), "--", "-c", script)
    assert done.returncode == 0, done.stderr
    assert "read-only in this session" in done.stderr


def test_a_submodule_is_worked_in_and_its_control_files_are_guarded(
    agentauth, repository, image, tmp_path
):
    library = tmp_path / "library"
    library.mkdir()
    git(library, "init", "--quiet")
    git(library, "commit", "--quiet", "--allow-empty", "--message=first")
    git(
        repository, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add",
        str(library), "libs/one",
    )  # fmt: skip
    git(repository, "commit", "--quiet", "--message=submodule")
    mark = tmp_path / "mark"
    script = (
        "cd libs/one && touch f && git add f && git commit -qm inside && "
        f"git config core.fsmonitor 'touch {mark}; false'; echo gitdir: /x > .git;"
        "cd ../..; mv libs/one libs/two"
    )
    agentauth("run", "sh", "--worktree", str(repository), "--", "-c", script)
    assert git(repository / "libs" / "one", "log", "-1", "--format=%s").strip() == "inside"
    git(repository, "status")
    assert not mark.exists()
