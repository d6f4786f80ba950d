#!/usr/bin/env bash
# emoji 2.16.0 (Python), beside emoji-datasource 16.0.0, whose short names are those of Slack and Mattermost: 11 names are
# turned into another emoji, and the names of all flags by place stay text.
#
# `emojize(text, language="alias")` is there for the names that people type, and takes `:thumbsup:` and `:tada:` as a chat
# does, so that exports and webhooks of Slack look right at a glance. Both sets know 1,488 names. For 11 of them they mean
# different pictures: a message about a satellite shows an antenna, an egg is fried, and a `beetle` becomes a ladybird.
# 484 names stay text, among them all 262 that begin with `flag-`. A table made from emoji-datasource itself has neither.
# Seen: `1972 names: 1477 the same, 484 unknown (262 of 262 flags), 11 another emoji`, and the eleven.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check emoji==2.16.0
npm install --silent --ignore-scripts --no-audit --no-fund --prefix "$folder" emoji-datasource@16.0.0 >/dev/null

cat >"$folder/try.py" <<'PYTHON'
import json, sys
import emoji

def plain(sign):
    """Without the selectors that only say whether a sign is drawn in colour."""
    return sign.replace("\ufe0f", "")

slack = {}
for entry in json.load(open(sys.argv[1])):
    sign = "".join(chr(int(code, 16)) for code in entry["unified"].split("-"))
    slack.update(dict.fromkeys(entry["short_names"], sign))
made = {name: emoji.emojize(f":{name}:", language="alias") for name in slack}
unknown = [name for name in slack if made[name] == f":{name}:"]
other = [name for name in slack if name not in unknown and plain(made[name]) != plain(slack[name])]
same = len(slack) - len(unknown) - len(other)
flags = [sum(name.startswith("flag-") for name in names) for names in (unknown, slack)]
print(f"{len(slack)} names: {same} the same, {len(unknown)} unknown ({flags[0]} of {flags[1]} flags), {len(other)} another emoji")
for name in sorted(other):
    print(f"{name}: {ascii(plain(slack[name]))} there, {ascii(plain(made[name]))} here")
PYTHON
"$folder/venv/bin/python" "$folder/try.py" "$folder/node_modules/emoji-datasource/emoji.json" | tee "$folder/seen"
diff "$folder/seen" - <<'SEEN'
1972 names: 1477 the same, 484 unknown (262 of 262 flags), 11 another emoji
beetle: '\U0001fab2' there, '\U0001f41e' here
bride_with_veil: '\U0001f470' there, '\U0001f470\u200d\u2640' here
egg: '\U0001f95a' there, '\U0001f373' here
email: '\u2709' there, '\U0001f4e7' here
guardsman: '\U0001f482' there, '\U0001f482\u200d\u2642' here
man_with_turban: '\U0001f473' there, '\U0001f473\u200d\u2642' here
ok_woman: '\U0001f646' there, '\U0001f646\u200d\u2640' here
satellite: '\U0001f6f0' there, '\U0001f4e1' here
snowman: '\u2603' there, '\u26c4' here
sun_behind_cloud: '\U0001f325' there, '\u26c5' here
umbrella: '\u2602' there, '\u2614' here
SEEN
