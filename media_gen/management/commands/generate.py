"""Makes an image from the terminal: the generation part of the product, end to end."""

import json
import sys
import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.storage import default_storage
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.serializers.json import DjangoJSONEncoder

from core.errors import DomainError
from media import services as media
from media.models import EXTENSIONS, Asset
from media.preparing import prepare_upload
from media.serializers import present_sheet
from media_gen import engine, stream
from media_gen.models import GenerationJob
from media_gen.planning import IMPLIED, NoSuchBackend, Wish
from media_gen.services import request_generation
from users.models import User
from users.services import create_account

OWNER = "terminal"
BAR_WIDTH = 32


class Command(BaseCommand):
    help = "Generate an image from a prompt; prints where it and its provenance sheet are."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("prompt", nargs="?", default="", help="what to draw")
        parser.add_argument("--negative", default="", help="what to leave out")
        parser.add_argument("--backend", help="an alias of settings.GENERATION_BACKENDS")
        parser.add_argument("--model", help="one of the backend's models")
        parser.add_argument("--size", help="WIDTHxHEIGHT in pixels (1024x1024, or as the input)")
        parser.add_argument("--seed", type=int, help="the same seed gives the same picture")
        parser.add_argument("--count", type=int, default=1, help="how many pictures (1 to 4)")
        parser.add_argument("--from", dest="source", type=Path, help="an image to work from")
        parser.add_argument(
            "--as",
            dest="relation",
            default="edit_of",
            choices=sorted(IMPLIED),
            help="what the result is to that image, which says what is done (edit_of)",
        )
        parser.add_argument("--mask", type=Path, help="an image, white where to repaint")
        parser.add_argument("--strength", type=float, help="0 to 1: how far from the image")
        parser.add_argument("--out", type=Path, help="folder for the files (data folder/generated)")

    def handle(self, *args: Any, **options: Any) -> None:
        folder = self._folder(options["out"])
        job = self._request(options)
        if not self._work_on(job):
            self.stderr.write("A worker was quicker: it made this with its own configuration.")
        job = GenerationJob.objects.hydrated().get(pk=job.pk)
        if job.state != GenerationJob.State.SUCCEEDED:
            why = job.error_detail or job.error_code
            raise CommandError(f"{job.backend} · {job.state}: {why}")
        for asset in job.outputs.all():
            self._deliver(Asset.objects.hydrated().get(pk=asset.pk), folder)

    def _folder(self, wanted: Path | None) -> Path:
        """Where the files go; it exists before any work is done."""
        folder = wanted or settings.APP_DATA_DIR / "generated"
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise CommandError(f"{folder} cannot be made: {error.strerror}.") from error
        return folder

    def _request(self, options: dict[str, Any]) -> GenerationJob:
        width, height = _sides(options["size"])
        if not options["prompt"].strip() and options["source"] is None:
            raise CommandError("The prompt is empty. Say what to draw.")
        owner, source = _owner(), options["source"]
        try:
            wish = Wish(
                prompt=options["prompt"],
                negative_prompt=options["negative"],
                backend=options["backend"],
                model=options["model"],
                width=width,
                height=height,
                count=options["count"],
                seed=options["seed"],
                strength=options["strength"],
                parents=[(_taken_in(owner, source), options["relation"])] if source else (),
                mask=_taken_in(owner, options["mask"]) if options["mask"] else None,
            )
            return request_generation(owner=owner, wish=wish)
        except NoSuchBackend as error:
            known = ", ".join(settings.GENERATION_BACKENDS)
            raise CommandError(f"There is no such backend. Configured: {known}.") from error
        except DomainError as error:
            raise CommandError(error.detail) from error
        except OSError as error:
            raise CommandError(f"{error.filename} cannot be read: {error.strerror}.") from error

    def _work_on(self, job: GenerationJob) -> bool:
        """Run the job here, or watch the worker that was quicker; whether it was worked on here."""
        here = False
        with stream.watch(job.pk, self._show):
            while True:
                here |= engine.run(job.pk)
                job.refresh_from_db()
                if job.finished:
                    break
                self._show(job.progress, job.state)
                time.sleep(0.2)
        self._show(job.progress, job.state)
        self.stderr.write("", style_func=str)
        return here

    def _show(self, progress: float, state: str) -> None:
        # The backend is done when storing begins, though it may not have said so.
        progress = max(progress, 0.95) if state == GenerationJob.State.STORING else progress
        filled = round(progress * BAR_WIDTH)
        bar = "█" * filled + "·" * (BAR_WIDTH - filled)
        end = "" if sys.stderr.isatty() else "\n"
        self.stderr.write(f"\r{bar} {progress:4.0%} {state:<10}", style_func=str, ending=end)

    def _deliver(self, asset: Asset, folder: Path) -> None:
        picture = folder / f"{asset.pk}.{EXTENSIONS[asset.media_type]}"
        with default_storage.open(asset.key) as stored:
            picture.write_bytes(stored.read())
        sheet = folder / f"{asset.pk}.provenance.json"
        text = json.dumps(
            present_sheet(asset, asset.owner),
            cls=DjangoJSONEncoder,
            indent=2,
            ensure_ascii=False,
        )
        sheet.write_text(text + "\n")
        self.stdout.write(f"Image:            {picture}")
        self.stdout.write(f"Provenance sheet: {sheet}")


def _sides(size: str | None) -> tuple[int | None, int | None]:
    if size is None:
        return None, None
    try:
        width, height = (int(side) for side in size.lower().split("x"))
    except ValueError as error:
        raise CommandError("--size is WIDTHxHEIGHT, for example 1024x768.") from error
    return width, height


def _taken_in(owner: User, path: Path) -> Asset:
    """An image of this machine, brought into the library by the door that uploads come through."""
    path.open("rb").close()
    with prepare_upload(path=path, file_name=path.name) as prepared:
        return media.admit(owner=owner, prepared=prepared)


def _owner() -> User:
    """The account in whose library the terminal's images are."""
    found = User.objects.filter(username=OWNER).first()
    return found or create_account(username=OWNER, email=f"{OWNER}@localhost.invalid", password="")
