from django.urls import path, re_path

from media import views
from media.arrivals import views as arrivals

urlpatterns = [
    path("assets", views.LibraryView.as_view()),
    path("assets/import", arrivals.ImportView.as_view()),
    path("assets/presign", arrivals.PresignView.as_view()),
    path("assets/<uuid:arrival_id>/complete", arrivals.CompleteView.as_view()),
    path("assets/arrivals/<uuid:arrival_id>", arrivals.ArrivalView.as_view()),
    path("assets/arrivals/<uuid:arrival_id>/bytes", arrivals.BytesView.as_view()),
    path("me/avatar", views.AvatarView.as_view()),
]
files = [
    re_path(
        r"^media/(?P<token>[\w-]{20,40})/(?P<file_name>[a-z0-9.]{5,20})$",
        views.serve_rendition,
        name="rendition",
    ),
    path(".well-known/tdmrep.json", views.tdm_rules),
]
