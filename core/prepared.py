"""Querysets that are put into SQL once, and asked many times.

To put a nested queryset into SQL costs the ORM milliseconds, and to plan it costs Postgres as
much again; both came to more than the answer. A prepared query pays them once: its SQL is kept for
each shape of its arguments, and the server keeps the plan for each connection.
"""

import datetime
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import Any, ParamSpec, cast
from uuid import UUID

import psycopg
from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.models import Model, QuerySet
from django.db.models.expressions import RawSQL
from psycopg import sql

Given = ParamSpec("Given")
Row = tuple[Any, ...]
_FIRST_BLANK = 0x5EED << 64
_GREAT = 2**31 - 1000  # which fits most columns: of what does not, Django knows that there is none
_PLACE = re.compile("(?<!%)%s")
_all: list[dict[Any, "_Statement"]] = []
_YEAR_ONE = datetime.datetime(1, 1, 1, tzinfo=datetime.UTC)


def prepared(
    *fixed: str, within: str = "{}"
) -> Callable[[Callable[Given, QuerySet[Any, Any]]], Callable[Given, list[Row]]]:
    """A function that gives a queryset (of `values_list`) becomes one that gives its rows.

    What may differ from call to call without another SQL: keys, numbers, moments, texts, lists of
    keys, and the primary keys of model instances, whose other fields cannot be read in it. All
    else is part of the SQL's shape: enums, None, functions, somebody anonymous, and what is given
    by a name in `fixed`, such as a limit. `within` is SQL around that of the queryset, which goes
    in at `{}`: to write what it finds, since the ORM does not return what it writes to.
    """

    def decorate(build: Callable[Given, QuerySet[Any, Any]]) -> Callable[Given, list[Row]]:
        made: dict[Any, _Statement] = {}
        _all.append(made)

        @wraps(build)
        def answer(*args: Given.args, **kwargs: Given.kwargs) -> list[Row]:
            given: dict[Any, Any] = {**dict(enumerate(args)), **kwargs}
            shape = tuple((name, _shape(given[name], name in fixed)) for name in given)
            statement = made.get(shape)
            if statement is None:
                blanks = {
                    name: value if name in fixed else _blank(number, value)
                    for number, (name, value) in enumerate(given.items())
                }
                places = [blanks[place] for place in range(len(args))]
                rows = build(*places, **{name: blanks[name] for name in kwargs})
                holes = {n: _filling(blank) for n, blank in blanks.items() if blank is not given[n]}
                statement = made[shape] = _Statement.of(rows, holes, within)
            return ask(statement.sql, [_filling(given[name]) for name in statement.names])

        return answer

    return decorate


def ask(sql: str, values: Sequence[Any]) -> list[Row]:
    """The rows of a query that is SQL already, planned once for each connection.

    `values` are for $1, $2 and so on.
    """
    here = connections[DEFAULT_DB_ALIAS]
    here.ensure_connection()
    here.validate_no_broken_transaction()
    with here.wrap_database_errors:
        cursor = _cursor_of(here.connection)
        if here.queries_logged:
            here.make_debug_cursor(cursor).execute(sql, values)  # type: ignore[arg-type]  # of psycopg
        elif here.execute_wrappers:
            here.make_cursor(cursor).execute(sql, values)  # type: ignore[arg-type]  # of psycopg
        else:
            cursor.execute(sql, values)
        return cursor.fetchall()


def _cursor_of(server: Any) -> "_PreparingCursor":
    """One for each connection to the server, and as long as it: made each time, it was a third of
    what a small question costs."""
    cursor = vars(server).get("asking")
    if cursor is None:
        cursor = server.asking = _PreparingCursor(server)
    return cast(_PreparingCursor, cursor)


def forget() -> None:
    """Put all of them into SQL anew: for tests that change what it is made of."""
    for made in _all:
        made.clear()


def any_of(keys: list[UUID]) -> RawSQL:
    """For `pk__in`: SQL that is the same for any number of keys."""
    return RawSQL("SELECT unnest(%s::uuid[])", (keys,))  # a constant


def any_word(words: list[str]) -> RawSQL:
    """`any_of`, for texts."""
    return RawSQL("SELECT unnest(%s::text[])", (words,))  # a constant


@dataclass(frozen=True, slots=True)
class _Statement:
    """SQL, and the names of the arguments that go into its places, in order."""

    sql: str
    names: list[Any]

    @classmethod
    def of(cls, rows: QuerySet[Any, Any], holes: dict[Any, Any], within: str) -> "_Statement":
        """Constants are written into the SQL, where the planner sees them.

        Raises TypeError if an argument went into no place: it would be answered as if it were a
        blank.
        """
        connection.ensure_connection()
        text, values = rows.query.sql_with_params()
        *pieces, end = (piece.replace("%%", "%") for piece in _PLACE.split(text))
        names: list[Any] = []
        for index, value in enumerate(values):
            name = next((name for name, blank in holes.items() if _same(blank, value)), None)
            if name is None:
                pieces[index] += _literal(value)
            else:
                names.append(name)
                pieces[index] += f"${len(names)}"
        if lost := holes.keys() - set(names):
            raise TypeError(f"The arguments {lost} went nowhere in: {text}")
        return cls(within.replace("{}", "".join([*pieces, end])), names)


class _PreparingCursor(psycopg.RawCursor[Row]):
    """Django's own cursors send constants and values as one text, which cannot be prepared."""

    def execute(self, query: Any, params: Any = None, **kwargs: Any) -> Any:
        return super().execute(query, params, prepare=True, **kwargs)


def _shape(value: Any, fixed: bool) -> Any:
    """What two arguments have in common for which the SQL is the same."""
    varies = type(value) in {str, int} or isinstance(value, Model | UUID | datetime.datetime | list)
    # Django hands on users that are read when first asked for: their type is not their class.
    return (value.__class__, None if varies and not fixed else value)


def _blank(number: int, value: Any) -> Any:
    """What stands for an argument while the SQL is made: nothing else there is like it."""
    key = UUID(int=_FIRST_BLANK + number)
    match value:
        case Model():
            return value.__class__.from_db(None, [value._meta.pk.attname], [key])
        case UUID():
            return key
        case datetime.datetime():
            return _YEAR_ONE + datetime.timedelta(days=number)
        case list():
            return [key]
        case _ if type(value) is int:
            return _GREAT + number
        case _ if type(value) is str:
            return f"blank {key}"
    return value


def _filling(value: Any) -> Any:
    return value.pk if isinstance(value, Model) else value


def _same(blank: Any, value: Any) -> bool:
    return isinstance(value, type(blank)) and bool(blank == value)


def _literal(value: Any) -> str:
    return sql.Literal(value).as_string(connection.connection)
