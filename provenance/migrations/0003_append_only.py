"""Evidence and verdicts are never changed; evidence is numbered by a sequence."""

from django.db import migrations

from core.db import append_only


class Migration(migrations.Migration):
    dependencies = [("provenance", "0002_initial")]

    operations = [
        append_only("provenance_evidence"),
        append_only("provenance_verdict"),
        migrations.RunSQL(
            "CREATE SEQUENCE provenance_evidence_number",
            "DROP SEQUENCE provenance_evidence_number",
        ),
    ]
