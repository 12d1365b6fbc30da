"""Identifiers: UUIDv7 (RFC 9562), so that ids sort by the moment they were made."""

import uuid

from uuid_utils.compat import uuid7 as _uuid7


def uuid7() -> uuid.UUID:
    """A new time-ordered id; used as the default of every primary key."""
    made: uuid.UUID = _uuid7()
    return made
