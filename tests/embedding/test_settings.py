"""The settings of the chat inside another project."""

import re

import pytest
from django.conf import global_settings
from django.test import override_settings

from chat import conf
from chat.lib.amounts import Rate
from support.servers import ROOT

READ = re.compile(r"\bsettings\.([A-Z][A-Z_0-9]+)\b")
# Settings without a default in Django, settings that `chat.conf` derives, and the project's list of languages.
OTHERS = {"BASE_DIR", "CHAT_HTTPS", "CHANNEL_LAYERS", "CHAT_STATIC_VERSION"}


def test_each_setting_that_the_chat_reads_has_a_default() -> None:
    read = {name for path in (ROOT / "chat").rglob("*.py") for name in READ.findall(path.read_text())}
    known = {entry.setting for entry in conf.ENTRIES.values()} | conf.FIXED.keys() | OTHERS | set(dir(global_settings))
    assert read - known == set()


def test_no_setting_of_the_project_is_taken_for_one_of_the_chat_nor_changed() -> None:
    others = {entry.setting for entry in conf.ENTRIES.values()} | conf.FIXED.keys()
    assert {name for name in others if not name.startswith("CHAT_")} == set()
    with override_settings(CHAT={"PORT": 8001}, PORT="smtp", CHAT_PORT=None):
        conf.apply()
        from django.conf import settings

        assert [getattr(settings, name) for name in ("PORT", "CHAT_PORT")] == ["smtp", 8001]


def test_an_entry_is_read_as_the_setting_of_an_operator_is() -> None:
    with override_settings(CHAT={"SEND_LIMIT": "5/1m", "FILE_MAX": "1MB"}, CHAT_SEND_LIMIT=None, CHAT_FILE_MAX=None):
        conf.apply()
        from django.conf import settings

        assert Rate(5, 60) == settings.CHAT_SEND_LIMIT
        assert settings.CHAT_FILE_MAX == 1024 * 1024


def test_a_value_that_is_none_stops_the_start_with_what_it_must_be() -> None:
    with (
        override_settings(CHAT={"SEND_LIMIT": "often"}, CHAT_SEND_LIMIT=None),
        pytest.raises(conf.WrongSetting, match=r'CHAT\["SEND_LIMIT"\] must be a rate such as 30/10s'),
    ):
        conf.apply()
