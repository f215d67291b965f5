"""TLS under the providers' real host names, with an authority made for the test run."""

from __future__ import annotations

import ssl
from functools import cache
from pathlib import Path

import trustme


class Authority:
    """Vouches for any host name, to those who trust its file.

    Parameters
    ----------
    directory : Path
        Where its own certificate is put.

    Attributes
    ----------
    file : Path
        That certificate, for ``NODE_EXTRA_CA_CERTS`` and ``SSL_CERT_FILE``.
    """

    def __init__(self, directory: Path) -> None:
        self._authority = trustme.CA()
        self.file = directory / "authority.pem"
        self._authority.cert_pem.write_to_path(str(self.file))
        self.context = cache(self._context)

    def _context(self, host: str) -> ssl.SSLContext:
        """Return what a server that calls itself ``host`` speaks TLS with."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._authority.issue_cert(host).configure_cert(context)
        return context
