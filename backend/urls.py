"""The URL map. In production nginx sends the event streams to `live`, the rest to `web`."""

from django.urls import URLPattern, URLResolver, include, path
from django.views.decorators.csrf import csrf_exempt
from django.views.generic import RedirectView
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView

from backend import health, problems
from media.urls import files
from media_gen.urls import hooks
from moderation.site import panel

api: list[URLPattern | URLResolver] = [
    path("", include("users.urls")),
    path("", include("feeds.urls")),
    path("", include("media.urls")),
    path("", include("provenance.urls")),
    path("", include("credits.urls")),
    path("", include("posts.urls")),
    path("", include("media_gen.urls")),
    path("", include("notifications.urls")),
    path("", include("moderation.urls")),
    path("schema/", SpectacularAPIView.as_view(), name="schema"),
    path("docs/", SpectacularSwaggerView.as_view(url_name="schema"), name="docs"),
    path("docs", RedirectView.as_view(pattern_name="docs")),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/v1/", include(api)),
    path("api/<path:rest>", csrf_exempt(problems.no_such_route)),
    path("_allauth/", include("allauth.headless.urls")),
    path("moderation", RedirectView.as_view(url="/moderation/")),
    path("moderation/", panel.urls),
    path("livez", health.livez),
    path("readyz", health.readyz),
    *files,
    *hooks,
    path("", include("web.urls")),
]

handler400 = problems.bad_request
handler403 = problems.forbidden
handler404 = problems.not_found
handler500 = problems.server_error
