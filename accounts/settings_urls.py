"""URLs of the parts of the settings page about the account."""

from django.urls import path

from accounts import settings

urlpatterns = [
    path("email/", settings.email, name="settings_email"),
    path("sessions/others/", settings.sign_out_others, name="settings_sign_out_others"),
    path("sessions/<int:session_id>/", settings.session, name="settings_session"),
    path("delete/", settings.delete, name="settings_delete"),
]
