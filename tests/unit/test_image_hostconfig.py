"""What the builder stage gets of this machine, and what it never gets."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from jupyter_agentauth.image.hostconfig import HostConfig, host_config

TOKEN = "npm_abcdefghijklmnop"
CERTIFICATE = "-----BEGIN CERTIFICATE-----\nQUJD\n-----END CERTIFICATE-----"
KEY = "-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----"
ALONE = {"npm_config_globalconfig": "/dev/null"}


def collect(home: Path, npmrc: str = "", **environ: str) -> HostConfig:
    (home / ".npmrc").write_text(npmrc)
    return host_config({**ALONE, **environ}, home)


def test_what_reaches_a_registry_goes_along_and_nothing_else(tmp_path: Path) -> None:
    npmrc = f"""
; a comment
registry = "https://packages.example.test/npm/"
@corp:registry=https://corp.example.test/
//packages.example.test/npm/:_authToken={TOKEN}
//packages.example.test/npm/:keyfile=/home/ada/key.pem
strict-ssl=false
min-release-age=3
cafile=/home/ada/ca.pem
script-shell=/home/ada/bin/sh
init-author-name=Ada
prefix=/home/ada/npm
"""
    assert collect(tmp_path, npmrc).npmrc.splitlines() == [
        "registry=https://packages.example.test/npm/",
        "@corp:registry=https://corp.example.test/",
        f"//packages.example.test/npm/:_authToken={TOKEN}",
        "strict-ssl=false",
        "min-release-age=3",
    ]


def test_variables_win_over_the_users_file_and_that_over_the_global_one(tmp_path: Path) -> None:
    everyone = tmp_path / "global"
    everyone.write_text("registry=https://one.example.test/\nfetch-retries=1\nmaxsockets=9\n")
    config = collect(
        tmp_path,
        "registry=https://two.example.test/\nfetch-retries=2\n",
        npm_config_globalconfig=str(everyone),
        NPM_CONFIG_REGISTRY="https://three.example.test/",
    )
    assert config.npmrc.splitlines() == [
        "registry=https://three.example.test/",
        "fetch-retries=2",
        "maxsockets=9",
    ]


def test_a_token_named_by_a_variable_is_resolved_here(tmp_path: Path) -> None:
    config = collect(tmp_path, "//x.example.test/:_authToken=${NPM_TOKEN}\n", NPM_TOKEN=TOKEN)
    assert config.npmrc == f"//x.example.test/:_authToken={TOKEN}\n"
    assert config.secrets == (TOKEN,)


def test_no_message_shows_a_token_in_any_of_its_forms(tmp_path: Path) -> None:
    basic = base64.b64encode(b"ada:correct-horse").decode()
    config = collect(
        tmp_path,
        f"//a.example.test/:_authToken={TOKEN}\n//b.example.test/:_auth={basic}\n"
        f"//c.example.test/:_password={base64.b64encode(b'battery-staple').decode()}\n",
        HTTPS_PROXY="http://ada:pass%40word@proxy.example.test:3128",
    )
    said = config.scrub(
        f"npm error {TOKEN} {basic} correct-horse battery-staple pass@word pass%40word "
        "GET https://someone:else@d.example.test/x"
    )
    assert said == "npm error *** *** *** *** *** *** GET https://***@d.example.test/x"
    assert all(secret in config.files()["secrets"].splitlines() for secret in config.secrets)


def test_an_empty_configuration_makes_no_empty_pattern(tmp_path: Path) -> None:
    # `grep -f` takes an empty line for "everything".
    config = collect(tmp_path, "//x.example.test/:_authToken=\n_auth=\n")
    assert config.secrets == ()
    assert config.files()["secrets"] == ""


def test_certificates_go_along_without_the_keys_beside_them(tmp_path: Path) -> None:
    bundle = tmp_path / "bundle.pem"
    bundle.write_text(f"{KEY}\n{CERTIFICATE}\n{CERTIFICATE}\n")
    config = collect(tmp_path, f"cafile={bundle}\n", NODE_EXTRA_CA_CERTS=str(bundle))
    assert config.ca.count("QUJD") == 1
    assert "PRIVATE" not in config.ca
    assert 'CAInfo "/agentauth-build/ca.pem"' in config.files()["apt.conf"]


def test_proxies_are_given_in_both_spellings(tmp_path: Path) -> None:
    config = collect(tmp_path, "", https_proxy="http://proxy.example.test:1", NO_PROXY="a,b")
    assert config.proxies == {
        "HTTPS_PROXY": "http://proxy.example.test:1",
        "https_proxy": "http://proxy.example.test:1",
        "NO_PROXY": "a,b",
        "no_proxy": "a,b",
    }


@pytest.mark.parametrize(
    ("npmrc", "expected"),
    [
        ("registry=http://127.0.0.1:4873/\n", True),
        ("registry=http://localhost:4873/\n", True),
        ("proxy=http://[::1]:3128\n", True),
        ("registry=https://localhost.example.test/\n", False),
        ("", False),
    ],
)
def test_a_registry_on_this_machines_loopback_is_noticed(
    tmp_path: Path, npmrc: str, expected: bool
) -> None:
    assert collect(tmp_path, npmrc).loopback is expected


def test_unreadable_files_are_left_out(tmp_path: Path) -> None:
    (tmp_path / ".npmrc").mkdir()
    config = host_config({**ALONE, "SSL_CERT_FILE": str(tmp_path)}, tmp_path)
    assert config.npmrc == ""
