from django.urls import path

from media_gen import live, views

#: Beside the API: for providers, not for clients.
hooks = [path("hooks/<str:token>", views.hinted, name="provider_hint")]

urlpatterns = [
    path("backends", views.BackendsView.as_view()),
    path("presets", views.PresetsView.as_view()),
    path("presets/<uuid:preset_id>", views.PresetView.as_view()),
    path("generations", views.GenerationsView.as_view()),
    path("generations/<uuid:job_id>", views.GenerationView.as_view()),
    path("generations/<uuid:job_id>/cancel", views.CancelView.as_view()),
    path("generations/<uuid:job_id>/ticket", views.TicketView.as_view()),
    path("generations/<uuid:job_id>/events", live.generation_events),
]
