"""What a secret decides: every keyed choice is drawn from it, the same on every machine."""

import hashlib
import hmac
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

CHECK_BITS = 16


@dataclass(frozen=True)
class Key:
    """A watermarking key. Pictures marked under different secrets do not see each other."""

    id: int
    secret: bytes = field(repr=False)

    def draws(self, purpose: str, count: int) -> NDArray[np.uint64]:
        """`count` uniform 64-bit integers, another sequence for each purpose.

        They are read straight from SHAKE-256, so that no version of any library changes them.
        """
        seed = hmac.digest(self.secret, purpose.encode(), "sha256")
        return np.frombuffer(hashlib.shake_256(seed).digest(8 * count), "<u8")

    def order(self, purpose: str, count: int) -> NDArray[np.intp]:
        """A permutation of range(count)."""
        return np.argsort(self.draws(purpose, count), kind="stable")

    def phases(self, purpose: str, count: int) -> NDArray[np.complex128]:
        """`count` complex numbers of modulus one and uniform phase."""
        turns: NDArray[np.float64] = self.draws(purpose, count) / 2.0**64
        return np.asarray(np.exp(2j * np.pi * turns))

    def check(self, number: int) -> int:
        """The check that travels with a number: CHECK_BITS bits that only the secret gives."""
        seal = hmac.digest(self.secret, b"check" + number.to_bytes(8, "big"), "sha256")
        return int.from_bytes(seal[: CHECK_BITS // 8], "big")
