"""`python -m devstack.prepare [--demo]`: tables, the names of the queues and demo content.

One process instead of three starts of manage.py, which would take most of the time of a start.
One line, `queues: a,b,c`, names the queues; the others are what the demo has to tell.
"""

import io
import os
import sys

import django
from django.core.management import call_command

QUEUES = "queues: "


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backend.settings")
    django.setup()
    call_command("migrate", interactive=False, verbosity=0)
    names = io.StringIO()
    call_command("queues", stdout=names)
    print(QUEUES + names.getvalue().strip(), flush=True)
    if "--demo" in sys.argv[1:]:
        call_command("seed_demo")


if __name__ == "__main__":
    main()
