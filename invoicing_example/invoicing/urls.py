"""Where the pages are."""

from django.urls import path

from invoicing import views

urlpatterns = [
    path("", views.invoices, name="invoices"),
    path("invoices/<int:pk>/", views.invoice, name="invoice"),
    path("invoices/<int:pk>/issue/", views.issue, name="issue"),
]
