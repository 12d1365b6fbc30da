"""Loopback ports: is one free, and which one is."""

import socket

from devstack.errors import DevError

HOST = "127.0.0.1"


def is_free(port: int, host: str = HOST) -> bool:
    """Whether a server could listen on the port now."""
    with socket.socket() as probe:
        # As servers do: connections of a past server that linger in TIME_WAIT are no hindrance.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except PermissionError as error:
            raise DevError(
                f"Port {port} needs a privilege that you do not have; choose one above 1023, "
                "for example PORT=8000 ./dev run"
            ) from error
        except OSError:
            return False
        return True


def choose_free() -> int:
    """A port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])
