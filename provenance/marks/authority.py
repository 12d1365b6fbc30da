"""Who we are when we sign: the certificate chain, and the key or the callback behind it.

In production both come from settings. Development makes a chain of its own on first use and keeps
it in APP_DATA_DIR.
"""

import logging
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.utils.module_loading import import_string

from core.errors import DomainError
from provenance.marks.chain import new_chain

logger = logging.getLogger(__name__)
ORGANIZATION = "Pentimento (development)"


class CannotSign(DomainError):
    """Images cannot be signed just now, and unsigned ones are not given out. Try again later."""

    status = 503
    code = "signing_unavailable"


@dataclass(frozen=True, slots=True)
class Authority:
    """`certificates`: PEM, leaf first, root last. Either `key` (PEM) or `sign` is given.

    `sign` takes the bytes to be signed and returns an ES256 signature, DER or r‖s: the key may
    live in a key management service.
    """

    certificates: str
    key: str = ""
    sign: Callable[[bytes], bytes] | None = None

    @property
    def root(self) -> str:
        """The PEM of the chain's last certificate: what others may trust."""
        begin = "-----BEGIN CERTIFICATE-----"
        return begin + self.certificates.rpartition(begin)[2].rstrip() + "\n"


@lru_cache(maxsize=1)
def authority() -> Authority:
    """The one of this process. Raises CannotSign if what the settings name is not there."""
    try:
        return _authority()
    except (ImportError, OSError) as error:
        logger.exception("there is nobody to sign as")
        raise CannotSign(retry_after=30) from error


def _authority() -> Authority:
    if settings.C2PA_SIGNER:
        return Authority(settings.C2PA_CERTIFICATES, sign=import_string(settings.C2PA_SIGNER))
    if settings.C2PA_CERTIFICATES:
        return Authority(settings.C2PA_CERTIFICATES, key=settings.C2PA_PRIVATE_KEY)
    return _development_authority(settings.APP_DATA_DIR / "signing")


def _development_authority(folder: Path) -> Authority:
    """The chain in `folder`, made if there is none. Whoever comes first makes it for all."""
    if not folder.exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        made = Path(tempfile.mkdtemp(prefix="signing-", dir=folder.parent))
        chain = new_chain(ORGANIZATION)
        (made / "certificates.pem").write_text(chain.certificates)
        (made / "key.pem").write_text(chain.key)
        (made / "key.pem").chmod(0o600)
        try:
            made.rename(folder)
        except OSError:  # another process was quicker
            for file in made.iterdir():
                file.unlink()
            made.rmdir()
    return Authority(
        (folder / "certificates.pem").read_text(), key=(folder / "key.pem").read_text()
    )
