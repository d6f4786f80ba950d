"""URLs of the sign-in pages, with the names that django-allauth uses."""

from allauth.account.views import (
    password_change,
    password_reset_done,
    password_reset_from_key,
    password_reset_from_key_done,
)
from django.urls import path, re_path

from accounts import views, workspace_picture

urlpatterns = [
    path("login/", views.SignInView.as_view(), name="account_login"),
    path("signup/", views.SignUpView.as_view(), name="account_signup"),
    path("signup/username/", views.username_check, name="account_username_check"),
    path("workspace/<slug:key>/128", workspace_picture.picture, {"side": "128"}, name="workspace_picture"),
    path("logout/", views.SignOutView.as_view(), name="account_logout"),
    path("password/change/", password_change, name="account_change_password"),
    path("password/reset/", views.ResetView.as_view(), name="account_reset_password"),
    path("password/reset/done/", password_reset_done, name="account_reset_password_done"),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>[^/]+)/$",
        password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path("password/reset/key/done/", password_reset_from_key_done, name="account_reset_password_from_key_done"),
]
