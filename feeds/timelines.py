"""Home feeds in Redis: the keys of what the people whom one follows published last.

They only say where to look (feeds/keys.py), so what they say wrongly is not shown, and what they
cannot say Postgres does. Kept are those of people who read: one begins when its owner reads home,
and ends KEPT later; when they read again, another begins. It is a list of the keys' 16 bytes in no
order, some of them perhaps twice, and at its end a head that says what it is good for:

    "B" version             it is being filled, and meanwhile pushed to
    "F" version floor       of what is above the floor, a key, everything is here

`version` is that of whom its owner follows: one of another version is left behind.
"""

import logging
from collections.abc import Sequence
from datetime import timedelta
from functools import cache
from typing import Any
from uuid import UUID

from redis.exceptions import RedisError

from core.redis import client
from users.models import User

logger = logging.getLogger(__name__)
KEPT = timedelta(days=14)
FILLED_WITHIN = timedelta(seconds=60)
ENTRIES = 500
#: It may grow by so many before it is cut back to ENTRIES.
SLACK = 100
AT_ONCE = 1000
_NO_FLOOR = UUID(int=0)

# Begin a list at KEYS[1] with the head ARGV[1], unless there is one of that version or a later one.
_BEGIN = """
local head = redis.call('LINDEX', KEYS[1], -1)
if head and string.sub(head, 2, 9) >= string.sub(ARGV[1], 2, 9) then return 0 end
redis.call('DEL', KEYS[1])
redis.call('RPUSH', KEYS[1], ARGV[1])
redis.call('EXPIRE', KEYS[1], ARGV[2])
return 1
"""
# Fill the list at KEYS[1] that has the head ARGV[1] with the rest of ARGV, a new head at its end.
_FILL = """
if redis.call('LINDEX', KEYS[1], -1) ~= ARGV[1] then return 0 end
redis.call('RPOP', KEYS[1])
redis.call('RPUSH', KEYS[1], unpack(ARGV, 3))
redis.call('EXPIRE', KEYS[1], ARGV[2])
return 1
"""
# Push the key ARGV[1] to each list that there is of KEYS. One of more than ARGV[3] is cut back to
# its ARGV[2] greatest keys; the greatest that it loses is its floor then.
_PUSH = """
local there, kept, most = 0, tonumber(ARGV[2]), tonumber(ARGV[3])
local function cut(name)
  local entries = redis.call('LRANGE', name, 0, -1)
  local head = table.remove(entries)
  if string.sub(head, 1, 1) ~= 'F' then return end
  table.sort(entries, function(one, other) return one > other end)
  local keys, last, floor = {}, nil, string.sub(head, 10)
  for _, entry in ipairs(entries) do
    if entry ~= last and #keys == kept then
      if entry > floor then floor = entry end
      break
    end
    if entry ~= last then keys[#keys + 1] = entry end
    last = entry
  end
  keys[#keys + 1] = string.sub(head, 1, 9) .. floor
  local left = redis.call('PTTL', name)
  redis.call('DEL', name)
  redis.call('RPUSH', name, unpack(keys))
  redis.call('PEXPIRE', name, left)
end
for _, name in ipairs(KEYS) do
  local length = redis.call('LPUSHX', name, ARGV[1])
  if length > 0 then there = there + 1 end
  if length > most then cut(name) end
end
return there
"""


def read(user: User, after: UUID, size: int) -> list[UUID] | None:
    """The next `size` keys below `after`, fewer at the end. None if that is not known here."""
    try:
        entries: list[bytes] = client().lrange(name_of(user.pk), 0, -1)  # type: ignore[assignment]  # as it is made
    except RedisError as error:
        logger.warning("timelines: redis away, Postgres answers: %s", error)
        return None
    head = entries.pop() if entries else b""
    if not head.startswith(b"F" + _version(user)):
        return None
    floor, last = head[9:], after.bytes
    keys = {entry for entry in entries if floor < entry < last}
    if len(keys) < size and floor != _NO_FLOOR.bytes:
        return None
    return [UUID(bytes=key) for key in sorted(keys, reverse=True)[:size]]


def begin(user: User) -> bool:
    """Have what is published from now on pushed to somebody; whether it is to be filled now."""
    arguments = [b"B" + _version(user), int(FILLED_WITHIN.total_seconds())]
    try:
        return bool(_script(_BEGIN)(keys=[name_of(user.pk)], args=arguments))
    except RedisError:
        return False


def fill(user: User, keys: Sequence[UUID]) -> None:
    """Put in the latest of `keys`, all that were published before and are in order.

    After `begin`, unless their version changed since. Raises RedisError.
    """
    kept = [key.bytes for key in keys[:ENTRIES]]
    floor = keys[ENTRIES] if len(keys) > ENTRIES else _NO_FLOOR
    version, seconds = _version(user), int(KEPT.total_seconds())
    arguments = [b"B" + version, seconds, *kept, b"F" + version + floor.bytes]
    _script(_FILL)(keys=[name_of(user.pk)], args=arguments)


def push(key: UUID, names: Sequence[str]) -> int:
    """A publication goes to those timelines that there are; to how many. Raises RedisError."""
    arguments = [key.bytes, ENTRIES, ENTRIES + SLACK]
    return sum(
        _script(_PUSH)(keys=names[start : start + AT_ONCE], args=arguments)
        for start in range(0, len(names), AT_ONCE)
    )


def name_of(user: UUID) -> str:
    return f"timeline:{user}"


def _version(user: User) -> bytes:
    return user.following_version.to_bytes(8, "big")


@cache
def _script(text: str) -> Any:
    return client().register_script(text)
