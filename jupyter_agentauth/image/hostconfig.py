"""The package-client configuration of this machine, for the builder stage alone.

What lets npm and apt work here (registry, proxy, CA, tokens) has to reach the build, and
nothing else of the same files: keys are taken by name, certificates without private keys.
"""

from __future__ import annotations

import base64
import binascii
import re
import ssl
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

#: What npm needs to reach its registry, and nothing that changes what it installs; the last
#: two hold back fresh releases, which their owner means for every install.
_NPM_KEYS = frozenset({
    "registry", "proxy", "https-proxy", "http-proxy", "noproxy", "strict-ssl",
    "always-auth", "_auth", "_authToken", "_password", "username", "email", "fetch-retries",
    "fetch-timeout", "fetch-retry-mintimeout", "fetch-retry-maxtimeout", "maxsockets",
    "before", "min-release-age",
})  # fmt: skip
_NPM_SECRET = re.compile(r"(?:^|:)_(?:auth|authToken|password)$", re.IGNORECASE)
_NPM_SCOPE = re.compile(r"@[^:/]+:registry")
_APT_KEY = re.compile(
    r"Acquire::(?:(?:http|https|ftp)::(?:.*::)?(?:Proxy|Verify-Peer|Verify-Host)"
    r"|ForceIPv[46]|Retries)",
    re.IGNORECASE,
)
_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "NO_PROXY")
_CA_VARIABLES = (
    "NODE_EXTRA_CA_CERTS",
    "SSL_CERT_FILE",
    "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
    "PIP_CERT",
)
_CA_FILES = ("/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt")
_CERTIFICATE = re.compile(
    r"-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----", re.ASCII
)
_USERINFO = re.compile(r"(?<=//)[^/@\s'\"]+@")
_REFERENCE = re.compile(r"\$\{([^}?]+)\??\}")

#: Shorter ones are no secrets, and replacing them would garble every message.
_SHORTEST_SECRET = 6


@dataclass(frozen=True)
class HostConfig:
    """What the builder stage gets of this machine.

    Parameters
    ----------
    npmrc, apt_conf, ca : str
        Texts of the files, empty when there is nothing to say.
    proxies : mapping
        For the engine's predefined build arguments, which leave no trace in the history.
    secrets : tuple of str
        Tokens and passwords in the above; see `scrub`.
    loopback : bool
        Whether a registry or proxy is on this machine's loopback, which only a build on
        the host's network reaches.
    """

    npmrc: str = ""
    apt_conf: str = ""
    ca: str = ""
    proxies: Mapping[str, str] = field(default_factory=dict)
    secrets: tuple[str, ...] = ()
    loopback: bool = False

    def files(self) -> dict[str, str]:
        """Return the files that may hold secrets, by name: the build has them in memory alone."""
        ca_file = 'Acquire::https::CAInfo "/agentauth-build/ca.pem";\n' if self.ca else ""
        return {
            "npmrc": self.npmrc,
            "apt.conf": ca_file + self.apt_conf,
            "secrets": "".join(f"{secret}\n" for secret in self.secrets),
        }

    def scrub(self, text: str) -> str:
        """Return ``text`` without any token, also those that only stand in a URL."""
        for secret in self.secrets:
            text = text.replace(secret, "***")
        return _USERINFO.sub("***@", text)


def host_config(environ: Mapping[str, str], home: Path, npm: str | None = None) -> HostConfig:
    """Collect this machine's configuration; what cannot be read is left out.

    Parameters
    ----------
    environ : mapping
        The environment, usually ``os.environ``.
    home : Path
        Where ``.npmrc`` lies.
    npm : str, optional
        Path of the ``npm`` command, from which its global configuration is found.
    """
    settings = _npm_settings(environ, home, npm)
    proxies = _proxies(environ)
    apt = _apt_settings()
    npmrc = {key: value for key, value in settings.items() if _npm_wanted(key)}
    urls = [*npmrc.values(), *proxies.values(), *apt.values()]
    urls += [f"http:{key}" for key in npmrc if key.startswith("//")]
    secrets = {value for key, value in npmrc.items() if _NPM_SECRET.search(key)}
    secrets |= {clear for secret in secrets for clear in _decoded(secret)}
    secrets |= {password for url in urls for password in _passwords(url)}
    return HostConfig(
        npmrc="".join(f"{key}={value}\n" for key, value in npmrc.items()),
        apt_conf="".join(f'{key} "{value}";\n' for key, value in apt.items()),
        ca=_certificates(environ, settings),
        proxies=proxies,
        # The longest first, so that no part of one is left over.
        secrets=tuple(
            sorted((s for s in secrets if len(s) >= _SHORTEST_SECRET), key=len, reverse=True)
        ),
        loopback=any(_is_loopback(url) for url in urls),
    )


def _npm_wanted(key: str) -> bool:
    if key.startswith("//"):
        # Client certificates are paths of this machine.
        return not key.endswith((":certfile", ":keyfile"))
    return key in _NPM_KEYS or _NPM_SCOPE.fullmatch(key) is not None


def _npm_settings(environ: Mapping[str, str], home: Path, npm: str | None) -> dict[str, str]:
    variables = {}
    for name, value in environ.items():
        if name[:11].lower() == "npm_config_":
            key = name[11:]
            # npm 11: every underscore but a leading one stands for a hyphen.
            if not key.startswith("//"):
                key = key[:1].lower() + key[1:].replace("_", "-").lower()
                key = {"_authtoken": "_authToken"}.get(key, key)
            variables[key] = value
    prefix = variables.get("prefix") or (str(Path(npm).parent.parent) if npm else "/usr")
    # npm's own order: each later one wins.
    files = [Path(variables.get("globalconfig") or f"{prefix}/etc/npmrc")]
    if npm and not variables.get("globalconfig"):
        files.insert(0, Path("/etc/npmrc"))  # Debian's npm 9 reads it as its built-in one.
    files.append(Path(variables.get("userconfig") or home / ".npmrc"))
    settings: dict[str, str] = {}
    for file in files:
        settings.update(_parse_npmrc(_text(file), environ))
    return {key: value for key, value in {**settings, **variables}.items() if "\n" not in value}


def _parse_npmrc(text: str, environ: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for line in text.splitlines():
        key, equals, value = (part.strip() for part in line.partition("="))
        if not equals or key.startswith((";", "#", "[")):
            continue
        if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
            value = value[1:-1]
        yield key, _REFERENCE.sub(lambda match: environ.get(match[1], ""), value)


def _apt_settings() -> dict[str, str]:
    try:
        dump = subprocess.run(
            ["apt-config", "dump"], capture_output=True, text=True, timeout=10, check=False
        ).stdout
    except (OSError, subprocess.TimeoutExpired):
        return {}
    lines = (line.partition(" ") for line in dump.splitlines())
    settings = {key: value.strip('";') for key, _, value in lines if _APT_KEY.fullmatch(key)}
    return {key: value for key, value in settings.items() if value}


def _proxies(environ: Mapping[str, str]) -> dict[str, str]:
    found = {}
    for name in _PROXIES:
        value = environ.get(name) or environ.get(name.lower())
        if value:
            # Programs disagree on which spelling they read.
            found[name] = found[name.lower()] = value
    return found


def _certificates(environ: Mapping[str, str], npm: Mapping[str, str]) -> str:
    paths = [environ[name] for name in _CA_VARIABLES if environ.get(name)]
    paths += [npm["cafile"]] if npm.get("cafile") else []
    system = ssl.get_default_verify_paths()
    paths += [path for path in (system.cafile, system.openssl_cafile) if path]
    texts = [_text(Path(path)) for path in dict.fromkeys((*paths, *_CA_FILES))]
    texts += [value.replace("\\n", "\n") for key, value in npm.items() if key in ("ca", "ca[]")]
    blocks = dict.fromkeys(block for text in texts for block in _CERTIFICATE.findall(text))
    return "".join(f"{block}\n" for block in blocks)


def _decoded(secret: str) -> Iterator[str]:
    """Yield what a base64 ``_auth`` or ``_password`` stands for."""
    try:
        clear = base64.b64decode(secret, validate=True).decode()
    except (binascii.Error, ValueError):
        return
    if clear.isprintable():
        yield clear
        yield clear.partition(":")[2]


def _passwords(url: str) -> Iterator[str]:
    try:
        password = urlsplit(url).password
    except ValueError:
        return
    if password:
        yield password
        yield unquote(password)


def _is_loopback(url: str) -> bool:
    try:
        host = urlsplit(url if "//" in url else f"//{url}").hostname or ""
    except ValueError:
        return False
    return "//" in url and (host in ("localhost", "::1") or host.startswith("127."))


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
