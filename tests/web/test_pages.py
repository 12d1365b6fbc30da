"""The pages for people: flags that are seen, filters that hold, and nothing for those it is not."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from media.models import Asset
from posts.models import Post
from provenance.models import LineageEdge

pytestmark = pytest.mark.django_db

EVIL = "<script>alert(1)</script>"


@pytest.fixture
def visitor(db):
    return Client()


@pytest.fixture
def gallery(author, publish):
    """One post of each flag, the AI one last."""
    origins = {"human": "human_captured", "unknown": "unknown", "ai": "ai_generated"}
    return {
        flag: publish(author, seed, origin=origin, body=f"This is {flag}")
        for seed, (flag, origin) in enumerate(origins.items(), 1)
    }


def read(client, address):
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def flags_on(page):
    return re.findall(r'class="flag flag-(\w+)"', page)


def sheet_of(post):
    return f"/assets/{post['assets'][0]['id']}/provenance"


# --- explore ------------------------------------------------------------------------------------


def test_every_picture_shows_its_flag_and_leads_to_its_sheet(visitor, gallery):
    page = read(visitor, "/")
    assert flags_on(page) == ["ai", "unknown", "human"]
    for post in gallery.values():
        assert f'href="{sheet_of(post)}"' in page
        assert post["assets"][0]["provenance"]["label"] in page
    for word in ("Human", "AI", "Unknown"):
        assert f"</svg>{word}</span>" in page


def test_pictures_have_alt_text_sizes_and_load_lazily(visitor, author, upload):
    asset = upload(author, alt_text="Stones on sand")
    author.post("/api/v1/posts", {"assets": [asset["id"]]})
    page = read(visitor, "/")
    assert 'alt="Stones on sand"' in page
    assert f'width="{asset["width"]}" height="{asset["height"]}"' in page
    assert "srcset=" in page
    assert 'loading="lazy"' in page


@pytest.mark.parametrize("flag", ["human", "ai", "unknown"])
def test_the_flag_filter_holds(visitor, gallery, flag):
    assert flags_on(read(visitor, f"/?flag={flag}")) == [flag]


def test_the_dial_holds(visitor, gallery):
    assert flags_on(read(visitor, "/?ai_max_share=0")) == ["unknown", "human"]
    assert "passed over" in read(visitor, "/?ai_max_share=0")
    assert "ai" in flags_on(read(visitor, "/?ai_max_share=100"))


@pytest.mark.parametrize(
    "query",
    [
        "flag=martian",
        "flag=",
        "ai_max_share=lots",
        "ai_max_share=-1",
        "ai_max_share=101",
        "ai_max_share=٣",
        "cursor=forged",
        "cursor=" + "x" * 5000,
    ],
)
def test_nonsense_in_the_address_counts_as_not_asked(visitor, gallery, query):
    assert len(flags_on(read(visitor, f"/?{query}"))) == 3


def test_older_leads_on_and_ends(visitor, author):
    for number in range(25):
        author.post("/api/v1/posts", {"body": f"Thought {number:02}"})
    first = read(visitor, "/?ai_max_share=50")
    older = re.search(r'href="(\?[^"]+cursor[^"]+)"', first)[1].replace("&amp;", "&")
    second = read(visitor, f"/{older}")
    assert "Thought 24" in first
    assert "Thought 00" not in first
    assert "Thought 00" in second
    assert "cursor=" not in second


def test_an_empty_wall_says_what_to_do(visitor, author):
    assert "Nothing has been published yet" in read(visitor, "/")
    assert "/api/v1/docs/" in read(visitor, "/")
    assert "Show everything" in read(visitor, "/?flag=human")


def test_texts_are_on_the_wall_without_a_flag(visitor, author):
    author.post("/api/v1/posts", {"body": "Good morning"})
    page = read(visitor, "/")
    assert "Good morning" in page
    assert flags_on(page) == []


def test_a_gallery_names_the_ai_in_it(visitor, author, upload):
    ids = [upload(author, 1, declared_origin="human_captured")["id"]]
    ids.append(upload(author, 2, declared_origin="ai_generated")["id"])
    made = author.post("/api/v1/posts", {"assets": ids}).json()
    assert "2 images" in read(visitor, "/")
    assert "among them" in read(visitor, "/")
    assert flags_on(read(visitor, f"/posts/{made['id']}")) == ["human", "ai"]


def test_the_wall_asks_as_much_for_ten_posts_as_for_two(
    visitor, author, publish, django_assert_num_queries
):
    for seed in range(2):
        publish(author, seed, tags=["a"])
    with CaptureQueriesContext(connection) as queries:
        read(visitor, "/")
    few = len(queries)
    for seed in range(2, 10):
        publish(author, seed, tags=["a"])
    with django_assert_num_queries(few):
        read(visitor, "/")


# --- one post, one sheet ------------------------------------------------------------------------


def test_a_post_has_a_page(visitor, gallery):
    page = read(visitor, f"/posts/{gallery['ai']['id']}")
    assert "This is ai" in page
    assert flags_on(page) == ["ai"]


@pytest.mark.parametrize(
    ("flag", "words"),
    [("human", "it rests on somebody’s word alone"), ("unknown", "We do not know how this")],
)
def test_a_sheet_says_it_in_words(visitor, gallery, flag, words):
    page = read(visitor, sheet_of(gallery[flag]))
    assert words in page
    assert "o evidence" in page
    assert "never means human" in page


def test_a_sheet_lists_the_evidence(visitor, gallery):
    page = read(visitor, sheet_of(gallery["ai"]))
    assert "The uploader declared it: made with AI." in page
    assert "grade declared" in page


def test_lineage_names_only_what_the_viewer_may_see(visitor, author, stranger, publish, upload):
    open_work, child = publish(author, 1), publish(author, 2)
    secret = upload(author, 3)
    for parent in (open_work["assets"][0]["id"], secret["id"]):
        LineageEdge.objects.create(
            child=Asset.objects.get(pk=child["assets"][0]["id"]).record,
            parent=Asset.objects.get(pk=parent).record,
            relation="edit_of",
        )
    page = read(visitor, sheet_of(child))
    assert f'href="{sheet_of(open_work)}"' in page
    assert "an edit of a private work" in page
    assert secret["id"] not in page
    author.delete(f"/api/v1/assets/{secret['id']}")
    assert "an edit of a deleted work" in read(visitor, sheet_of(child))


@pytest.mark.parametrize("visibility", ["private", "followers"])
def test_what_is_not_for_everybody_is_404_in_a_page(visitor, author, publish, visibility):
    made = publish(author, visibility=visibility)
    for address in (f"/posts/{made['id']}", sheet_of(made)):
        answer = visitor.get(address)
        assert answer.status_code == 404
        assert "not for you" in answer.content.decode()
        assert made["id"] not in answer.content.decode()


def test_an_unposted_image_has_no_public_sheet(visitor, author, upload):
    assert visitor.get(f"/assets/{upload(author)['id']}/provenance").status_code == 404


def test_a_hidden_post_is_gone_from_every_page(visitor, author, publish):
    made = publish(author)
    Post.objects.update(limit="hidden", decision_id=made["id"])
    assert made["id"] not in read(visitor, "/")
    assert visitor.get(f"/posts/{made['id']}").status_code == 404
    assert visitor.get(sheet_of(made)).status_code == 404


# --- manners ------------------------------------------------------------------------------------


def test_what_people_wrote_stays_text(visitor, author, upload):
    asset = upload(author, alt_text=f'"{EVIL}')
    made = author.post(
        "/api/v1/posts", {"assets": [asset["id"]], "body": EVIL, "mood": EVIL}
    ).json()
    author.patch("/api/v1/me", {"display_name": EVIL})
    for address in ("/", f"/posts/{made['id']}", sheet_of(made)):
        assert "<script" not in read(visitor, address)


def test_prompts_stay_text_and_are_shown_as_their_author_wants(visitor, author, publish):
    from provenance.models import Generation

    made = publish(author)
    generation = Generation.objects.create(
        record=Asset.objects.get(pk=made["assets"][0]["id"]).record,
        backend="procedural",
        model="sketch-1",
        source_type="algorithmicMedia",
        prompt=f"A fox {EVIL}",
    )
    page = read(visitor, sheet_of(made))
    assert "A fox &lt;script&gt;" in page
    assert "<script" not in page
    generation.prompt_visibility = "hidden"
    generation.save()
    assert "A fox" not in read(visitor, sheet_of(made))


@pytest.mark.parametrize("address", ["/", "/posts/00000000-0000-7000-8000-000000000000"])
def test_pages_run_no_script_and_load_nothing_from_elsewhere(visitor, address):
    policy = visitor.get(address)["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "script-src 'none'" in policy
    assert "unsafe" not in policy


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_pages_are_only_read(visitor, method):
    assert getattr(visitor, method)("/").status_code == 405


def test_somebody_with_a_session_sees_the_wall_as_themselves(visitor, author, publish):
    private = publish(author, 1, visibility="private")
    visitor.force_login(author.user, backend="django.contrib.auth.backends.ModelBackend")
    for _ in range(2):
        assert visitor.get("/").status_code == 200
        assert visitor.get(f"/posts/{private['id']}").status_code == 200
    visitor.logout()
    assert visitor.get(f"/posts/{private['id']}").status_code == 404
