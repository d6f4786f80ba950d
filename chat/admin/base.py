"""What the chat's admin pages share: acts through the services, and lists that cost the same in any database."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.paginator import Paginator
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.validators import validate_line
from chat.protocol.errors import ChatError

# The part of a page that says what the machinery needs.
TECHNICAL = _("Technical")
# A list goes back so far; beyond it, searching is faster than turning pages.
COUNTED_MAX = 5000
# Rows of one act, each a transaction of its own; more at once is a slip of the mouse.
ACTED_ON_MAX = 500


class BoundedPaginator(Paginator):  # type: ignore[type-arg]
    """Counts no further than a person turns pages: counting millions of rows takes seconds."""

    @cached_property
    def count(self) -> int:
        assert isinstance(self.object_list, QuerySet)
        return int(self.object_list[:COUNTED_MAX].count())


class ServiceModelAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # Django's own take no type when they run
    """Rows are looked at, and changed through services alone; what makes, changes or removes rows says so itself."""

    show_full_result_count = False
    # Counting the rows behind each filter reads the whole table.
    show_facets = admin.ShowFacets.NEVER
    paginator = BoundedPaginator
    list_per_page = 50

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().changeform_view(request, *args, **kwargs)
        except ChatError as error:
            # The transaction around the page is rolled back by now.
            self.message_user(request, gettext(error.message), messages.ERROR)
            return HttpResponseRedirect(request.get_full_path())


class ReadOnlyAdmin(ServiceModelAdmin):
    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class Reason(forms.Form):
    """Asked before every act that stands in the audit record."""

    reason = forms.CharField(
        max_length=500, required=False, validators=[validate_line], help_text=_("Stands in the audit record.")
    )


class TimedReason(Reason):
    minutes = forms.IntegerField(min_value=1, max_value=525_600, initial=60)
    field_order = ("minutes", "reason")


class BanReason(Reason):
    minutes = forms.IntegerField(
        min_value=1, max_value=525_600, required=False, help_text=_("Nothing means until the ban is lifted.")
    )
    field_order = ("minutes", "reason")


def staff(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


def act(
    page: ServiceModelAdmin,
    request: HttpRequest,
    rows: QuerySet[Any],
    *,
    form: type[forms.Form],
    title: object,
    do: Callable[..., object],
    name: Callable[[Any], str] = str,
) -> HttpResponse | None:
    """Ask for what `form` asks for, then `do(row, **answers)` to each row, each on its own.

    `name`: what a row is called on the page.
    """
    found = list(rows[: ACTED_ON_MAX + 1])
    if len(found) > ACTED_ON_MAX:
        page.message_user(request, _("Choose at most %(n)s at a time.") % {"n": ACTED_ON_MAX}, messages.ERROR)
        return None
    asked = form(request.POST if "confirmed" in request.POST else None)
    if not asked.is_valid():
        context = {
            **page.admin_site.each_context(request),
            "title": title,
            "opts": page.opts,
            "form": asked,
            "rows": [(row.pk, name(row)) for row in found],
            "action": request.POST.get("action"),
        }
        return TemplateResponse(request, "admin/chat/act.html", context)
    done = 0
    for row in found:
        try:
            do(row, **asked.cleaned_data)
            done += 1
        except ChatError as error:
            page.message_user(request, f"{name(row)}: {gettext(error.message)}", messages.ERROR)
    if done:
        page.message_user(request, _("%(title)s: %(n)s done.") % {"title": title, "n": done}, messages.SUCCESS)
    return None
