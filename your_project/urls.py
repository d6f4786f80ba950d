"""URL patterns of the pages and the API."""

from django.contrib import admin
from django.urls import include, path

from accounts import invitations, welcome

handler500 = "your_project.errors.server_error"

urlpatterns = [
    path("admin/", admin.site.urls),
    path("accounts/", include("accounts.urls")),
    path("invite/", invitations.overview, name="invite"),
    path("join/<slug:code>/", invitations.join, name="join"),
    path("invite/<int:pk>/end/", invitations.end, name="invite_end"),
    path("welcome/", welcome.welcome, name="welcome"),
    path("welcome/seen/", welcome.seen, name="welcome_seen"),
    path("manage/", include("accounts.manage.urls")),
    path("settings/", include("accounts.settings_urls")),
    path("", include("chat.urls")),
]
