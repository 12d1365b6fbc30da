"""The only program that decodes images. `core.jail` runs it, limited and without Django.

The order names the file and the renditions to write; the report says what the file is, holds its
metadata as plain bounded text, and lists what was written. Whatever goes wrong with the file is
`{"error": {"code", "detail"}}`.
"""

import json
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).parents[2]))

from media.decoding.examining import examine
from media.decoding.limits import Refused

try:
    report = examine(json.load(sys.stdin))
except Refused as refusal:
    report = {"error": {"code": refusal.code, "detail": str(refusal)}}
json.dump(report, sys.stdout)
