"""Every sentence is translated into every language, and pages may run from right to left."""

import importlib.machinery
import importlib.util
import json
import posixpath
import re
import shutil
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any, get_args

import pytest
from django.conf import settings
from django.test import Client
from django.utils import translation

from chat.pages.i18n import problem_line, refusal_line, system_line
from chat.protocol.errors import ChatError, Code
from chat.protocol.events import Message, SystemEvent
from support.servers import ROOT

OURS = ROOT / "chat" / "templates"
PHYSICAL = re.compile(
    r"(?<![-\w])(?:(?:margin|padding|border|scroll-margin|scroll-padding)-(?:left|right)\b|(?:left|right)\s*:"
    r"|(?:text-align|float|clear)\s*:\s*(?:left|right)\b|border-(?:top|bottom)-(?:left|right)-radius)"
)
# Four values whose second and fourth differ distinguish left from right.
FOUR_VALUES = re.compile(r"(?<![-\w])(?:margin|padding|inset)\s*:\s*([^;}]+)")

# Text of a module that a reader sees: text between tags, attributes that are read out, announcements and labels.
SAID_IN_MODULE = re.compile(
    r">([^<>${}`]*[A-Za-z]{2,}[^<>${}`]*)<(?=[/$a-z])"
    r'|\b(?:aria-label|label|title|placeholder|text|verb|alt)="([^"]*[A-Za-z]{2,}[^"]*)"'
    r'|\b(?:toast|say|alert)\((?:"|`)([^"`]*[A-Za-z]{2,})'
    r'|\b(?:label|reason|problem|does|title):\s*(?:"|`)([^"`$]*[A-Za-z]{2,})'
)
TAG = re.compile(r"""<(?:[^<>"]|"[^"]*")*>""")
SCRIPT = re.compile(r"<script\b.*?</script>", re.DOTALL)
TEMPLATE_CODE = re.compile(
    r"\{%\s*blocktranslate.*?endblocktranslate\s*%\}|\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}|\{\w+\}", re.DOTALL
)
# Not translated: names, people in the picture beside the sign-in form, and keys.
NAMES = {
    "banned",
    "Backchannel",
    "Esc",
    "Enter",
    "Tab",
    "Mei-Lin Chow",
    "Amara Okafor",
    "Nora Keller",
    "MC",
    "AO",
    "NK",
    "@Nora",
}


def tool() -> ModuleType:
    """Load bin/words, which has no suffix."""
    loader = importlib.machinery.SourceFileLoader("words_tool", str(ROOT / "bin" / "words"))
    spec = importlib.util.spec_from_loader("words_tool", loader)
    assert spec
    made = importlib.util.module_from_spec(spec)
    loader.exec_module(made)
    return made


@cache
def said() -> tuple[list[Any], list[Any]]:
    """The sentences of the server and of the page, read once because that takes seconds."""
    words = tool()
    return list(words.said_by_server()), list(words.said_by_page())


def test_no_sentence_is_missing_unsure_or_out_of_date(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    words = tool()
    by_server, by_page = said()
    monkeypatch.setattr(words, "said_by_server", lambda: by_server)
    monkeypatch.setattr(words, "said_by_page", lambda: by_page)
    assert words.main(check=True) == 0, capsys.readouterr()


def test_each_language_of_the_settings_has_its_catalogues_and_no_other_does() -> None:
    translated = {code for code, _ in settings.LANGUAGES} - {settings.LANGUAGE_CODE}
    assert translated == {path.name for path in (ROOT / "chat" / "locale").iterdir() if path.is_dir()}
    page = {path.stem for path in (ROOT / "chat" / "static" / "chat" / "js" / "i18n" / "catalogue").glob("*.js")}
    assert page == {
        f"{code}.{part}"
        for code in (*translated, settings.LANGUAGE_CODE)
        for part in ("initial", "deferred", "requested")
    }


@pytest.mark.parametrize(
    ("edit", "told"),
    [
        (('msgstr "Noch einmal"', 'msgstr ""'), "not translated: 'Retry'"),
        (('msgid "Retry"', '#, fuzzy\nmsgid "Retry"'), "fuzzy: 'Retry'"),
        (('msgid "Retry"', 'msgid "Try harder"'), "not there: 'Retry'"),
        (('msgid "Retry"', 'msgid "Try harder"'), "not said any more: 'Try harder'"),
        (('msgstr "{room} öffnen"', 'msgstr "{raum} öffnen"'), "other placeholders: 'Open {room}'"),
        (('msgstr "Noch einmal"', 'msgstr "Wieder"'), "is out of date"),
    ],
)
def test_the_problems_of_a_catalogue_are_named(
    tmp_path: Path,
    edit: tuple[str, str],
    told: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    words = tool()
    shutil.copytree(ROOT / "chat" / "locale", tmp_path / "locale")
    po = tmp_path / "locale" / "de" / "LC_MESSAGES" / "djangojs.po"
    po.write_text(po.read_text().replace(*edit))
    monkeypatch.setattr(words, "LOCALE", tmp_path / "locale")
    monkeypatch.setattr(words, "shown", lambda path: path.name)
    by_server, by_page = said()
    monkeypatch.setattr(words, "said_by_server", lambda: by_server)
    monkeypatch.setattr(words, "said_by_page", lambda: by_page)
    status = words.main(check=True)
    output = capsys.readouterr().out
    assert status == 1
    assert told in output


def test_words_are_found_where_they_are_said() -> None:
    words = tool()
    assert list(words.in_module('html`<p>${t("A {b}", { b })}</p>${tn("one", "many", n)} not("this")', "a.js")) == [
        ("A {b}", None),
        (("one", "many"), None),
    ]
    with pytest.raises(SystemExit, match="without a sentence"):
        list(words.in_module("t(variable)", "a.js"))
    counted = "{% blocktranslate count n=1 %}one{% plural %}{{ n }}{% endblocktranslate %}"
    template = '{% load i18n %}{% translate "It\'s" %}' + counted
    assert list(words.in_template(template)) == [("It's", None), (("one", "%(n)s"), None)]
    assert list(words.in_python('pgettext("kind", "Mail"); ngettext("a", "b", 2); _(f"no {x}")')) == [
        ("Mail", "kind"),
        (("a", "b"), None),
    ]
    assert list(words.refusals('ChatError(Code.INVALID, "No."); ChatError(Code.INVALID, f"{x}")')) == ["No."]


def test_no_module_says_anything_past_the_catalogue() -> None:
    said = {
        f"{path.name}: {next(filter(None, found))}"
        for path in (ROOT / "chat" / "static" / "chat" / "js").rglob("*.js")
        if path.parent.name != "catalogue"
        for found in SAID_IN_MODULE.findall(re.sub(r"^\s*//.*$", "", path.read_text(), flags=re.MULTILINE))
        if next(filter(None, found)) not in NAMES
    }
    assert said == set()


def test_no_page_says_anything_past_the_catalogue() -> None:
    said = set()
    # The HTTP API reference is for programmers, and in English like the API.
    pages = {*(ROOT / "templates").rglob("*.*"), *OURS.rglob("*.*")} - {*(OURS / "chat" / "api").iterdir()}
    for path in pages:
        html = SCRIPT.sub("", TEMPLATE_CODE.sub("", path.read_text()))
        texts = re.findall(r'\b(?:aria-label|title|placeholder|alt)="([^"]*)"', html) + TAG.split(html)
        said |= {f"{path.name}: {text.strip()}" for text in texts if re.search("[A-Za-z]{2,}", without_names(text))}
    assert said == set()


def without_names(text: str) -> str:
    # An attribute that a template block adds to a tag appears outside the tag here.
    return re.sub("|".join([r'[\w-]+="[^"]*"', *map(re.escape, NAMES)]), "", text)


def line(**facts: Any) -> Message:
    return Message.model_construct(**facts)


def test_plain_pages_say_what_the_wire_says_in_the_readers_language() -> None:
    message = line(message="bob left", system={"event": "left", "username": "bob"})
    later = line(message="bob flew", system={"event": "flew", "username": "bob"})
    refused = ChatError(Code.FORBIDDEN, "Join the room first.")
    assert system_line(message) == "bob left the room"
    with translation.override("de"):
        assert system_line(message) == "bob hat den Raum verlassen"
        assert system_line(later) == "bob flew"
        assert refusal_line(refused) == "Tritt erst dem Raum bei."
        assert refusal_line(ChatError(Code.INVALID, "New and unknown.")) == "New and unknown."
        assert problem_line("needs at least one visible character").startswith("Die Nachricht braucht")


@pytest.mark.parametrize("event", get_args(SystemEvent))
def test_each_system_line_has_its_german_sentence(event: str) -> None:
    facts = {"event": event, "username": "bob", "by": "alice", "to": "Kräuter"}
    told = {f"bob {event} in English"}
    for system in (facts, facts | {"to": ""}):
        with translation.override("de"):
            german = system_line(line(message=f"bob {event} in English", system=system))
        english = system_line(line(message=f"bob {event} in English", system=system))
        told |= {german, english}
        assert "bob" in german
        assert ("Kräuter" in german) == ("Kräuter" in english) == (event in {"topic", "renamed"} and bool(system["to"]))
    assert len(told) == (5 if event in {"topic", "renamed"} else 3), told


@pytest.mark.parametrize(
    ("asked", "cookie", "language"),
    [
        ("de-AT,de;q=0.9,en;q=0.5", "", "de"),
        ("fr, de;q=0.1", "", "de"),
        ("fr", "", "en"),
        ("de", "en", "en"),
        ("", "../de", "en"),
    ],
)
def test_a_page_is_in_the_language_that_was_chosen_else_asked_for(asked: str, cookie: str, language: str) -> None:
    client = Client(headers={"accept-language": asked})
    if cookie:
        client.cookies[settings.LANGUAGE_COOKIE_NAME] = cookie
    answer = client.get("/offline/")
    assert f'<html lang="{language}"' in answer.content.decode()
    assert answer.headers["Content-Language"] == language
    assert "Accept-Language" in answer.headers["Vary"]


def test_the_pages_scripts_get_the_catalogue_of_its_language() -> None:
    from chat.pages import scripts

    with translation.override("de"):
        imports = json.loads(scripts.import_map())["imports"]
        preloaded = dict(scripts.preloaded())
    assert imports["catalogue"].endswith("/js/i18n/catalogue/de.initial.js")
    assert imports["catalogue/deferred"].endswith("/js/i18n/catalogue/de.deferred.js")
    assert imports["catalogue"] in preloaded
    with translation.override("en"):
        assert not any("/de." in address for address, _ in scripts.preloaded())


def test_what_comes_later_brings_its_sentences_with_it() -> None:
    scripts = ROOT / "chat" / "static" / "chat" / "js"
    code = "".join(re.sub(r"/\*\*.*?\*/", "", (scripts / name).read_text()) for name in ("app.js", "panes.js"))
    later = re.findall(r'import\("\./([^"]+)"\)', code)
    assert len(later) > 2
    for name in (*later, "settings.js"):
        reached = imported_by(name)
        if "i18n/i18n.js" in reached:
            first = ("i18n/i18n_deferred.js", "i18n/i18n_requested.js")
            assert reached[1] in first, f"{name} imports it before what says something"


def imported_by(name: str) -> list[str]:
    """A module and all that it imports, in the order of the requests."""
    found = [name]
    for module in found:
        text = (ROOT / "chat" / "static" / "chat" / "js" / module).read_text()
        for address in re.findall(r'^import (?:[^"]* from )?"(\.[^"]+)";$', text, re.MULTILINE):
            path = posixpath.normpath(posixpath.join(posixpath.dirname(module), address))
            if path not in found:
                found.append(path)
    return found


@pytest.mark.parametrize(
    "sheet", sorted((ROOT / "chat" / "static" / "chat" / "css").glob("*.css")), ids=lambda path: path.name
)
def test_a_style_sheet_knows_start_and_end_but_no_left_and_right(sheet: Path) -> None:
    css = re.sub(r"/\*.*?\*/", "", sheet.read_text(), flags=re.DOTALL)
    sides = [values for values in FOUR_VALUES.findall(css) if uneven(values)]
    assert PHYSICAL.findall(css) + sides == []


def uneven(values: str) -> bool:
    parts = re.findall(r"(?:[^\s()]|\((?:[^()]|\([^()]*\))*\))+", values.replace("!important", ""))
    return len(parts) == 4 and parts[1] != parts[3]
