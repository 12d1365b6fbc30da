"""What an API key may be allowed to do, and what each route asks for.

A session may do all that its person may. A key may do what its scopes say, and never what is for
people in person: making keys, for example.
"""

from typing import NamedTuple

from django.db import models


class Scope(models.TextChoices):
    READ = "read", "Read what its owner may see"
    WRITE = "write", "Upload, post, and change what is its owner's"
    GENERATE = "generate", "Request generations and spend credits"
    MODERATE = "moderate", "See cases and decide them, if its owner is a moderator"


class Needs(NamedTuple):
    """What a key needs to read by a route, and to write by it. None: no key opens it."""

    reading: Scope | None
    writing: Scope | None

    def of(self, method: str) -> Scope | None:
        return self.reading if method in {"GET", "HEAD", "OPTIONS"} else self.writing


ORDINARY = Needs(Scope.READ, Scope.WRITE)
READING = Needs(Scope.READ, Scope.READ)
GENERATING = Needs(Scope.READ, Scope.GENERATE)
MODERATING = Needs(Scope.MODERATE, Scope.MODERATE)
IN_PERSON = Needs(None, None)
