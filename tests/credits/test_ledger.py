"""Money: never lost, never made, never spent twice; and the command that proves it."""

import threading
from datetime import timedelta
from io import StringIO
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.db.utils import DatabaseError

from core.clock import now
from credits import queries, services
from credits.models import Account, Entry, Transfer
from credits.services import InsufficientCredits
from media_gen.models import GenerationJob
from media_gen.tasks import reconcile_ledger
from users import keys

SPENDERS = 50


def account(client):
    return Account.objects.get(user=client.user)


def last_seen(client, *, days_ago):
    day = now().date() - timedelta(days=days_ago)
    Account.objects.filter(user=client.user).update(granted_on=day)


def reconcile():
    out = StringIO()
    call_command("reconcile", stdout=out)
    return out.getvalue()


@pytest.mark.django_db
@pytest.mark.parametrize("model", [Transfer, Entry])
@pytest.mark.parametrize("change", ["update", "delete"])
def test_what_is_written_stays(author, model, change):
    row = model.objects.filter(pk=model.objects.first().pk)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        row.update(id=uuid4()) if change == "update" else row._raw_delete("default")


@pytest.mark.django_db
def test_no_transfer_is_committed_off_balance(author):
    with transaction.atomic():
        unbalanced(author)
        with pytest.raises(IntegrityError, match="is off by 5"):
            connection.check_constraints()
        transaction.set_rollback(True)


@pytest.mark.django_db
def test_a_hold_is_settled_once(author):
    job = uuid4()
    services.hold(user=author.user, amount=7, reference=job)
    services.capture(user=author.user, held=7, spent=3, reference=job)
    services.capture(user=author.user, held=7, spent=7, reference=job)
    with pytest.raises(IntegrityError), transaction.atomic():
        services.release(user=author.user, held=7, reference=job)
    assert account(author).balance == 197
    assert queries.total() == 0


@pytest.mark.django_db
def test_a_day_gives_its_credits_once_and_days_away_give_nothing(author, settings):
    settings.DAILY_CREDITS = 20
    assert author.get("/api/v1/me").json()["credits"] == 200
    last_seen(author, days_ago=3)
    assert author.get("/api/v1/me").json()["credits"] == 220
    for _ in range(2):
        services.hold(user=author.user, amount=1, reference=uuid4())
    assert author.get("/api/v1/me").json()["credits"] == 218
    kinds = [entry["kind"] for entry in author.get("/api/v1/me/ledger").json()["results"]]
    assert sorted(kinds) == ["daily", "grant", "hold", "hold"]


@pytest.mark.django_db
def test_the_grant_of_today_can_be_spent_at_once(author, settings):
    settings.DAILY_CREDITS = 20
    services.hold(user=author.user, amount=200, reference=uuid4())
    with pytest.raises(InsufficientCredits):
        services.hold(user=author.user, amount=1, reference=uuid4())
    last_seen(author, days_ago=1)
    services.hold(user=author.user, amount=20, reference=uuid4())
    assert account(author).balance == 0


@pytest.mark.django_db(transaction=True)
def test_fifty_spenders_at_once_spend_what_there_is(author):
    services.hold(user=author.user, amount=200 - SPENDERS // 2, reference=uuid4())
    together, outcomes = threading.Barrier(SPENDERS), []

    def spend():
        together.wait()
        try:
            services.hold(user=author.user, amount=1, reference=uuid4())
            outcomes.append("held")
        except InsufficientCredits:
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=spend) for _ in range(SPENDERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["held"] * (SPENDERS // 2) + ["refused"] * (SPENDERS // 2)
    assert account(author).balance == 0
    assert list(queries.faults()) == []


@pytest.mark.django_db
def test_the_books_of_a_used_service_are_right(author, stranger):
    for client in (author, stranger):
        services.hold(user=client.user, amount=1, reference=job_of(client).pk)
    assert "their sum is 0" in reconcile()


def job_of(client, **fields):
    defaults = {
        "owner": client.user, "operation": "text_to_image", "backend": "procedural", "model": "m",
        "prompt": "p", "width": 64, "height": 64, "count": 1, "seed": 1, "strength": 0.5,
        "cost_quoted": 1,
    }  # fmt: skip
    return GenerationJob.objects.create(**{**defaults, **fields})


def unbalanced(client):
    transfer = Transfer.objects.create(kind="grant", reference=uuid4())
    Entry.objects.create(transfer=transfer, account=account(client), amount=5)


def false_balance(client):
    Account.objects.filter(user=client.user).update(balance=1000)


def unpaid(client):
    job_of(client)


def never_settled(client):
    job = job_of(client)
    services.hold(user=client.user, amount=1, reference=job.pk)
    GenerationJob.objects.filter(pk=job.pk).update(state="failed", finished_at=now())


def settled_early(client):
    job = job_of(client)
    services.hold(user=client.user, amount=1, reference=job.pk)
    services.release(user=client.user, held=1, reference=job.pk)


def charged_otherwise(client):
    job = job_of(client, state="succeeded", finished_at=now(), cost_charged=0)
    services.hold(user=client.user, amount=1, reference=job.pk)
    services.capture(user=client.user, held=1, spent=1, reference=job.pk)


def miscounted_key(client):
    key, _secret = keys.create(owner=client.user, name="bot", scopes=["generate"])
    job = job_of(client, api_key=key)
    services.hold(user=client.user, amount=1, reference=job.pk)


def held_for_nothing(client):
    services.hold(user=client.user, amount=1, reference=uuid4())


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (unbalanced, "its entries add up to 5"),
        (false_balance, "shows 1000, but its entries add up to 200"),
        (unpaid, "not held as quoted"),
        (never_settled, "ended without its hold being settled"),
        (settled_early, "settled before it ended"),
        (
            charged_otherwise,
            "not charged as it says: quoted 1, held 1, freed 1, charged 0, spent 1",
        ),
        (miscounted_key, "counts 0, but its jobs hold or cost 1"),
        (held_for_nothing, "there is no such job"),
    ],
)
def test_whatever_is_off_is_named(author, caplog, damage, told):
    with transaction.atomic():
        damage(author)
        with pytest.raises(CommandError, match="faults"):
            call_command("reconcile", stdout=(out := StringIO()))
        reconcile_ledger()
        transaction.set_rollback(True)  # the database would not let some of it be committed
    assert told in out.getvalue()
    assert told in caplog.text
    assert "their sum is 0" in reconcile()
