"""The ledger is never changed."""

from django.db import migrations

from core.db import append_only


class Migration(migrations.Migration):
    dependencies = [("credits", "0002_initial")]

    operations = [append_only("credits_transfer"), append_only("credits_entry")]
