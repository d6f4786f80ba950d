// The reactions under a message. A click adds or removes the user's own.

import { useState } from "preact/hooks";
import { list, t, tn } from "../i18n/i18n.js";
import { useApp } from "./context.js";
import { html } from "./html.js";
import { Icon } from "./icon.js";
import { useLongPress } from "./row_gestures.js";
import { Sign } from "./sign.js";

const KINDS_SHOWN = 12;
const NAMED_MAX = 30;

export function Reactions({ message }) {
  const app = useApp();
  const [all, setAll] = useState(false);
  const kinds = Object.entries(message.reactions);
  const whoReacted = () => app.lazy.onRequest.fetch().then(({ showReactedBy }) => showReactedBy(app, message));
  const press = useLongPress(whoReacted);
  if (!kinds.length) return null;
  const onContextMenu = (event) => {
    event.preventDefault();
    whoReacted();
  };
  const shown = all ? kinds : kinds.slice(0, KINDS_SHOWN);
  const hidden = kinds.length - shown.length;
  const react = (sign) => app.actions.react(message.room, message.seq, sign, true);
  const pick = (event) =>
    app.ui.openMenu(event.currentTarget, ({ EmojiPicker }) => html`<${EmojiPicker} onPick=${react} />`);
  return html`<div class="reactions" role="group" aria-label=${t("Reactions")} ...${press} onContextMenu=${onContextMenu}>
    ${shown.map(([sign, names]) => html`<${Reaction} key=${sign} message=${message} sign=${sign} names=${names} />`)}
    ${hidden > 0 && html`<button type="button" onClick=${() => setAll(true)}>+${hidden}</button>`}
    <button type="button" class="add" aria-label=${t("Add reaction")} aria-haspopup="menu" onClick=${pick}>
      <${Icon} name="smile" small />
    </button>
  </div>`;
}

function Reaction({ message, sign, names }) {
  const app = useApp();
  const { store, ui } = app;
  const me = store.me.value.username;
  const mine = names.includes(me);
  const people = names.slice(0, NAMED_MAX).map((name) => (name === me ? t("You") : store.nameOf(name)));
  if (names.length > NAMED_MAX) people.push(tn("{n} other", "{n} others", names.length - NAMED_MAX));
  const toggle = () => {
    // A long press ends with a click: its menu is already open.
    if (ui.menu.value) return;
    app.act((actions) => {
      if (!mine) app.emoji.use(sign);
      return actions.react(message.room, message.seq, sign, !mine);
    });
  };
  return html`<button type="button" aria-pressed=${mine} title=${list(people)} onClick=${toggle}
    aria-label=${`${sign}, ${names.length}: ${list(people)}`}><i><${Sign} sign=${sign} /></i>${names.length}</button>`;
}
