from django.urls import path

from posts import tag_views, verify_views, views

urlpatterns = [
    path("posts", views.PostsView.as_view()),
    path("posts/<uuid:post_id>", views.PostView.as_view()),
    path("posts/<uuid:post_id>/history", views.HistoryView.as_view()),
    path("posts/<uuid:post_id>/lineage", views.LineageView.as_view()),
    path("posts/<uuid:post_id>/publish", views.PublishView.as_view()),
    path("posts/<uuid:post_id>/reactions/<str:kind>", views.ReactionView.as_view()),
    path("posts/<uuid:post_id>/comments", views.CommentsView.as_view()),
    path("comments/<uuid:comment_id>", views.CommentView.as_view()),
    path("tags/<str:tag>/follow", tag_views.TagFollowView.as_view()),
    path("tags/<str:tag>/hide", tag_views.TagHideView.as_view()),
    path("me/tags/followed", tag_views.FollowedTagsView.as_view()),
    path("me/tags/hidden", tag_views.HiddenTagsView.as_view()),
    path("verify", verify_views.VerifyView.as_view()),
    path("assets/<uuid:asset_id>", views.AssetView.as_view()),
    path("assets/<uuid:asset_id>/provenance", views.SheetView.as_view()),
    path("assets/<uuid:asset_id>/download", views.DownloadView.as_view()),
]
