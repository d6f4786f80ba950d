"""Endpoints of the server's custom emoji."""

from django.http import HttpResponse
from ninja import Router

from chat.api.authentication import AuthedRequest, sending, signed_in
from chat.api.errors import json_response, refusals
from chat.api.schemas.emoji import ChangedEmoji, EmojiList, NewEmoji
from chat.live import db
from chat.protocol.errors import Code
from chat.protocol.events import CustomEmoji
from chat.protocol.fields import EmojiName
from chat.queries.emoji import emoji_list
from chat.services.emoji import emoji_add, emoji_change, emoji_delete, may_add

router = Router(tags=["Emoji"], auth=signed_in)


@router.get("/emoji", response=EmojiList)
async def list_emoji(request: AuthedRequest) -> HttpResponse:
    """All emoji of the server's own, by name."""
    found = EmojiList(emoji=await db.run(emoji_list), may_add=may_add(request.auth.user))
    return json_response(found.model_dump_json())


@router.post("/emoji", auth=sending, response={201: CustomEmoji} | refusals(Code.CONFLICT, Code.NOT_FOUND))
async def add_emoji(request: AuthedRequest, body: NewEmoji) -> HttpResponse:
    """Make a picture that you uploaded an emoji: PNG, GIF or WebP, at most 256 KB."""
    made = await db.on_media(
        emoji_add, user=request.auth.user, name=body.name, key=body.file, aliases=tuple(body.aliases)
    )
    return json_response(made.model_dump_json(), 201)


@router.patch("/emoji/{name}", auth=sending, response=CustomEmoji)
async def change_emoji(request: AuthedRequest, name: EmojiName, body: ChangedEmoji) -> HttpResponse:
    """Rename an emoji, which keeps its old name as an alias, or give it other aliases."""
    changed = await db.run(emoji_change, user=request.auth.user, name=name, new_name=body.name, aliases=body.aliases)
    return json_response(changed.model_dump_json())


@router.delete("/emoji/{name}", auth=sending, response={204: None})
async def delete_emoji(request: AuthedRequest, name: EmojiName) -> HttpResponse:
    """Delete an emoji: where it was used its name is shown."""
    await db.run(emoji_delete, user=request.auth.user, name=name)
    return HttpResponse(status=204)
