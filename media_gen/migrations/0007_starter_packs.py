"""Presets that everybody has from the first day. They name no backend: any one will do."""

from django.db import migrations

PACKS = {
    "Watercolour": ("Soft edges, white paper.", {"prompt": "{prompt}, watercolor, pastel"}),
    "Ink": ("Black on white, little else.", {"prompt": "{prompt}, ink, mist"}),
    "Woodcut": ("Bold lines and few colours.", {"prompt": "{prompt}, woodcut"}),
    "Golden hour": ("Low sun, long shadows.", {"prompt": "{prompt}, golden hour"}),
    "Night in the rain": ("Neon and reflections.", {"prompt": "{prompt}, at night, rain, neon"}),
    "First snow": ("Cold light and quiet.", {"prompt": "{prompt}, winter, snow, morning"}),
    "Four ideas": ("Small and four at once, to choose from.", {"count": 4}),
}


def add(apps, schema_editor):
    presets = apps.get_model("media_gen", "Preset").objects
    for name, (description, fields) in PACKS.items():
        found = {"description": description, "shared": True, "fields": fields}
        presets.get_or_create(owner=None, name=name, defaults=found)


def remove(apps, schema_editor):
    apps.get_model("media_gen", "Preset").objects.filter(owner=None, name__in=PACKS).delete()


class Migration(migrations.Migration):
    dependencies = [("media_gen", "0006_presets")]
    operations = [migrations.RunPython(add, remove)]
