"""Links vendored modules into one file: five requests fewer before the scripts of a first visit run.

A module becomes a function that returns its exports, so that the short names of a minifier stay its own. The file
exports what all of them export, and the import map leads the name of each to it. `_link_module` refuses what it does
not know, and a test links every module that the chat needs first.
"""

import re
from collections.abc import Callable, Iterable

from chat.pages.linker import UnknownSyntaxError

# Minified or not: `import{h as n}from"preact";`, `export{x as y};`, `export{x}from"preact";`.
_IMPORT = re.compile(r'\bimport\s*\{(?P<names>[^}]*)\}\s*from\s*"(?P<source>[^"./][^"]*)";?')
_EXPORT = re.compile(r'\bexport\s*\{(?P<names>[^}]*)\}(?:\s*from\s*"(?P<source>[^"./][^"]*)")?;?')
_DEFAULT = re.compile(r"\bexport\s+default\s+")
_LEFT = re.compile(r"(?:^|[;}\n])\s*(?:import\b(?!\()|export\b)")
_OWN_DEFAULT = "$default"


def link(names: Iterable[str], read: Callable[[str], str]) -> str:
    """The source of one module that exports what these and what they import export.

    Raises:
        UnknownSyntaxError: module syntax that is not supported, or two modules that export something of one name.
    """
    lines: list[str] = []
    exported: dict[str, str] = {}
    for name in ordered(names, read):
        body, own, passed_on = _link_module(name, read(name))
        fields = ", ".join(f"{outer}: {inner}" for outer, inner in (own | passed_on).items())
        lines.append(f"const {_variable(name)} = (() => {{\n{body.strip()}\nreturn {{ {fields} }};\n}})();")
        for outer in own:
            if outer in exported:
                raise UnknownSyntaxError(f"{name} and {exported[outer]} both export {outer}")
            exported[outer] = name
    for outer, name in exported.items():
        value = f"{_variable(name)}.{outer}"
        lines.append(f"export default {value};" if outer == "default" else f"export const {outer} = {value};")
    return "\n".join(lines) + "\n"


def ordered(names: Iterable[str], read: Callable[[str], str]) -> list[str]:
    """These modules and those that they import, each after what it imports."""
    found: dict[str, None] = {}

    def place(name: str) -> None:
        for one in _imports(read(name)):
            if one not in found:
                place(one)
        found[name] = None

    for name in names:
        place(name)
    return list(found)


def _imports(source: str) -> list[str]:
    """The names of the modules that a vendored module imports, each once."""
    found = [*_IMPORT.finditer(source), *_EXPORT.finditer(source)]
    return list(dict.fromkeys(one["source"] for one in found if one["source"]))


def _link_module(name: str, source: str) -> tuple[str, dict[str, str], dict[str, str]]:
    """The body of a module as that of a function; its own exports and those of others, as outer and inner names."""
    own: dict[str, str] = {}
    passed_on: dict[str, str] = {}

    def imported(found: re.Match[str]) -> str:
        fields = ", ".join(f"{outer}: {inner}" for outer, inner in _pairs(found["names"]))
        return f"const {{ {fields} }} = {_variable(found['source'])};"

    def listed(found: re.Match[str]) -> str:
        for inner, outer in _pairs(found["names"]):
            if found["source"]:
                passed_on[outer] = f"{_variable(found['source'])}.{inner}"
            else:
                own[outer] = inner
        return ""

    def default(_: re.Match[str]) -> str:
        own["default"] = _OWN_DEFAULT
        return f"const {_OWN_DEFAULT} = "

    body = _DEFAULT.sub(default, _EXPORT.sub(listed, _IMPORT.sub(imported, source)))
    if left := _LEFT.search(body):
        raise UnknownSyntaxError(f"{name} has module syntax that is not linked: {body[left.start() :][:80]}")
    return body, own, passed_on


def _pairs(names: str) -> list[tuple[str, str]]:
    """`a, b as c` as a to a and b to c."""
    pairs = [(*one.strip().split(" as "), one.strip())[:2] for one in names.split(",") if one.strip()]
    return [(pair[0], pair[1]) for pair in pairs]


def _variable(name: str) -> str:
    return "$" + re.sub(r"\W", "_", name)
