"""Rows of the machinery: what happened and must be told, and what was already answered."""

from django.conf import settings
from django.db import models

from core.ids import uuid7


class OutboxEvent(models.Model):
    """An event written in the transaction that caused it; published after its commit.

    Unpublished rows are the only thing that must survive for every reaction to happen. Whoever
    sends one and finds that it does not fit what should follow sets `refused_at`: it waits for an
    operator then, and not for the next sweep.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(max_length=100)
    payload = models.JSONField()
    created_at = models.DateTimeField(auto_now_add=True)
    published_at = models.DateTimeField(null=True)
    refused_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["created_at"],
                name="outbox_waiting",
                condition=models.Q(published_at__isnull=True, refused_at__isnull=True),
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.id}"


class IdempotentRequest(models.Model):
    """The answer to a request that carried an Idempotency-Key; `status` is null while in flight."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=200)
    fingerprint = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    body = models.JSONField(null=True)
    location = models.CharField(max_length=300, default="")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "key"], name="idempotency_key_once_per_user")
        ]

    def __str__(self) -> str:
        return self.key
