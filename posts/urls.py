from django.urls import path

from posts import board_views, tag_views, verify_views, views

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
    path("boards", board_views.BoardsView.as_view()),
    path("boards/order", board_views.BoardsOrderView.as_view()),
    path("boards/<uuid:board_id>", board_views.BoardView.as_view()),
    path("boards/<uuid:board_id>/follow", board_views.BoardFollowView.as_view()),
    path("boards/<uuid:board_id>/order", board_views.BoardOrderView.as_view()),
    path("boards/<uuid:board_id>/items/<uuid:post_id>", board_views.BoardItemView.as_view()),
    path("boards/<uuid:board_id>/sections", board_views.SectionsView.as_view()),
    path("boards/<uuid:board_id>/sections/order", board_views.SectionsOrderView.as_view()),
    path("boards/<uuid:board_id>/sections/<uuid:section_id>", board_views.SectionView.as_view()),
    path("boards/<uuid:board_id>/collaborators", board_views.CollaboratorsView.as_view()),
    path(
        "boards/<uuid:board_id>/collaborators/<username:username>",
        board_views.CollaboratorView.as_view(),
    ),
    path("me/boards/shared", board_views.SharedBoardsView.as_view()),
    path("me/boards/followed", board_views.FollowedBoardsView.as_view()),
    path("users/<username:username>/boards", board_views.PersonsBoardsView.as_view()),
    path("verify", verify_views.VerifyView.as_view()),
    path("assets/<uuid:asset_id>", views.AssetView.as_view()),
    path("assets/<uuid:asset_id>/provenance", views.SheetView.as_view()),
    path("assets/<uuid:asset_id>/download", views.DownloadView.as_view()),
]
