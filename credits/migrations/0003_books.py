"""The platform's own books exist from the start, and the ledger is never changed."""

from django.db import migrations

from core.db import append_only
from core.ids import uuid7


def open_books(apps, schema_editor):
    account = apps.get_model("credits", "Account")
    for book in ("grants", "holds", "spent"):
        account.objects.create(id=uuid7(), book=book)


class Migration(migrations.Migration):
    dependencies = [("credits", "0002_initial")]

    operations = [
        migrations.RunPython(open_books, migrations.RunPython.noop),
        append_only("credits_transfer"),
        append_only("credits_entry"),
    ]
