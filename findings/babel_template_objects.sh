#!/usr/bin/env bash
# Babel 2.18.0: a message in a JavaScript template literal is lost when an object literal stands in the same expression.
#
# With `parse_template_string` the extractor reads `${…}` in template literals. It counts the braces that `${` opens, but
# not those of an object, so the `}` of `{ room }` ends the expression: what is read is `t("Open {room}", { room `, a
# call without its end, and nothing is extracted, without a warning. Passing the values of a message's placeholders as
# an object is the common form (i18next, Lit, htm). The same call outside a literal, or without an object, is found.
# A fix is proposed as pull request 1221 of python-babel/babel.
# Seen: `outside: Open {room}`, `inside, no object: Open`, `inside: nothing`.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check babel==2.18.0

cat >"$folder/seen.py" <<'PYTHON'
import io
from babel.messages.extract import extract

SOURCES = {
    "outside": 'const label = t("Open {room}", { room });',
    "inside, no object": 'const label = `<b>${t("Open")}</b>`;',
    "inside": 'const label = `<b>${t("Open {room}", { room })}</b>`;',
}
for name, source in SOURCES.items():
    options = {"parse_template_string": "true"}
    found = extract("javascript", io.BytesIO(source.encode()), {"t": None}, options=options)
    print(f"{name}: {', '.join(message for _, message, _, _ in found) or 'nothing'}")
PYTHON
"$folder/venv/bin/python" "$folder/seen.py" >"$folder/seen"
cat "$folder/seen"
diff "$folder/seen" - <<'SEEN'
outside: Open {room}
inside, no object: Open
inside: nothing
SEEN
