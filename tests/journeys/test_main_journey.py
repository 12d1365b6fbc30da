"""What the product is for, through REST and the panel alone, against a real server and worker."""

import concurrent.futures
import contextlib
import io
import json
import re
import time

import httpx
import pytest
from PIL import Image, ImageDraw

from tests.helpers import pictures
from tests.journeys.stack import running

PASSWORD = "correct horse battery"


@pytest.fixture(scope="module")
def stack():
    with running() as stack:
        stack.manage(
            "shell",
            "--verbosity=0",
            "--command",
            "from users.services import create_account; create_account(username='judge', "
            f"email='judge@example.org', password='{PASSWORD}', is_staff=True)",
        )
        yield stack


@pytest.fixture
def speak_for(stack):
    """Clients of the REST API, closed at the end: `speak_for(token)`."""
    with contextlib.ExitStack() as clients:

        def client(token=None):
            headers = {"Authorization": f"Bearer {token}"} if token else {}
            return clients.enter_context(
                httpx.Client(base_url=f"{stack.url}/api/v1", headers=headers, timeout=30)
            )

        yield client


@pytest.fixture
def sign_up(stack, speak_for):
    def sign_up(username):
        body = {"username": username, "email": f"{username}@example.org", "password": PASSWORD}
        answer = httpx.post(f"{stack.url}/_allauth/app/v1/auth/signup", json=body, timeout=30)
        assert answer.status_code == 200, answer.text
        return speak_for(answer.json()["meta"]["access_token"])

    return sign_up


@pytest.fixture
def sign_in(stack, speak_for):
    def sign_in(username):
        body = {"username": username, "password": PASSWORD}
        answer = httpx.post(f"{stack.url}/_allauth/app/v1/auth/login", json=body, timeout=30)
        return speak_for(answer.json()["meta"]["access_token"])

    return sign_in


def ok(answer, status=200):
    assert answer.status_code == status, answer.text
    return answer.json() if answer.content else None


def events_of(client, job_id, **headers):
    """All events of a job's stream, from its beginning to its end."""
    found, event = [], {}
    with client.stream("GET", f"/generations/{job_id}/events", headers=headers) as stream:
        assert stream.headers["Content-Type"].startswith("text/event-stream")
        for line in stream.iter_lines():
            name, _, value = line.partition(": ")
            if line == "" and event:
                found.append((event["event"], int(event["id"]), json.loads(event["data"])))
                event = {}
            elif name in {"event", "id", "data"}:
                event[name] = value
    return found


def first_notification(client, act):
    """What was unread, and the first that a stream of notifications tells after `act`."""
    unread, event = None, {}
    with client.stream("GET", "/notifications/events") as stream:
        for line in stream.iter_lines():
            name, _, value = line.partition(": ")
            if name in {"event", "id", "data"}:
                event[name] = value
            elif line == "" and event:
                if event["event"] == "notification":
                    return unread, json.loads(event["data"])
                if unread is None:
                    unread = json.loads(event["data"])["unread"]
                    act()
                event = {}
    raise AssertionError("the stream ended")


def eventually(look, seconds=30):
    """What `look` gives once it gives something; workers need a moment."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = look()
        if found:
            return found
        time.sleep(0.2)
    raise AssertionError("it did not come about")


def at_home(client, query=""):
    return [post["id"] for post in ok(client.get(f"/feeds/home?{query}"))["results"]]


def decide_in_the_panel(stack, case_id, **form):
    """Sign in to the panel as the moderator does, and post the form of the case's page."""
    with httpx.Client(base_url=stack.url, follow_redirects=True, timeout=30) as browser:
        page = browser.get("/moderation/login/")
        fields = {"username": "judge", "password": PASSWORD, "csrfmiddlewaretoken": csrf(page)}
        browser.post("/moderation/login/?next=/moderation/", data=fields)
        url = f"/moderation/moderation/case/{case_id}/change/"
        page = browser.get(url)
        assert page.status_code == 200, page.text[:500]
        answer = browser.post(url, data={**form, "csrfmiddlewaretoken": csrf(page)})
        assert answer.status_code == 200, answer.text[:500]


def csrf(page):
    return re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text).group(1)


def test_the_main_job(stack, sign_up, sign_in):
    author, follower, third = (sign_up(name) for name in ("author", "follower", "third"))
    relation = ok(follower.put("/users/author/follow"))["relation"]
    assert relation["follow"] == "following"
    assert ok(author.get("/me"))["credits"] > 0

    # The author asks for a picture and watches it come about.
    wish = {"prompt": "a heron at dawn over a misty lake", "width": 1024, "height": 1024, "seed": 7}
    answer = author.post("/generations", json=wish)
    job = ok(answer, 202)
    assert answer.headers["Location"] == f"/api/v1/generations/{job['id']}"
    events = events_of(author, job["id"])
    kinds = [kind for kind, _, _ in events]
    assert kinds[-1] == "done"
    assert "progress" in kinds
    assert "preview" in kinds
    assert "output" in kinds
    versions = [version for _, version, _ in events]
    assert versions == sorted(versions)
    progress = [data["progress"] for kind, _, data in events if kind == "progress"]
    assert progress == sorted(progress)
    done = events[-1][2]
    assert (done["state"], done["progress"]) == ("succeeded", 1.0)
    image = done["outputs"][0]
    assert (image["provenance"]["flag"], image["provenance"]["origin"]) == ("ai", "algorithmic")
    replayed = events_of(author, job["id"], **{"Last-Event-ID": str(versions[-1])})
    assert [kind for kind, _, _ in replayed] == ["output", "done"]

    # The image is stored with its label, and the files say what they are.
    image = eventually(lambda: ready(author, image["id"]))
    served = httpx.get(image["sources"][-1]["url"])
    assert b"digitalsourcetype/algorithmicMedia" in served.content

    # It is posted, and comes to the follower with its true origin.
    painted = ok(author.post("/posts", json={"assets": [image["id"]], "body": "Dawn"}), 201)
    eventually(lambda: at_home(follower) == [painted["id"]])
    shown = ok(follower.get("/feeds/home"))["results"][0]["provenance"]
    assert (shown["flag"], shown["origin"], shown["grade"]) == (
        "ai",
        "algorithmic",
        "platform_proven",
    )

    # A photograph, declared as one's own work.
    photo = {"file": ("stones.jpg", pictures.jpeg(11), "image/jpeg")}
    asset = ok(author.post("/assets", files=photo, data={"declared_origin": "human_captured"}), 201)
    stones = ok(author.post("/posts", json={"assets": [asset["id"]]}), 201)
    assert stones["provenance"]["flag"] == "human"
    assert stones["provenance"]["grade"] == "declared"
    for query in ("flag=human", "ai_max_share=0"):
        eventually(lambda query=query: at_home(follower, query) == [stones["id"]])

    # Likes and comments work along the way.
    like = f"/posts/{stones['id']}/reactions/like"
    unread, news = first_notification(author, lambda: ok(follower.put(like)))
    assert unread >= 1
    assert (news["type"], news["actor"]["username"]) == ("reaction", "follower")
    said = ok(follower.post(f"/posts/{stones['id']}/comments", json={"body": "I like it"}), 201)
    counts = ok(author.get(f"/posts/{stones['id']}"))["counts"]
    assert (counts["reactions"], counts["comments"]) == (1, 1)
    told = eventually(lambda: kinds_told(author) >= {"follow", "reaction", "comment", "job"})
    assert told
    ok(follower.delete(f"/comments/{said['id']}"), 204)

    # The served file, fed back by somebody else as a photograph, is recognised.
    again = {"file": ("mine.webp", served.content, "image/webp")}
    stolen = ok(third.post("/assets", files=again, data={"declared_origin": "human_captured"}), 201)
    assert (stolen["provenance"]["flag"], stolen["provenance"]["grade"]) == (
        "ai",
        "platform_proven",
    )
    assert stolen["provenance"]["disputed"] is True

    # A third account reports; the moderator decides in the panel; both are told why.
    complaint = {"target": f"post:{painted['id']}", "reason": "spam", "detail": "I saw it before"}
    report = ok(third.post("/reports", json=complaint), 201)
    judge = sign_in("judge")
    (case,) = ok(judge.get("/moderation/cases"))["results"]
    assert case["target"] == f"post:{painted['id']}"
    reason = "It was posted before, by its author."
    decide_in_the_panel(stack, case["id"], action="hide", reason=reason)
    assert follower.get(f"/posts/{painted['id']}").status_code == 404
    mine = ok(author.get(f"/posts/{painted['id']}"))
    assert mine["limits"][0]["limit"] == "hidden"
    assert eventually(lambda: [t for t in texts_told(author, "decision") if reason in t])
    assert eventually(lambda: [t for t in texts_told(third, "report") if reason in t])
    (told_report,) = ok(third.get("/me/reports"))["results"]
    assert (told_report["id"], told_report["state"]) == (report["id"], "decided")
    (decision,) = ok(author.get("/me/decisions"))["results"]
    assert (decision["action"], decision["reason"]) == ("hide", reason)

    # The decision is reversed, and what was before is restored.
    ok(
        judge.post(
            f"/moderation/decisions/{decision['id']}/reverse", json={"reason": "A mistake."}
        ),
        201,
    )
    assert follower.get(f"/posts/{painted['id']}").status_code == 200

    # A block parts them, and deletion is deletion.
    ok(author.put("/users/follower/block"))
    assert follower.get(f"/posts/{stones['id']}").status_code == 404
    assert ok(follower.get("/feeds/home"))["results"] == []
    ok(author.delete(f"/posts/{stones['id']}"), 204)
    ok(author.delete(f"/assets/{asset['id']}"), 204)
    assert author.get(f"/assets/{asset['id']}").status_code == 404


def ready(client, asset_id):
    asset = ok(client.get(f"/assets/{asset_id}"))
    return asset if asset["state"] == "ready" else None


def kinds_told(client):
    return {row["type"] for row in ok(client.get("/notifications"))["results"]}


def texts_told(client, kind):
    rows = ok(client.get("/notifications"))["results"]
    return [row["text"] for row in rows if row["type"] == kind]


def test_a_ticket_opens_one_stream_once(sign_up, speak_for):
    client = sign_up("browser_user")
    job = ok(client.post("/generations", json={"prompt": "x", "width": 64, "height": 64}), 202)
    ticket = ok(client.post(f"/generations/{job['id']}/ticket"))["ticket"]
    plain = speak_for()
    opened = plain.get(f"/generations/{job['id']}/events?ticket={ticket}")
    assert opened.status_code == 200
    assert "event: done" in opened.text
    for url in (
        f"/generations/{job['id']}/events?ticket={ticket}",
        f"/generations/{job['id']}/events?ticket=forged",
        f"/generations/{job['id']}/events",
    ):
        refused = plain.get(url)
        assert refused.status_code == 401
        assert refused.headers["Content-Type"] == "application/problem+json"


def test_two_signups_at_once_make_one_account(stack):
    body = {"username": "twin", "email": "twin@example.org", "password": PASSWORD}

    def send(_):
        return httpx.post(f"{stack.url}/_allauth/app/v1/auth/signup", json=body, timeout=30)

    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        statuses = [answer.status_code for answer in pool.map(send, range(4))]
    assert statuses.count(200) == 1
    assert set(statuses) <= {200, 400, 409}


def screenshot_of(picture):
    """A telephone's screen that shows most of a picture, as somebody saves it."""
    screen = Image.new("RGB", (1080, 2340), (250, 250, 250))
    draw = ImageDraw.Draw(screen)
    for top in (40, 150, 1500, 1620, 2200):
        draw.rounded_rectangle((60, top, 900, top + 60), 20, fill=(205, 205, 212))
    width, height = picture.size
    seen = picture.crop((width // 8, height // 10, width, height * 9 // 10))
    screen.paste(seen.resize((1080, 1080 * seen.height // seen.width)), (0, 260))
    return pictures.encoded(screen, "JPEG", quality=80)


def test_a_generated_picture_comes_back_as_a_screenshot(sign_up):
    """Cut, scaled, framed by an app and without its metadata, from another account."""
    maker, taker = sign_up("maker"), sign_up("taker")
    body = {"prompt": "a village by the sea in the fog", "width": 1024, "height": 1024, "seed": 5}
    job = ok(maker.post("/generations", json=body), 202)
    made = eventually(lambda: ok(maker.get(f"/generations/{job['id']}"))["outputs"], seconds=60)[0]
    post = ok(maker.post("/posts", json={"assets": [made["id"]], "body": "From my window."}), 201)
    eventually(lambda: ok(taker.get(f"/assets/{made['id']}"))["state"] == "ready")
    saved = taker.get(f"/assets/{made['id']}/download").content
    shot = screenshot_of(Image.open(io.BytesIO(saved)).convert("RGB"))

    form = {"declared_origin": "human_captured", "alt_text": "my photo"}
    upload = taker.post("/assets", files={"file": ("IMG_1.jpg", shot, "image/jpeg")}, data=form)
    mine = ok(upload, 201)
    assert mine["provenance"]["checking"] is True

    def looked_at():
        shown = ok(taker.get(f"/assets/{mine['id']}"))["provenance"]
        return None if shown["checking"] else shown

    shown = eventually(looked_at)
    assert (shown["flag"], shown["origin"], shown["grade"]) == ("ai", "algorithmic", "matched")
    assert (shown["integrity"], shown["disputed"]) == ("stripped", True)
    sheet = ok(taker.get(f"/assets/{mine['id']}/provenance"))
    assert {match["asset"] for match in sheet["matches"]} == {made["id"]}
    assert "recognised" in str(eventually(lambda: ok(taker.get("/notifications"))["results"]))
    found = {"file": ("IMG_1.jpg", shot, "image/jpeg")}
    assert ok(taker.post("/verify", files=found))["match"]["post_url"].endswith(post["id"])
