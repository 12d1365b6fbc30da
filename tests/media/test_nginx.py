"""deploy/nginx/stored.conf, read by nginx itself. It answers for what the service answered."""

import http.client
import shutil
import socket
import subprocess
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from django.conf import settings as django_settings

from media.models import Asset
from tests.helpers import pictures

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not shutil.which("nginx"), reason="there is no nginx on this machine"),
]
STORED = Path(__file__).resolve().parents[2] / "deploy" / "nginx" / "stored.conf"
CONFIGURATION = """
pid {folder}/nginx.pid;
error_log {folder}/error.log;
daemon off;
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    default_type application/octet-stream;
    server {{
        listen 127.0.0.1:{port};
        location / {{ proxy_pass http://127.0.0.1:{service}; }}
        include {folder}/stored.conf;
    }}
}}
"""


@pytest.fixture
def replayed():
    """A service that gives the answer it is told to give; its port and the way to tell it."""

    class Handler(BaseHTTPRequestHandler):
        answer = None

        def do_GET(self):
            self.send_response(self.answer.status_code)
            for name, value in self.answer.items():
                self.send_header(name, value)
            self.end_headers()

        def log_message(self, *args):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield server.server_port, lambda answer: setattr(Handler, "answer", answer)
    server.shutdown()
    server.server_close()


@pytest.fixture
def nginx(tmp_path, replayed):
    """nginx in front of it; ask it for a path."""
    tmp_path.chmod(0o755)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    images = f"{django_settings.STORAGES['default']['OPTIONS']['location']}/"
    stored = STORED.read_text().replace("/srv/pentimento/storage/", images)
    (tmp_path / "stored.conf").write_text(stored)
    configuration = tmp_path / "nginx.conf"
    configuration.write_text(
        "user root;" * (Path.home() == Path("/root"))
        + CONFIGURATION.format(folder=tmp_path, port=port, service=replayed[0])
    )
    process = subprocess.Popen(["nginx", "-e", f"{tmp_path}/error.log", "-c", str(configuration)])

    def ask(path, **headers):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        return answer.status, answer.headers, body

    until = time.monotonic() + 30
    while time.monotonic() < until and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            break
        except OSError:
            time.sleep(0.05)
    yield ask
    process.terminate()
    process.wait(timeout=30)


def test_nginx_sends_the_file_with_the_headers_of_the_service(
    author, anonymous, upload, settings, replayed, nginx
):
    author.patch("/api/v1/me", {"preferences": {"training_consent": "deny"}})
    asset = upload(author)
    shown = anonymous.get(asset["urls"]["320"])
    settings.MEDIA_DELIVERY = "accel"
    told = anonymous.get(asset["urls"]["320"])
    replayed[1](told)
    status, answer, body = nginx("/media/whatever")
    assert (status, body) == (200, shown.body)
    assert answer["X-Accel-Redirect"] is None
    replaced = {"X-Accel-Redirect", "Content-Length", "ETag"}
    for name, value in told.items():
        if name not in replaced:
            assert answer[name] == value, name


def test_a_header_that_the_service_did_not_send_is_not_made_up(
    author, anonymous, upload, settings, replayed, nginx
):
    asset = upload(author)
    settings.MEDIA_DELIVERY = "accel"
    replayed[1](anonymous.get(asset["urls"]["320"]))
    _, answer, _ = nginx("/media/whatever")
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer["tdm-reservation"] is answer["X-Robots-Tag"] is None


def test_nginx_sends_an_original_to_be_saved_and_parts_of_it(
    author, upload, settings, replayed, nginx
):
    data = pictures.jpeg(7)
    asset = upload(author, data=data)
    settings.MEDIA_DELIVERY = "accel"
    replayed[1](author.get(f"/api/v1/assets/{asset['id']}/download"))
    status, answer, body = nginx("/api/v1/whatever")
    assert (status, body) == (200, data)
    assert answer["Content-Disposition"].startswith("attachment;")
    assert answer["Cache-Control"] == "private, no-store"
    status, _, body = nginx("/api/v1/whatever", Range="bytes=0-9")
    assert (status, body) == (206, data[:10])


def test_nobody_gets_at_the_files_from_outside(author, anonymous, upload, replayed, nginx):
    upload(author)
    replayed[1](anonymous.get("/media/nothing"))
    file = Asset.objects.get().renditions.get()
    for path in (f"/stored/{file.key}", f"/stored/{Asset.objects.get().key}"):
        status, _, body = nginx(path)
        assert status == 404
        assert b"WEBP" not in body
