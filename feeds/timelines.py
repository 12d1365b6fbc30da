"""Home feeds in Redis: the keys of what the people whom one follows published last.

They only say where to look (feeds/keys.py), so what they say wrongly is not shown, and what they
cannot say Postgres does. Kept are those of people who read: one begins when its owner reads home,
and ends KEPT later; when they read again, another begins. It is a list of the keys' 16 bytes, the
greatest first, and at its end a head that says what it is good for:

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
NEWEST = UUID(int=2**128 - 1)
_NO_FLOOR = UUID(int=0)

# Lua compares texts as the server's locale would have it, and these are no texts.
_GREATER = """
local function greater(one, other)
  for place = 1, #one do
    local here, there = string.byte(one, place), string.byte(other, place)
    if here ~= there then return here > there end
  end
  return false
end
"""
# The head of the list at KEYS[1], and its entries up to place ARGV[1].
_READ = """
return {redis.call('LINDEX', KEYS[1], -1), redis.call('LRANGE', KEYS[1], 0, ARGV[1])}
"""
# Begin a list at KEYS[1] with the head ARGV[1], unless there is one of that version or a later one.
_BEGIN = f"""{_GREATER}
local head = redis.call('LINDEX', KEYS[1], -1)
if head and not greater(string.sub(ARGV[1], 2, 9), string.sub(head, 2, 9)) then return 0 end
redis.call('DEL', KEYS[1])
redis.call('RPUSH', KEYS[1], ARGV[1])
redis.call('EXPIRE', KEYS[1], ARGV[2])
return 1
"""
# What the scripts below have in common: the keys of a list in order, each once; the greatest
# ARGV[2] of them are kept, and the greatest that is lost is the floor then.
_WRITE = f"""{_GREATER}
local function write(name, keys, head, floor, kept, milliseconds)
  table.sort(keys, greater)
  local entries = {{}}
  for _, key in ipairs(keys) do
    if key ~= entries[#entries] then
      if #entries == kept then
        if greater(key, floor) then floor = key end
        break
      end
      entries[#entries + 1] = key
    end
  end
  entries[#entries + 1] = head .. floor
  redis.call('DEL', name)
  redis.call('RPUSH', name, unpack(entries))
  redis.call('PEXPIRE', name, milliseconds)
end
"""
# Fill the list at KEYS[1] that is of version ARGV[1], and is being filled, with what is there and
# the rest of ARGV; ARGV[4] is the floor of that.
_FILL = f"""{_WRITE}
local keys = redis.call('LRANGE', KEYS[1], 0, -1)
if table.remove(keys) ~= 'B' .. ARGV[1] then return 0 end
for place = 5, #ARGV do keys[#keys + 1] = ARGV[place] end
write(KEYS[1], keys, 'F' .. ARGV[1], ARGV[4], tonumber(ARGV[2]), ARGV[3])
return 1
"""
# Push the key ARGV[1] to each list that there is of KEYS. One that is in order stays so; one that
# would not, or has more than ARGV[3] entries, is written anew.
_PUSH = f"""{_WRITE}
local there, key, kept, most = 0, ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local function mend(name)
  local keys = redis.call('LRANGE', name, 0, -1)
  local head = table.remove(keys)
  if string.sub(head, 1, 1) == 'F' then
    write(name, keys, string.sub(head, 1, 9), string.sub(head, 10), kept,
          redis.call('PTTL', name))
  end
end
for _, name in ipairs(KEYS) do
  local first = redis.call('LINDEX', name, 0)
  if first then
    there = there + 1
    local disordered = #first == 16 and greater(first, key)
    if first ~= key and (redis.call('LPUSH', name, key) > most or disordered) then mend(name) end
  end
end
return there
"""


def read(user: User, after: UUID, size: int) -> list[UUID] | None:
    """The next `size` keys below `after`, fewer at the end. None if that is not known here."""
    last_place = size - 1 if after == NEWEST else -1
    try:
        head, entries = _script(_READ)(keys=[name_of(user.pk)], args=[last_place])
    except RedisError as error:
        logger.warning("timelines: redis away, Postgres answers: %s", error)
        return None
    if not head or not head.startswith(b"F" + _version(user)):
        return None
    floor, last = head[9:], after.bytes
    keys = [entry for entry in entries if len(entry) == 16 and floor < entry < last][:size]
    if len(keys) < size and floor != _NO_FLOOR.bytes:
        return None
    return [UUID(bytes=key) for key in keys]


def begin(user: User) -> bool:
    """Have what is published from now on pushed to somebody; whether it is to be filled now."""
    arguments = [b"B" + _version(user), int(FILLED_WITHIN.total_seconds())]
    try:
        return bool(_script(_BEGIN)(keys=[name_of(user.pk)], args=arguments))
    except RedisError:
        return False


def fill(user: User, keys: Sequence[UUID]) -> None:
    """Put in what was published before: `keys`, the greatest first; more than ENTRIES if more is.

    After `begin`, unless their version changed since. Raises RedisError.
    """
    given = [key.bytes for key in keys]
    milliseconds = int(KEPT.total_seconds() * 1000)
    arguments = [_version(user), ENTRIES, milliseconds, _NO_FLOOR.bytes, *given]
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
