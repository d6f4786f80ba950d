#!/usr/bin/env bash
# tdewolff-minify 2.24.12: a const that is destructured from another one is moved before it.
#
# Declarations that follow each other become one, and a pattern behind a plain name can come first, also when its value is
# computed from those that were declared before. The code parses, and throws a ReferenceError when that function runs,
# with and without js-keep-var-names. A page can load and work until somebody comes to that place.
# Seen: `[marks, done]`, which is third in the source and reads `first`, is first in the output.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check tdewolff-minify==2.24.12
"$folder/venv/bin/python" - <<'PYTHON'
import importlib.metadata

import minify

SOURCE = """
export function close(node) {
  const holder = node.wide ? node.inner : node;
  const [first] = holder.children;
  const [marks, done] = (typeof first === "string" && TASK.exec(first)) || [];
  if (marks) holder.children[0] = done + first.slice(marks.length);
}
"""
minify.config({"js-keep-var-names": True})
short = minify.string("application/javascript", SOURCE)
print("tdewolff-minify", importlib.metadata.version("tdewolff-minify"))
print(short)
order = [short.index(part) for part in ("holder=", "[first]=", "[marks,done]=")]
assert order != sorted(order), "the declarations keep their order now"
assert short.index("[marks,done]=") < short.index("[first]="), "the order has changed"
PYTHON
