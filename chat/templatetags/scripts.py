"""`{% script "js/settings.js" %}` and `{% styles "base" %}`: bundles after `collectstatic`, single files before."""

from django import template
from django.conf import settings
from django.template import Context
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from chat.lib import csrf
from chat.pages import scripts

register = template.Library()


@register.simple_tag
def script(entry: str) -> SafeString:
    return format_html('<script type="module" src="{}"></script>', scripts.script(entry))


@register.simple_tag
def styles(group: str) -> SafeString:
    return format_html_join("\n", '<link rel="stylesheet" href="{}">', ([address] for address in scripts.styles(group)))


@register.simple_tag(takes_context=True)
def csrf_facts(context: Context) -> SafeString:
    """Return the attributes that tell the page's scripts where the CSRF token is, or the token if no cookie has it."""
    named = format_html(' data-csrf-cookie="{}" data-csrf-header="{}"', settings.CSRF_COOKIE_NAME, csrf.header())
    if not csrf.is_hidden():
        return named
    # Only for signed-in users: creating a token for anyone else would begin a session.
    user = getattr(getattr(context, "request", None), "user", None)
    if not user or not user.is_authenticated:
        return named
    return named + format_html(' data-csrf-token="{}"', context["csrf_token"])
