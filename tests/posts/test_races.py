"""Two things at once, of which one has to wait for the other."""

import threading
import time

import pytest
from django.db import connection, transaction

from core.outbox import emit
from media.models import Asset
from posts import publishing, services
from posts.models import Post
from provenance.events import VerdictChanged
from provenance.models import Record
from tests.helpers.rows import picture_of
from users.models import User
from users.services import create_account

pytestmark = pytest.mark.django_db(transaction=True)
WAITING = """
    SELECT count(*) FROM pg_stat_activity
     WHERE datname = current_database() AND wait_event_type = 'Lock'
"""


def begun(act):
    """A thread that does it, as soon as it waits for a lock of this one."""
    failed = []

    def run():
        try:
            act()
        except Exception as error:  # noqa: BLE001  # whatever it is, it is shown
            failed.append(error)
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.failed = failed
    thread.start()
    for _ in range(500):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_stat_clear_snapshot()")  # kept for a transaction otherwise
            cursor.execute(WAITING)
            if cursor.fetchone()[0]:
                return thread
        time.sleep(0.01)
    raise AssertionError(f"it does not wait: {failed}")


def ended(thread):
    thread.join()
    assert not thread.failed, thread.failed


@pytest.fixture
def person():
    return create_account(username="somebody", email="somebody@example.org", password="x" * 20)


def test_a_post_that_waits_for_a_verdict_has_its_flag(person):
    asset = Asset.objects.get(pk=picture_of(person))
    with transaction.atomic():
        Record.objects.filter(pk=asset.record_id).update(flag="ai", origin="ai_generated")
        emit(VerdictChanged(record_id=str(asset.record_id), before="unknown", after="ai_generated"))
        thread = begun(lambda: services.create_post(author=person, assets=[asset.pk]))
    ended(thread)
    assert Post.objects.get().flag == "ai"


def test_an_edit_waits_for_a_post_under_the_same_new_tag(person):
    post = services.create_post(author=person, assets=[], body="Stones")
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=person.pk)
        edit = begun(lambda: publishing.edit_post(post=post, changes={"tags": ["new"]}))
        services.create_post(author=person, assets=[], body="More", tags=["new"])
    ended(edit)
    assert Post.objects.filter(tags__name="new").count() == 2
