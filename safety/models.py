"""What may not be brought here, which moderators say, and whose style may not be asked for."""

from django.db import models

from provenance.models import Record
from users.models import User


class ProtectedStyle(models.Model):
    """A name of somebody who does not want their style imitated, as prompts are searched for it:
    folded (safety/reading.py) and without blanks."""

    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="protected_styles")
    name = models.CharField(max_length=240)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["name", "owner"], name="protected_style_once")
        ]

    def __str__(self) -> str:
        return self.name


class BannedImage(models.Model):
    """A moderator banned this work: what looks like it is held at the door (safety/images.py).

    `decision_id` is the Decision that says why. It stands until that Decision is reversed
    (`lifted_at`); another Decision that bans the same work stands on its own.
    """

    record = models.ForeignKey(Record, on_delete=models.PROTECT, related_name="bans")
    decision_id = models.UUIDField()
    reason_code = models.CharField(max_length=40)
    created_at = models.DateTimeField(auto_now_add=True)
    lifted_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["record", "decision_id"], name="banned_image_once_per_decision"
            )
        ]
        indexes = [models.Index(fields=["decision_id"], name="banned_image_by_decision")]

    def __str__(self) -> str:
        return f"{self.record_id} ({self.reason_code})"
