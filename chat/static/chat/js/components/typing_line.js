import { useEffect, useRef } from "preact/hooks";
import { t, tx } from "../i18n/i18n.js";
import { useApp } from "./context.js";
import { html } from "./html.js";

const SAY_AGAIN_AFTER_MS = 60_000;

export function TypingLine({ slug }) {
  const { store, typing, announcer } = useApp();
  const said = useRef(new Map());
  const names = (typing.people.value.get(slug) ?? []).filter((name) => name !== store.me.value.username);
  useEffect(() => {
    for (const name of names) {
      if (Date.now() - (said.current.get(name) ?? 0) < SAY_AGAIN_AFTER_MS) continue;
      said.current.set(name, Date.now());
      announcer.say(t("{name} is typing", { name: store.nameOf(name) }));
    }
  }, [names.join()]);
  if (!names.length) return html`<div class="typing" data-testid="typing"></div>`;
  return html`<div class="typing" data-testid="typing">
    <span class="dots" aria-hidden="true"><i></i><i></i><i></i></span>
    <p>${sentence(names.map((name) => shortName(store, name, names.length)))}</p>
  </div>`;
}

// With several people, first names only, except for a name that looks like another account's.
function shortName(store, username, count) {
  const name = store.nameOf(username);
  return count > 1 && !store.isAlike(username) ? name.split(" ")[0] : name;
}

const bold = (name) => html`<b><bdi>${name}</bdi></b>`;

function sentence(names) {
  if (names.length === 1) return tx("{name} is typing", { name: bold(names[0]) });
  if (names.length === 2) return tx("{name} and {other} are typing", { name: bold(names[0]), other: bold(names[1]) });
  return t("Several people are typing");
}
