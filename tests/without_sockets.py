"""Runs the command line in a process that the kernel kills at its first `socket` call.

    python tests/without_sockets.py translate talk.wav --to pt
    python tests/without_sockets.py --may-listen serve

With --may-listen it is killed at its first `connect` call instead: a server needs sockets.

A seccomp filter (Linux) also catches sockets that native libraries open, which a patched Python
module does not. A process that the filter kills ends with SIGSYS.
"""

from __future__ import annotations

import ctypes
import platform
import struct
import sys

_SOCKET_CALL = {"x86_64": 41, "aarch64": 198}
_CONNECT_CALL = {"x86_64": 42, "aarch64": 203}
_PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP, _MODE_FILTER = 38, 22, 2
_LOAD_WORD, _JUMP_IF_EQUAL, _RETURN = 0x20, 0x15, 0x06
_KILL_PROCESS, _ALLOW = 0x80000000, 0x7FFF0000


def supported() -> bool:
    """Whether this machine can run such a process."""
    return sys.platform == "linux" and platform.machine() in _SOCKET_CALL


def forbid_sockets(*, may_listen: bool = False) -> None:
    """Let the kernel kill this process with all its threads when it asks for a socket.

    With `may_listen` only when it connects to another program.
    """
    calls = _CONNECT_CALL if may_listen else _SOCKET_CALL
    steps = [
        (_LOAD_WORD, 0, 0, 0),  # the number of the system call
        (_JUMP_IF_EQUAL, 0, 1, calls[platform.machine()]),
        (_RETURN, 0, 0, _KILL_PROCESS),
        (_RETURN, 0, 0, _ALLOW),
    ]
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in steps))

    class Program(ctypes.Structure):
        _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))

    program = Program(len(steps), ctypes.addressof(code))
    libc = ctypes.CDLL(None, use_errno=True)
    for arguments in (
        (_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0),
        (_PR_SET_SECCOMP, _MODE_FILTER, ctypes.byref(program), 0, 0),
    ):
        if libc.prctl(*arguments):
            raise OSError(ctypes.get_errno(), "the kernel takes no seccomp filter")


if __name__ == "__main__":
    listens = sys.argv[1:2] == ["--may-listen"]
    if listens:
        del sys.argv[1]
    forbid_sockets(may_listen=listens)
    from stslocal.cli import main

    sys.exit(main())
