from django.urls import path

from credits import views

urlpatterns = [path("me/ledger", views.LedgerView.as_view())]
