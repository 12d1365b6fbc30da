from django.urls import path

from media import views

urlpatterns = [
    path("assets", views.LibraryView.as_view()),
    path("me/avatar", views.AvatarView.as_view()),
]
files = [path("media/<str:token>/<str:file_name>", views.serve_rendition, name="rendition")]
