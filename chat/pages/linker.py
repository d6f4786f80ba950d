"""Links ES modules into a few files: the first visit of a page then takes a tenth of the requests.

In the repository every module is a file. `link` writes one bundle for an entry module with its imports, and one for
each dynamically imported module (`import("./x.js")`) with the modules that no earlier bundle has. A module becomes a
block that stores its exports in an object, so that each module runs once on a page, whichever bundle holds it. The
modules of a bundle share one object, with the exports by name, which is a thirtieth smaller on the wire than an object
per module. Only a module that begins a bundle, or exports a name that an earlier one has, keeps its own object. Imports
by name (vendored modules, catalogues) stay imports, which the page's import map resolves.

No maintained package on PyPI provides a bundler, and the scripts use a small part of the module syntax of ECMAScript
2025, section 16.2. `_link_module` refuses any other syntax, and a test links every script of the repository. Comment
lines, empty lines, types and indentation are dropped; the minifiers on PyPI break nested template literals,
or reorder declarations (findings/tdewolff_minify_reorders_const.sh).
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath

FOLDER = "bundles"
_IMPORT = re.compile(
    r'^import\s+(?:(?P<default>\w+)\s*,?\s*)?(?:\{(?P<names>[^}]*)\}\s*)?(?:from\s+)?"(?P<source>[^"]+)";$',
    re.MULTILINE,
)
_REEXPORT = re.compile(r'^export\s+\{(?P<names>[^}]*)\}\s+from\s+"(?P<source>[^"]+)";$', re.MULTILINE)
_EXPORT_LIST = re.compile(r"^export\s+\{(?P<names>[^}]*)\};$", re.MULTILINE)
_EXPORT = re.compile(r"^export\s+(?=(?:const|class|function|async\s+function)\s+(?P<name>\w+))", re.MULTILINE)
_LATER = re.compile(r'\bimport\("(?P<source>\.[^"]+)"\)')
_LEFT = re.compile(r"^(?:import\b(?!\()|export\b).*$", re.MULTILINE)
_COMMENT_LINE = re.compile(r"^[ \t]*(?://.*|/\*\* @.*\*/)\n", re.MULTILINE)
# Indentation has no meaning: lines are code, or templates of elements.
_INDENTATION = re.compile(r"^[ \t]+", re.MULTILINE)
_BLANK_LINE = re.compile(r"^\n", re.MULTILINE)
_TYPE = re.compile(r"/\*\* @type [^*\n]*\*/ ?")


class UnknownSyntaxError(ValueError):
    """Raised for unsupported module syntax; write it in a form that `_link_module` knows."""


@dataclass
class Bundle:
    """One combined file: its modules in the order in which they run."""

    entry: str
    modules: list[str] = field(default_factory=list)

    @property
    def path(self) -> str:
        """The bundle's path below STATIC_URL."""
        return f"{FOLDER}/{PurePosixPath(self.entry).name}"


def link(entry: str, read: Callable[[str], str]) -> Iterator[tuple[str, str]]:
    """Yield the bundle of an entry module and those of its dynamic imports, as path and source.

    Raises:
        UnknownSyntaxError: unsupported module syntax, or a circular import.
    """
    bundles = plan(entry, read)
    home = {module: bundle for bundle in bundles for module in bundle.modules}
    apart = _apart(bundles, read)
    for bundle in bundles:
        yield bundle.path, _source(bundle, home, apart, read)


def first(entry: str, read: Callable[[str], str]) -> Bundle:
    """Return only the bundle of the entry module: it loads before all others, and takes a tenth of the work."""
    bundle = Bundle(entry)
    _place(entry, bundle, set(), (), read)
    return bundle


def plan(entry: str, read: Callable[[str], str]) -> list[Bundle]:
    """Return the modules of each bundle: a module is in the first bundle that needs it.

    The dynamic imports of a module come before those of the modules that it imports: the page, not the modules below
    it, decides which bundle comes first.
    """
    bundles: list[Bundle] = []
    placed: set[str] = set()
    waiting = [entry]
    for name in waiting:
        bundle = Bundle(name)
        _place(name, bundle, placed, (), read)
        bundles.append(bundle)
        for module in reversed(bundle.modules):
            # Without comments: types name modules as well, `@type {import("./x.js").X}`.
            source = _without_comments(read(module))
            later = (_resolve(module, found["source"]) for found in _LATER.finditer(source))
            waiting += [found for found in later if found not in waiting]
    return bundles


def externals(bundle: Bundle, read: Callable[[str], str]) -> list[str]:
    """Return the names of the vendored modules and catalogues that a bundle imports."""
    sources = [source for module in bundle.modules for source in _sources(read(module))]
    return list(dict.fromkeys(source for source in sources if not source.startswith(".")))


def _place(name: str, bundle: Bundle, placed: set[str], above: tuple[str, ...], read: Callable[[str], str]) -> None:
    """Add a module after those that it imports."""
    if name in above:
        raise UnknownSyntaxError(f"{name} imports itself by way of {', '.join(above)}")
    if name in placed:
        return
    for source in _sources(read(name)):
        if source.startswith("."):
            _place(_resolve(name, source), bundle, placed, (*above, name), read)
    placed.add(name)
    bundle.modules.append(name)


def _sources(source: str) -> list[str]:
    return [found["source"] for pattern in (_IMPORT, _REEXPORT) for found in pattern.finditer(source)]


def _resolve(module: str, source: str) -> str:
    parts = list(PurePosixPath(module).parent.parts)
    for part in PurePosixPath(source).parts:
        if part == "..":
            parts.pop()
        elif part != ".":
            parts.append(part)
    return "/".join(parts)


def _apart(bundles: list[Bundle], read: Callable[[str], str]) -> set[str]:
    """The modules whose exports need an object of their own."""
    apart = {bundle.entry for bundle in bundles}
    for bundle in bundles:
        taken: set[str] = set()
        for module in bundle.modules:
            names = _exported(_without_comments(read(module)))
            if names & taken:
                apart.add(module)
            elif module not in apart:
                taken |= names
    return apart


def _exported(source: str) -> set[str]:
    lists = [found["names"] for pattern in (_REEXPORT, _EXPORT_LIST) for found in pattern.finditer(source)]
    return {found["name"] for found in _EXPORT.finditer(source)} | {pair[-1] for one in lists for pair in _pairs(one)}


def _source(bundle: Bundle, home: dict[str, Bundle], apart: set[str], read: Callable[[str], str]) -> str:
    own = [_resolve(module, name) for module in bundle.modules for name in _sources(read(module)) if name[0] == "."]
    others = dict.fromkeys(home[module].path for module in own if home[module] is not bundle)
    lines = [f'import * as {_variable(name)} from "{name}";' for name in externals(bundle, read)]
    lines += [f'import {{ modules as {_variable(path)} }} from "./{PurePosixPath(path).name}";' for path in others]
    lines.append("export const modules = {};")

    def place(module: str) -> str:
        holder = "modules" if home[module] is bundle else _variable(home[module].path)
        return f'{holder}["{module}"]' if module in apart else holder

    for module in bundle.modules:
        body, exported = _link_module(module, read(module), place, home)
        exports = f"{{ {', '.join(exported)} }}"
        if module in apart:
            body += f"\n{place(module)} = {exports};"
        elif exported:
            body += f"\nObject.assign(modules, {exports});"
        lines.append(f"{{\n{body}\n}}")
    return "\n".join(lines) + "\n"


def _link_module(
    module: str, source: str, place: Callable[[str], str], home: dict[str, Bundle]
) -> tuple[str, list[str]]:
    """The source of a module as the content of a block, and the names that it exports."""
    exported: list[str] = []
    # The imported names, by the expression of the object that they come from.
    taken: dict[str, list[str]] = {}

    def origin(name: str) -> str:
        return place(_resolve(module, name)) if name.startswith(".") else _variable(name)

    def imported(found: re.Match[str]) -> str:
        names = [": ".join(pair) for pair in _pairs(found["names"])]
        if found["default"]:
            if found["source"].startswith("."):
                raise UnknownSyntaxError(f"{module} imports a default export of the project: {found[0]}")
            names.append(f"default: {found['default']}")
        if names:
            taken.setdefault(origin(found["source"]), []).extend(names)
        return ""

    def passed_on(found: re.Match[str]) -> str:
        for name in _pairs(found["names"]):
            exported.append(f"{name[-1]}: {origin(found['source'])}.{name[0]}")
        return ""

    def listed(found: re.Match[str]) -> str:
        exported.extend(f"{name[-1]}: {name[0]}" for name in _pairs(found["names"]))
        return ""

    def declared(found: re.Match[str]) -> str:
        exported.append(found["name"])
        return ""

    def later(found: re.Match[str]) -> str:
        wanted = _resolve(module, found["source"])
        return f'import("./{PurePosixPath(home[wanted].path).name}").then((bundle) => bundle.modules["{wanted}"])'

    source = _without_comments(source)
    for pattern, replace in (
        (_IMPORT, imported),
        (_REEXPORT, passed_on),
        (_EXPORT_LIST, listed),
        (_EXPORT, declared),
        (_LATER, later),
    ):
        source = pattern.sub(replace, source)
    if left := _LEFT.search(source):
        raise UnknownSyntaxError(f"{module} has module syntax that is not linked: {left[0]}")
    heads = [f"const {{ {', '.join(names)} }} = {origin};" for origin, names in taken.items()]
    body = "\n".join([*heads, _INDENTATION.sub("", source)])
    return _BLANK_LINE.sub("", body).strip(), exported


def _without_comments(source: str) -> str:
    return _TYPE.sub("", _COMMENT_LINE.sub("", source))


def _pairs(names: str | None) -> list[list[str]]:
    """`a, b as c` as [[a], [b, c]]."""
    return [name.split(" as ") for name in re.split(r"\s*,\s*", (names or "").strip()) if name]


def _variable(name: str) -> str:
    """A variable name for an imported module, which no script uses."""
    return "$" + re.sub(r"\W", "_", name)
