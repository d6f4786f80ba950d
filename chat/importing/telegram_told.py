"""Text for Telegram's messages that have none."""

from typing import Any

from chat.importing.words import clean, joined, mapping, objects


def told(entry: dict[str, Any]) -> list[str]:
    """Text for content that has none: polls, places, contacts and the like."""
    poll, where, contact = (mapping(entry.get(key)) for key in ("poll", "location_information", "contact_information"))
    found = []
    if poll:
        answers = [f"- {_plain(one.get('text'))}: {one.get('voters', 0)}" for one in objects(poll.get("answers"))]
        found.append(joined([_plain(poll.get("question")), *answers]))
    if where:
        found.append(
            joined(
                [
                    clean(entry.get("place_name")),
                    clean(entry.get("address")),
                    f"{where.get('latitude')}, {where.get('longitude')}",
                ]
            )
        )
    if contact:
        found.append(" ".join(clean(contact.get(key)) for key in ("first_name", "last_name", "phone_number")).strip())
    todo = mapping(entry.get("todo_list"))
    if todo:
        found.append(
            joined(
                [
                    _plain(todo.get("title")),
                    *(f"- {_plain(one.get('text'))}" for one in objects(todo.get("answers") or todo.get("items"))),
                ]
            )
        )
    for key in ("game_title", "game_description"):
        found.append(clean(entry.get(key)))
    invoice = mapping(entry.get("invoice_information"))
    if invoice:
        found.append(clean(invoice.get("title")))
    return found


def _plain(value: object) -> str:
    if isinstance(value, list):
        return "".join(clean(one.get("text")) if isinstance(one, dict) else clean(one) for one in value)
    return clean(value)
