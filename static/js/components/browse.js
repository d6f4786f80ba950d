import { useEffect, useState } from "preact/hooks";

import { html } from "../html.js";
import { useApp } from "./context.js";
import { Dialog } from "./dialog.js";
import { Icon } from "./icon.js";

export function BrowseRooms() {
  const app = useApp();
  const { actions, store, ui } = app;
  const [rooms, setRooms] = useState(null);
  const [problem, setProblem] = useState("");
  const [query, setQuery] = useState("");
  const load = () => {
    setProblem("");
    actions.publicRooms().then(setRooms, (refusal) => setProblem(refusal.message));
  };
  useEffect(load, []);
  const words = query.trim().toLowerCase();
  const found = rooms?.filter((room) => `${room.room} ${room.title} ${room.topic}`.toLowerCase().includes(words)) ?? [];
  const open = (room) => {
    ui.closeDialog();
    app.preview(room);
  };
  const join = (room) => {
    ui.closeDialog();
    actions.join(room.room);
  };
  return html`<${Dialog} title="Browse rooms" tall closable>
    <input class="inp" type="search" autofocus aria-label="Filter rooms" placeholder=${rooms ? `Filter ${rooms.length} rooms` : "Filter rooms"}
      value=${query} onInput=${(event) => setQuery(event.currentTarget.value)} />
    <div class="scrolls">
      ${problem && html`<p>${problem} <button type="button" class="lb" onClick=${load}>Retry</button></p>`}
      ${rooms && !found.length && html`<p>No room matches “${query}”.</p>`}
      ${found.map((room) => {
        const joined = Boolean(store.room(room.room));
        return html`<div class="row" key=${room.room}><${Icon} name="hash" />
          <div><button type="button" class="plain" onClick=${() => open(room)}><b>${room.title || room.room}</b></button>
            <small>${room.members} ${room.members === 1 ? "member" : "members"}${room.topic ? `. ${room.topic}` : ""}</small></div>
          ${joined
            ? html`<button type="button" class="btn slim" onClick=${() => open(room)} aria-label=${`Open ${room.room}`}>Open</button>`
            : html`<button type="button" class="btn primary slim" onClick=${() => join(room)} aria-label=${`Join ${room.room}`}>Join</button>`}
        </div>`;
      })}
    </div>
  <//>`;
}
