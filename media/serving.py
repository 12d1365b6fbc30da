"""How bytes leave: with which headers, and by which way (settings.MEDIA_DELIVERY).

`stream`    this process reads them from the storage;
`accel`     nginx reads them from the disk, told by X-Accel-Redirect (deploy/nginx/stored.conf);
`redirect`  served files only: the client fetches them from the S3 server, with an address that is
            signed for at most a minute. The S3 server sends the type that we name, but neither
            `nosniff` nor a policy: fit for files that our own encoder wrote and that come from
            another origin than our pages. Originals never go this way.
"""

from collections.abc import Mapping
from urllib.parse import urlsplit

from django.conf import settings
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response
from django.utils.http import content_disposition_header

from core.errors import NotFound
from core.problems import plain
from media import storage
from media.addresses import MAX_SECONDS, seconds_left
from media.models import Asset, Avatar, Rendition
from provenance.marks.of_record import permitted_mining
from provenance.vocabulary import DataMining

# User-made bytes are never a document: no script runs, nothing is guessed, nothing is framed.
BYTES_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "X-Content-Type-Options": "nosniff",
}
# How long others may keep a public file without asking: so long one that was hidden, or whose
# label changed, may still be met in caches. Asking again costs a 304.
PUBLIC_SECONDS = 600
# The internal location of nginx under which it finds the stored files.
STORED = "/stored/"


def answer_for(request: HttpRequest, token: str, file_name: str) -> HttpResponseBase:
    """The file at an address. One that may not be seen is answered as one that is not there."""
    rendition = _find(token, file_name)
    if rendition is None:
        return _absent(request)
    left = _seconds_good(rendition, request.GET)
    if left == 0:
        return _absent(request)
    try:
        return _answer(request, rendition, left)
    except NotFound:
        return _absent(request)
    except storage.StorageAway as away:
        answer = plain(request, away.code, away.status, away.detail)
        answer["Retry-After"] = str(away.retry_after)
        return answer


def attachment(key: str, media_type: str, file_name: str) -> HttpResponseBase:
    """A stored file to be saved, never shown. Raises NotFound, StorageAway."""
    headers = {**BYTES_HEADERS, "Cache-Control": "private, no-store"}
    return _send(key, media_type, headers, file_name, as_attachment=True)


def image_origins() -> list[str]:
    """Where a page that shows served files must let images come from (Content-Security-Policy)."""
    if settings.MEDIA_DELIVERY != "redirect":
        return [settings.MEDIA_BASE_URL]
    store = urlsplit(storage.presigned_address("any", seconds=1, media_type="", disposition=""))
    return [settings.MEDIA_BASE_URL, f"{store.scheme}://{store.netloc}"]


# https://www.w3.org/community/reports/tdmrep/CG-FINAL-tdmrep-20240510/: what holds where an answer
# has no header of its own. Silence is no consent, so images are reserved unless their owner opens
# them; of the other pages we say nothing.
TDM_RULES = [{"location": "/media/", "tdm-reservation": 1}]


def mining_headers(asset: Asset) -> dict[str, str]:
    """What the owner and the file say to those who mine images to train on, over TDM_RULES.

    TDM Reservation Protocol (`tdm-reservation`), the draft Content-Usage header of the IETF's
    aipref, and the words that DeviantArt brought up (`noai`).
    """
    match permitted_mining(asset.record):
        case DataMining.PROHIBITED | DataMining.CONSTRAINED:
            return {
                "tdm-reservation": "1",
                "X-Robots-Tag": "noai, noimageai",
                "Content-Usage": "train-ai=n",
            }
        case DataMining.ALLOWED:
            return {"tdm-reservation": "0"}
        case _:
            return {}


def _find(token: str, file_name: str) -> Rendition | None:
    served = Asset.objects.served().filter(token=token)
    files = Rendition.objects.filter(asset__in=served).select_related("asset__record__owner")
    return next((file for file in files if file.file_name == file_name), None)


def _seconds_good(rendition: Rendition, query: Mapping[str, str]) -> int | None:
    """For how long the address is good: 0 if it is not, None if nothing ends it."""
    if rendition.asset.public:
        return None
    left = seconds_left(rendition.asset.token, rendition.file_name, query)
    return None if not left and _is_avatar(rendition) else left


def _is_avatar(rendition: Rendition) -> bool:
    """Whether everybody sees this file beside its owner's name; the other sizes stay private."""
    chosen = Avatar.objects.filter(asset=rendition.asset_id, file_name=rendition.file_name)
    return chosen.exists()


def _answer(request: HttpRequest, rendition: Rendition, left: int | None) -> HttpResponseBase:
    """The file, with an address that is good for `left` seconds, or for good (None)."""
    if settings.MEDIA_DELIVERY == "redirect":
        return _redirect(rendition, MAX_SECONDS if left is None else left)
    kept = f"public, max-age={PUBLIC_SECONDS}" if left is None else f"private, max-age={left}"
    cached = {"Cache-Control": kept, "ETag": _etag(rendition)}
    unchanged = get_conditional_response(request, etag=cached["ETag"])
    if unchanged is not None:
        for name, value in cached.items():
            unchanged[name] = value
        return unchanged
    headers = {**BYTES_HEADERS, **mining_headers(rendition.asset), **cached}
    return _send(rendition.key, rendition.media_type, headers, rendition.file_name)


def _etag(rendition: Rendition) -> str:
    """Changes with the file: it is made anew under another label."""
    return f'"{rendition.pk}-{rendition.size}-{rendition.asset.rendered_origin}"'


def _redirect(rendition: Rendition, seconds: int) -> HttpResponseBase:
    address = storage.presigned_address(
        rendition.key,
        seconds=seconds,
        media_type=rendition.media_type,
        disposition=content_disposition_header(False, rendition.file_name) or "inline",
    )
    headers = {**mining_headers(rendition.asset), "Cache-Control": "no-store"}
    return HttpResponseRedirect(address, headers=headers)


def _send(
    key: str,
    media_type: str,
    headers: Mapping[str, str],
    file_name: str,
    *,
    as_attachment: bool = False,
) -> HttpResponseBase:
    if settings.MEDIA_DELIVERY == "accel":
        disposition = content_disposition_header(as_attachment, file_name) or "inline"
        return HttpResponse(
            content_type=media_type,
            headers={
                **headers,
                "Content-Disposition": disposition,
                "X-Accel-Redirect": STORED + key,
            },
        )
    return FileResponse(
        storage.get(key),
        as_attachment=as_attachment,
        filename=file_name,
        content_type=media_type,
        headers=headers,
    )


def _absent(request: HttpRequest) -> HttpResponse:
    """No cache may remember it: the same address may be a public one in a moment."""
    answer = plain(request, "not_found", 404, "There is nothing at this address.")
    answer["Cache-Control"] = "no-store"
    return answer
