"""Complaints, the cases they make, and what was decided. Decisions are append-only."""

from django.db import models
from django.db.models import Q

from core.db import one_of
from core.ids import uuid7
from provenance import vocabulary
from users.models import User


class TargetKind(models.TextChoices):
    POST = "post", "Post"
    ASSET = "asset", "Image"
    USER = "user", "Account"
    COMMENT = "comment", "Comment"


class CaseState(models.TextChoices):
    OPEN = "open"
    APPEALED = "appealed"
    DECIDED = "decided"


class Case(models.Model):
    """Everything that was said against one thing, until it is decided.

    open → decided → appealed → decided; a reversal opens it again
    """

    State = CaseState

    WAITING = (State.OPEN, State.APPEALED)

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    target_kind = models.CharField(max_length=10, choices=TargetKind.choices)
    target_id = models.UUIDField()
    author = models.ForeignKey(User, on_delete=models.CASCADE, related_name="cases_against")
    reports_count = models.PositiveIntegerField(default=0)
    opened_at = models.DateTimeField(auto_now_add=True)
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            one_of("state", CaseState, table="case"),
            one_of("target_kind", TargetKind, table="case"),
            models.UniqueConstraint(
                fields=["target_kind", "target_id"],
                name="case_one_open_per_target",
                condition=Q(state="open"),
            ),
        ]
        indexes = [models.Index(fields=["state", "id"], name="case_queue")]

    def __str__(self) -> str:
        return f"{self.target_kind} by @{self.author.username}"


class ReportReason(models.TextChoices):
    WRONG_LABEL = "wrong_label", "The AI label is wrong"
    SPAM = "spam", "Spam"
    HARASSMENT = "harassment", "Harassment"
    SEXUAL = "sexual", "Sexual content"
    VIOLENCE = "violence", "Violence"
    COPYRIGHT = "copyright", "Copyright"
    ILLEGAL = "illegal", "Illegal content"
    OTHER = "other", "Something else"


class Report(models.Model):
    """What one person said against something they could see."""

    Reason = ReportReason

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="reports")
    reporter = models.ForeignKey(User, on_delete=models.CASCADE, related_name="reports")
    reason = models.CharField(max_length=20, choices=Reason.choices)
    detail = models.CharField(max_length=2000, blank=True, default="")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            one_of("reason", ReportReason, table="report"),
            models.UniqueConstraint(fields=["case", "reporter"], name="report_once_per_case"),
        ]

    def __str__(self) -> str:
        return self.get_reason_display()


class DecisionAction(models.TextChoices):
    DISMISS = "dismiss", "Dismiss"
    HIDE = "hide", "Hide"
    RELABEL = "relabel", "Relabel"
    SUSPEND = "suspend", "Suspend the author"
    REVERSE = "reverse", "Reverse"


class Decision(models.Model):
    """What a moderator decided and why. Never changed; reversed by another Decision.

    `before` holds what the target's limit columns were, so that a reversal restores exactly
    that; `rulings` are the ids of the evidence rows that a relabelling wrote.
    """

    Action = DecisionAction

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="decisions")
    moderator = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="decisions_about")
    action = models.CharField(max_length=10, choices=Action.choices)
    reason_code = models.CharField(max_length=40)
    reason = models.CharField(max_length=2000)
    origin = models.CharField(
        max_length=16, blank=True, default="", choices=vocabulary.ORIGIN_CHOICES
    )
    before = models.JSONField(default=dict)
    rulings = models.JSONField(default=list)
    reverses = models.OneToOneField(
        "self", null=True, on_delete=models.PROTECT, related_name="reversed_by"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            one_of("action", DecisionAction, table="decision"),
            models.CheckConstraint(
                condition=Q(action="reverse") ^ Q(reverses__isnull=True),
                name="decision_reversal_names_what",
            ),
            models.CheckConstraint(
                condition=Q(action="relabel") ^ Q(origin=""), name="decision_relabel_names_origin"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="decision_has_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.action}: {self.reason[:60]}"


class Appeal(models.Model):
    """Its author asks that somebody else look at a decision again."""

    decision = models.OneToOneField(
        Decision, on_delete=models.PROTECT, primary_key=True, related_name="appeal"
    )
    statement = models.CharField(max_length=2000)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.statement[:60]
