"""Makes a certificate chain and a key for signing content credentials (C2PA).

    python deploy/signing_chain.py --organization "Your community" >> .env
    python deploy/signing_chain.py --organization "Your community" --folder signing

Without a folder it prints C2PA_CERTIFICATES and C2PA_PRIVATE_KEY as lines for .env; with one it
writes two files, whose paths those variables take as well. Others trust what you sign once they
trust the chain's root, which the service offers at /api/v1/credentials/anchors.pem; a certificate
from an authority on the C2PA trust list makes that unnecessary.
"""

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from provenance.marks.chain import YEARS, SigningChain, new_chain


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--organization", required=True, help="the name that people will see")
    parser.add_argument("--folder", type=Path, help="write files here instead of printing lines")
    given = parser.parse_args()
    chain = new_chain(given.organization)
    if given.folder:
        write(chain, given.folder)
        sys.stdout.write(f"✓ certificates.pem and key.pem in {given.folder}, for {YEARS} years.\n")
    else:
        sys.stdout.write(f"C2PA_CERTIFICATES={one_line(chain.certificates)}\n")
        sys.stdout.write(f"C2PA_PRIVATE_KEY={one_line(chain.key)}\n")
    return 0


def write(chain: SigningChain, folder: Path) -> None:
    """Two files; never over a chain that is there, because a new one is a new root."""
    certificates, key = folder / "certificates.pem", folder / "key.pem"
    if certificates.exists() or key.exists():
        sys.exit(f"✗ There is a chain in {folder} already.")
    folder.mkdir(parents=True, exist_ok=True)
    key.touch(mode=0o600)
    key.write_text(chain.key)
    certificates.write_text(chain.certificates)


def one_line(pem: str) -> str:
    """With `\\n` for each line's end, in single quotes: a form that .env files agree on."""
    return "'" + pem.replace("\n", "\\n") + "'"


if __name__ == "__main__":
    sys.exit(main())
