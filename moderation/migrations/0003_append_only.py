"""Decisions are never changed; they are reversed by another decision."""

from django.db import migrations

from core.db import append_only


class Migration(migrations.Migration):
    dependencies = [("moderation", "0002_initial")]

    operations = [append_only("moderation_decision")]
