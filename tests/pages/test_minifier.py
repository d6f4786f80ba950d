"""Scripts and styles are short on the wire, and the same."""

import logging

import pytest

from chat.pages import scripts
from your_project.minifier import minified

NESTED = "export const shown = (a, b) => `<i>${a ? ` of ${b.map((one) => `<b>${one} </b>`)} ` : ''} </i>`;"


def test_the_bundles_lose_a_quarter_and_keep_the_names_that_others_import() -> None:
    bundles = dict(scripts.bundles())
    short = minified(bundles)
    assert short.keys() == bundles.keys()
    assert sum(map(len, short.values())) < 0.75 * sum(map(len, bundles.values()))
    main = short["chat/bundles/main.js"]
    assert "modules" in main
    assert all(f'"{module}"' in main for module in ("js/app.js", "js/state/store.js", "js/components/html.js"))


def test_the_blanks_of_templates_stay() -> None:
    short = minified({"a.js": NESTED})["a.js"]
    assert "` of ${" in short
    assert " </b>`" in short
    assert short.endswith("} </i>`")


def test_what_is_not_valid_stays_as_it_is_with_a_line_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    texts = {"a.js": "const = 1;", "b.css": "a { color: red }"}
    with caplog.at_level(logging.WARNING):
        assert minified(texts) == texts
    assert "unexpected =" in caplog.text
