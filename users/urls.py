from django.urls import path, register_converter

from users import views
from users.names import USERNAME_PATTERN


class UsernameConverter:
    regex = USERNAME_PATTERN

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(UsernameConverter, "username")

urlpatterns = [
    path("me", views.MeView.as_view()),
    path("me/keys", views.KeysView.as_view()),
    path("me/keys/<uuid:key_id>", views.KeyView.as_view()),
    path("me/follow-requests", views.FollowRequestsView.as_view()),
    path("me/follow-requests/<username:username>/accept", views.AcceptFollowView.as_view()),
    path("me/follow-requests/<username:username>/reject", views.RejectFollowView.as_view()),
    path("me/blocks", views.BlocksView.as_view()),
    path("me/mutes", views.MutesView.as_view()),
    path("me/followers/<username:username>", views.RemoveFollowerView.as_view()),
    path("me/suggestions", views.SuggestionsView.as_view()),
    path("me/suggestions/<username:username>", views.SuggestionView.as_view()),
    path("users/<username:username>", views.ProfileView.as_view()),
    path("users/<username:username>/follow", views.FollowView.as_view()),
    path("users/<username:username>/block", views.BlockView.as_view()),
    path("users/<username:username>/mute", views.MuteView.as_view()),
    path("users/<username:username>/followers", views.FollowersView.as_view()),
    path("users/<username:username>/following", views.FollowingView.as_view()),
]
