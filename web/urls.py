from django.urls import path

from web import views

urlpatterns = [
    path("", views.explore, name="explore"),
    path("posts/<uuid:post_id>", views.post, name="post"),
    path("assets/<uuid:asset_id>/provenance", views.sheet, name="sheet"),
]
