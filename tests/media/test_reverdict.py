"""Verdicts are reached again: under another policy, with other trust, from files read anew."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from core.models import OutboxEvent
from provenance import origin, services
from provenance.events import VerdictChanged
from provenance.models import Evidence, Record, TrustList, Verdict
from provenance.vocabulary import Grade
from tests.helpers import pictures
from tests.helpers.issuers import issuer

pytestmark = pytest.mark.django_db


def command(*words):
    out = StringIO()
    call_command(*words, stdout=out, stderr=out)
    return out.getvalue()


def test_nothing_changes_under_the_same_policy(author, upload):
    upload(author, declared_origin="human_created")
    before = Verdict.objects.count()
    assert "1 verdicts under policy 1, 0 changed" in command("reverdict")
    assert Verdict.objects.count() == before


def test_a_new_policy_changes_verdicts_and_says_which(author, upload, settle, monkeypatch):
    upload(author, declared_origin="human_created")

    def doubting(facts, *, dispute_open=False):
        return origin.judge([], dispute_open=dispute_open)

    monkeypatch.setattr(services, "judge", doubting)
    monkeypatch.setattr(services, "POLICY_VERSION", 2)
    assert "1 would change" in command("reverdict", "--dry-run")
    assert Record.objects.get().origin == "human_created"
    told = command("reverdict")
    assert "human_created (declared, human_claim:declaration) → unknown (none, no_evidence)" in told
    record = Record.objects.get()
    assert (record.origin, record.policy_version) == ("unknown", 2)
    stored = Verdict.objects.order_by("reached_at").last()
    assert (stored.policy_version, stored.rule) == (2, "no_evidence")
    assert stored.evidence == [str(pk) for pk in Evidence.objects.values_list("pk", flat=True)]
    assert OutboxEvent.objects.filter(name=VerdictChanged.name()).exists()


def test_a_trust_list_imported_later_counts_when_files_are_read_again(author, upload, tmp_path):
    camera = issuer("Camera Works")
    asset = upload(author, data=camera.sign(pictures.jpeg(1), source_type="digitalCapture"))
    assert asset["provenance"]["grade"] == "declared"
    pem = tmp_path / "list.pem"
    pem.write_text("# the list of a test\n" + camera.root)
    told = command("trustlist", "import", str(pem), "--name", "works", "--kind", "anchors")
    assert "works: 1 anchors" in told
    told = command("reverdict", "--read-again")
    assert "1 files say something else now, 0 not readable" in told
    shown = author.get(f"/api/v1/assets/{asset['id']}").json()["provenance"]
    assert (shown["origin"], shown["grade"]) == ("human_captured", "signed_trusted")
    assert Evidence.objects.filter(kind="c2pa", withdraws=None).count() == 2
    assert "0 files say something else" in command("reverdict", "--read-again")
    command("trustlist", "retire", "works")
    command("reverdict", "--read-again")
    assert Record.objects.get().grade == Grade.DECLARED


def test_lists_are_kept_with_source_date_and_hash(tmp_path):
    camera = issuer("Camera Works")
    pem = tmp_path / "list.pem"
    pem.write_text(camera.root)
    words = ("--name", "works", "--kind", "anchors", "--tier", "interim")
    command("trustlist", "import", str(pem), *words)
    command("trustlist", "import", str(pem), *words)
    assert TrustList.objects.count() == 1
    pem.write_text(camera.root + issuer("Other Works").root)
    command("trustlist", "import", str(pem), *words)
    kept = TrustList.objects.order_by("pk")
    assert [(each.entries, each.retired_at is None) for each in kept] == [(1, False), (2, True)]
    told = command("trustlist", "list")
    assert str(pem) in told
    assert "interim" in told
    assert TrustList.objects.get(retired_at=None).sha256[:16] in told


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        ("nothing", "anchors"),
        ("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "anchors"),
        ("no numbers here", "eku"),
    ],
)
def test_what_is_no_list_is_refused(tmp_path, content, kind):
    pem = tmp_path / "list.pem"
    pem.write_text(content)
    with pytest.raises(CommandError):
        command("trustlist", "import", str(pem), "--name", "x", "--kind", kind)
    assert not TrustList.objects.exists()


def test_a_file_or_name_that_is_not_there_is_told(tmp_path):
    missing = str(tmp_path / "missing.pem")
    with pytest.raises(CommandError, match="cannot be read"):
        command("trustlist", "import", missing, "--name", "x", "--kind", "anchors")
    with pytest.raises(CommandError, match="No list of this name"):
        command("trustlist", "retire", "x")


def test_copies_follow_when_their_source_is_read_again(author, stranger, upload, tmp_path):
    dream = issuer("Dream Inc")
    plain = pictures.encoded(pictures.picture(1, (640, 480)), "PNG")
    signed = dream.sign(plain, "image/png", source_type="trainedAlgorithmicMedia")
    upload(author, data=signed)
    copy = upload(stranger, data=plain, declared_origin="human_created")
    assert copy["provenance"]["flag"] == "human"
    pem = tmp_path / "list.pem"
    pem.write_text(dream.root)
    command("trustlist", "import", str(pem), "--name", "dream", "--kind", "anchors")
    command("reverdict", "--read-again")
    address = f"/api/v1/assets/{copy['id']}"
    assert stranger.get(address).json()["provenance"]["grade"] == "matched"
    command("trustlist", "retire", "dream")
    command("reverdict", "--read-again")
    assert stranger.get(address).json()["provenance"]["flag"] == "human"
