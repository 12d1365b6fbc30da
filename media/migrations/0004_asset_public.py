"""`public`, filled for the images there are: those in a post that everybody may see."""

from django.db import migrations, models
from django.db.models import Q

FILL = """
UPDATE media_asset AS asset SET public = true
WHERE asset."limit" = '' AND asset.state <> 'removed' AND EXISTS (
  SELECT 1
  FROM posts_postasset AS shown
  JOIN posts_post AS post ON post.id = shown.post_id
  JOIN users_user AS author ON author.id = post.author_id
  WHERE shown.asset_id = asset.id
    AND post.state = 'published' AND post."limit" = ''
    AND post.visibility IN ('public', 'unlisted')
    AND NOT author.private AND author."limit" = '' AND author.is_active
)
"""


class Migration(migrations.Migration):
    dependencies = [
        ("media", "0003_arrival"),
        ("posts", "0002_initial"),
        ("users", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="asset",
            name="public",
            field=models.BooleanField(default=False),
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name="asset",
            constraint=models.CheckConstraint(
                condition=Q(public=False) | (Q(limit="") & ~Q(state="removed")),
                name="asset_public_is_shown",
            ),
        ),
    ]
