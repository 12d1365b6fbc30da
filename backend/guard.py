"""What must hold before the service may start with DEBUG=0."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from core.jail import network_walls

_LOOPBACK = {"127.0.0.1", "localhost", "[::1]", "::1"}


def unsafe_settings(settings: Mapping[str, Any]) -> list[str]:
    """One sentence for each value that is not fit for production; empty when all are.

    `settings` is the namespace of the settings module.
    """
    found: list[str] = []
    secret = str(settings["SECRET_KEY"])
    if len(secret) < 50 or len(set(secret)) < 5 or secret.startswith("development-only"):
        found.append("SECRET_KEY must be a secret of at least 50 characters.")
    hosts = list(settings["ALLOWED_HOSTS"])
    if not hosts or "*" in hosts:
        found.append("ALLOWED_HOSTS must name the hosts that are served, without '*'.")
    if not _https(settings["PUBLIC_URL"]):
        found.append("PUBLIC_URL must be the https:// address that people use.")
    if not settings["DATABASES"]["default"].get("PASSWORD"):
        found.append("DATABASE_URL must be given, with a password.")
    if (
        urlsplit(settings["REDIS_URL"]).hostname in _LOOPBACK
        and not urlsplit(settings["REDIS_URL"]).password
    ):
        found.append("REDIS_URL must be given.")
    if settings["EMAIL_VERIFICATION"] == "mandatory" and "console" in settings["EMAIL_BACKEND"]:
        found.append("EMAIL_URL must be given, or nobody gets the mail that confirms an address.")
    if settings["SECURE_SSL_REDIRECT"] and not settings["TRUSTED_PROXIES"]:
        found.append("TRUSTED_PROXIES must count the proxies, or the https redirect never ends.")
    if not settings["C2PA_CERTIFICATES"] or not (
        settings["C2PA_PRIVATE_KEY"] or settings["C2PA_SIGNER"]
    ):
        found.append(
            "C2PA_CERTIFICATES and C2PA_PRIVATE_KEY (or C2PA_SIGNER) must be given, or nothing "
            "that is served can be signed; deploy/signing_chain.py makes a chain."
        )
    if wrong := watermark_problem(settings["WATERMARK_KEYS"]):
        found.append(wrong)
    if settings["FAILING_BACKEND"]:
        found.append("FAILING_BACKEND is for tests and must not be set.")
    if settings["EMAIL_VERIFICATION"] not in {"mandatory", "optional", "none"}:
        found.append("EMAIL_VERIFICATION must be mandatory, optional or none.")
    return found + _unsafe_delivery(settings)


def watermark_problem(keys: Sequence[str]) -> str:
    """What is wrong with the keys of the invisible mark; empty when nothing is."""
    parts = [key.partition(":") for key in keys]
    ids = [number for number, _, _ in parts]
    numbered = all(number.isdecimal() and int(number) < 2**15 for number in ids)
    if not keys or not numbered or len(set(ids)) < len(ids):
        return "WATERMARK_KEYS must be one or more id:secret, each id a number of its own."
    if any(len(secret) < 32 or secret.startswith("development-only") for _, _, secret in parts):
        return "Each secret in WATERMARK_KEYS must have at least 32 characters."
    return ""


def _unsafe_delivery(settings: Mapping[str, Any]) -> list[str]:
    """What is wrong with how images are served."""
    found: list[str] = []
    way, bucket = settings["MEDIA_DELIVERY"], settings["AWS_STORAGE_BUCKET_NAME"]
    ours = {settings["PUBLIC_URL"], settings["MEDIA_BASE_URL"]}
    if len(ours) == 2 and not _https(settings["MEDIA_BASE_URL"]):
        found.append("MEDIA_BASE_URL must be the https:// address under which images are fetched.")
    if way not in {"stream", "accel", "redirect"}:
        found.append("MEDIA_DELIVERY must be stream, accel or redirect.")
    if way == "accel" and bucket:
        found.append("MEDIA_DELIVERY=accel is for images in a folder, not in a bucket.")
    if way == "redirect" and "direct" not in settings["STORAGES"]:
        found.append("MEDIA_DELIVERY=redirect needs AWS_S3_PUBLIC_ENDPOINT_URL, or Amazon's S3.")
    # Bytes that come without a policy of ours must not come from the origin of our pages.
    store = urlsplit(settings["AWS_S3_PUBLIC_ENDPOINT_URL"])
    hosts = {urlsplit(address).hostname for address in ours}
    if way == "redirect" and store.netloc and (store.scheme != "https" or store.hostname in hosts):
        found.append(
            "AWS_S3_PUBLIC_ENDPOINT_URL must be an https:// address on another host than"
            " PUBLIC_URL for MEDIA_DELIVERY=redirect."
        )
    return found


def unsafe_machine() -> list[str]:
    """One sentence if programs that read other people's files cannot be jailed here."""
    if network_walls():
        return []
    return [
        "This machine allows neither network namespaces nor seccomp filters: "
        "the image decoder could reach the network."
    ]


def _https(address: str) -> bool:
    return urlsplit(address).scheme == "https"
