#!/usr/bin/env bash
# rjsmin 1.3.0, which servestatic 4.4.0 uses with SERVESTATIC_MINIFY: a template literal inside a template literal loses
# the spaces of its text.
#
# The minifier ends a template literal at the next backtick, so it takes the text of an inner literal for code and
# removes its white space. Libraries that write markup in tagged templates (htm, lit) nest them all the time. The result
# may be valid JavaScript that prints something else, as here, or none at all.
# Seen: "<p class=a>one two three</p>" as written, "<p class=a>onetwothree</p>" minified.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check rjsmin==1.3.0
cat >"$folder/page.mjs" <<'JS'
const words = ["one", "two"];
const tag = (text) => text;
console.log(`<p class=a>${words.map((word) => `${word} `).join(``)}${tag(`three`)}</p>`);
JS
"$folder/venv/bin/python" -c 'import sys, rjsmin; sys.stdout.write(rjsmin.jsmin(sys.stdin.read()))' \
    <"$folder/page.mjs" >"$folder/page.min.mjs"
before=$(node "$folder/page.mjs")
after=$(node "$folder/page.min.mjs" 2>&1 || true)
printf 'as written: %s\nminified: %s\n' "$before" "$after"
[ "$before" = '<p class=a>one two three</p>' ]
[ "$after" = '<p class=a>onetwothree</p>' ]
