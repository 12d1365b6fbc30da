"""What may not be brought here. Moderation writes it, everybody who lets something in asks."""

from django.db import models

from provenance.models import Record


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
