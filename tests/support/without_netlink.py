#!/usr/bin/env python3
"""Run a command that is not told when network interfaces come and go: THIS COMMAND [ARGUMENT…]

Chromium breaks off what it waits to load when an interface gets or loses an address
(``ERR_NETWORK_CHANGED``), as happens with each container that another test starts: JupyterLab then
says "Error Loading Theme", or lacks a plugin. It learns of that by a netlink socket; where it
cannot have one, it takes the network to be there for good. So a filter of system calls refuses
these sockets to it and its children, for which no right is needed.
"""

from __future__ import annotations

import ctypes
import os
import platform
import socket
import struct
import sys

#: `socket`'s number (asm/unistd.h) and the machine's (linux/audit.h).
_MACHINES = {"x86_64": (41, 0xC000003E), "aarch64": (198, 0xC00000B7)}

# linux/prctl.h, linux/seccomp.h, linux/bpf_common.h
_NO_NEW_PRIVILEGES, _SECCOMP, _FILTER = 38, 22, 2
_LOAD, _IF_EQUAL, _RETURN = 0x20, 0x15, 0x06
_ALLOW, _ERROR = 0x7FFF0000, 0x00050000
_NUMBER, _MACHINE, _FIRST_ARGUMENT = 0, 4, 16  # Offsets in `struct seccomp_data`.
#: What a program that wants one is told (EAFNOSUPPORT).
NOT_SUPPORTED = 97


def refuse_netlink() -> None:
    """Refuse netlink sockets to this process and all that it becomes or starts."""
    if platform.machine() not in _MACHINES:
        return  # It then loads what it loads.
    number, machine = _MACHINES[platform.machine()]
    steps = [
        (_LOAD, 0, 0, _MACHINE),
        (_IF_EQUAL, 0, 5, machine),
        (_LOAD, 0, 0, _NUMBER),
        (_IF_EQUAL, 0, 3, number),
        (_LOAD, 0, 0, _FIRST_ARGUMENT),
        (_IF_EQUAL, 0, 1, socket.AF_NETLINK),
        (_RETURN, 0, 0, _ERROR | NOT_SUPPORTED),
        (_RETURN, 0, 0, _ALLOW),
    ]
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in steps))
    program = ctypes.create_string_buffer(
        struct.pack("HxxxxxxP", len(steps), ctypes.addressof(code))
    )
    libc = ctypes.CDLL(None, use_errno=True)
    for arguments in ((_NO_NEW_PRIVILEGES, 1, 0, 0, 0), (_SECCOMP, _FILTER, program, 0, 0)):
        words = [a if isinstance(a, ctypes.Array) else ctypes.c_ulong(a) for a in arguments[1:]]
        if libc.prctl(arguments[0], *words):
            raise OSError(ctypes.get_errno(), "prctl")


if __name__ == "__main__":
    refuse_netlink()
    os.execv(sys.argv[1], sys.argv[1:])
