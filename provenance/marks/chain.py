"""A certificate chain of one's own for signing C2PA claims. Knows neither Django nor settings.

Requirements of the certificates: C2PA 2.2, 14.5 (X.509 profile), and the key usage
`c2pa-kp-claimSigning` of the C2PA certificate policy.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID, ObjectIdentifier

CLAIM_SIGNING = ObjectIdentifier("1.3.6.1.4.1.62558.2.1")
# The key usages that a claim's certificate may have: those of the C2PA and the interim trust list.
# The SDK knows only the first by itself, and calls a leaf with any other invalid.
KEY_USAGES = (
    "1.3.6.1.5.5.7.3.4",  # e-mail protection
    "1.3.6.1.5.5.7.3.36",  # document signing (RFC 9336)
    "1.3.6.1.5.5.7.3.8",  # time stamping
    "1.3.6.1.5.5.7.3.9",  # OCSP signing
    "1.3.6.1.4.1.311.76.59.1.9",  # Microsoft's C2PA signing
    CLAIM_SIGNING.dotted_string,
)
# Without a time stamp a claim is only as valid as its certificate: the leaf lives long.
YEARS = 10


@dataclass(frozen=True, slots=True)
class SigningChain:
    """PEM texts: `certificates` leaf first and root last, `key` the leaf's (PKCS#8)."""

    certificates: str
    key: str


def new_chain(organization: str) -> SigningChain:
    """A new root, an intermediate and a leaf that signs claims with ES256.

    The root's and the intermediate's keys are forgotten: a new chain is a new root.
    """
    root_key, middle_key, leaf_key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(3))
    root_name = _name(organization, "Content Credentials Root")
    middle_name = _name(organization, "Content Credentials Intermediate")
    root = _certificate(root_name, root_name, root_key.public_key(), root_key, path_length=1)
    middle = _certificate(middle_name, root_name, middle_key.public_key(), root_key, path_length=0)
    leaf = _certificate(
        _name(organization, "Content Credentials Signer"),
        middle_name,
        leaf_key.public_key(),
        middle_key,
        path_length=None,
    )
    return SigningChain(
        certificates="".join(c.public_bytes(Encoding.PEM).decode() for c in (leaf, middle, root)),
        key=leaf_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode(),
    )


def _name(organization: str, common_name: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization),
            x509.NameAttribute(NameOID.COMMON_NAME, f"{organization} {common_name}"[:64]),
        ]
    )


def _certificate(
    subject: x509.Name,
    issuer: x509.Name,
    public_key: ec.EllipticCurvePublicKey,
    signing_key: ec.EllipticCurvePrivateKey,
    *,
    path_length: int | None,
) -> x509.Certificate:
    """An authority if `path_length` is given, else the certificate that signs claims."""
    authority = path_length is not None
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=365 * YEARS))
        .add_extension(x509.BasicConstraints(authority, path_length), critical=True)
        .add_extension(
            x509.KeyUsage(
                digital_signature=not authority,
                key_cert_sign=authority,
                crl_sign=authority,
                content_commitment=False,
                key_encipherment=False,
                data_encipherment=False,
                key_agreement=False,
                encipher_only=False,
                decipher_only=False,
            ),
            critical=True,
        )
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signing_key.public_key()),
            critical=False,
        )
    )
    if not authority:
        builder = builder.add_extension(x509.ExtendedKeyUsage([CLAIM_SIGNING]), critical=False)
    return builder.sign(signing_key, hashes.SHA256())
