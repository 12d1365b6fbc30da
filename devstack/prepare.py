"""`python -m devstack.prepare [--demo]`: tables, demo content and the names of the queues.

One process instead of three starts of manage.py, which would take most of the time of a start.
What the demo prints comes first; the last line names the queues.
"""

import os
import sys

import django
from django.core.management import call_command


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backend.settings")
    django.setup()
    call_command("migrate", interactive=False, verbosity=0)
    if "--demo" in sys.argv[1:]:
        call_command("seed_demo")
    call_command("queues")


if __name__ == "__main__":
    main()
