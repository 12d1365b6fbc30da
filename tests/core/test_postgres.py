"""Connections that are kept between requests."""

import time

import pytest
from django.conf import settings
from django.db import connection
from psycopg_pool import ConnectionPool

from core.postgres import base

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not settings.DATABASE_POOL_SIZE, reason="no connections are kept"),
]


def asked(of, sql, *values):
    with of.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchone()[0]


def test_one_that_the_server_closed_is_not_given_out():
    pid = asked(connection, "SELECT pg_backend_pid()")
    other = connection.copy()
    try:
        assert asked(other, "SELECT pg_backend_pid()") != pid
        connection.close()
        assert asked(other, "SELECT pg_terminate_backend(%s)", pid)
        for _ in range(100):
            if not asked(other, "SELECT count(*) FROM pg_stat_activity WHERE pid = %s", pid):
                break
            time.sleep(0.05)
        for _ in range(10):  # the pool gives its connections in turn
            assert asked(connection, "SELECT pg_backend_pid()") != pid
            connection.close()
    finally:
        other.close()


def test_the_server_is_not_asked_about_one_that_stands(monkeypatch):
    looked, about, look = [], [], base.check

    def check(of):
        looked.append(of)
        look(of)

    monkeypatch.setattr(base, "check", check)
    monkeypatch.setattr(ConnectionPool, "check_connection", staticmethod(about.append))
    for _ in range(3):
        connection.close()
        asked(connection, "SELECT 1")
    assert len(looked) == 3, "psycopg's pool has another name for what it asks"
    assert not about
