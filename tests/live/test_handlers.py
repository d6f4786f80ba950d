"""Every command has exactly one handler, or the program does not start."""

from typing import Literal

import pytest

from chat.live.handlers import registry
from chat.protocol import commands


async def wave(_context: registry.Context, _command: commands.Command) -> None:
    """Does nothing."""


def test_every_command_has_one_handler_in_the_package_of_handlers() -> None:
    assert registry._HANDLERS.keys() == set(commands.COMMANDS)
    handlers = registry._HANDLERS.values()
    assert len(set(handlers)) == len(commands.COMMANDS)
    assert {handler.__module__.rpartition(".")[0] for handler in handlers} == {"chat.live.handlers"}


def test_a_command_without_a_handler_is_refused_at_import(monkeypatch: pytest.MonkeyPatch) -> None:
    every = list(commands.COMMANDS)
    monkeypatch.setattr(commands, "COMMANDS", every)
    monkeypatch.setattr(commands.base, "COMMANDS", every)

    class Wave(commands.RoomCommand):
        type: Literal["wave"]
        cost, ordered = commands.SEND, True

    with pytest.raises(TypeError, match=r"These commands have no handler: Wave\."):
        registry.check_complete()


def test_a_second_handler_of_a_command_is_refused_at_import() -> None:
    with pytest.raises(TypeError, match=r"The command Kick has two handlers\."):
        registry.handles(commands.Kick)(wave)
