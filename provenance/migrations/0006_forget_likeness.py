from django.db import migrations


class Migration(migrations.Migration):
    """The hashes of old were near PDQ, but not PDQ: they are made anew (`manage.py reindex`)."""

    dependencies = [("provenance", "0005_perceptual_hash")]

    operations = [migrations.DeleteModel(name="PerceptualHash")]
