"""`{% load chat %}{% chat_room order %}`: the conversation of an object, inside a page of the surrounding project."""

from typing import Any

from django import template
from django.db.models import Model
from django.http import HttpRequest
from django.template import Context

from chat.models import Room
from chat.pages import component
from chat.public import room_for

register = template.Library()


@register.inclusion_tag("chat/component/room.html", takes_context=True)
def chat_room(context: Context, obj: Model) -> dict[str, Any]:
    """Show the newest messages of the object's room (or of this room) and a form to post; a script keeps them live.

    People who are not in the room see a sentence instead: `chat.public.add` adds members.
    """
    request: HttpRequest = context["request"]
    room = obj if isinstance(obj, Room) else room_for(obj)
    return {"request": request, "csp_nonce": context.get("csp_nonce"), **component.facts(request, room)}
