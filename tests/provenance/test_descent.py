"""Uploads whose authors name what they were made of: an AI draft with a human finish."""

import io
import json

import pytest
from PIL import Image, ImageDraw

from media.models import Asset
from provenance import services
from provenance.models import Record
from provenance.vocabulary import Origin
from tests.helpers import pictures

pytestmark = pytest.mark.django_db


def bring(client, parents, seed=7, **fields):
    body = {"file": pictures.upload(pictures.jpeg(seed)), **fields}
    if parents is not None:
        body["parents"] = parents if isinstance(parents, str) else json.dumps(parents)
    return client.post("/api/v1/assets", body, format="multipart")


def over(asset, relation="drawn_over"):
    return [{"asset": asset["id"], "relation": relation}]


def label_of(client, asset):
    shown = client.get(f"/api/v1/assets/{asset['id']}").json()["provenance"]
    return (shown["flag"], shown["origin"], shown["grade"], shown["disputed"])


@pytest.mark.parametrize("declared", ["unknown", "human_created", "ai_edited"])
def test_an_ai_draft_with_a_human_finish(author, upload, declared):
    draft = upload(author, 1, declared_origin="ai_generated")
    answer = bring(author, over(draft), declared_origin=declared)
    assert answer.status_code == 201, answer.content
    shown = answer.json()["provenance"]
    assert shown["label"] == "AI draft, human finish · says the uploader"
    assert (shown["flag"], shown["origin"], shown["grade"]) == ("ai", "ai_edited", "declared")
    assert shown["disputed"] is False
    said = "The uploader says that it was drawn over a work with AI in it."
    assert said in shown["reasons"]
    sheet = author.get(f"/api/v1/assets/{answer.json()['id']}/provenance").json()
    [parent] = sheet["lineage"]["parents"]
    assert (parent["relation"], parent["asset"]) == ("drawn_over", draft["id"])


def test_an_algorithms_picture_is_not_called_ai(author, upload):
    draft = upload(author, 1, declared_origin="algorithmic")
    shown = bring(author, over(draft)).json()["provenance"]
    assert shown["label"] == "An algorithm’s draft, human finish · says the uploader"
    assert shown["origin"] == "algorithmic"


@pytest.mark.parametrize(
    ("relation", "origin", "flag"),
    [("inspired_by", "ai_generated", "unknown"), ("drawn_over", "human_created", "unknown")],
)
def test_inspiration_and_human_parents_say_nothing(author, upload, relation, origin, flag):
    parent = upload(author, 1, declared_origin=origin)
    shown = bring(author, over(parent, relation)).json()["provenance"]
    assert (shown["flag"], shown["grade"]) == (flag, "none")


def test_a_stronger_claim_decides(author, upload):
    draft = upload(author, 1, declared_origin="ai_generated")
    shown = bring(author, over(draft), declared_origin="ai_generated").json()["provenance"]
    assert shown["origin"] == "ai_generated"


def test_a_draft_that_is_still_seen_decides(author, anonymous, settle):
    """Or a machine's picture, brought back as it was, would pass for a person's finish."""
    draft, data = generated(author, anonymous, settle)
    body = {"file": pictures.upload(data), "parents": json.dumps(over(draft))}
    shown = author.post("/api/v1/assets", body, format="multipart").json()["provenance"]
    assert shown["grade"] == "platform_proven"
    assert "human finish" not in shown["label"]
    assert any("drawn over" in reason for reason in shown["reasons"])


def generated(client, anonymous, settle):
    """A work made here, and the bytes of the file that everybody is given of it."""
    body = {"prompt": "a castle on a hill", "width": 512, "height": 512, "seed": 4}
    job = client.post("/api/v1/generations", body)
    settle(files=True)
    (work,) = client.get(f"/api/v1/generations/{job.json()['id']}").json()["outputs"]
    return work, anonymous.get(work["sources"][0]["url"]).body


def finished_by_hand(data):
    """As an editor saves it that keeps no metadata, with something painted into it."""
    picture = Image.open(io.BytesIO(data)).convert("RGB")
    ImageDraw.Draw(picture).ellipse((20, 20, 70, 60), fill="red")
    return pictures.encoded(picture, "PNG")


def brought_back(client, data, parents):
    body = {"file": pictures.upload(data), "declared_origin": "human_created"}
    if parents:
        body["parents"] = json.dumps(parents)
    return client.post("/api/v1/assets", body, format="multipart").json()


@pytest.mark.parametrize("named", [True, False])
def test_who_names_the_draft_that_is_still_seen_hides_nothing(
    author, anonymous, settle, settle_looks, named
):
    draft, data = generated(author, anonymous, settle)
    asset = brought_back(author, finished_by_hand(data), over(draft) if named else None)
    settle_looks()
    shown = author.get(f"/api/v1/assets/{asset['id']}").json()["provenance"]
    assert (shown["flag"], shown["grade"]) == ("ai", "matched")
    assert shown["disputed"] is not named
    assert (shown["integrity"] == "stripped") is not named


def test_to_bring_the_draft_back_as_it_was_is_no_finish(author, anonymous, settle):
    draft, data = generated(author, anonymous, settle)
    bare = pictures.encoded(Image.open(io.BytesIO(data)), "PNG")
    asset = brought_back(author, bare, over(draft))
    settle()
    shown = author.get(f"/api/v1/assets/{asset['id']}").json()["provenance"]
    assert (shown["grade"], shown["disputed"]) == ("platform_proven", True)
    assert shown["integrity"] == "stripped"


def test_what_is_learnt_of_a_parent_later_reaches_its_line(author, upload, settle):
    parent = upload(author, 1, declared_origin="human_created")
    child = bring(author, over(parent), declared_origin="human_created").json()
    grandchild = bring(author, over(child, "edit_of"), seed=9).json()
    settle()
    assert label_of(author, child) == ("human", "human_created", "declared", False)
    record = Asset.objects.get(pk=parent["id"]).record
    ruling = services.rule(record=record, origin=Origin.AI_GENERATED)
    settle()
    assert label_of(author, child) == ("ai", "ai_edited", "declared", False)
    assert label_of(author, grandchild) == ("ai", "ai_edited", "declared", False)
    services.withdraw_ruling(ruling=ruling)
    settle()
    assert label_of(author, child) == ("human", "human_created", "declared", False)
    assert label_of(author, grandchild) == ("unknown", "unknown", "none", False)


def test_others_works_need_their_leave(author, stranger, publish):
    post = publish(author, 1, allow_remix=False)
    kept = Record.objects.count()
    answer = bring(stranger, over(post["assets"][0]))
    assert (answer.status_code, answer.json()["code"]) == (403, "remix_denied")
    author.patch(f"/api/v1/posts/{post['id']}", {"visibility": "private"})
    answer = bring(stranger, over(post["assets"][0]))
    assert (answer.status_code, answer.json()["code"]) == (400, "unknown_asset")
    assert Record.objects.count() == kept


def test_a_remix_by_hand_is_in_the_tree(author, stranger, publish):
    post = publish(author, 1, allow_remix=True)
    asset = bring(stranger, over(post["assets"][0])).json()
    made = stranger.post("/api/v1/posts", {"assets": [asset["id"]]}).json()
    tree = stranger.get(f"/api/v1/posts/{made['id']}/lineage").json()
    assert [edge["relation"] for edge in tree["edges"]] == ["drawn_over"]
    assert [person["username"] for person in tree["credit"]["root"]] == ["author"]


@pytest.mark.parametrize(
    "parents",
    ["", "{}", "[1]", "nonsense", "[" * 50_000, '[{"asset": "x", "relation": "drawn_over"}]'],
)
def test_nonsense_is_refused_by_name(author, parents):
    answer = bring(author, parents)
    assert answer.status_code == 400
    assert "parents" in json.dumps(answer.json()["errors"])
    assert not Record.objects.exists()


def test_relations_are_known_and_named_once(author, upload):
    draft = upload(author, 1)
    assert bring(author, over(draft, "stolen_from")).status_code == 400
    assert bring(author, over(draft) * 2).status_code == 400
    assert bring(author, over(draft) * 9).status_code == 400
