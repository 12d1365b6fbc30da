"""The same request again gives the same answer; two at once have one effect."""

import threading
from datetime import timedelta

import pytest
from django.db import connections

from core.clock import now
from core.models import IdempotentRequest
from posts.models import Post
from tests.helpers import pictures
from tests.helpers.contract import Client


@pytest.mark.django_db
def test_a_repeated_post_is_one_post(author):
    answers = [
        author.post("/api/v1/posts", {"body": "x"}, headers={"Idempotency-Key": "a"})
        for _ in range(2)
    ]
    assert answers[0].json() == answers[1].json()
    assert Post.objects.count() == 1


@pytest.mark.django_db
def test_another_body_under_the_same_key_is_422(author):
    author.post("/api/v1/posts", {"body": "x"}, headers={"Idempotency-Key": "a"})
    answer = author.post("/api/v1/posts", {"body": "y"}, headers={"Idempotency-Key": "a"})
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")


@pytest.mark.django_db
def test_keys_belong_to_people(author, stranger):
    for client in (author, stranger):
        client.post("/api/v1/posts", {"body": "x"}, headers={"Idempotency-Key": "a"})
    assert Post.objects.count() == 2


@pytest.mark.django_db
def test_a_refusal_does_not_use_the_key_up(author):
    assert author.post("/api/v1/posts", {}, headers={"Idempotency-Key": "a"}).status_code == 400
    answer = author.post("/api/v1/posts", {"body": "x"}, headers={"Idempotency-Key": "a"})
    assert answer.status_code == 201


@pytest.mark.django_db
def test_in_flight_is_409_until_it_is_abandoned(author):
    key = {"Idempotency-Key": "a"}
    author.post("/api/v1/posts", {"body": "x"}, headers=key)
    IdempotentRequest.objects.update(status=None)
    answer = author.post("/api/v1/posts", {"body": "x"}, headers=key)
    assert (answer.status_code, answer.json()["code"]) == (409, "idempotency_key_in_flight")
    assert answer["Retry-After"]
    IdempotentRequest.objects.update(created_at=now() - timedelta(hours=1))
    assert author.post("/api/v1/posts", {"body": "x"}, headers=key).status_code == 201


@pytest.mark.django_db
@pytest.mark.parametrize("key", ["", "k" * 201, "naïve"])
def test_bad_keys_are_400(author, key):
    answer = author.post("/api/v1/posts", {"body": "x"}, headers={"Idempotency-Key": key})
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_idempotency_key")


@pytest.mark.django_db
def test_an_upload_is_compared_by_its_bytes(author):
    def send(seed):
        body = {"file": pictures.upload(pictures.jpeg(seed))}
        return author.post(
            "/api/v1/assets", body, format="multipart", headers={"Idempotency-Key": "a"}
        )

    first, second, other = send(1), send(1), send(2)
    assert first.json() == second.json()
    assert other.status_code == 422


@pytest.mark.django_db(transaction=True)
def test_two_at_once_have_one_effect(join):
    client = join("author")
    token = client._credentials["HTTP_AUTHORIZATION"]
    gate, answers = threading.Barrier(6), []

    def send():
        mine = Client()
        mine.credentials(HTTP_AUTHORIZATION=token)
        gate.wait()
        answer = mine.post("/api/v1/posts", {"body": "x"}, headers={"Idempotency-Key": "a"})
        answers.append(answer.status_code)
        connections.close_all()

    threads = [threading.Thread(target=send) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(answers) <= {201, 409}
    assert 201 in answers
    assert Post.objects.count() == 1
