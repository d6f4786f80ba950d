"""Time zones to choose from."""

from functools import cache
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe


@cache
def zones() -> list[tuple[str, str]]:
    """Return UTC and each zone named after a place, with its label."""
    named = (name for name in available_timezones() if "/" in name)
    return [(name, name.replace("_", " ")) for name in ("UTC", *sorted(named))]


class ZoneSelect(forms.Select):
    """A select of 500 zones, rendered without templates.

    `forms.Select` renders two templates per option: two lists of zones took two thirds of the settings page's time.
    """

    def render(self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None) -> SafeString:  # noqa: ARG002
        options = (
            (zone, mark_safe(" selected" if zone == (value or "") else ""), label)  # noqa: S308 -- a constant
            for zone, label in self.choices
        )
        return format_html(
            "<select{}>{}</select>",
            flatatt({"name": name} | self.build_attrs(self.attrs, attrs)),
            format_html_join("", '<option value="{}"{}>{}</option>', options),
        )
