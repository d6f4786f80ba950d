"""`{% script "js/settings.js" %}` and `{% styles "base" %}`: bundles once they are collected, single files before."""

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from chat.pages import scripts

register = template.Library()


@register.simple_tag
def script(entry: str) -> SafeString:
    return format_html('<script type="module" src="{}"></script>', scripts.script(entry))


@register.simple_tag
def styles(group: str) -> SafeString:
    return format_html_join("\n", '<link rel="stylesheet" href="{}">', ([address] for address in scripts.styles(group)))
