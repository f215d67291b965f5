from __future__ import annotations

import os
import stat

import pytest

from jupyter_agentauth.authstore import AuthStore, StoreError


@pytest.fixture(params=[0o000, 0o022, 0o077], ids=lambda mask: f"umask-{mask:03o}")
def umask(request):
    before = os.umask(request.param)
    yield
    os.umask(before)


@pytest.fixture
def store(tmp_path):
    return AuthStore(str(tmp_path / "data" / "agentauth"))


def modes(root):
    for directory, below, files in os.walk(root):
        for name in (*below, *files):
            path = os.path.join(directory, name)
            yield path, stat.S_IMODE(os.lstat(path).st_mode)


def test_directories_are_0700_and_files_0600_under_any_umask(store, umask):
    store.ensure_directory(f"{store.root}/@work/opencode/.local/share/opencode")
    store.ensure_file(f"{store.root}/mycli/.mycli/config.json", "{}")
    for path, mode in modes(store.root.parent):
        assert mode == (0o700 if os.path.isdir(path) else 0o600), path


def test_the_layout_has_a_version(store):
    store.ensure_directory(f"{store.root}/claude")
    assert (store.root / "VERSION").read_text() == "1\n"


@pytest.mark.parametrize("planted", ["", "claude", "claude/.claude"])
def test_a_planted_symlink_is_refused_and_nothing_is_made_behind_it(store, tmp_path, planted):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    link = store.root / planted
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(elsewhere)
    with pytest.raises(StoreError, match="symbolic link"):
        store.ensure_directory(f"{store.root}/claude/.claude")
    assert list(elsewhere.iterdir()) == []


def test_a_file_in_the_way_is_refused(store):
    store.ensure_file(f"{store.root}/claude/.claude", "")
    with pytest.raises(StoreError):
        store.ensure_directory(f"{store.root}/claude/.claude")


def test_a_wider_mode_is_repaired_and_said(store):
    path = store.root / "claude" / ".claude"
    store.ensure_directory(str(path))
    path.chmod(0o755)
    store.root.chmod(0o777)
    repaired = store.ensure_directory(str(path))
    assert stat.S_IMODE(path.stat().st_mode) == 0o700
    assert stat.S_IMODE(store.root.stat().st_mode) == 0o700
    assert len(repaired) == 2
    assert store.ensure_directory(str(path)) == []


def test_a_seed_is_written_once_and_never_over_what_is_there(store):
    path = f"{store.root}/mycli/.mycli/config.json"
    store.ensure_file(path, "seed")
    with open(path, "w") as file:
        file.write("the program's own")
    store.ensure_file(path, "seed")
    with open(path) as file:
        assert file.read() == "the program's own"


def test_a_symlink_in_a_files_place_is_refused(store, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("x")
    path = store.root / "mycli" / "rc"
    store.ensure_directory(str(path.parent))
    path.symlink_to(secret)
    with pytest.raises(StoreError, match="symbolic link"):
        store.ensure_file(str(path), "seed")
    with pytest.raises(StoreError, match="symbolic link"):
        store.read(str(path))
    assert secret.read_text() == "x"


def test_what_a_container_left_open_is_closed_and_links_are_not_followed(store, tmp_path):
    directory = store.root / "codex" / ".codex"
    store.ensure_directory(str(directory))
    outside = tmp_path / "outside"
    outside.write_text("x")
    outside.chmod(0o644)
    (directory / "bin").mkdir(mode=0o755)
    (directory / "bin" / "tool").write_text("")
    (directory / "bin" / "tool").chmod(0o755)
    (directory / "config.toml").write_text("")
    (directory / "config.toml").chmod(0o644)
    (directory / "link").symlink_to(outside)
    store.tighten(str(directory))
    assert stat.S_IMODE((directory / "bin" / "tool").stat().st_mode) == 0o700
    assert stat.S_IMODE((directory / "config.toml").stat().st_mode) == 0o600
    assert stat.S_IMODE(outside.stat().st_mode) == 0o644
