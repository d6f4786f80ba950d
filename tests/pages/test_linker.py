"""The linked scripts: each module once, in order, with the exports that other modules import."""

import re
from collections.abc import Mapping

import pytest

from chat.pages import linker, scripts

PAGE = {
    "js/main.js": """\
import { b } from "./b.js";
import { render as draw } from "preact";

draw(b, () => import("./later/dialog.js"));
""",
    "js/b.js": """\
import { a as first } from "./a.js";
// A reason.
export const b = first + 1;
export function twice() {
  return b * 2;
}
""",
    "js/a.js": """\
export const a = 1;
const hidden = 2;
export { hidden as shown };
""",
    "js/later/dialog.js": """\
import begin, { t } from "catalogue";
import { a } from "../a.js";
export { twice } from "../b.js";
export class Dialog {}
""",
}


def linked(files: Mapping[str, str], entry: str = "js/main.js") -> dict[str, str]:
    return dict(linker.link(entry, files.__getitem__))


def test_what_a_module_imports_comes_before_it_and_what_it_imports_later_is_a_bundle_of_its_own() -> None:
    bundles = linker.plan("js/main.js", PAGE.__getitem__)
    assert [bundle.modules for bundle in bundles] == [["js/a.js", "js/b.js", "js/main.js"], ["js/later/dialog.js"]]
    assert set(linked(PAGE)) == {"bundles/main.js", "bundles/dialog.js"}
    assert linker.first("js/main.js", PAGE.__getitem__) == bundles[0]


def test_a_module_that_only_a_type_names_is_no_bundle() -> None:
    files = {"js/main.js": '/** @type {import("./a.js").A} */ const a = 1;\n// import("./b.js")\nexport { a };\n'}
    main = linked(files)
    assert list(main) == ["bundles/main.js"]
    assert "@type" not in main["bundles/main.js"]


def test_imports_and_exports_become_fields_of_the_modules() -> None:
    main, dialog = linked(PAGE)["bundles/main.js"], linked(PAGE)["bundles/dialog.js"]
    assert main.startswith('import * as $preact from "preact";\nexport const modules = {};\n')
    assert "Object.assign(modules, { shown: hidden, a });" in main
    assert "const { a: first } = modules;" in main
    assert "Object.assign(modules, { b, twice });" in main
    assert "const { render: draw } = $preact;" in main
    assert 'import("./dialog.js").then((bundle) => bundle.modules["js/later/dialog.js"])' in main
    assert "A reason." not in main
    assert 'import { modules as $bundles_main_js } from "./main.js";' in dialog
    assert "const { t, default: begin } = $catalogue;" in dialog
    assert "const { a } = $bundles_main_js;" in dialog
    assert 'modules["js/later/dialog.js"] = { twice: $bundles_main_js.twice, Dialog };' in dialog


def test_of_two_modules_with_the_same_name_in_a_bundle_one_keeps_an_object_of_its_own() -> None:
    main = linked(
        {
            "js/main.js": 'import { a } from "./a.js";\nimport { a as other, c } from "./b.js";\na(other, c);\n',
            "js/a.js": "export const a = 1;\n",
            "js/b.js": "export const a = 2;\nexport const c = 3;\n",
        }
    )["bundles/main.js"]
    assert "Object.assign(modules, { a });" in main
    assert 'modules["js/b.js"] = { a, c };' in main
    assert "const { a } = modules;" in main
    assert 'const { a: other, c } = modules["js/b.js"];' in main


def test_what_several_modules_of_a_bundle_give_is_taken_at_once() -> None:
    main = linked(
        {
            "js/main.js": 'import { a } from "./a.js";\nimport { b } from "./b.js";\na(b);\n',
            "js/a.js": "export const a = 1;\n",
            "js/b.js": "export const b = 2;\n",
        }
    )["bundles/main.js"]
    assert "{\nconst { a, b } = modules;\na(b);\n" in main


def test_a_module_that_two_later_bundles_need_is_in_the_first_alone() -> None:
    files = {
        "js/main.js": 'import("./one.js");\nimport("./two.js");\n',
        "js/one.js": 'import { n } from "./shared.js";\nexport const one = n;\n',
        "js/two.js": 'import { n } from "./shared.js";\nexport const two = n;\n',
        "js/shared.js": "export const n = {};\n",
    }
    bundles = linked(files)
    assert bundles["bundles/one.js"].count("const n = {}") == 1
    assert "const n = {}" not in bundles["bundles/two.js"]
    assert 'import { modules as $bundles_one_js } from "./one.js";' in bundles["bundles/two.js"]


@pytest.mark.parametrize(
    "source",
    [
        "export default 1;",
        'import * as all from "./b.js";',
        'export * from "./b.js";',
        "export let n = 1;",
        'import whole from "./b.js";',
        'import { b } from "./b.js"; b();',
    ],
)
def test_module_syntax_that_is_not_linked_is_refused_with_its_line(source: str) -> None:
    with pytest.raises(linker.UnknownSyntaxError, match=r"js/main\.js"):
        linked({"js/main.js": f"{source}\n", "js/b.js": "export const b = 1;\n"})


def test_modules_that_import_each_other_are_refused() -> None:
    with pytest.raises(linker.UnknownSyntaxError, match="imports itself"):
        linked({"js/main.js": 'import "./b.js";\n', "js/b.js": 'import "./main.js";\n'})


def test_indentation_is_left_out() -> None:
    source = "export function one() {\n  return html`<p>\n    one </p>`;\n}\n"
    bundle = linked({"js/main.js": source})["bundles/main.js"]
    assert "function one() {\nreturn html`<p>\none </p>`;\n}" in bundle


def test_every_script_of_the_pages_is_linked() -> None:
    paths = [path for path, _ in scripts.bundles()]
    assert len(paths) == len(set(paths))
    assert {
        "chat/bundles/main.js",
        "chat/bundles/settings.js",
        "chat/bundles/sign_in.js",
        "chat/bundles/chat.css",
    } <= set(paths)


@pytest.mark.parametrize("group", scripts.STYLES)
def test_styles_are_combined_without_comments_and_with_every_rule(group: str) -> None:
    combined = dict(scripts.bundles())[f"chat/bundles/{group}.css"]
    assert "/*" not in combined
    written = "\n".join(scripts.own_file(f"css/{name}.css") for name in scripts.STYLES[group])
    rules = re.sub(r"/\*.*?\*/", " ", written, flags=re.DOTALL)
    assert combined.split() == rules.split()
    # A multi-line string, or one that contains a comment, would change.
    assert not re.search(r"\\\n|[\"'][^\"'\n]*/\*", written)
