"""A backend that looks at the database connection while it works."""

from django.db import connection

from media_gen.backends.failing.backend import FailingBackend

held: list[bool] = []


class ProbeBackend(FailingBackend):
    def generate(self, request, watch):
        held.append(connection.connection is not None)
        watch.report(0.3)
        held.append(connection.connection is not None)
        return super().generate(request, watch)
