from django.urls import path, re_path

from media import views

urlpatterns = [
    path("assets", views.LibraryView.as_view()),
    path("me/avatar", views.AvatarView.as_view()),
]
files = [
    re_path(
        r"^media/(?P<token>[\w-]{20,40})/(?P<file_name>[a-z0-9.]{5,20})$",
        views.serve_rendition,
        name="rendition",
    )
]
