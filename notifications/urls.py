from django.urls import path

from notifications import live, views

urlpatterns = [
    path("notifications", views.NotificationsView.as_view()),
    path("notifications/read", views.ReadView.as_view()),
    path("notifications/ticket", views.TicketView.as_view()),
    path("notifications/events", live.notification_events),
]
