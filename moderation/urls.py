from django.urls import path

from moderation import views

urlpatterns = [
    path("reports", views.ReportsView.as_view()),
    path("me/reports", views.MyReportsView.as_view()),
    path("me/decisions", views.MyDecisionsView.as_view()),
    path("assets/<uuid:asset_id>/disputes", views.DisputesView.as_view()),
    path("me/disputes", views.MyDisputesView.as_view()),
    path("decisions/<uuid:decision_id>/appeal", views.AppealView.as_view()),
    path("moderation/cases", views.CasesView.as_view()),
    path("moderation/cases/<uuid:case_id>", views.CaseView.as_view()),
    path("moderation/cases/<uuid:case_id>/decisions", views.DecideView.as_view()),
    path("moderation/decisions/<uuid:decision_id>/reverse", views.ReverseView.as_view()),
]
