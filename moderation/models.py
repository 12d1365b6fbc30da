"""Complaints and disputes, their cases, and what was decided. Decisions are append-only."""

from django.db import models
from django.db.models import Case as Choose
from django.db.models import F, Q, Value, When

from core.db import one_of
from core.ids import uuid7
from media.models import Asset
from provenance import vocabulary
from users.models import User

# In the queue a disputed label weighs as much as this many reports (docs/operations.md).
DISPUTE_WEIGHT = 3
# An image that is held at the door weighs less: nobody is shown it, only its author waits.
HELD_WEIGHT = 2


class TargetKind(models.TextChoices):
    POST = "post", "Post"
    ASSET = "asset", "Image"
    USER = "user", "Account"
    COMMENT = "comment", "Comment"
    BOARD = "board", "Board"


class CaseState(models.TextChoices):
    OPEN = "open"
    APPEALED = "appealed"
    DECIDED = "decided"


class Case(models.Model):
    """Everything that was said about one thing, until it is decided.

    open → decided → appealed → decided; a reversal opens it again. `disputed`: an open dispute
    waits in it. `held`: its image was held, and whether it may be shown waits, too. `weight` sorts
    the queue.
    """

    State = CaseState

    WAITING = (State.OPEN, State.APPEALED)

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    target_kind = models.CharField(max_length=10, choices=TargetKind.choices)
    target_id = models.UUIDField()
    author = models.ForeignKey(User, on_delete=models.CASCADE, related_name="cases_against")
    reports_count = models.PositiveIntegerField(default=0)
    disputed = models.BooleanField(default=False)
    held = models.BooleanField(default=False)
    weight = models.GeneratedField(
        expression=F("reports_count")
        + Choose(When(disputed=True, then=Value(DISPUTE_WEIGHT)), default=Value(0))
        + Choose(When(held=True, then=Value(HELD_WEIGHT)), default=Value(0)),
        output_field=models.PositiveIntegerField(),
        db_persist=True,
    )
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
    BAN = "ban", "Hide and ban"
    RELABEL = "relabel", "Relabel"
    SUSPEND = "suspend", "Suspend the author"
    REVERSE = "reverse", "Reverse"


class Decision(models.Model):
    """What a moderator decided and why. Never changed; reversed by another Decision.

    `before` holds what the columns that it changed were, so that a reversal restores exactly
    that; `rulings` are the ids of the evidence rows that it wrote: new labels, and labels that
    stand although they were disputed.
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

    @property
    def without_effect(self) -> bool:
        """A dismissal that answered no dispute and let nothing in: its author is not told, and
        has nothing to appeal.

        The same for rows: `action="dismiss", rulings=[], before={}`.
        """
        return self.action == DecisionAction.DISMISS and not (self.rulings or self.before)

    @property
    def lets_in(self) -> bool:
        """A dismissal by which a held image was released."""
        return self.action == DecisionAction.DISMISS and bool(self.before)


class Appeal(models.Model):
    """Its author asks that somebody else look at a decision again."""

    decision = models.OneToOneField(
        Decision, on_delete=models.PROTECT, primary_key=True, related_name="appeal"
    )
    statement = models.CharField(max_length=2000)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.statement[:60]


class DisputeState(models.TextChoices):
    OPEN = "open"
    UPHELD = "upheld"
    OVERTURNED = "overturned"


class Dispute(models.Model):
    """An author says that a label is wrong, and shows work in progress (`proofs`).

    `label` is the origin that is disputed. open → upheld (it stands) or overturned, by `decision`;
    a reversal of that opens it again.
    """

    State = DisputeState

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    asset = models.ForeignKey(Asset, on_delete=models.CASCADE, related_name="disputes")
    author = models.ForeignKey(User, on_delete=models.CASCADE, related_name="disputes")
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="disputes")
    statement = models.CharField(max_length=2000)
    proofs = models.ManyToManyField(Asset, related_name="proves")
    label = models.CharField(max_length=16, choices=vocabulary.ORIGIN_CHOICES)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    decision = models.ForeignKey(
        Decision, null=True, on_delete=models.PROTECT, related_name="disputes"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            one_of("state", DisputeState, table="dispute"),
            models.UniqueConstraint(
                fields=["asset"], condition=Q(state="open"), name="dispute_one_open_per_asset"
            ),
            models.CheckConstraint(
                condition=Q(state="open", decision=None, answered_at=None)
                | (~Q(state="open") & Q(decision__isnull=False, answered_at__isnull=False)),
                name="dispute_is_answered_by_a_decision",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.label} disputed: {self.statement[:60]}"
