from django.urls import path

from provenance import views

urlpatterns = [path("credentials/anchors.pem", views.AnchorsView.as_view())]
