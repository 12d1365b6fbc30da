"""The moderation panel: a django-unfold admin site for staff, at /moderation/."""

from unfold.sites import UnfoldAdminSite


class ModerationPanel(UnfoldAdminSite):  # type: ignore[misc]  # unfold is untyped
    site_header = "Pentimento"
    site_title = "Pentimento moderation"
    index_title = "Moderation"


panel = ModerationPanel(name="moderation")
