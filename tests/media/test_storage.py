"""What happens to images while the store, or a worker, is away."""

from datetime import timedelta

import pytest
from django.core.files.storage import default_storage

from core.clock import now
from media import rendering, sandbox, services
from media.models import Asset
from provenance.models import Record
from tests.helpers import pictures

pytestmark = pytest.mark.django_db


@pytest.fixture
def away(monkeypatch):
    """The store raises what botocore would: an error that is no OSError."""

    class EndpointConnectionError(Exception):
        pass

    def fail(*args, **kwargs):
        raise EndpointConnectionError("no answer")

    def switch_off():
        for verb in ("exists", "save", "open", "delete"):
            monkeypatch.setattr(default_storage._wrapped, verb, fail)

    return switch_off


def test_an_upload_is_told_to_come_back_and_leaves_nothing(author, away, monkeypatch):
    monkeypatch.setattr("tests.helpers.contract.check", lambda *answer: None)
    away()
    body = {"file": pictures.upload(pictures.jpeg(1))}
    answer = author.post("/api/v1/assets", body, format="multipart")
    assert (answer.status_code, answer.json()["code"]) == (503, "storage_unavailable")
    assert answer["Retry-After"]
    assert not Asset.objects.exists()
    assert not Record.objects.exists()


def test_files_are_503_and_descriptions_still_answer(author, anonymous, upload, away, monkeypatch):
    asset = upload(author)
    monkeypatch.setattr("tests.helpers.contract.check", lambda *answer: None)
    away()
    assert anonymous.get(asset["urls"]["320"]).status_code == 503
    assert author.get(f"/api/v1/assets/{asset['id']}/download").status_code == 503
    assert author.get(f"/api/v1/assets/{asset['id']}").status_code == 200


def test_an_image_whose_worker_died_is_asked_for_again(author, upload):
    asset = upload(author)
    assert rendering.ask_again_for_renditions() == []
    Asset.objects.update(render_asked_at=now() - timedelta(minutes=5))
    assert [str(each) for each in rendering.ask_again_for_renditions()] == [asset["id"]]
    assert rendering.ask_again_for_renditions() == []


def test_rendering_twice_leaves_what_rendering_once_leaves(author, upload):
    upload(author, data=pictures.encoded(pictures.picture(2, (800, 600)), "PNG"))
    asset = Asset.objects.get()
    for _ in range(2):
        rendering.render(asset=asset)
        files = sorted((file.width, file.media_type) for file in asset.renditions.all())
        assert files == [
            (256, "image/webp"),
            (640, "image/webp"),
            (800, "image/jpeg"),
            (800, "image/webp"),
        ]
        assert all(default_storage.exists(file.key) for file in asset.renditions.all())


def test_an_image_deleted_while_it_is_rendered_stays_deleted(author, upload, monkeypatch):
    asset = upload(author)
    examine = sandbox.examine

    def delete_meanwhile(*args, **kwargs):
        author.delete(f"/api/v1/assets/{asset['id']}")
        return examine(*args, **kwargs)

    monkeypatch.setattr(sandbox, "examine", delete_meanwhile)
    rendering.render(asset=Asset.objects.get())
    assert Asset.objects.get().state == "removed"


def test_a_label_that_changes_while_files_are_made_is_in_the_files(author, upload, monkeypatch):
    from provenance import services as provenance
    from provenance.vocabulary import Origin

    upload(author, data=pictures.encoded(pictures.picture(3, (700, 500)), "PNG"))
    asset = Asset.objects.get()
    mark_files, calls = rendering.marking.mark_files, []

    def rule_meanwhile(*args):
        calls.append(args)
        files = mark_files(*args)
        if len(calls) == 1:
            provenance.rule(record=asset.record, origin=Origin.AI_GENERATED)
        return files

    monkeypatch.setattr(rendering.marking, "mark_files", rule_meanwhile)
    rendering.render(asset=asset)
    assert len(calls) == 2
    for file in asset.renditions.all():
        with default_storage.open(file.key) as stored:
            assert b"trainedAlgorithmicMedia" in stored.read()


def test_a_busy_day_ruins_no_image(author, upload, settle, monkeypatch):
    upload(author)
    settle(files=True)

    def too_slow(*args, **kwargs):
        raise sandbox.TooCostly

    monkeypatch.setattr(sandbox, "examine", too_slow)
    with pytest.raises(sandbox.TooCostly):
        rendering.render(asset=Asset.objects.get())
    assert Asset.objects.get().state == "ready"


def test_lost_relabelling_and_lost_deletion_are_found_again(author, upload, settle):
    asset = upload(author)
    settle(files=True)
    assert rendering.unfinished() == ([], [])
    old = now() - timedelta(minutes=5)
    Asset.objects.update(render_asked_at=old, rendered_origin="ai_edited")
    assert [str(each) for each in rendering.unfinished()[0]] == [asset["id"]]
    author.delete(f"/api/v1/assets/{asset['id']}")
    Record.objects.update(removed_at=old)
    assert [str(each) for each in rendering.unfinished()[1]] == [asset["id"]]
    rendering.discard_bytes(asset=Asset.objects.get())
    assert rendering.unfinished() == ([], [])


def test_a_removed_image_cannot_be_posted(author, upload):
    upload(author)
    asset = Asset.objects.get()
    services.remove_asset(asset=asset)
    with pytest.raises(services.AssetGone):
        services.refer_to(owner=asset.owner, assets=[asset.pk])


def test_too_many_uploads_at_once_are_asked_to_come_back(author, monkeypatch):
    from threading import BoundedSemaphore

    monkeypatch.setattr("tests.helpers.contract.check", lambda *answer: None)
    monkeypatch.setattr(sandbox, "WAIT_SECONDS", 0)
    taken = BoundedSemaphore(1)
    monkeypatch.setattr(sandbox, "_slots", taken)
    body = {"file": pictures.upload(pictures.jpeg(1))}
    with taken:
        answer = author.post("/api/v1/assets", body, format="multipart")
    assert (answer.status_code, answer.json()["code"]) == (503, "decoders_busy")
    assert answer["Retry-After"] == "5"
    again = {"file": pictures.upload(pictures.jpeg(1))}
    assert author.post("/api/v1/assets", again, format="multipart").status_code == 201
