"""Rules that the database itself keeps."""

from typing import Any

from django.db import connection
from django.db.migrations.operations import RunSQL
from django.db.models import Field, Func, Q, TextChoices, TextField
from django.db.models.constraints import CheckConstraint

_REFUSE = """
CREATE OR REPLACE FUNCTION pentimento_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'restrict_violation';
END $$;
"""


class RowVersion(Func):
    """Which version it is of the row that a column is read from; "-" if a join found none.

    Postgres tells versions by these two itself: the transaction that wrote it, and its place.
    """

    output_field = TextField()

    def as_sql(self, compiler: Any, connection: Any, *_: Any, **__: Any) -> tuple[str, tuple[()]]:
        table = compiler.quote_name_unless_alias(self.get_source_expressions()[0].alias)
        return f"COALESCE({table}.xmin::text || {table}.ctid::text, '-')", ()


class BitStringField(Field):  # type: ignore[type-arg]  # Django has no generic fields at run time
    """Postgres' bit(n): a text of n zeros and ones."""

    def __init__(self, *args: Any, length: int, **kwargs: Any) -> None:
        self.length = length
        super().__init__(*args, **kwargs)

    def db_type(self, connection: Any) -> str:
        return f"bit({self.length})"

    def deconstruct(self) -> tuple[str, str, Any, Any]:
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, {**kwargs, "length": self.length}


def release_connection() -> None:
    """Hold no database connection while waiting for something slow.

    A transaction of the caller keeps its connection: closing it would break the transaction.
    """
    if not connection.in_atomic_block:
        connection.close()


def append_only(table: str) -> RunSQL:
    """A migration operation after which no row of `table` can be changed or deleted."""
    return RunSQL(
        sql=f"""{_REFUSE}
CREATE OR REPLACE TRIGGER append_only BEFORE UPDATE OR DELETE ON {table}
FOR EACH ROW EXECUTE FUNCTION pentimento_append_only();""",
        reverse_sql=f"DROP TRIGGER append_only ON {table};",
    )


def one_of(field: str, choices: type[TextChoices], *, table: str) -> CheckConstraint:
    """`field` holds one of the declared choices, whoever writes it."""
    return CheckConstraint(
        condition=Q(**{f"{field}__in": choices.values}), name=f"{table}_{field}_known"
    )


def limit_needs_decision(*, table: str) -> CheckConstraint:
    """Nothing is limited without a Decision that says why (`limit`, `decision_id`)."""
    return CheckConstraint(
        condition=Q(limit="") | Q(decision_id__isnull=False), name=f"{table}_limit_has_decision"
    )
