"""The provenance subject, what was observed about it, and what that adds up to.

Evidence and Verdict are append-only: the database refuses to change or delete a row. A Record
carries its present verdict as columns, because every feed reads it.
"""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from core.clock import now
from core.db import BitStringField, one_of
from core.ids import uuid7
from provenance import vocabulary


class Record(models.Model):
    """What can have an origin. Nothing is stored without one; it outlives the bytes.

    `data_mining` is what the file itself declares about being mined. `looked_at` is when somebody
    was last asked to look at it closely, for the `looks`-th time (media/looking.py).
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    origin = models.CharField(max_length=16, choices=vocabulary.ORIGIN_CHOICES, default="unknown")
    flag = models.CharField(max_length=8, choices=vocabulary.FLAG_CHOICES, default="unknown")
    grade = models.CharField(max_length=16, choices=vocabulary.GRADE_CHOICES, default="none")
    integrity = models.CharField(max_length=8, choices=vocabulary.INTEGRITY_CHOICES, default="none")
    disputed = models.BooleanField(default=False)
    checking = models.BooleanField(default=False)
    looked_at = models.DateTimeField(default=now)
    looks = models.PositiveSmallIntegerField(default=0)
    dispute_open = models.BooleanField(default=False)
    rule = models.CharField(max_length=60, default="no_evidence")
    data_mining = models.CharField(
        max_length=12, choices=vocabulary.DATA_MINING_CHOICES, default="unset"
    )
    policy_version = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    removed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(**{f"{field}__in": [value for value, _ in choices]}),
                name=f"record_{field}_known",
            )
            for field, choices in (
                ("origin", vocabulary.ORIGIN_CHOICES),
                ("flag", vocabulary.FLAG_CHOICES),
                ("grade", vocabulary.GRADE_CHOICES),
                ("integrity", vocabulary.INTEGRITY_CHOICES),
                ("data_mining", vocabulary.DATA_MINING_CHOICES),
            )
        ]
        indexes = [
            models.Index(fields=["looked_at"], name="record_checking", condition=Q(checking=True))
        ]

    def __str__(self) -> str:
        return f"{self.origin} ({self.grade})"

    @property
    def ruled(self) -> bool:
        """Whether a moderator's ruling decides its verdict."""
        return self.rule == "ruling"


class Evidence(models.Model):
    """One observation. `claims` at `grade` is what it says; `detail` is what was seen.

    `matched` is the work that a pixel relation points to. `sequence` numbers the rows, and
    `withdraws` names the one that this row takes back.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    sequence = models.BigIntegerField(default=0)
    withdraws = models.BigIntegerField(null=True)
    record = models.ForeignKey(Record, on_delete=models.PROTECT, related_name="evidence")
    kind = models.CharField(max_length=24, choices=vocabulary.KIND_CHOICES)
    claims = models.CharField(max_length=16, choices=vocabulary.ORIGIN_CHOICES)
    grade = models.CharField(max_length=16, choices=vocabulary.GRADE_CHOICES)
    integrity = models.CharField(max_length=8, choices=vocabulary.INTEGRITY_CHOICES, default="none")
    issuer = models.CharField(max_length=200, blank=True, default="")
    generator = models.CharField(max_length=200, blank=True, default="")
    matched = models.ForeignKey(Record, null=True, on_delete=models.PROTECT, related_name="matches")
    detail = models.JSONField(default=dict)
    detector = models.CharField(max_length=60)
    detector_version = models.CharField(max_length=20, default="1")
    observed_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name_plural = "evidence"
        constraints = [
            models.CheckConstraint(
                condition=Q(**{f"{field}__in": [value for value, _ in choices]}),
                name=f"evidence_{field}_known",
            )
            for field, choices in (
                ("kind", vocabulary.KIND_CHOICES),
                ("claims", vocabulary.ORIGIN_CHOICES),
                ("grade", vocabulary.GRADE_CHOICES),
                ("integrity", vocabulary.INTEGRITY_CHOICES),
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.claims}"


class Verdict(models.Model):
    """A verdict as it stood: which evidence, under which policy, by which rule."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    record = models.ForeignKey(Record, on_delete=models.PROTECT, related_name="verdicts")
    origin = models.CharField(max_length=16, choices=vocabulary.ORIGIN_CHOICES)
    grade = models.CharField(max_length=16, choices=vocabulary.GRADE_CHOICES)
    integrity = models.CharField(max_length=8, choices=vocabulary.INTEGRITY_CHOICES)
    disputed = models.BooleanField()
    rule = models.CharField(max_length=60)
    policy_version = models.PositiveSmallIntegerField()
    evidence = models.JSONField()
    reached_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.origin} by {self.rule}"


class PixelHashSource(models.TextChoices):
    ORIGINAL = "original"
    RENDITION = "rendition"


class PixelHash(models.Model):
    """SHA-256 over the oriented RGBA8 pixels and the size, of a work or of a served rendition."""

    Source = PixelHashSource

    record = models.ForeignKey(Record, on_delete=models.PROTECT, related_name="pixel_hashes")
    digest = models.CharField(max_length=64)
    source = models.CharField(max_length=10, choices=Source.choices)

    class Meta:
        verbose_name_plural = "pixel hashes"
        constraints = [
            one_of("source", PixelHashSource, table="pixel_hash"),
            models.UniqueConstraint(fields=["digest", "record"], name="pixel_hash_once_per_record"),
        ]

    def __str__(self) -> str:
        return self.digest


class IndexAlgorithm(models.TextChoices):
    PDQ = "pdq"
    ORB = "orb"


class IndexState(models.TextChoices):
    BUILDING = "building"
    ACTIVE = "active"
    RETIRED = "retired"


class MatchingIndex(models.Model):
    """One version of one way to recognise. New works enter the active and the building ones, what
    is looked for is looked up in the active one (provenance/matching/versions.py)."""

    Algorithm = IndexAlgorithm
    State = IndexState

    algorithm = models.CharField(max_length=8, choices=Algorithm.choices)
    version = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=8, choices=State.choices)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name_plural = "matching indexes"
        constraints = [
            one_of("algorithm", IndexAlgorithm, table="matching_index"),
            one_of("state", IndexState, table="matching_index"),
            models.UniqueConstraint(fields=["algorithm", "version"], name="matching_index_once"),
            models.UniqueConstraint(
                fields=["algorithm"], condition=Q(state="active"), name="one_active_index_each"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.algorithm} {self.version} ({self.state})"


BANDS = 16


class PerceptualHash(models.Model):
    """What a whole work looks like, in 256 bits (provenance/matching/pdq.py).

    `m0` to `m15` are the same bits as signed numbers of 16: hashes that differ in at most 31 bits
    differ in at most one bit in at least one of them.
    """

    record = models.ForeignKey(Record, on_delete=models.PROTECT, related_name="perceptual_hashes")
    version = models.PositiveSmallIntegerField()
    bits = BitStringField(length=256)
    quality = models.PositiveSmallIntegerField()
    m0 = models.SmallIntegerField()
    m1 = models.SmallIntegerField()
    m2 = models.SmallIntegerField()
    m3 = models.SmallIntegerField()
    m4 = models.SmallIntegerField()
    m5 = models.SmallIntegerField()
    m6 = models.SmallIntegerField()
    m7 = models.SmallIntegerField()
    m8 = models.SmallIntegerField()
    m9 = models.SmallIntegerField()
    m10 = models.SmallIntegerField()
    m11 = models.SmallIntegerField()
    m12 = models.SmallIntegerField()
    m13 = models.SmallIntegerField()
    m14 = models.SmallIntegerField()
    m15 = models.SmallIntegerField()

    class Meta:
        verbose_name_plural = "perceptual hashes"
        constraints = [
            models.UniqueConstraint(fields=["record", "version"], name="perceptual_hash_once")
        ]
        indexes = [
            models.Index(fields=[f"m{band}", "version"], name=f"perceptual_band_{band}")
            for band in range(BANDS)
        ]

    def __str__(self) -> str:
        return f"{self.record_id} ({self.version})"


class FeatureSet(models.Model):
    """The local features of a work that is to be recognised by its parts.

    `id` is the number under which the inverted file names it. `points` and `descriptors` as in
    provenance/matching/features.py; `grid` are the 64 by 64 grey values of the whole.
    """

    id = models.AutoField(primary_key=True)
    record = models.ForeignKey(Record, on_delete=models.PROTECT, related_name="feature_sets")
    version = models.PositiveSmallIntegerField()
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    points = models.BinaryField()
    descriptors = models.BinaryField()
    grid = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["record", "version"], name="feature_set_once")
        ]

    def __str__(self) -> str:
        return f"{self.record_id} ({self.version})"


class FeatureWord(models.Model):
    """One list of the inverted file: where a word occurs (provenance/matching/words.py)."""

    version = models.PositiveSmallIntegerField()
    word = models.IntegerField()
    postings = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["version", "word"], name="feature_word_once")
        ]

    def __str__(self) -> str:
        return f"{self.word} ({self.version})"


class WatermarkIssue(models.Model):
    """The number that is written invisibly into a work that was made here, and under which key."""

    number = models.BigIntegerField(primary_key=True)
    key_id = models.PositiveSmallIntegerField()
    record = models.OneToOneField(Record, on_delete=models.PROTECT, related_name="watermark")
    issued_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.number:012x} ({self.key_id})"


class ResemblanceKind(models.TextChoices):
    PERCEPTUAL = "perceptual"
    FEATURES = "features"
    WATERMARK = "watermark"


class Resemblance(models.Model):
    """What a detector saw: `record` looks like an earlier work, shows parts of it or carries its
    mark. What that says about `record` depends on what `source` is (provenance/precedence.py).

    `closeness`: greater is nearer, comparable within a kind. `detail` may be shown to the viewers
    of `record`.
    """

    Kind = ResemblanceKind

    record = models.ForeignKey(Record, on_delete=models.PROTECT, related_name="resemblances")
    source = models.ForeignKey(Record, on_delete=models.PROTECT, related_name="resembled_by")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    closeness = models.IntegerField()
    detail = models.JSONField(default=dict)
    observed_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            one_of("kind", ResemblanceKind, table="resemblance"),
            models.UniqueConstraint(fields=["record", "source", "kind"], name="resemblance_once"),
            models.CheckConstraint(
                condition=~Q(record=F("source")), name="resemblance_not_of_itself"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.record_id} {self.kind} {self.source_id}"


class GenerationPromptVisibility(models.TextChoices):
    PUBLIC = "public"
    REMIXERS = "remixers"
    HIDDEN = "hidden"


class Generation(models.Model):
    """How a work was made here; written when its job is settled."""

    PromptVisibility = GenerationPromptVisibility

    record = models.OneToOneField(
        Record, on_delete=models.PROTECT, primary_key=True, related_name="generation"
    )
    backend = models.CharField(max_length=60)
    model = models.CharField(max_length=120)
    source_type = models.CharField(max_length=60)
    seed = models.BigIntegerField(null=True)
    prompt = models.TextField()
    prompt_visibility = models.CharField(
        max_length=10, choices=PromptVisibility.choices, default=PromptVisibility.PUBLIC
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [one_of("prompt_visibility", GenerationPromptVisibility, table="generation")]

    def __str__(self) -> str:
        return f"{self.backend}/{self.model}"


class LineageEdgeRelation(models.TextChoices):
    VARIATION_OF = "variation_of"
    EDIT_OF = "edit_of"
    DRAWN_OVER = "drawn_over"
    INSPIRED_BY = "inspired_by"
    UPSCALED_FROM = "upscaled_from"
    COLLAGE_OF = "collage_of"


class LineageEdge(models.Model):
    """`child` was made from `parent`. Edges are written with the child, so there are no cycles."""

    Relation = LineageEdgeRelation

    child = models.ForeignKey(Record, on_delete=models.PROTECT, related_name="parents")
    parent = models.ForeignKey(Record, on_delete=models.PROTECT, related_name="children")
    relation = models.CharField(max_length=16, choices=Relation.choices)

    class Meta:
        constraints = [
            one_of("relation", LineageEdgeRelation, table="lineage"),
            models.UniqueConstraint(
                fields=["child", "parent", "relation"], name="lineage_edge_once"
            ),
            models.CheckConstraint(condition=~Q(child=F("parent")), name="lineage_not_of_itself"),
        ]

    def __str__(self) -> str:
        return f"{self.child_id} {self.relation} {self.parent_id}"


class TrustListKind(models.TextChoices):
    ANCHORS = "anchors"
    ALLOWED = "allowed"
    TSA = "tsa"
    EKU = "eku"


class TrustList(models.Model):
    """A list that an operator imported: whose signatures count, and how we got to know.

    `anchors`: roots of those who sign claims. `allowed`: single certificates that do. `tsa`: roots
    of time stamps. `eku`: key usages. `tier` is shown with evidence; a retired list is history.
    """

    Kind = TrustListKind

    name = models.SlugField(max_length=60)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    tier = models.CharField(max_length=20)
    source = models.CharField(max_length=500)
    sha256 = models.CharField(max_length=64)
    content = models.TextField()
    entries = models.PositiveIntegerField()
    imported_at = models.DateTimeField(auto_now_add=True)
    retired_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            one_of("kind", TrustListKind, table="trust_list"),
            models.UniqueConstraint(
                fields=["name"], condition=Q(retired_at=None), name="one_trust_list_of_a_name"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.kind})"
