from django.urls import path

from feeds import views

urlpatterns = [
    path("feeds/home", views.HomeFeed.as_view()),
    path("feeds/explore", views.ExploreFeed.as_view()),
    path("feeds/tags/<str:tag>", views.TagFeed.as_view()),
    path("feeds/users/<username:username>", views.ProfileFeed.as_view()),
    path("posts/<uuid:post_id>/related", views.RelatedFeed.as_view()),
    path("feeds/boards/<uuid:board_id>", views.BoardFeed.as_view()),
    path("boards/<uuid:board_id>/items", views.BoardFeed.as_view()),
    path("users/<username:username>/posts", views.ProfileFeed.as_view()),
]
