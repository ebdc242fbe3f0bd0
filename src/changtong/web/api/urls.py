from django.urls import path

from changtong.web.api.v1 import api


urlpatterns = [path("v1/", api.urls)]
