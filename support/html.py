"""Is a page valid HTML? justhtml parses it and reports what a browser has to repair; the rest is checked here.

The rules are those of the HTML Standard and of "ARIA in HTML" that pages like ours can break: allowed nesting, which
elements may have a name, what `datetime` accepts, and that ids are unique and references to them resolve.
"""

import re
from collections import Counter
from collections.abc import Iterator

from justhtml import Element, JustHTML, Node

PHRASING_ONLY = {"button", "span", "p", "pre", "h1", "h2", "h3", "h4", "h5", "h6", "b", "i", "em", "strong", "code", "label", "time", "small", "summary"}  # fmt: skip  # noqa: E501
FLOW = {"address", "article", "aside", "blockquote", "dialog", "details", "div", "dl", "fieldset", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "main", "nav", "ol", "p", "pre", "section", "table", "ul"}  # fmt: skip  # noqa: E501
# A summary may contain a heading.
EXCEPTIONS = {("summary", name) for name in ("h1", "h2", "h3", "h4", "h5", "h6")}
INTERACTIVE = {"a", "button", "input", "select", "textarea", "label", "details"}
# Elements whose role allows no name from the author, unless they get another role.
NAMELESS = {"b", "bdi", "bdo", "blockquote", "caption", "cite", "code", "data", "dd", "del", "div", "dt", "em", "i", "ins", "kbd", "label", "legend", "mark", "p", "pre", "q", "rp", "rt", "s", "samp", "small", "span", "strong", "sub", "sup", "time", "u", "var"}  # fmt: skip  # noqa: E501
CHILDREN = {"ul": {"li", "script", "template"}, "ol": {"li", "script", "template"}, "dl": {"dt", "dd", "div"}}
REFERENCES = ("for", "aria-labelledby", "aria-describedby", "aria-controls", "aria-activedescendant")
_DATE = r"\d{4,}-\d\d-\d\d"
_TIME = r"\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?"
DATETIME = re.compile(rf"{_DATE}|{_TIME}|{_DATE}[T ]{_TIME}(?:Z|[+-]\d\d:?\d\d)?")


def faults(html: str, *, rendered: bool = False) -> list[str]:
    """The faults of the page. `rendered`: this is the HTML after its scripts ran, not as it was sent."""
    document = JustHTML(html, collect_errors=True, sanitize=False)
    elements = list(_elements(document.root))
    found = [] if rendered else [f"{error.code} in line {error.line}" for error in document.errors]
    ids = Counter(name for element in elements if (name := element.attrs.get("id")))
    found += [f"id {name!r} is there {n} times" for name, n in ids.items() if n > 1]
    for element in elements:
        found += _wrong_with(element, set(ids))
    names = {element.attrs.get("name"): element.attrs.get("content") for element in elements if element.name == "meta"}
    if not names.get("description"):
        found.append("no meta description")
    if not any(element.name == "html" and element.attrs.get("lang") for element in elements):
        found.append("no language")
    return found


def _wrong_with(element: Element, ids: set[str]) -> Iterator[str]:
    name, attrs = element.name, element.attrs
    around = list(_ancestors(element))
    parent = around[0].name if around else ""
    if name in FLOW and parent in PHRASING_ONLY and (parent, name) not in EXCEPTIONS:
        yield f"<{name}> in <{parent}>: {_start(around[0])}"
    if name in INTERACTIVE and attrs.get("type") != "hidden":
        outer = next((other for other in around if other.name in {"a", "button"}), None)
        if outer is not None:
            yield f"<{name}> in <{outer.name}>: {_start(outer)}"
    if parent in CHILDREN and name not in CHILDREN[parent]:
        yield f"<{name}> in <{parent}>: {_start(around[0])}"
    if name in NAMELESS and not attrs.get("role") and {"aria-label", "aria-labelledby"} & attrs.keys():
        yield f"a name on what takes none: {_start(element)}"
    if "datetime" in attrs and not DATETIME.fullmatch(attrs["datetime"] or ""):
        yield f"no moment: {_start(element)}"
    for reference in REFERENCES:
        for target in (attrs.get(reference) or "").split():
            if target not in ids:
                yield f"{reference} points nowhere: {_start(element)}"


def _elements(node: Node) -> Iterator[Element]:
    for child in node.children or ():
        # Elements of another standard, such as SVG, have rules of their own.
        if isinstance(child, Element) and child.namespace in (None, "html"):
            yield child
            yield from _elements(child)


def _ancestors(node: Node) -> Iterator[Element]:
    while isinstance(parent := node.parent, Element):
        yield parent
        node = parent


def _start(element: Element) -> str:
    attrs = "".join(f' {key}="{value}"' for key, value in list(element.attrs.items())[:5])
    return f"<{element.name}{attrs}>"
