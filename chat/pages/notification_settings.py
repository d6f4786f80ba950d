"""The forms of the notification settings: devices, keywords, quiet hours, pause, e-mail, and what pushes show."""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.dispatch import receiver
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from chat.identity import throttle
from chat.lib.oneline import is_one_line, tidy
from chat.lib.prepared_queries import PreparedQuery, numbers
from chat.models import Attention, Participant, PushSubscription
from chat.models.notifications import KEYWORDS_MAX
from chat.pages.people import reader
from chat.pages.settings import change, refused, saved
from chat.pages.zones import ZoneSelect, zones
from chat.protocol.errors import ChatError
from chat.reaching import SOUNDS, Reason
from chat.services import mail_addresses, push_subscriptions
from chat.services.notification_audience import quiet_hours, silenced
from chat.services.publishing import pushes_want
from chat.signals import settings_shown

KEYWORD_MAX_CHARS = 50
# The hour at which "until tomorrow" ends.
MORNING = 8


class ClockField(forms.TimeField):
    """A time of day, stored in minutes after midnight."""

    widget = forms.TimeInput(attrs={"type": "time", "class": "input"}, format="%H:%M")

    def prepare_value(self, value: Any) -> Any:
        """Show 425 as `07:05`."""
        return f"{value // 60:02}:{value % 60:02}" if isinstance(value, int) else value

    def clean(self, value: Any) -> Any:
        """Parse `07:05` as 425."""
        clock = super().clean(value)
        return clock.hour * 60 + clock.minute


class DaysField(forms.TypedMultipleChoiceField):
    """Days of the week, stored as bits, Monday first."""

    widget = forms.CheckboxSelectMultiple

    def prepare_value(self, value: Any) -> Any:
        """Return the chosen days."""
        return [day for day in range(7) if value >> day & 1] if isinstance(value, int) else value

    def clean(self, value: Any) -> int:
        """Return the days as bits."""
        return sum(1 << day for day in set(super().clean(value)))


class SoundsField(forms.TypedMultipleChoiceField):
    """The reasons that play a sound; the database stores those that are off, as bits."""

    widget = forms.CheckboxSelectMultiple

    def prepare_value(self, value: Any) -> Any:
        """Return the sounds that are on."""
        return [place for place in range(len(SOUNDS)) if not value >> place & 1] if isinstance(value, int) else value

    def clean(self, value: Any) -> int:
        """Return the sounds that are off, as bits."""
        on = super().clean(value)
        return sum(1 << place for place in range(len(SOUNDS)) if place not in on)


class KeywordsField(forms.CharField):
    """Words separated by commas."""

    def prepare_value(self, value: Any) -> Any:
        """Return the words as the person types them."""
        return ", ".join(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> Any:
        """Return a list without duplicates, ignoring case."""
        words = [" ".join(tidy(word).split()) for word in str(value or "").split(",")]
        found = list({word.lower(): word for word in words if word}.values())
        if len(found) > KEYWORDS_MAX:
            raise forms.ValidationError(_("At most %(most)d keywords are possible.") % {"most": KEYWORDS_MAX})
        if any(len(word) > KEYWORD_MAX_CHARS or not is_one_line(word) for word in found):
            sentence = _("A keyword has at most %(most)d visible characters.")
            raise forms.ValidationError(sentence % {"most": KEYWORD_MAX_CHARS})
        return found


@cache
def _days() -> list[tuple[int, str]]:
    names = (_("Monday"), _("Tuesday"), _("Wednesday"), _("Thursday"), _("Friday"), _("Saturday"), _("Sunday"))
    return list(enumerate(names))


def _sounds() -> list[tuple[int, str]]:
    names = {
        Reason.MENTION: _("Mentions and keywords"),
        Reason.DIRECT: _("Direct messages"),
        Reason.THREAD: _("Threads I follow"),
        Reason.ROOM: _("Other messages"),
        Reason.REACTION: _("Reactions"),
    }
    return [(place, names[reason]) for place, reason in enumerate(SOUNDS)]


class AttentionForm(forms.ModelForm):  # type: ignore[type-arg]
    """Any of the settings; each part of the page has its own fields."""

    keywords = KeywordsField(
        label=gettext_lazy("Keywords"),
        required=False,
        max_length=KEYWORDS_MAX * (KEYWORD_MAX_CHARS + 2),
        help_text=gettext_lazy("Whole words, with commas between. They notify you as a mention does."),
        widget=forms.TextInput(attrs={"class": "input", "autocomplete": "off"}),
    )
    quiet_start = ClockField(label=gettext_lazy("From"))
    quiet_end = ClockField(label=gettext_lazy("To"))
    quiet_days = DaysField(label=gettext_lazy("On"), choices=_days, coerce=int, required=False)
    silent = SoundsField(label=gettext_lazy("Sounds for"), choices=_sounds, coerce=int, required=False)
    zone = forms.ChoiceField(
        label=gettext_lazy("Time zone"), choices=zones, widget=ZoneSelect(attrs={"class": "input"})
    )

    class Meta:
        model = Attention
        fields = (
            *("threads", "keywords", "quiet", "quiet_start", "quiet_end", "quiet_days", "zone", "direct_in_quiet"),
            *("shown", "mail", "reactions", "silent"),
        )
        widgets = dict.fromkeys(("shown", "mail"), forms.RadioSelect)

    @classmethod
    def of_part(cls, data: QueryDict, user: Participant) -> "AttentionForm":
        """Return a form of the fields that are in `data`. If the form of quiet hours sends no day, none is chosen; the
        same for the form of sounds (`sounds`)."""
        form = cls(data, instance=attention_of(user))
        sent = data.keys() | {
            field for field, of in (("quiet_days", "quiet_start"), ("silent", "sounds")) if of in data
        }
        for name in form.fields.keys() - sent:
            del form.fields[name]
        return form


def attention_of(user: Participant) -> Attention:
    """Return the person's settings, or the unsaved defaults."""
    return _ATTENTION.first(user.pk) or Attention(user=user)


_ATTENTION = PreparedQuery(lambda user_id: Attention.objects.filter(user=user_id), numbers(0))


def attention_facts(user: Participant) -> dict[str, Any]:
    """Return the facts for the page's notifier, as `chat/static/chat/js/state/reaching.js` takes them."""
    chosen = attention_of(user)
    hours = quiet_hours(chosen)
    # Defaults are left out: the first page waits for these bytes.
    louder = {"reactions": True} if chosen.reactions else {}
    quieter = {"silent": silenced(chosen.silent)} if chosen.silent else {}
    return {
        **louder,
        **quieter,
        "threads": chosen.threads,
        "keywords": chosen.keywords,
        "direct_in_quiet": chosen.direct_in_quiet,
        "paused_until": chosen.paused_until.isoformat() if chosen.paused_until else None,
        "quiet": asdict(hours) | {"days": sorted(hours.days)} if hours else None,
    }


@dataclass(frozen=True, slots=True)
class PushDevice:
    """A device as the page lists it."""

    device: PushSubscription
    name: str
    current: bool


@receiver(settings_shown, dispatch_uid="chat.notification_settings")
def context_of(request: HttpRequest, **_: Any) -> dict[str, Any]:
    """Return the context of the section."""
    user = reader(request)
    attention = attention_of(user)
    paused = attention.paused_until if attention.paused_until and attention.paused_until > timezone.now() else None
    rows = PushSubscription.objects.filter(user=user)
    key = request.session.session_key
    return {
        "attention": attention,
        "attention_form": AttentionForm(instance=attention),
        "paused_until": paused and paused.astimezone(ZoneInfo(attention.zone)),
        "mail_possible": mail_addresses.possible(),
        "mail_address": mail_addresses.address_of(user),
        "mail_confirmed": mail_addresses.is_confirmed(attention),
        "devices": [PushDevice(one, one.name or push_subscriptions.device_of(one), one.key == key) for one in rows],
    }


@change
def attention(request: HttpRequest, user: Participant) -> HttpResponse:
    """Save the settings of one form."""
    form = AttentionForm.of_part(request.POST, user)
    if not form.is_valid():
        return _refused(request, form)
    if form.cleaned_data:
        _save(user, **form.cleaned_data)
        if "mail" in form.cleaned_data:
            pushes_want()
    return saved(request, "notifications", _("Saved."))


@change
def pause(request: HttpRequest, user: Participant) -> HttpResponse:
    """Pause notifications for some minutes or until tomorrow; 0 ends the pause."""
    wish = request.POST.get("for", "")
    now = timezone.now()
    if wish == "tomorrow":
        until: datetime | None = _tomorrow(now, attention_of(user).zone)
    elif wish.isascii() and wish.isdigit() and 0 <= int(wish[:6]) <= 7 * 24 * 60:
        until = now + timedelta(minutes=int(wish)) if int(wish) else None
    else:
        raise Http404
    _save(user, paused_until=until)
    sentence = _("Notifications are paused.") if until else _("Notifications are on again.")
    return saved(request, "notifications", sentence)


def _tomorrow(now: datetime, zone: str) -> datetime:
    local = now.astimezone(ZoneInfo(zone))
    return (local + timedelta(days=1)).replace(hour=MORNING, minute=0, second=0, microsecond=0)


@change
def device_end(request: HttpRequest, user: Participant, device_id: int) -> HttpResponse:
    """Turn a device off."""
    try:
        push_subscriptions.subscription_end(user=user, subscription_id=device_id)
    except ChatError:
        return saved(request, "notifications", _("That device was turned off already."))
    return saved(request, "notifications", _("That device has been turned off."))


@change
def test(request: HttpRequest, user: Participant) -> HttpResponse:
    """Send a test notification to each device."""
    count = push_subscriptions.push_test(user=user)
    if not count:
        return saved(request, "notifications", _("No device is turned on, or a test is on its way already."))
    sentence = ngettext("A test is on its way to %(n)d device.", "A test is on its way to %(n)d devices.", count)
    return saved(request, "notifications", sentence % {"n": count})


@change
def mail_confirm(request: HttpRequest, user: Participant) -> HttpResponse:
    """Send the link that confirms the person's address."""
    if throttle.check("mail", person=str(user.pk)):
        # The person may have typed any address: do not flood another mailbox.
        return saved(request, "notifications", _("Many links were sent. Try again in an hour."))
    if mail_addresses.confirmation_send(user=user):
        return saved(request, "notifications", _("The link is on its way. It works for a day."))
    return saved(request, "notifications", _("A link was sent a few minutes ago. Look into your mailbox."))


def _save(user: Participant, **changes: Any) -> None:
    language = translation.get_language() or "en"
    Attention.objects.update_or_create(user=user, defaults={**changes, "language": language})


def _refused(request: HttpRequest, form: AttentionForm) -> HttpResponse:
    whole = form if request.headers.get("Accept") == "application/json" else _filled(form)
    return refused(request, whole, "attention_form")


def _filled(form: AttentionForm) -> AttentionForm:
    """The whole form again: the fields of this part as typed, all others as stored."""
    whole = AttentionForm(instance=attention_of(form.instance.user))
    whole.initial.update({name: form.data.get(name) for name in form.fields if name not in ("quiet_days", "silent")})
    whole.refused = {name: errors[0] for name, errors in form.errors.items()}  # type: ignore[attr-defined]
    return whole
