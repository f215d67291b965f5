"""A proxy whose every tunnel ends in itself: one address stands for all hosts.

An agent that is told of a proxy asks it for a tunnel to each host by name. The stand-in opens
it, shows a certificate of that name, and answers what comes through as that host would. So no
name is resolved, and no port needs rights that an ordinary user does not have.
"""

from __future__ import annotations

from contextlib import suppress
from http.server import BaseHTTPRequestHandler

from .listening import Listening
from .tls import Authority

#: Where a container finds the authority's certificate.
_TRUSTED = "/etc/agentauth-test-authority.pem"


class Tunnelling(BaseHTTPRequestHandler):
    """Answers requests, and those that come through a tunnel likewise.

    There are tunnels when its server has an ``authority`` that vouches for the hosts.
    """

    protocol_version = "HTTP/1.1"
    server: Listening

    def do_CONNECT(self) -> None:
        """Open a tunnel; the next requests come through it."""
        authority = self.server.authority
        if authority is None:
            self.send_error(501)
            return
        self.send_response(200)
        self.end_headers()
        context = authority.context(self.path.rpartition(":")[0])
        self.request = context.wrap_socket(self.connection, server_side=True)
        self.setup()
        self.close_connection = False

    def finish(self) -> None:
        """Close a tunnel, which the server does not know of."""
        super().finish()
        with suppress(OSError):
            self.connection.close()


def reached_by_tunnel(url: str) -> dict[str, str]:
    """Return the variables that send an agent's requests through the stand-in at ``url``."""
    return {
        "HTTPS_PROXY": url,
        "https_proxy": url,
        # Node and what is built with it; the others.
        "NODE_EXTRA_CA_CERTS": _TRUSTED,
        "SSL_CERT_FILE": _TRUSTED,
    }


def trust(authority: Authority) -> str:
    """Return the ``extra_mounts`` entry that goes with `reached_by_tunnel`."""
    return f"{authority.file}:{_TRUSTED}:ro"
