"""A person's own settings: how their screens look, which keys they press, where they begin."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings as site
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from changtong.kernel.errors import Refused
from changtong.parties.domain.roles import Viewer
from changtong.web.console import menu, shortcuts
from changtong.web.console.frame import UNPROCESSABLE, show
from changtong.web.ui import htmx
from changtong.web.ui.access import staff_only
from changtong.web.ui.auth import staff_viewer
from changtong.web.ui.messages import sentence
from changtong.workspace.domain.settings import Settings
from changtong.workspace.operations import settings as operations
from changtong.workspace.queries import settings as queries


class Choices(forms.Form):
    """What somebody chooses for themselves."""

    language = forms.ChoiceField(
        label=gettext_lazy("语言"),
        required=False,
        widget=forms.RadioSelect,
        choices=[("zh-hans", "简体中文"), ("en", "English")],
    )
    theme = forms.ChoiceField(
        label=gettext_lazy("明暗"),
        widget=forms.RadioSelect,
        choices=[
            ("system", gettext_lazy("随系统")),
            ("light", gettext_lazy("浅色")),
            ("dark", gettext_lazy("深色")),
        ],
    )
    density = forms.ChoiceField(
        label=gettext_lazy("疏密"),
        widget=forms.RadioSelect,
        choices=[
            ("comfortable", gettext_lazy("宽松")),
            ("compact", gettext_lazy("紧凑")),
        ],
    )
    type_size = forms.ChoiceField(
        label=gettext_lazy("字号"),
        widget=forms.RadioSelect,
        choices=[
            ("usual", gettext_lazy("标准")),
            ("large", gettext_lazy("大")),
            ("largest", gettext_lazy("特大")),
        ],
    )
    start_page = forms.ChoiceField(
        label=gettext_lazy("登录后先看"), required=False, widget=forms.Select
    )
    after_closing = forms.ChoiceField(
        label=gettext_lazy("关闭工单后"),
        widget=forms.RadioSelect,
        choices=[
            ("stay", gettext_lazy("留在这张工单")),
            ("next", gettext_lazy("接着办下一张")),
        ],
    )

    def __init__(self, *args: Any, viewer: Viewer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["start_page"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - declared above
        field.choices = [("", _("按岗位安排")), *menu.screens(viewer)]


@staff_only("")
def settings(request: HttpRequest) -> HttpResponse:
    """Show what somebody has chosen, and keep what they choose now."""
    viewer = staff_viewer(request)
    staff_id = viewer.staff_id or 0
    chosen = queries.of(staff_id)
    if request.method != "POST":
        return _page(request, viewer, chosen)
    form = Choices(request.POST, viewer=viewer)
    if not form.is_valid():
        return _page(request, viewer, chosen, form=form, status=UNPROCESSABLE)
    operations.choose(staff_id=staff_id, **form.cleaned_data)
    messages.success(request, _("设置已保存，在别的电脑上登录也一样"))
    response = htmx.go_to(request, reverse("console:settings"))
    return spoken(response, form.cleaned_data["language"])


@staff_only("")
@require_POST
def keys(request: HttpRequest) -> HttpResponse:
    """Keep the keys that somebody wants to press, or take them all back."""
    viewer = staff_viewer(request)
    staff_id = viewer.staff_id or 0
    wanted = {code: request.POST[code] for code in shortcuts.LABELS if code in request.POST}
    if request.POST.get("reset"):
        wanted = {}
    try:
        operations.remap(staff_id=staff_id, keys=wanted)
    except Refused as refused:
        problem = _named(refused)
        return _page(
            request, viewer, queries.of(staff_id), keys=wanted, problem=problem, status=409
        )
    messages.success(request, _("快捷键已保存"))
    return htmx.go_to(request, f"{reverse('console:settings')}#keys")


@staff_only("")
@require_POST
def appearance(request: HttpRequest) -> HttpResponseBase:
    """Keep a choice that is made from the bar above every screen: light or dark, the language."""
    staff_id = staff_viewer(request).staff_id or 0
    wanted = {name: request.POST[name] for name in ("theme", "language") if name in request.POST}
    operations.choose(staff_id=staff_id, **wanted)
    if "language" not in wanted:
        return HttpResponse(status=204)
    following = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(following, allowed_hosts={request.get_host()}):
        following = reverse("console:dashboard")
    return spoken(htmx.go_to(request, following), wanted["language"])


def spoken(response: HttpResponse, language: str) -> HttpResponse:
    """Let this browser ask for a language from now on."""
    if language:
        response.set_cookie(
            site.LANGUAGE_COOKIE_NAME, language, samesite="Lax", secure=site.HTTPS, path="/"
        )
    return response


def _named(refused: Refused) -> str:
    """Say which actions get in each other's way, not only by which keys."""
    words = sentence(refused)
    both = [refused.facts[name] for name in ("shortcut", "other") if name in refused.facts]
    named = [str(shortcuts.LABELS[str(code)]) for code in both if str(code) in shortcuts.LABELS]
    return f"{words}（{' / '.join(named)}）" if named else words


def _page(
    request: HttpRequest,
    viewer: Viewer,
    chosen: Settings,
    *,
    form: Choices | None = None,
    keys: dict[str, str] | None = None,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    user: Any = request.user
    spoken_now = "en" if get_language() == "en" else "zh-hans"
    initial = {
        "language": user.language or spoken_now,
        "theme": chosen.theme,
        "density": chosen.density,
        "type_size": chosen.type_size,
        "start_page": chosen.start_page,
        "after_closing": chosen.after_closing,
    }
    context = {
        "form": form or Choices(initial=initial, viewer=viewer),
        "groups": shortcuts.grouped(chosen.shortcuts if keys is None else keys, menu.goes(viewer)),
        "problem": problem,
        "is_remapped": bool(chosen.shortcuts),
    }
    return show(request, "settings/settings.html", context, part="content", status=status)
