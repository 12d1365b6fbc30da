"""What a person is told."""

from django.db import models
from django.db.models import Q

from core.db import one_of
from core.ids import uuid7
from users.models import User


class NotificationType(models.TextChoices):
    FOLLOW = "follow"
    FOLLOW_REQUEST = "follow_request"
    FOLLOW_ACCEPTED = "follow_accepted"
    REACTION = "reaction"
    COMMENT = "comment"
    MENTION = "mention"
    REMIX = "remix"
    SAVE = "save"
    BOARD_FOLLOW = "board_follow"
    BOARD_SHARE = "board_share"
    JOB = "job"
    LABEL = "label"
    DECISION = "decision"
    REPORT = "report"


class Notification(models.Model):
    """`facts` are frozen and safe; the target is checked again whenever the row is read.

    `dedup` makes a message that is delivered twice one notification; what has the same `about` is
    told together.
    """

    Type = NotificationType

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    recipient = models.ForeignKey(User, on_delete=models.CASCADE, related_name="notifications")
    type = models.CharField(max_length=20, choices=Type.choices)
    actor = models.ForeignKey(User, null=True, on_delete=models.CASCADE, related_name="+")
    target_kind = models.CharField(max_length=20)
    target_id = models.UUIDField()
    facts = models.JSONField(default=dict)
    dedup = models.CharField(max_length=120)
    about = models.CharField(max_length=120)
    read_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            one_of("type", NotificationType, table="notification"),
            models.UniqueConstraint(fields=["recipient", "dedup"], name="notification_once"),
        ]
        indexes = [
            models.Index(fields=["recipient", "-id"], name="notification_by_recipient"),
            models.Index(fields=["recipient", "about", "-id"], name="notification_together"),
            models.Index(
                fields=["recipient", "-id"], name="notification_unread", condition=Q(read_at=None)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.type} for {self.recipient_id}"
