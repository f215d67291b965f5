"""What a server that cannot be reached, or refuses, comes to: one sentence each."""

from __future__ import annotations

import httpx

from .errors import ServerError, ServerNotFound
from .servers import Server


class NotReached(ServerNotFound):
    """No connection was made, so that nothing of the request has been done."""


class NotLetIn(ServerError):
    """The token is not the server's, so that nothing of the request has been done."""


def gone(server: Server, error: httpx.TransportError | None = None) -> ServerNotFound:
    """Say that a server does not answer."""
    if isinstance(error, httpx.TimeoutException):
        return ServerNotFound(
            f"The Jupyter server at {server.url} does not answer: look at its log, and try again.",
            "server_timeout",
        )
    if "CERTIFICATE_VERIFY_FAILED" in str(error):
        return ServerNotFound(
            f"The certificate of the Jupyter server at {server.url} is not trusted: name the "
            "file with its authority in SSL_CERT_FILE, and restart the kernel.",
            "certificate_not_trusted",
        )
    kind = NotReached if error is None or isinstance(error, httpx.ConnectError) else ServerNotFound
    return kind(
        f"The Jupyter server at {server.url} is gone: start it again.",
        "server_gone",
    )


def refusal(response: httpx.Response, server: Server) -> ServerError:
    """Say why a server refused, in its own words where it has some."""
    try:
        error = response.json()
    except ValueError:
        error = None
    reason = error.get("reason") if isinstance(error, dict) else None
    if response.status_code in (302, 401, 403) and reason in (None, "forbidden", "unauthorized"):
        # One with a password has no token, unless its configuration sets one (jupyter_server 2.21).
        why = "does not take this kernel's token" if server.token else "has no token for kernels"
        return NotLetIn(
            f"The Jupyter server at {server.url} {why}: give it one (c.IdentityProvider.token), "
            "and set AGENTAUTH_SERVER_URL and AGENTAUTH_SERVER_TOKEN for the kernel.",
            "not_let_in",
            response.status_code,
        )
    # Jupyter's own errors have no reason, or one that is no machine's name.
    if isinstance(error, dict) and isinstance(reason, str) and error.get("message"):
        return ServerError(str(error["message"]), reason, response.status_code)
    if response.status_code == 404:
        return no_extension(server)
    return ServerError(
        f"The Jupyter server at {server.url} failed (HTTP {response.status_code}): look at its "
        "log.",
        "server_failed",
        response.status_code,
    )


def no_extension(server: Server) -> ServerError:
    """Say that a server is not one of ours."""
    return ServerError(
        f"The Jupyter server at {server.url} has no jupyter_agentauth: install it into the "
        "server's environment, and restart the server.",
        "extension_missing",
        404,
    )
