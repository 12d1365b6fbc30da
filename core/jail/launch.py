"""The child's side of the jail: limits itself, gives up the network, then runs the program.

    python -I core/jail/launch.py PROGRAM LIMITS     LIMITS as JSON; the program takes over
    python -I core/jail/launch.py                    prints which walls hold here, as JSON

Only the standard library, and only this file: it runs before anything else is trusted.
"""

import ctypes
import json
import os
import resource
import runpy
import signal
import sys
from collections.abc import Callable
from typing import Any

CLONE_NEWUSER = 0x10000000
CLONE_NEWNET = 0x40000000
CLONE_THREAD = 0x00010000
PR_SET_NO_NEW_PRIVS = 38
PR_SET_SECCOMP = 22
SECCOMP_MODE_FILTER = 2

# What the program has no use for, with its number on each machine (linux/arch/x86/entry/syscalls/
# syscall_64.tbl and include/uapi/asm-generic/unistd.h).
FORBIDDEN = {
    "x86_64": {
        # sockets, also by way of io_uring, and descriptors of other processes
        "socket": 41, "io_uring_setup": 425, "pidfd_getfd": 438,
        # new processes and other programs
        "fork": 57, "vfork": 58, "execve": 59, "execveat": 322,
        # a hand on other processes of the same user
        "ptrace": 101, "process_vm_readv": 310, "process_vm_writev": 311, "kill": 62, "tkill": 200,
        "tgkill": 234, "rt_sigqueueinfo": 129, "rt_tgsigqueueinfo": 297, "pidfd_send_signal": 424,
    },
    "aarch64": {
        "socket": 198, "io_uring_setup": 425, "pidfd_getfd": 438,
        "execve": 221, "execveat": 281,
        "ptrace": 117, "process_vm_readv": 270, "process_vm_writev": 271, "kill": 129, "tkill": 130,
        "tgkill": 131, "rt_sigqueueinfo": 138, "rt_tgsigqueueinfo": 240, "pidfd_send_signal": 424,
    },
}  # fmt: skip
CLONE = {"x86_64": 56, "aarch64": 220}
CLONE3 = 435  # on both
AUDIT_ARCH = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
X32_NUMBERS = 0x40000000  # x86-64 knows every call by a second number from here on

# The filter's language (linux/bpf_common.h) and its verdicts (linux/seccomp.h).
LOAD, JUMP_IF_EQUAL, JUMP_IF_AT_LEAST, JUMP_IF_BITS, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
ALLOW, KILL, REFUSE, UNKNOWN = 0x7FFF0000, 0x80000000, 0x00050001, 0x00050026  # EPERM, ENOSYS
CALL, ARCHITECTURE, FIRST_ARGUMENT = 0, 4, 16  # where they stand in struct seccomp_data


class Instruction(ctypes.Structure):
    """struct sock_filter: `yes` and `no` count the instructions that are jumped over."""

    _fields_ = [
        ("code", ctypes.c_uint16),
        ("yes", ctypes.c_uint8),
        ("no", ctypes.c_uint8),
        ("value", ctypes.c_uint32),
    ]


class Program(ctypes.Structure):
    """struct sock_fprog."""

    _fields_ = [("length", ctypes.c_uint16), ("start", ctypes.POINTER(Instruction))]


def main() -> None:
    if len(sys.argv) == 1:
        json.dump(cut_network(), sys.stdout)
        return
    program, demand = sys.argv[1], json.loads(sys.argv[2])
    limit_resources(demand)
    if not cut_network() and demand["network_must_be_cut"]:
        sys.exit("No wall stands between this program and the network.")
    sys.argv = [program]
    runpy.run_path(program, run_name="__main__")
    sys.stdout.flush()
    os._exit(0)  # nothing is left to tidy up, and a large heap takes its time


def limit_resources(demand: dict[str, Any]) -> None:
    """Memory, CPU, file size, no core dumps, and an alarm in case the parent is gone.

    RLIMIT_NPROC is left alone: it does not bind root, and for others it counts all that the
    service runs under the same name. The filter allows no new process at all.
    """
    for what, amount in (
        (resource.RLIMIT_AS, demand["memory_bytes"]),
        (resource.RLIMIT_CPU, demand["cpu_seconds"]),
        (resource.RLIMIT_FSIZE, demand["file_bytes"]),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (amount, amount))
    signal.alarm(int(demand["wall_seconds"]) + 2)


def cut_network() -> list[str]:
    """Put up every wall that is allowed here; the names of those that stand."""
    walls: tuple[tuple[str, Callable[[], bool]], ...] = (
        ("namespace", enter_empty_namespace),
        ("filter", filter_system_calls),
    )
    return [name for name, put_up in walls if sys.platform == "linux" and put_up()]


def enter_empty_namespace() -> bool:
    """A network namespace in which there is nothing, not even a loopback that is up.

    With a user namespace around it, which also takes root's powers over everything outside.
    """
    unshare = ctypes.CDLL(None).unshare
    return any(unshare(flags) == 0 for flags in (CLONE_NEWUSER | CLONE_NEWNET, CLONE_NEWNET))


def filter_system_calls() -> bool:
    """A seccomp filter that every later thread inherits and nothing can take off."""
    machine = os.uname().machine
    if machine not in FORBIDDEN:
        return False
    rules = system_call_rules(machine)
    program = Program(len(rules), (Instruction * len(rules))(*rules))
    prctl = ctypes.CDLL(None).prctl
    prctl.argtypes = [ctypes.c_int, *[ctypes.c_ulong] * 4]
    if prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0):
        return False
    failed: int = prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.addressof(program), 0, 0)
    return not failed


def system_call_rules(machine: str) -> list[Instruction]:
    """Calls of another architecture end the process, forbidden ones are EPERM.

    `clone` makes threads, not processes. `clone3` hides its flags behind a pointer, so it is said
    not to exist: the C library then falls back to `clone`.
    """
    refusals = [
        rule
        for number in FORBIDDEN[machine].values()
        for rule in (Instruction(JUMP_IF_EQUAL, 0, 1, number), Instruction(RETURN, 0, 0, REFUSE))
    ]
    return [
        Instruction(LOAD, 0, 0, ARCHITECTURE),
        Instruction(JUMP_IF_EQUAL, 1, 0, AUDIT_ARCH[machine]),
        Instruction(RETURN, 0, 0, KILL),
        Instruction(LOAD, 0, 0, CALL),
        Instruction(JUMP_IF_AT_LEAST, 0, 1, X32_NUMBERS),
        Instruction(RETURN, 0, 0, REFUSE),
        *refusals,
        Instruction(JUMP_IF_EQUAL, 0, 1, CLONE3),
        Instruction(RETURN, 0, 0, UNKNOWN),
        Instruction(JUMP_IF_EQUAL, 0, 3, CLONE[machine]),
        Instruction(LOAD, 0, 0, FIRST_ARGUMENT),
        Instruction(JUMP_IF_BITS, 1, 0, CLONE_THREAD),
        Instruction(RETURN, 0, 0, REFUSE),
        Instruction(RETURN, 0, 0, ALLOW),
    ]


if __name__ == "__main__":
    main()
