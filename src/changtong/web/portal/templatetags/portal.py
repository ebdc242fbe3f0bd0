"""What every page of the portal says about the device it is shown on."""

from __future__ import annotations

from django import template
from django.template import Context
from django.utils.crypto import salted_hmac

from changtong.web.ui.auth import portal_viewer


register = template.Library()


@register.simple_tag(takes_context=True)
def device_owner(context: Context) -> str:
    """Return by what a device knows whose reports it keeps, without knowing the number."""
    phone = portal_viewer(context["request"]).phone
    return salted_hmac("portal.owner", phone).hexdigest()[:16] if phone else ""
