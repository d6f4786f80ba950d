"""Addresses of the sign-in pages, by the names django-allauth knows them under."""

from allauth.account.views import password_change
from django.urls import path

from accounts import views

urlpatterns = [
    path("login/", views.SignInView.as_view(), name="account_login"),
    path("signup/", views.SignUpView.as_view(), name="account_signup"),
    path("signup/username/", views.username_check, name="account_username_check"),
    path("logout/", views.SignOutView.as_view(), name="account_logout"),
    path("password/change/", password_change, name="account_change_password"),
]
