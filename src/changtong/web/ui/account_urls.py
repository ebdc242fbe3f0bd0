"""Logging in and out and the second factor; nothing of allauth that we do not want."""

from django.urls import include, path


urlpatterns = [
    path("", include("allauth.account.urls")),
    path("2fa/", include("allauth.mfa.urls")),
]
