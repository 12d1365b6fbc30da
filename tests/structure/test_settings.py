"""The environment: named alike in code, docs and .env.example, and refused where it is unsafe."""

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
SETTINGS = REPOSITORY / "backend" / "settings.py"
PAGE = REPOSITORY / "docs" / "settings.md"
EXAMPLE = REPOSITORY / ".env.example"
COMPOSE = REPOSITORY / "docker-compose.yml"
PRODUCTION = Path(__file__).with_name("production.env")


def variables_read() -> set[str]:
    """The names in calls like `env.int("NAME", …)` of the settings module."""
    return {
        call.args[0].value
        for call in ast.walk(ast.parse(SETTINGS.read_text()))
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and isinstance(call.func.value, ast.Name)
        and call.func.value.id == "env"
        and call.args
        and isinstance(call.args[0], ast.Constant)
    }


def variables_of_compose() -> set[str]:
    """What docker-compose.yml puts in from .env, and .env itself from one variable in another."""
    text = COMPOSE.read_text() + EXAMPLE.read_text()
    return set(re.findall(r"(?<!\$)\$\{([A-Z0-9_]+)", text))


def rows_below(heading: str) -> list[str]:
    section = PAGE.read_text().split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]
    return re.findall(r"^\| `([A-Z0-9_]+)` \|", section, flags=re.MULTILINE)


def production() -> dict[str, str]:
    lines = PRODUCTION.read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def python(
    *arguments: str, changed: dict[str, str | None], data: Path
) -> subprocess.CompletedProcess[str]:
    """Run Python in the production environment, with some variables changed or left out."""
    wanted = {**production(), "APP_DATA_DIR": str(data), **changed}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=REPOSITORY,
        env={
            "PATH": os.defpath,
            **{key: value for key, value in wanted.items() if value is not None},
        },
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_the_page_names_what_the_settings_read() -> None:
    rows = rows_below("Environment variables")
    assert sorted(rows) == sorted(variables_read())


def test_the_page_names_what_compose_reads() -> None:
    rows = rows_below("Variables of docker-compose.yml alone")
    assert sorted(rows) == sorted(variables_of_compose() - variables_read())


def test_the_example_names_what_is_read() -> None:
    names = re.findall(r"^#?([A-Z0-9_]+)=", EXAMPLE.read_text(), flags=re.MULTILINE)
    assert sorted(names) == sorted(variables_read() | variables_of_compose())


def test_the_example_holds_no_secret() -> None:
    filled_in = re.findall(
        r"^#?([A-Z0-9_]*(?:SECRET|PASSWORD|KEY)[A-Z0-9_]*)=(.+)$",
        EXAMPLE.read_text(),
        flags=re.MULTILINE,
    )
    assert filled_in == []


def test_nothing_but_the_settings_reads_the_environment() -> None:
    """Apps ask django.conf.settings, so that docs/settings.md is the whole truth."""
    apps = ["core", "users", "provenance", "media", "credits", "posts", "media_gen", "feeds"]
    apps += ["notifications", "moderation", "web", "backend"]
    asks = re.compile(r"os\.getenv|os\.environ(?!\.setdefault\(\"DJANGO_SETTINGS_MODULE\")")
    found = [
        str(path.relative_to(REPOSITORY))
        for app in apps
        for path in (REPOSITORY / app).rglob("*.py")
        if asks.search(path.read_text())
    ]
    assert found == []


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"SECRET_KEY": None}, "SECRET_KEY must be a secret"),
        ({"SECRET_KEY": "too-short"}, "SECRET_KEY must be a secret"),
        ({"SECRET_KEY": "a" * 60}, "SECRET_KEY must be a secret"),
        ({"SECRET_KEY": "development-only" * 4}, "SECRET_KEY must be a secret"),
        ({"ALLOWED_HOSTS": None}, "ALLOWED_HOSTS must name the hosts"),
        ({"ALLOWED_HOSTS": "pentimento.example.org,*"}, "ALLOWED_HOSTS must name the hosts"),
        ({"PUBLIC_URL": None}, "PUBLIC_URL must be the https:// address"),
        ({"PUBLIC_URL": "http://pentimento.example.org"}, "PUBLIC_URL must be the https://"),
        ({"DATABASE_URL": None}, "DATABASE_URL must be given, with a password"),
        (
            {"DATABASE_URL": "postgres://pentimento@database.invalid/x"},
            "DATABASE_URL must be given",
        ),
        ({"REDIS_URL": None}, "REDIS_URL must be given"),
        ({"EMAIL_VERIFICATION": "perhaps"}, "EMAIL_VERIFICATION must be mandatory"),
        ({"MEDIA_BASE_URL": "http://images.example.org"}, "MEDIA_BASE_URL must be the https://"),
        ({"MEDIA_DELIVERY": "pigeon"}, "MEDIA_DELIVERY must be stream, accel or redirect"),
        ({"MEDIA_DELIVERY": "accel"}, "MEDIA_DELIVERY=accel is for images in a folder"),
        ({"MEDIA_DELIVERY": "redirect"}, "MEDIA_DELIVERY=redirect needs AWS_S3_PUBLIC_ENDPOINT"),
        (
            {"MEDIA_DELIVERY": "redirect", "AWS_STORAGE_BUCKET_NAME": ""},
            "MEDIA_DELIVERY=redirect needs AWS_S3_PUBLIC_ENDPOINT_URL",
        ),
        (
            {
                "MEDIA_DELIVERY": "redirect",
                "AWS_S3_PUBLIC_ENDPOINT_URL": "http://storage.example.org",
            },
            "AWS_S3_PUBLIC_ENDPOINT_URL must be an https:// address",
        ),
        (
            {
                "MEDIA_DELIVERY": "redirect",
                "AWS_S3_PUBLIC_ENDPOINT_URL": "https://pentimento.example.org/s3",
            },
            "AWS_S3_PUBLIC_ENDPOINT_URL must be an https:// address on another host",
        ),
        ({"WATERMARK_KEYS": None}, "WATERMARK_KEYS must be one or more id:secret"),
        ({"WATERMARK_KEYS": "1:short"}, "must have at least 32 characters"),
        ({"WATERMARK_KEYS": f"1:{'a' * 32},1:{'b' * 32}"}, "each id a number of its own"),
    ],
)
def test_the_service_refuses_to_start(
    changed: dict[str, str | None], sentence: str, tmp_path: Path
) -> None:
    done = python(
        "-c", "import django; django.setup()", changed=settings_of(changed), data=tmp_path
    )
    assert done.returncode != 0
    assert sentence in done.stderr
    assert done.stderr.count("\n- ") == 1, "one unsafe value, one sentence"


def test_all_reasons_are_given_at_once(tmp_path: Path) -> None:
    nothing = dict.fromkeys(production())
    done = python(
        "-c", "import django; django.setup()", changed=settings_of(nothing), data=tmp_path
    )
    assert done.returncode != 0
    for name in ("SECRET_KEY", "ALLOWED_HOSTS", "PUBLIC_URL", "DATABASE_URL", "REDIS_URL"):
        assert f"\n- {name} must" in done.stderr


@pytest.mark.parametrize(
    ("changed", "address"),
    [
        ({}, "none"),
        (
            {"AWS_S3_PUBLIC_ENDPOINT_URL": "https://s3.example.org"},
            "https://s3.example.org/pentimento/a",
        ),
        ({"AWS_S3_ENDPOINT_URL": ""}, "https://s3.amazonaws.com/pentimento/a"),
    ],
)
def test_direct_uploads_go_to_the_bucket_where_clients_reach_it(
    changed: dict[str, str | None], address: str, tmp_path: Path
) -> None:
    program = """
from django.conf import settings
from django.core.files.storage import storages
print(storages["direct"].url("a").partition("?")[0] if "direct" in settings.STORAGES else "none")
"""
    done = python("-c", program, changed=settings_of(changed), data=tmp_path)
    assert done.stdout.strip() == address, done.stderr


def test_the_deployment_check_is_clean(tmp_path: Path) -> None:
    done = python(
        "manage.py", "check", "--deploy", "--fail-level", "WARNING", changed={}, data=tmp_path
    )
    assert done.returncode == 0, done.stderr


def settings_of(changed: dict[str, str | None]) -> dict[str, str | None]:
    return {"DJANGO_SETTINGS_MODULE": "backend.settings", **changed}
