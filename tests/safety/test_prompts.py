"""What may be asked for: rules of words, protected styles, and a door that fails closed."""

import json
from importlib import import_module
from pathlib import Path
from uuid import uuid4

import pytest
from django.apps import apps
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st

from media_gen.models import GenerationJob
from safety.models import ProtectedStyle
from safety.reading import folded, readings
from safety.rules import _loaded
from users.models import User

pytestmark = pytest.mark.django_db
URL = "/api/v1/generations"


def ask(client, prompt, **fields):
    return client.post(URL, {"prompt": prompt, "width": 64, "height": 64, **fields})


def refusal(answer):
    assert answer.status_code == 422, answer.content
    assert answer.json()["code"] == "prompt_refused"
    (error,) = answer.json()["errors"]
    return error


REFUSED = [
    ("a naked child", "sexualised-minors"),
    ("two CHILDREN in lingerie", "sexualised-minors"),
    ("n@ked toddler", "sexualised-minors"),
    ("a ch1ld, nud3", "sexualised-minors"),
    ("n a k e d c h i l d and more", "sexualised-minors"),
    ("nа\u0301ked сhild", "sexualised-minors"),  # Cyrillic а and с, and an accent
    ("na\u200bked chi\u00adld", "sexualised-minors"),
    ("ｎａｋｅｄ ｃｈｉｌｄ", "sexualised-minors"),
    ("naked-child", "sexualised-minors"),
    ("ɴᴀᴋᴇᴅ ᴄʜɪʟᴅ", "sexualised-minors"),
    ("🅝🅐🅚🅔🅓 🅒🅗🅘🅛🅓", "sexualised-minors"),
    ("nɑkɘd naked chıłd", "sexualised-minors"),
    ("n\u20dda\u20ddked child", "sexualised-minors"),
    ("na\u3164ked child", "sexualised-minors"),
    ("naked chi1d", "sexualised-minors"),
    ("n 4 k 3 d  c h 1 l d", "sexualised-minors"),
    ("nakedchild", "sexualised-minors"),
    ("#NakedChild", "sexualised-minors"),
    ("sexychildren", "sexualised-minors"),
    ("a sweet child!nude", "sexualised-minors"),
    ("nude teens", "sexualised-minors"),
    ("lolicon art", "sexualised-minors-words"),
    ("please remove   her\nclothes", "undressing"),
    ("please remove!her$clothes", "undressing"),
    ("RemoveHerClothes", "undressing"),
    ("removeherclothes", "undressing"),
]


@pytest.mark.parametrize(("prompt", "rule"), REFUSED)
def test_what_a_rule_meets_is_refused_before_anything_is_stored(author, prompt, rule):
    error = refusal(ask(author, prompt))
    assert (error["rule"]["id"], error["pointer"]) == (rule, "/prompt")
    assert error["rule"]["version"] >= 1
    assert not GenerationJob.objects.exists()
    assert author.get("/api/v1/me").json()["credits"] == 200


def test_a_refusal_shows_the_words_as_they_were_written(author):
    prompt = "in the park, a NÁKED litt\u200ble girl smiles"
    start, end = refusal(ask(author, prompt))["span"]
    assert prompt[start:end] == "NÁKED litt\u200ble girl"


def test_a_price_is_no_way_around(author):
    assert refusal(ask(author, "a naked child", dry_run=True))


@pytest.mark.parametrize(
    "prompt",
    [
        "a child in a poppy field",
        "a nude beige evening dress",
        "Scunthorpe in the rain",
        "Essex, Sussex and Middlesex",
        "a kind old man",
        "an infantry column, explicit lines",
        "a heron by the river",
        "the U S A flag over Essex, children play",
        "kindergarten in Middlesex",
        "a babysitter, sexton of the church",
        "an explicit$ly kind! man",
        "日本の庭、子供",
    ],
)
def test_harmless_prompts_pass(author, prompt):
    assert ask(author, prompt).status_code == 202


def test_what_is_not_wanted_may_be_named_as_such(author):
    assert ask(author, "a child reads", negative_prompt="nude, naked").status_code == 202


def test_a_name_is_known_without_its_accents_and_by_another_handle(author, join):
    artist = join("somebody_else")
    fields = {"display_name": "Zoë Ångström"}
    fields["preferences"] = {"remix_policy": {"style_transfer": False}}
    artist.patch("/api/v1/me", fields)
    for prompt in ("in the style of zoe angstrom", "Zoë Ångström style", "by ＺＯＥ Angstrom"):
        assert refusal(ask(author, prompt))["rule"]["id"] == "protected-style", prompt
    artist.patch("/api/v1/me", {"display_name": "Zoë"})
    assert ask(author, "in the style of zoe angstrom, a cat").status_code == 422, "zoe is protected"
    assert ask(author, "Angstrom style").status_code == 202


def test_who_protected_their_style_before_is_known(author, artist):
    ProtectedStyle.objects.all().delete()
    assert ask(author, "in the style of Mina Lünd").status_code == 202
    import_module("safety.migrations.0003_note_styles").note_styles(apps, None)
    assert refusal(ask(author, "in the style of Mina Lünd"))


@pytest.mark.parametrize("name", ["A", "Of", "ﷺ" * 60])
def test_what_is_no_name_is_not_protected(author, join, name):
    vandal = join("vandal")
    fields = {"display_name": name, "preferences": {"remix_policy": {"style_transfer": False}}}
    assert vandal.patch("/api/v1/me", fields).status_code == 200
    assert ask(author, f"in the style of {name} cat").status_code == 202


def test_whoever_is_suspended_keeps_nothing_from_others(author, artist):
    User.objects.filter(username="mina_lund").update(
        limit=User.Limit.SUSPENDED, decision_id=uuid4(), reason_code="spam"
    )
    assert ask(author, "a cat in the style of Mina Lünd").status_code == 202


@pytest.fixture
def artist(join):
    client = join("mina_lund")
    fields = {"display_name": "Mina Lünd"}
    fields["preferences"] = {"remix_policy": {"style_transfer": False}}
    assert client.patch("/api/v1/me", fields).status_code == 200
    return client


@pytest.mark.parametrize(
    "prompt",
    [
        "a cat in the style of Mina Lünd",
        "a cat in the style of mina lund, at night",
        "a cat, MINA_LUND style",
        "a cat inspired by @mina_lund",
        "a cat by Mina Lünd",
        "@mina_lund",
        "Mina Lünd's style, a cat",
    ],
)
def test_a_protected_style_is_refused_and_the_rule_named(author, artist, prompt):
    error = refusal(ask(author, prompt))
    assert error["rule"]["id"] == "protected-style"
    start, end = error["span"]
    assert "lund" in folded(prompt[start:end]).text.replace("u\u0308", "u")


@pytest.mark.parametrize(
    "prompt", ["Mina Lünd sits by the river", "a lund by the sea", "a cat in the style of Mina"]
)
def test_a_name_that_is_merely_there_is_no_style(author, artist, prompt):
    assert ask(author, prompt).status_code == 202


def test_ones_own_style_is_ones_own(artist):
    assert ask(artist, "a cat in the style of Mina Lünd").status_code == 202


def test_a_style_that_is_free_again_is_free(author, artist):
    artist.patch("/api/v1/me", {"preferences": {"remix_policy": {"style_transfer": True}}})
    assert ask(author, "a cat in the style of Mina Lünd").status_code == 202


def test_a_short_display_name_does_not_take_a_word_from_everybody(author, join):
    vandal = join("vandal")
    fields = {"display_name": "River", "preferences": {"remix_policy": {"style_transfer": False}}}
    vandal.patch("/api/v1/me", fields)
    assert ask(author, "a cabin by River, like River").status_code == 202
    assert refusal(ask(author, "in the style of River"))


@pytest.mark.parametrize(
    "content",
    [None, "", "{", "[]", '{"rules": []}', '{"rules": [{"id": "x"}]}', "rule", '{"rules": [3]}'],
)
def test_rules_that_are_missing_or_broken_let_nothing_through(author, settings, tmp_path, content):
    file = tmp_path / "rules.json"
    if content is not None:
        file.write_text(content)
    settings.PROMPT_RULES = str(file)
    answer = ask(author, "a heron")
    assert (answer.status_code, answer.json()["code"]) == (503, "safety_unavailable")
    assert answer["Retry-After"]
    assert not GenerationJob.objects.exists()


@pytest.mark.parametrize("policies", [[], ["no.such.policy"], ["math.sqrt"]])
def test_policies_that_are_missing_or_broken_let_nothing_through(author, settings, policies):
    settings.PROMPT_POLICIES = policies
    assert ask(author, "a heron").json()["code"] == "safety_unavailable"
    assert not GenerationJob.objects.exists()


def test_whoever_wants_no_policy_says_so(author, settings):
    settings.PROMPT_POLICIES = ["safety.prompts.allow_everything"]
    assert ask(author, "n@ked toddler").status_code == 202


def test_rules_are_read_again_when_they_change(author, settings, tmp_path):
    import os

    file = tmp_path / "rules.json"
    settings.PROMPT_RULES = str(file)
    rule = {"id": "herons", "version": 1, "fields": ["prompt", "negative_prompt"], "says": "No."}
    file.write_text(json.dumps({"rules": [{**rule, "all": [["heron"]]}]}))
    assert refusal(ask(author, "a heron"))["rule"] == {"id": "herons", "version": 1}
    assert refusal(ask(author, "a cat", negative_prompt="heron"))["pointer"] == "/negative_prompt"
    file.write_text(json.dumps({"rules": [{**rule, "version": 2, "all": [["egret"]]}]}))
    os.utime(file, ns=(1, 1))
    assert ask(author, "a heron").status_code == 202
    assert refusal(ask(author, "an egret"))["rule"]["version"] == 2


def test_a_long_prompt_of_nothing_but_such_words_is_read_in_good_time():
    """Nor may it take long to find that a word is almost one of several words run together."""
    rules = _loaded(Path(settings.PROMPT_RULES), 0)
    text = "sexsexysexual" * 300 + "x " + "s e x y " * 100
    assert all(rule.found_in("prompt", text) is None for rule in rules)


@given(st.text(max_size=60))
def test_every_reading_points_into_the_text(text):
    for reading in readings(text):
        assert len(reading.text) == len(reading.at)
        assert all(0 <= start < end <= len(reading.text) for start, end in reading.runs)
        assert list(reading.at) == sorted(reading.at)
        if reading.text:
            start, end = reading.span(0, len(reading.text))
            assert 0 <= start < end <= len(text)
