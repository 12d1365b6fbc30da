import django.db.models.deletion
from django.db import migrations, models

# Django's own table becomes a model: its rows stay, and know the key of their post.
_KEYS = """
UPDATE posts_post_tags SET published_key = posts_post.published_key
  FROM posts_post WHERE posts_post.id = post_id AND posts_post.published_key IS NOT NULL
"""
_DJANGOS, _OURS = "posts_post_tags_post_id_tag_id_9b9d69ec_uniq", "post_tag_once"
_RENAMED = "ALTER TABLE posts_post_tags RENAME CONSTRAINT {} TO {}"


class Migration(migrations.Migration):
    dependencies = [("posts", "0005_boards")]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.CreateModel(
                    name="PostTag",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True,
                                primary_key=True,
                                serialize=False,
                                verbose_name="ID",
                            ),
                        ),
                        (
                            "post",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE, to="posts.post"
                            ),
                        ),
                        (
                            "tag",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE, to="posts.tag"
                            ),
                        ),
                    ],
                    options={"db_table": "posts_post_tags"},
                ),
                migrations.AlterField(
                    model_name="post",
                    name="tags",
                    field=models.ManyToManyField(
                        related_name="posts", through="posts.PostTag", to="posts.tag"
                    ),
                ),
            ],
            database_operations=[],
        ),
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AddConstraint(
                    model_name="posttag",
                    constraint=models.UniqueConstraint(
                        fields=["post", "tag"], name="post_tag_once"
                    ),
                )
            ],
            database_operations=[
                migrations.RunSQL(
                    _RENAMED.format(_DJANGOS, _OURS), _RENAMED.format(_OURS, _DJANGOS)
                )
            ],
        ),
        migrations.AddField(
            model_name="posttag", name="published_key", field=models.UUIDField(null=True)
        ),
        migrations.RunSQL(_KEYS, migrations.RunSQL.noop),
        migrations.AddIndex(
            model_name="posttag",
            index=models.Index(
                condition=models.Q(published_key__isnull=False),
                fields=["tag", "-published_key"],
                name="post_tag_latest",
            ),
        ),
    ]
