"""The frames of the protocol as TypeScript declarations, generated from the models; the page's scripts are checked
against them."""

import types
from collections.abc import Iterable, Iterator
from functools import reduce
from operator import or_
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from chat.protocol import events
from chat.protocol.commands import COMMANDS

_HEAD = "// Written by `manage.py wiretypes` from chat/protocol/; do not edit.\n"
_SCALARS = {str: "string", int: "number", float: "number", bool: "boolean", type(None): "null", Any: "unknown"}


def typescript() -> str:
    """The text of `js/types/wire.d.ts`: an interface for each event and command, and their two unions."""
    sent = sorted(_leaves(events.Event), key=lambda model: model.__name__)
    nested = [
        *(events.FileFacts, events.UserEntry, events.RoomEntry, events.BanEntry, events.AuditItem),
        *(events.Status, events.ReportItem),
    ]
    commands = sorted(COMMANDS, key=lambda model: model.__name__)
    parts = [
        _HEAD,
        *(_interface(model, model.__name__, _of_event(model)) for model in (*nested, *sent)),
        _union("ServerEvent", (model.__name__ for model in sent)),
        *(_interface(model, _command_name(model), _of_command(model)) for model in commands),
        _union("ClientCommand", map(_command_name, commands)),
    ]
    return "\n".join(parts)


def _leaves(base: type[BaseModel]) -> Iterator[type[BaseModel]]:
    """The events that are sent: those with a `type`. Subclasses that tests define are in other modules."""
    for model in base.__subclasses__():
        if "type" in model.model_fields and model.__module__.startswith(events.__name__):
            yield model
        yield from _leaves(model)


def _command_name(model: type) -> str:
    """The TypeScript name of a command. Some commands are named like the event that answers them."""
    return f"{model.__name__}Command"


def _fields(model: Any) -> dict[str, FieldInfo]:
    found: dict[str, FieldInfo] = model.__pydantic_fields__
    return found


def _of_event(model: Any) -> Iterator[tuple[str, bool, str]]:
    """Name, whether the field may be left out, and type, of each field as it is sent."""
    for name, field in _fields(model).items():
        sparse = getattr(model, "sparse", False) and field.default is None
        optional = bool(field.exclude_if) or sparse or name == "request_id"
        yield name, optional, _type(_without_none(field.annotation) if optional else field.annotation)


def _of_command(model: Any) -> Iterator[tuple[str, bool, str]]:
    for name, field in _fields(model).items():
        yield name, not field.is_required(), _type(field.annotation)


def _without_none(annotation: Any) -> Any:
    if get_origin(annotation) not in (Union, types.UnionType):
        return annotation
    return reduce(or_, (each for each in get_args(annotation) if each is not type(None)))


def _interface(model: type, name: str, fields: Iterable[tuple[str, bool, str]]) -> str:
    doc = " ".join((model.__doc__ or "").split())
    lines = [f"  {field}{'?' if optional else ''}: {kind};" for field, optional, kind in fields]
    return "\n".join([f"/** {doc} */", f"export interface {name} {{", *lines, "}", ""])


def _union(name: str, members: Iterable[str]) -> str:
    return "\n".join([f"export type {name} =", *(f"  | {member}" for member in members)]) + ";\n"


def _type(annotation: Any) -> str:
    if annotation in _SCALARS:
        return _SCALARS[annotation]
    origin, args = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _type(args[0])
    if origin is Literal:
        return " | ".join(f'"{each}"' for each in args)
    if origin in (Union, types.UnionType):
        return " | ".join(_type(each) for each in args)
    if origin is dict:
        return f"Record<string, {_type(args[1])}>"
    if origin in (list, tuple):
        inner = _type(args[0])
        return f"({inner})[]" if "|" in inner else f"{inner}[]"
    return str(annotation.__name__)
