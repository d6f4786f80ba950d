"""Base classes of the chat's admin pages: changes through services, and lists whose cost does not grow with the
table."""

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

from chat.identity.participants import participant_of
from chat.lib.fields import validate_line
from chat.models import Participant
from chat.protocol.errors import ChatError

# The title of the section for technical fields.
TECHNICAL = _("Technical")
# Rows of one list, over all its pages; beyond this, searching is faster than paging.
COUNTED_MAX = 5000
# Rows of one action, each a transaction; more at once is likely a mistake.
ACTED_ON_MAX = 500


class BoundedPaginator(Paginator):  # type: ignore[type-arg]
    """Counts rows up to a limit: counting millions of rows takes seconds."""

    @cached_property
    def count(self) -> int:
        """The number of rows, at most COUNTED_MAX."""
        assert isinstance(self.object_list, QuerySet)
        return int(self.object_list[:COUNTED_MAX].count())


class ServiceModelAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # Django's own take no type when they run
    """Read-only, without adding and deleting. Subclasses enable the changes that they make through a service."""

    show_full_result_count = False
    # Facets count the rows of each filter, which would read the whole table.
    show_facets = admin.ShowFacets.NEVER
    paginator = BoundedPaginator
    list_per_page = 50

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Adding is disabled."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Deleting is disabled."""
        return False

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Like Django's, but shows the refusal of a service as a message."""
        try:
            return super().changeform_view(request, *args, **kwargs)
        except ChatError as error:
            # The transaction of the page has been rolled back.
            self.message_user(request, gettext(error.message), messages.ERROR)
            return HttpResponseRedirect(request.get_full_path())


class ReadOnlyAdmin(ServiceModelAdmin):
    """A model that the admin shows and never changes."""

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Changing is disabled."""
        return False


class Reason(forms.Form):
    """The reason for an act, for the audit log."""

    reason = forms.CharField(
        max_length=500, required=False, validators=[validate_line], help_text=_("Recorded in the audit log.")
    )


class TimedReason(Reason):
    """A reason, and a duration in minutes."""

    minutes = forms.IntegerField(min_value=1, max_value=525_600, initial=60)
    field_order = ("minutes", "reason")


class BanReason(Reason):
    """A reason, and a duration in minutes; without it the ban is permanent."""

    minutes = forms.IntegerField(
        min_value=1, max_value=525_600, required=False, help_text=_("Leave empty to ban until lifted.")
    )
    field_order = ("minutes", "reason")


def staff(request: HttpRequest) -> Participant:
    """The participant who is signed in."""
    return participant_of(request.user)


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
    """Show the confirmation page with `form`; when confirmed, call `do(row, **answers)` for each row, in a transaction
    per row.

    `name`: the label of a row on the page.
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
