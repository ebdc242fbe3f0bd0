"""All addresses: one face, one prefix."""

from django.urls import include, path


urlpatterns = [
    path("health/", include("changtong.infra.health")),
    path("i18n/", include("django.conf.urls.i18n")),
    path("accounts/", include("changtong.web.ui.account_urls")),
    path("ui/", include("changtong.web.ui.urls")),
    path("console/", include("changtong.web.console.urls")),
    path("api/", include("changtong.web.api.urls")),
    path("", include("changtong.web.portal.urls")),
]

handler400 = "changtong.web.ui.errors.bad_request"
handler403 = "changtong.web.ui.errors.forbidden"
handler404 = "changtong.web.ui.errors.not_found"
handler500 = "changtong.web.ui.errors.server_error"
