"""The vendored modules as one: each runs once, in its own scope, after those that it imports."""

import base64
import hashlib
import json
import re
from collections.abc import Mapping

import pytest
from django.utils import translation

from chat.pages import scripts, vendored
from chat.pages.linker import UnknownSyntaxError

MODULES = {
    "hooks": 'import{options as n,h}from"core";var t=n;function r(){return t}export{r as useIt};',
    "core": "var n={},t=1;export{n as options,t as h};",
    "all": 'import{useIt as n}from"hooks";export{h,options as all}from"core";export{two};function two(){return n()}',
    "tags": "var n=1;export default function(t){return n+t}",
}


def linked(modules: Mapping[str, str], *names: str) -> str:
    return vendored.link(names, modules.__getitem__)


def test_a_module_comes_after_what_it_imports_and_keeps_its_names_to_itself() -> None:
    source = linked(MODULES, "all", "tags")
    assert re.findall(r"^const (\S+) = \(\(\) => \{$", source, re.MULTILINE) == ["$core", "$hooks", "$all", "$tags"]
    assert "const { options: n, h: h } = $core;" in source
    assert "return { options: n, h: t };" in source
    assert "return { two: two, h: $core.h, all: $core.options };" in source


def test_it_exports_what_each_exports_of_its_own() -> None:
    exported = re.findall(r"^export (.*);$", linked(MODULES, "all", "tags"), re.MULTILINE)
    assert exported == [
        "const options = $core.options",
        "const h = $core.h",
        "const useIt = $hooks.useIt",
        "const two = $all.two",
        "default $tags.default",
    ]


@pytest.mark.parametrize(
    "source",
    [
        'import n from"core";',
        'import*as n from"core";',
        'export*from"core";',
        "export const a=1;",
        'import"core";',
        "var a=1;export let b=a;",
    ],
)
def test_syntax_that_is_not_linked_is_refused(source: str) -> None:
    with pytest.raises(UnknownSyntaxError, match="odd has module syntax"):
        linked(MODULES | {"odd": source}, "odd")


def test_two_that_export_the_same_name_are_refused() -> None:
    with pytest.raises(UnknownSyntaxError, match="other and core both export h"):
        linked(MODULES | {"other": "var a=1;export{a as h};"}, "core", "other")


def test_the_page_leads_the_names_of_all_to_the_one_file_and_knows_its_digest() -> None:
    with translation.override("en"):
        found = json.loads(scripts._import_map("en", combined=True))
        preloaded = scripts._preloaded("en", combined=True)
    first = ("preact", "preact/hooks", "@preact/signals", "@preact/signals-core", "htm", "idb-keyval")
    [address] = {found["imports"][name] for name in first}
    assert address.endswith("/bundles/vendored.js")
    assert found["imports"]["markdown-it"] != address
    digest = hashlib.sha384(dict(scripts.bundles())["chat/bundles/vendored.js"].encode()).digest()
    assert dict(preloaded)[address] == found["integrity"][address] == f"sha384-{base64.b64encode(digest).decode()}"
    assert found["integrity"].keys() <= set(found["imports"].values())
    assert len(preloaded) == 3
