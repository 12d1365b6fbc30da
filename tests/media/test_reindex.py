"""A new version of an index is filled beside the old one, and nobody notices."""

import io

import numpy as np
import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from media import storage
from media.models import Asset
from provenance.matching import appearance, versions
from provenance.models import IndexAlgorithm, PerceptualHash, Resemblance
from tests.helpers import pictures

pytestmark = pytest.mark.django_db
PDQ = IndexAlgorithm.PDQ


@pytest.fixture
def second_version(monkeypatch):
    """A second version of the hash: that of the picture upside down."""

    def upside_down(luma):
        return appearance.appearance_of(np.ascontiguousarray(luma[::-1, ::-1]))

    def learn():
        monkeypatch.setitem(appearance.VERSIONS, 2, upside_down)

    return learn


def reindex(*options):
    said = io.StringIO()
    call_command("reindex", "--algorithm", "pdq", *options, stdout=said)
    return said.getvalue()


def rows(version):
    return set(PerceptualHash.objects.filter(version=version).values_list("record", flat=True))


def test_a_new_version_takes_over_when_all_works_are_in_it(author, upload, second_version):
    first, other = upload(author, 1), upload(author, 2)
    second_version()
    assert "2 (not in use): 2 images missing" in reindex("--dry-run")
    assert rows(2) == set()
    said = reindex("--drop-retired")
    assert "2 of 2 images" in said
    assert "pdq 2 is in use" in said
    assert versions.active(PDQ, 2) == 2
    records = {Asset.objects.get(pk=asset["id"]).record_id for asset in (first, other)}
    assert (rows(1), rows(2)) == (set(), records)
    copy = upload(author, data=pictures.encoded(pictures.picture(1), "JPEG", quality=50))
    assert Resemblance.objects.filter(record__asset=copy["id"]).exists()


def test_meanwhile_uploads_enter_both_and_are_looked_up_in_the_old_one(
    author, upload, second_version
):
    upload(author, 1)
    second_version()
    versions.begin(PDQ, 2)
    copy = upload(author, data=pictures.encoded(pictures.picture(1), "JPEG", quality=50))
    assert Resemblance.objects.filter(record__asset=copy["id"]).exists()
    record = Asset.objects.get(pk=copy["id"]).record_id
    assert record in rows(1) & rows(2)
    assert len(rows(2)) == 1


def test_a_work_that_cannot_be_read_keeps_the_old_version_in_use(author, upload, second_version):
    # Equal bytes are one stored object, which other tests may use: this picture is ours alone.
    lost = Asset.objects.get(pk=upload(author, 7301)["id"])
    upload(author, 2)
    storage.remove(lost.key)
    second_version()
    with pytest.raises(CommandError, match="could not be read"):
        reindex()
    assert versions.active(PDQ, 2) == 1
    assert len(rows(2)) == 1
    assert "is in use" in reindex("--despite-failures")
    assert versions.active(PDQ, 2) == 2


def test_what_is_missing_in_the_version_in_use_is_filled(author, upload):
    asset = Asset.objects.get(pk=upload(author, 1)["id"])
    PerceptualHash.objects.all().delete()
    assert "1 (in use): 1 images missing" in reindex("--dry-run")
    assert "1 images entered, 0 not readable" in reindex()
    assert rows(1) == {asset.record_id}
    assert "0 images entered" in reindex()
