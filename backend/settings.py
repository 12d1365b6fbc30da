"""All settings. Each environment variable is read here, once, and described in docs/settings.md.

Development needs none of them: `./dev` starts Postgres and Valkey and passes their addresses.
With DEBUG=0 nothing is guessed: `backend.guard` refuses to start on unsafe or missing values.
"""

import json
from pathlib import Path
from typing import Any

import environ
from celery.schedules import crontab
from django.core.exceptions import ImproperlyConfigured

from backend import providers
from backend.guard import unsafe_machine, unsafe_settings

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

# --- the mode and the place ---------------------------------------------------------------------
DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env.str("SECRET_KEY", default="development-only-key-never-used-in-production" * DEBUG)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"] * DEBUG)
APP_DATA_DIR = Path(env.str("APP_DATA_DIR", default=str(BASE_DIR / "var")))
PORT = env.int("PORT", default=8000)
PUBLIC_URL = env.str("PUBLIC_URL", default=f"http://127.0.0.1:{PORT}" if DEBUG else "").rstrip("/")
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", default=0)
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXIES

# --- the house ----------------------------------------------------------------------------------
INSTALLED_APPS = [
    "unfold",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "corsheaders",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "allauth",
    "allauth.account",
    "allauth.headless",
    "core",
    "users",
    "provenance",
    "safety",
    "media",
    "credits",
    "posts",
    "media_gen",
    "feeds",
    "notifications",
    "moderation",
    "web",
    "backend",
]
MIDDLEWARE = [
    "backend.middleware.RequestContextMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "backend.middleware.ApiAnswersMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]
ROOT_URLCONF = "backend.urls"
ASGI_APPLICATION = "backend.asgi.application"
WSGI_APPLICATION = "backend.wsgi.application"
APPEND_SLASH = False
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

# --- time and language --------------------------------------------------------------------------
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"


# --- Postgres: the truth ------------------------------------------------------------------------
def embedded(name: str, otherwise: str) -> str:
    """An address that a running `./dev run` left for other terminals, in development only."""
    note = APP_DATA_DIR / "embedded.json"
    if DEBUG and note.exists():
        return str(json.loads(note.read_text()).get(name, otherwise))
    return otherwise


DATABASE_POOL_SIZE = env.int("DATABASE_POOL_SIZE", default=10)
DATABASES: dict[str, Any] = {
    "default": env.db_url_config(
        env.str("DATABASE_URL", default="")
        or embedded("database_url", "postgres://pentimento@127.0.0.1:5432/pentimento")
    )
}
DATABASES["default"]["ENGINE"] = "core.postgres"
DATABASES["default"]["CONN_MAX_AGE"] = 0
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DATABASES["default"].setdefault("OPTIONS", {}).update(
    {
        "connect_timeout": 5,
        "prepare_threshold": 5,  # lets core.prepared prepare; nothing else can be
        "options": "-c statement_timeout=30000 -c lock_timeout=10000"
        # What is prepared was written to be planned once: core/prepared.py.
        " -c plan_cache_mode=force_generic_plan",
        **(
            {"pool": {"min_size": 0, "max_size": DATABASE_POOL_SIZE, "timeout": 10}}
            if DATABASE_POOL_SIZE
            else {}
        ),
    }
)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Redis or Valkey: the doorbell. Losing it loses nothing --------------------------------------
REDIS_URL = env.str("REDIS_URL", default="") or embedded("redis_url", "redis://127.0.0.1:6379/0")
CACHES = {
    "default": {
        "BACKEND": "core.cache.ResilientRedisCache",
        "LOCATION": REDIS_URL,
        "OPTIONS": {"socket_timeout": 1, "socket_connect_timeout": 1},
    },
}

# --- generation ---------------------------------------------------------------------------------
GENERATION_BACKENDS: dict[str, dict[str, Any]] = {
    "procedural": {
        "BACKEND": "media_gen.backends.procedural.ProceduralBackend",
        "OPTIONS": {},
    },
}
if FAILING_BACKEND := env.str("FAILING_BACKEND", default=""):
    GENERATION_BACKENDS["failing"] = {
        "BACKEND": "media_gen.backends.failing.FailingBackend",
        "OPTIONS": {"script": FAILING_BACKEND},
    }
GENERATION_BACKENDS |= providers.openai(
    api_key=env.str("OPENAI_API_KEY", default=""),
    base_url=env.str("OPENAI_BASE_URL", default=""),
    models=env.list("OPENAI_IMAGE_MODELS", default=[]),
)
GENERATION_BACKENDS |= providers.comfyui(
    base_url=env.str("COMFYUI_URL", default=""),
    checkpoints=env.list("COMFYUI_CHECKPOINTS", default=[]),
    workflows=env.str("COMFYUI_WORKFLOWS", default=""),
)
GENERATION_BACKENDS |= providers.sdapi(
    base_url=env.str("SDAPI_URL", default=""), models=env.list("SDAPI_MODELS", default=[])
)
GENERATION_BACKENDS |= providers.replicate(
    api_token=env.str("REPLICATE_API_TOKEN", default=""),
    models=env.str("REPLICATE_MODELS", default=""),
)
GENERATION_BACKENDS |= providers.cog(
    base_url=env.str("COG_URL", default=""), models=env.str("COG_MODELS", default="")
)
GENERATION_BACKENDS |= providers.diffusers(
    models=env.str("DIFFUSERS_MODELS", default=""), device=env.str("DIFFUSERS_DEVICE", default="")
)
# Further ones, and other terms for those above, as a JSON object or a file of one.
GENERATION_BACKENDS |= providers.given(
    "GENERATION_BACKENDS", env.str("GENERATION_BACKENDS", default="")
)
DEFAULT_GENERATION_BACKEND = env.str("DEFAULT_GENERATION_BACKEND", default="procedural")
JOB_RETRY_SECONDS = env.float("JOB_RETRY_SECONDS", default=5.0)
JOB_MAX_ATTEMPTS = env.int("JOB_MAX_ATTEMPTS", default=3)
JOB_QUEUE_LIMIT = env.int("JOB_QUEUE_LIMIT", default=1000)
JOB_QUEUE_SECONDS = env.float("JOB_QUEUE_SECONDS", default=24 * 3600.0)
JOBS_OPEN_PER_PERSON = env.int("JOBS_OPEN_PER_PERSON", default=20)
JOBS_RUNNING_PER_PERSON = env.int("JOBS_RUNNING_PER_PERSON", default=2)
FAN_OUT_MAX_FOLLOWERS = env.int("FAN_OUT_MAX_FOLLOWERS", default=10_000)
CIRCUIT_AFTER = env.int("CIRCUIT_AFTER", default=5)
SIGNUP_CREDITS = env.int("SIGNUP_CREDITS", default=200)
DAILY_CREDITS = env.int("DAILY_CREDITS", default=20)

# --- safety: what is missing or broken here lets nothing through ---------------------------------
PROMPT_POLICIES = env.list(
    "PROMPT_POLICIES",
    default=["safety.rules.words_policy", "safety.styles.protected_styles_policy"],
)
OUTPUT_POLICIES = env.list("OUTPUT_POLICIES", default=["safety.outputs.black_policy"])
PROMPT_RULES = env.str("PROMPT_RULES", default=str(BASE_DIR / "safety" / "prompt_rules.json"))

# --- Celery -------------------------------------------------------------------------------------
CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_DEFAULT_QUEUE = "default"
# A backend may have workers of its own: they listen at the QUEUE that it names.
CELERY_TASK_QUEUES: dict[str, Any] = {
    name: {}
    for name in (
        "default",
        "media",
        "recognise",
        "generate",
        *providers.queues(GENERATION_BACKENDS),
    )
}
CELERY_TASK_ROUTES = (
    "media_gen.tasks.route",
    {
        "media.tasks.render_renditions": {"queue": "media"},
        "media.tasks.bring_in": {"queue": "media"},
        "media.tasks.look_closely": {"queue": "recognise"},
        "media.tasks.protect": {"queue": "recognise"},
        "media.tasks.protect_banned": {"queue": "recognise"},
    },
)
CELERY_TASK_CREATE_MISSING_QUEUES = False
# Celery closes the pool of connections before and after each task; backend/celery.py gives the
# connections back instead. One that was inherited by a fork is closed all the same.
CELERY_DB_REUSE_MAX = 1_000_000_000
CELERY_TASK_TIME_LIMIT = 900
CELERY_TASK_PUBLISH_RETRY = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "socket_timeout": 5,
    "socket_connect_timeout": 2,
    "visibility_timeout": 3600,
    # A request must not wait long for a broker that is away: the outbox keeps its messages.
    "max_retries": 1,
    "interval_start": 0,
    "interval_step": 0.1,
}
JOB_LEASE_SECONDS = env.float("JOB_LEASE_SECONDS", default=60.0)
CELERY_BEAT_SCHEDULE = {
    "sweep-outbox": {
        "task": "core.tasks.sweep_outbox",
        "schedule": 10,
        "options": {"expires": 10},
    },
    "requeue-stalled-jobs": {
        "task": "media_gen.tasks.requeue_stalled_jobs",
        "schedule": min(10.0, JOB_LEASE_SECONDS),
    },
    "publish-due": {"task": "posts.tasks.publish_due", "schedule": 10},
    "render-again": {"task": "media.tasks.render_again", "schedule": 60},
    "look-again": {"task": "media.tasks.look_again", "schedule": 60},
    "tend-arrivals": {"task": "media.tasks.tend_arrivals", "schedule": 60},
    "forget-old-messages": {"task": "core.tasks.forget_old_messages", "schedule": 3600},
    "reconcile-ledger": {
        "task": "media_gen.tasks.reconcile_ledger",
        "schedule": crontab(hour=3, minute=30),
    },
}
CELERY_BEAT_SCHEDULE |= {
    f"canary-{name}": {
        "task": "core.tasks.sing",
        "schedule": 30,
        "args": [name],
        "options": {"queue": name, "expires": 30},
    }
    for name in CELERY_TASK_QUEUES
}
OUTBOX_REACTIONS = "backend.reactions.REACTIONS"
PARENTS_POLICY = "posts.parentage.open_parents"

# --- accounts -----------------------------------------------------------------------------------
AUTH_USER_MODEL = "users.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
EMAIL_VERIFICATION = env.str("EMAIL_VERIFICATION", default="none" if DEBUG else "mandatory")
vars().update(env.email_url("EMAIL_URL", default="consolemail://"))
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="Pentimento <noreply@localhost>")
ACCOUNT_ADAPTER = "users.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = EMAIL_VERIFICATION
ACCOUNT_PRESERVE_USERNAME_CASING = False
ACCOUNT_USERNAME_MIN_LENGTH = 3
ACCOUNT_USERNAME_VALIDATORS = "users.names.USERNAME_VALIDATORS"
HEADLESS_ONLY = True
HEADLESS_CLIENTS = ("app",)
HEADLESS_TOKEN_STRATEGY = "allauth.headless.tokens.strategies.jwt.JWTTokenStrategy"  # noqa: S105  # a class path
HEADLESS_JWT_ALGORITHM = "HS256"
HEADLESS_JWT_ACCESS_TOKEN_EXPIRES_IN = 3600
HEADLESS_JWT_REFRESH_TOKEN_EXPIRES_IN = 14 * 86400
# Without it an access token would outlive its session: logout would not log out.
HEADLESS_JWT_STATEFUL_VALIDATION_ENABLED = True
HEADLESS_FRONTEND_URLS = {
    "account_confirm_email": f"{PUBLIC_URL}/account/confirm-email/{{key}}",
    "account_reset_password_from_key": f"{PUBLIC_URL}/account/reset-password/{{key}}",
    "account_signup": f"{PUBLIC_URL}/account/signup",
}

# --- REST API -----------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["users.authentication.BearerAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["users.permissions.ReadAnyWriteActive"],
    "DEFAULT_PARSER_CLASSES": ["core.parsers.BoundedJSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["core.renderers.JSONRenderer"],
    "DEFAULT_THROTTLE_CLASSES": ["core.throttles.RateLimit"],
    "DEFAULT_SCHEMA_CLASS": "core.openapi.Schema",
    "EXCEPTION_HANDLER": "backend.problems.handle_exception",
    "URL_FORMAT_OVERRIDE": None,  # `format` is a query parameter like any other that is unknown
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
    "NUM_PROXIES": TRUSTED_PROXIES,
}
# Requests per window, by what is being done: "<count>/<seconds>". One place for all of them.
RATE_LIMITS: dict[str, str] = {
    "read": "600/60",
    "write": "120/60",
    "upload": "60/600",
    "verify": "30/600",
    "generate": "60/600",
    "report": "20/600",
}
if DEBUG:
    RATE_LIMITS = dict.fromkeys(RATE_LIMITS, "6000/60")
RATE_LIMITS |= env.dict("RATE_LIMITS", default={})
ACCOUNT_RATE_LIMITS: dict[str, str] = {"login": "30/m/ip", "signup": "10/m/ip"}
if DEBUG:
    ACCOUNT_RATE_LIMITS = {"login": "6000/m/ip", "signup": "6000/m/ip", "login_failed": "60/5m/key"}
SPECTACULAR_SETTINGS = {
    "TITLE": "Pentimento",
    "DESCRIPTION": "Image communities in which every image says where it came from.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_NAME_OVERRIDES": {
        "FlagEnum": "provenance.vocabulary.FLAG_CHOICES",
        "OriginEnum": "provenance.vocabulary.ORIGIN_CHOICES",
        "GradeEnum": "provenance.vocabulary.GRADE_CHOICES",
        "IntegrityEnum": "provenance.vocabulary.INTEGRITY_CHOICES",
        "EvidenceKindEnum": "provenance.vocabulary.KIND_CHOICES",
        "UserKindEnum": "users.models.UserKind",
        "AssetStateEnum": "media.models.AssetState",
        "HoldReasonEnum": "safety.images.HoldReason",
        "ArrivalKindEnum": "media.models.ArrivalKind",
        "ArrivalStateEnum": "media.models.ArrivalState",
        "PostKindEnum": "posts.models.PostKind",
        "PostStateEnum": "posts.models.PostState",
        "VisibilityEnum": "posts.models.PostVisibility",
        "BoardVisibilityEnum": "posts.models.BoardVisibility",
        "BoardRoleEnum": "posts.models.BoardRole",
        "BoardStandingEnum": "posts.models.BoardStanding",
        "JobStateEnum": "media_gen.models.JobState",
        "PromptVisibilityEnum": "provenance.models.GenerationPromptVisibility",
        "TransferKindEnum": "credits.models.TransferKind",
        "CaseStateEnum": "moderation.models.CaseState",
        "DisputeStateEnum": "moderation.models.DisputeState",
        "TargetKindEnum": "moderation.models.TargetKind",
        "ReportReasonEnum": "moderation.models.ReportReason",
        "DecisionActionEnum": "moderation.models.DecisionAction",
        "NotificationTypeEnum": "notifications.models.NotificationType",
    },
}
CORS_ALLOWED_ORIGINS = env.list("CORS_ALLOWED_ORIGINS", default=[])
CORS_ALLOW_ALL_ORIGINS = DEBUG
CORS_URLS_REGEX = r"^/(api|_allauth|media)/.*$"
CORS_EXPOSE_HEADERS = ["ETag", "Idempotent-Replayed", "Location", "Retry-After", "X-Request-ID"]
CORS_ALLOW_HEADERS = [
    "accept",
    "authorization",
    "content-type",
    "idempotency-key",
    "if-none-match",
    "last-event-id",
    "x-requested-with",
]

# --- images and storage -------------------------------------------------------------------------
MAX_UPLOAD_BYTES = env.int("MAX_UPLOAD_BYTES", default=30_000_000)
MAX_JSON_BYTES = 256 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = MAX_JSON_BYTES
FILE_UPLOAD_HANDLERS = ["core.uploads.BoundedTemporaryFileUploadHandler"]
MEDIA_BASE_URL = env.str("MEDIA_BASE_URL", default=PUBLIC_URL).rstrip("/")
MEDIA_DELIVERY = env.str("MEDIA_DELIVERY", default="stream")
AWS_STORAGE_BUCKET_NAME = env.str("AWS_STORAGE_BUCKET_NAME", default="")
AWS_S3_ENDPOINT_URL = env.str("AWS_S3_ENDPOINT_URL", default="")
AWS_S3_PUBLIC_ENDPOINT_URL = env.str("AWS_S3_PUBLIC_ENDPOINT_URL", default="")
STORAGES: dict[str, Any] = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": str(APP_DATA_DIR / "storage")},
    },
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if not DEBUG
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
if AWS_STORAGE_BUCKET_NAME:
    from botocore.config import Config as S3Config  # half a second, only for S3

    STORAGES["default"] = {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": AWS_STORAGE_BUCKET_NAME,
            "endpoint_url": AWS_S3_ENDPOINT_URL or None,
            "access_key": env.str("AWS_ACCESS_KEY_ID", default="") or None,
            "secret_key": env.str("AWS_SECRET_ACCESS_KEY", default="") or None,
            "region_name": env.str("AWS_S3_REGION_NAME", default="us-east-1"),
            "file_overwrite": True,
            "default_acl": None,
            "querystring_auth": True,
            "client_config": S3Config(
                # With a config of our own, django-storages looks at no option that is in it.
                s3={"addressing_style": env.str("AWS_S3_ADDRESSING_STYLE", default="path")},
                signature_version="s3v4",
                connect_timeout=2,
                read_timeout=15,
                retries={"max_attempts": 2},
            ),
        },
    }
    # The same bucket as clients reach it, if they can: they put their files there themselves, and
    # with MEDIA_DELIVERY=redirect get them from there.
    if AWS_S3_PUBLIC_ENDPOINT_URL or not AWS_S3_ENDPOINT_URL:
        STORAGES["direct"] = {
            **STORAGES["default"],
            "OPTIONS": {
                **STORAGES["default"]["OPTIONS"],
                "endpoint_url": AWS_S3_PUBLIC_ENDPOINT_URL or None,
            },
        }
STATIC_URL = "/static/"
STATIC_ROOT = APP_DATA_DIR / "static"
WHITENOISE_USE_FINDERS = DEBUG
# Both folders may be missing on a fresh machine; whitenoise must not warn about that.
WHITENOISE_AUTOREFRESH = DEBUG


# --- content credentials --------------------------------------------------------------------------
def pem(given: str) -> str:
    """A PEM text that was given itself, or by the name of the file that holds it."""
    if not given or given.startswith("-----BEGIN"):
        return given.replace("\\n", "\n")
    return Path(given).read_text()


C2PA_CERTIFICATES = pem(env.str("C2PA_CERTIFICATES", default=""))
C2PA_PRIVATE_KEY = pem(env.str("C2PA_PRIVATE_KEY", default=""))
C2PA_SIGNER = env.str("C2PA_SIGNER", default="")
C2PA_TIMESTAMP_URL = env.str("C2PA_TIMESTAMP_URL", default="")

# `id:secret`, the first of which writes; all are looked for (docs/settings.md).
WATERMARK_KEYS = env.list(
    "WATERMARK_KEYS", default=["1:development-only-key-of-the-invisible-mark"] * DEBUG
)

# --- security -----------------------------------------------------------------------------------
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[PUBLIC_URL] if PUBLIC_URL else [])
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = not DEBUG
SESSION_COOKIE_HTTPONLY = True
X_FRAME_OPTIONS = "DENY"
if not DEBUG:
    SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=True)
    SECURE_REDIRECT_EXEMPT = [r"^livez$", r"^readyz$"]
    SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", default=31_536_000)
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    if TRUSTED_PROXIES:
        SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
LOGIN_URL = "/moderation/login/"

# --- the moderation panel -----------------------------------------------------------------------
UNFOLD = {
    "SITE_TITLE": "Pentimento moderation",
    "SITE_HEADER": "Pentimento",
    "SITE_SYMBOL": "gavel",
    "SHOW_HISTORY": False,
    "SHOW_VIEW_ON_SITE": False,
}

# --- the jail (core.jail): without a wall to the network its programs do not run ----------------
JAIL_MUST_HOLD = not DEBUG

# --- logs ---------------------------------------------------------------------------------------
LOG_LEVEL = env.str("LOG_LEVEL", default="INFO")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"request": {"()": "backend.logs.RequestFilter"}},
    "formatters": {
        "line": {"format": "%(levelname)s %(name)s %(message)s"},
        "json": {"()": "backend.logs.JsonFormatter"},
    },
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": "line" if DEBUG else "json",
            "filters": ["request"],
        }
    },
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
    # Two lines per task are for production's log store, not for a developer's terminal.
    "loggers": {"django": {"handlers": []}, "httpx": {"level": "WARNING"}}
    | {
        name: {"level": "WARNING" if DEBUG else "INFO"}
        for name in ("celery.app.trace", "celery.worker.strategy")
    },
}

if not DEBUG and (problems := unsafe_settings(globals()) or unsafe_machine()):
    raise ImproperlyConfigured(
        "Pentimento does not start with DEBUG=0 and unsafe settings:\n- " + "\n- ".join(problems)
    )
