// Ctrl K: finds any room, person or command by a few characters.

import { useEffect, useRef, useState } from "preact/hooks";
import { t } from "../i18n/i18n.js";
import { callsOf, isConversation, unreadOf } from "../state/room_counts.js";
import { markedParts } from "../text/fuzzy.js";
import { Avatar } from "./avatar.js";
import { useApp } from "./context.js";
import { html } from "./html.js";
import { Icon, IconButton } from "./icon.js";
import { nameOf, RoomSign } from "./room_link.js";
import { optionsFor } from "./switch_options.js";

export function QuickSwitch() {
  const app = useApp();
  const { ui } = app;
  const [query, setQuery] = useState("");
  const [chosen, setChosen] = useState(0);
  const list = useRef(null);
  const options = optionsFor(app, query.trim());
  const at = Math.min(chosen, options.length - 1);
  useEffect(() => list.current?.children[at]?.scrollIntoView({ block: "nearest" }), [at]);
  const take = (option) => {
    ui.closeDialog();
    option.run();
  };
  const onKeyDown = (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      setChosen((at + step + options.length) % options.length);
    } else if (event.key === "Enter" && !event.isComposing && options[at]) {
      event.preventDefault();
      take(options[at]);
    }
  };
  const type = (event) => {
    setQuery(event.currentTarget.value);
    setChosen(0);
  };
  return html`<div class="popover palette" role="document" aria-label=${t("Quick switch")}>
    <div class="palette__input"><${Icon} name="search" />
      <input autofocus autocomplete="off" spellcheck=${false} role="combobox" aria-expanded="true" aria-controls="switch-list"
        aria-label=${t("Room or person")} aria-activedescendant=${options.length ? `switch-${at}` : undefined}
        placeholder=${t("Jump to a room or person")} value=${query} onInput=${type} onKeyDown=${onKeyDown} />
      <kbd class="only-wide">Esc</kbd>
      <${IconButton} icon="x" class="only-phone" label=${t("Close")} onClick=${() => ui.closeDialog()} /></div>
    <div class="options" role="listbox" id="switch-list" ref=${list}>
      ${options.map(
        (option, index) =>
          html`<${Option} key=${option.key} option=${option} index=${index} chosen=${index === at}
            onTake=${() => take(option)} onPoint=${() => setChosen(index)} />`,
      )}
    </div>
    <div class="popover__foot only-wide">
      <span><kbd>↑</kbd> <kbd>↓</kbd> ${t("move")}</span><span><kbd>Enter</kbd> ${t("open")}</span>
    </div>
  </div>`;
}

function Option({ option, index, chosen, onTake, onPoint }) {
  const { store, drafts } = useApp();
  const { room, sub } = option;
  const draft = room && drafts.rooms.value.has(room.room);
  return html`<button type="button" role="option" tabindex="-1" id=${`switch-${index}`} aria-selected=${chosen}
    class=${chosen ? "option selected" : "option"} onClick=${onTake} onPointerMove=${onPoint}>
    ${markOf(option, store)}
    <b><bdi>${markedParts(option.label, option.marks).map((part) => (part.marked ? html`<u>${part.text}</u>` : part.text))}</bdi></b>
    <span class="sub">${draft ? (room.show_username ? `${sub} · ${t("draft")}` : t("draft")) : sub}</span>
    ${room && badge(room)}
  </button>`;
}

function markOf({ room, person, icon }, store) {
  if (person)
    return html`<${Avatar} username=${person.username} name=${person.display_name} size="x"
      online=${store.isOnline(person.username)} />`;
  return room ? roomSign(room, store) : html`<${Icon} name=${icon} />`;
}

function roomSign(room, store) {
  if (room.kind !== "direct") return html`<${RoomSign} room=${room} />`;
  return html`<${Avatar} username=${room.username ?? room.room} name=${nameOf(room)} size="x"
    online=${store.isOnline(room.username)} />`;
}

function badge(room) {
  const calls = callsOf(room);
  if (calls) return html`<span class="badge at">${isConversation(room) ? calls : `@ ${calls}`}</span>`;
  return unreadOf(room) > 0 && html`<span class="badge">${Math.min(unreadOf(room), 99)}</span>`;
}
