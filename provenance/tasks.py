"""What workers do with provenance."""

from celery import shared_task

from provenance import services
from provenance.models import Record


@shared_task
def judge_uploads_made_of(record_id: str, before: str, after: str) -> None:
    """The label of a work changed; whoever was judged by it follows, and so on down the line."""
    services.judge_uploads_made_of(record=Record.objects.get(pk=record_id))
