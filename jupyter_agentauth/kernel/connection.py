"""How a server is reached: the token, certificates, unix sockets and proxies.

The token stands in the `httpx.Auth` object and in the request's header, which httpx itself
shows as ``[secure]``: in no address, no repr and no local variable of ours, so that it is in no
traceback, however verbose.
"""

from __future__ import annotations

import ssl
from collections.abc import Generator

import httpx

from .servers import Server


class _Token(httpx.Auth):
    """Lets a request in; the header exempts it from XSRF rules, too."""

    def __init__(self, server: Server) -> None:
        self._server = server

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        if self._server.token:
            request.headers["Authorization"] = f"token {self._server.token}"
        yield request


def http_client(server: Server) -> httpx.Client:
    """Return a client whose paths are below the server's address; it opens no connection yet."""
    context = tls_context(server)
    return httpx.Client(
        base_url=server.url,
        auth=_Token(server),
        verify=context,
        # A transport of one's own would be used in place of every proxy (httpx 0.28).
        transport=httpx.HTTPTransport(uds=server.unix_socket) if server.unix_socket else None,
        trust_env=not server.is_here,  # A proxy is for what is far.
    )


def tls_context(server: Server) -> ssl.SSLContext:
    """Return what the server's certificate has to hold against.

    Certificates of one's own are trusted by OpenSSL's ``SSL_CERT_FILE`` and ``SSL_CERT_DIR``.
    """
    context = ssl.create_default_context()
    if server.needs_no_certificate:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context
