"""Django's Postgres, with a cheaper look at whether a pooled connection still stands.

The pool's own asks the server each time, which is a round trip for each request.
"""

from select import POLLIN, poll
from typing import Any

from django.db.backends.postgresql import base
from psycopg import Connection
from psycopg_pool import ConnectionPool


def check(connection: Connection[Any]) -> None:
    """Raises psycopg.OperationalError if the server has closed an idle connection.

    It has something to read then, and else hardly ever: only if so is the server asked. A network
    that fell silent is not noticed; the pool's own check would wait on it just as long.
    """
    told = poll()
    told.register(connection.pgconn.socket, POLLIN)
    if told.poll(0):
        ConnectionPool.check_connection(connection)


class DatabaseWrapper(base.DatabaseWrapper):
    @property
    def pool(self) -> ConnectionPool[Any] | None:
        pool: ConnectionPool[Any] | None = super().pool
        if pool is not None:
            pool._check = check  # Django fixes it when it makes the pool
        return pool
