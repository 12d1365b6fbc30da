"""Whether the web server in this container answers: exit code 0 or 1. For Docker's health checks.

    python deploy/healthcheck.py /livez

Standard library only, so that a check costs milliseconds. The Host header is the first of
ALLOWED_HOSTS, because Django answers no other host.
"""

import contextlib
import http.client
import os
import sys

PORT = 8000
TIMEOUT_SECONDS = 5


def main() -> int:
    # ".example.org" stands for the domain and all below it; the domain itself is a valid host.
    host = os.environ["ALLOWED_HOSTS"].split(",")[0].strip().lstrip(".")
    connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=TIMEOUT_SECONDS)
    with contextlib.closing(connection):
        try:
            connection.request("GET", sys.argv[1], headers={"Host": host})
            status = connection.getresponse().status
        except (OSError, http.client.HTTPException) as error:
            sys.stderr.write(f"no answer: {error}\n")
            return 1
    sys.stdout.write(f"{status}\n")
    return 0 if status == 200 else 1


if __name__ == "__main__":
    sys.exit(main())
