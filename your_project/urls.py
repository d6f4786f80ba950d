"""Addresses of the pages."""

from django.contrib import admin
from django.urls import include, path

handler500 = "your_project.errors.server_error"

urlpatterns = [
    path("admin/", admin.site.urls),
    path("api/v1/", include("chat.api.urls")),
    path("accounts/", include("accounts.urls")),
    path("", include("chat.urls")),
]
