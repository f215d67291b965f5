"""What the tests' browser is not to do."""

from __future__ import annotations

import subprocess
import sys

import without_netlink

TRY = """
import socket
socket.create_server(("127.0.0.1", 0)).close()
try:
    socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)
except OSError as error:
    print(error.errno)
"""


def test_what_breaks_off_loading_when_an_interface_comes_or_goes_is_not_told_of_it():
    command = [sys.executable, without_netlink.__file__, sys.executable, "-c", TRY]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == str(without_netlink.NOT_SUPPORTED)
