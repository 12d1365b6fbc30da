from django.db import migrations

from safety.reading import folded


def note_styles(apps, schema_editor):
    """For those who protected their style before; as safety.styles.names_of."""
    user = apps.get_model("users", "User")
    style = apps.get_model("safety", "ProtectedStyle")
    protected = {"remix_policy": {"style_transfer": False}}
    for owner in user.objects.filter(preferences__contains=protected).iterator():
        folds = {
            folded(name).text.replace(" ", "") for name in (owner.username, owner.display_name)
        }
        style.objects.bulk_create(
            style(owner=owner, name=name) for name in folds if 3 <= len(name) <= 240
        )


class Migration(migrations.Migration):
    dependencies = [("safety", "0002_protected_styles")]

    operations = [migrations.RunPython(note_styles, migrations.RunPython.noop)]
