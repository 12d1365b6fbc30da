from django.conf import settings
from django.db import migrations, models

_ABOUT = """
UPDATE notifications_notification SET about = CASE type
    WHEN 'follow' THEN 'follow'
    WHEN 'follow_request' THEN 'follow_request'
    WHEN 'reaction' THEN 'reaction:' || target_id
    ELSE dedup END
"""


class Migration(migrations.Migration):
    dependencies = [
        ("notifications", "0004_unread"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="notification",
            name="about",
            field=models.CharField(default="", max_length=120),
            preserve_default=False,
        ),
        migrations.RunSQL(_ABOUT, migrations.RunSQL.noop),
        migrations.AddIndex(
            model_name="notification",
            index=models.Index(fields=["recipient", "about", "-id"], name="notification_together"),
        ),
    ]
