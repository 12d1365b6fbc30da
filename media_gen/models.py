"""The job: the row that is the truth about one generation. Redis is only a doorbell."""

from typing import Self

from django.db import models
from django.db.models import Q

from core.clock import now
from core.db import one_of
from core.ids import uuid7
from media.models import Asset
from provenance.models import Generation
from users.models import ApiKey, User, Viewer


class JobQuerySet(models.QuerySet["GenerationJob"]):
    def owned_by(self, viewer: Viewer) -> Self:
        """Jobs are private: nobody but the owner knows that they exist."""
        return self.filter(owner=viewer.pk)

    def hydrated(self) -> Self:
        outputs = Asset.objects.hydrated().order_by("joboutput__position")
        return self.prefetch_related(
            models.Prefetch("outputs", queryset=outputs, to_attr="shown_outputs")
        )


class JobState(models.TextChoices):
    QUEUED = "queued"
    RUNNING = "running"
    STORING = "storing"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"
    REFUSED = "refused"


class GenerationJob(models.Model):
    """
    queued → running → storing → succeeded
       ↑        └────────┘  └──→ failed | cancelled | refused
       └── retry, or lease expired

    A worker owns the row while `lease_token` is its own and `lease_until` lies ahead; every
    write of a worker is conditional on the token, so one that lost its lease changes nothing.
    `rung_at` is when workers were last told of it; `version` grows with every change; `handle` is
    what the backend needs to find its provider's work again after a crash.
    """

    State = JobState

    TERMINAL = (State.SUCCEEDED, State.FAILED, State.CANCELLED, State.REFUSED)
    LEASED = (State.RUNNING, State.STORING)

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="generation_jobs")
    api_key = models.ForeignKey(
        ApiKey, null=True, on_delete=models.SET_NULL, related_name="generation_jobs"
    )
    client_key = models.CharField(max_length=200, blank=True, default="")
    client_fingerprint = models.CharField(max_length=64, blank=True, default="")
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    operation = models.CharField(max_length=20)
    backend = models.CharField(max_length=60)
    model = models.CharField(max_length=120)
    prompt = models.TextField()
    negative_prompt = models.TextField(blank=True, default="")
    prompt_visibility = models.CharField(
        max_length=10,
        choices=Generation.PromptVisibility.choices,
        default=Generation.PromptVisibility.HIDDEN,
    )
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    count = models.PositiveSmallIntegerField()
    seed = models.BigIntegerField()
    strength = models.FloatField()
    parents = models.JSONField(default=list)
    mask = models.ForeignKey(
        Asset, null=True, on_delete=models.SET_NULL, related_name="jobs_that_it_masks"
    )
    handle = models.JSONField(default=dict)
    outputs = models.ManyToManyField(Asset, through="JobOutput", related_name="jobs")
    progress = models.FloatField(default=0.0)
    version = models.PositiveIntegerField(default=1)
    attempt = models.PositiveSmallIntegerField(default=0)
    lease_token = models.UUIDField(null=True)
    lease_until = models.DateTimeField(null=True)
    retry_at = models.DateTimeField(null=True)
    rung_at = models.DateTimeField(default=now)
    cancel_requested_at = models.DateTimeField(null=True)
    cost_quoted = models.PositiveIntegerField()
    cost_charged = models.PositiveIntegerField(default=0)
    error_code = models.CharField(max_length=40, blank=True, default="")
    error_detail = models.CharField(max_length=500, blank=True, default="")
    error_field = models.CharField(max_length=40, blank=True, default="")
    error_retryable = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        constraints = [
            one_of("state", JobState, table="job"),
            models.UniqueConstraint(
                fields=["owner", "client_key"],
                name="job_once_per_client_key",
                condition=~Q(client_key=""),
            ),
            models.CheckConstraint(
                condition=Q(progress__gte=0, progress__lte=1), name="job_progress_is_a_share"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["running", "storing"]) ^ Q(lease_token__isnull=True),
                name="job_leased_while_worked_on",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["succeeded", "failed", "cancelled", "refused"])
                ^ Q(finished_at__isnull=True),
                name="job_finished_has_time",
            ),
        ]
        indexes = [
            models.Index(fields=["owner", "-id"], name="job_by_owner"),
            models.Index(fields=["backend", "id"], name="job_queue", condition=Q(state="queued")),
            models.Index(
                fields=["lease_until"],
                name="job_leases",
                condition=Q(state__in=["running", "storing"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.state} {self.pk}"

    @property
    def finished(self) -> bool:
        return self.state in self.TERMINAL


class JobOutput(models.Model):
    """An image that a job made, in its place."""

    job = models.ForeignKey(GenerationJob, on_delete=models.CASCADE)
    asset = models.ForeignKey(Asset, on_delete=models.CASCADE)
    position = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["job", "position"], name="job_output_one_per_place")
        ]

    def __str__(self) -> str:
        return f"{self.job_id}[{self.position}]"


class Preset(models.Model):
    """Fields of a request under a name. Without an owner it is a starter pack; `shared` ones are
    seen by everybody, and used."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    owner = models.ForeignKey(User, null=True, on_delete=models.CASCADE, related_name="presets")
    name = models.CharField(max_length=60)
    description = models.CharField(max_length=300, blank=True, default="")
    shared = models.BooleanField(default=False)
    fields = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "name"], name="preset_once_per_name", nulls_distinct=False
            )
        ]

    def __str__(self) -> str:
        return self.name


class Turn(models.Model):
    """When somebody's last job at a backend was begun: who was served longest ago is next."""

    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="turns")
    backend = models.CharField(max_length=60)
    served_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["owner", "backend"], name="turn_once_each"),
        ]

    def __str__(self) -> str:
        return f"{self.owner_id} at {self.backend}, {self.served_at}"


class BackendCondition(models.Model):
    """How a configured backend fares: a circuit breaker, a pace, and how long it takes.

    `failures` in a row open the circuit; until `open_until` the backend is left alone, and then
    one job tries it. `free_at` is when the next job may begin. `typical_seconds` is a moving mean.
    """

    alias = models.CharField(primary_key=True, max_length=60)
    failures = models.PositiveIntegerField(default=0)
    open_until = models.DateTimeField(null=True)
    reason = models.CharField(max_length=40, blank=True, default="")
    free_at = models.DateTimeField(null=True)
    typical_seconds = models.FloatField(null=True)

    def __str__(self) -> str:
        return f"{self.alias}: {self.failures} failures"
