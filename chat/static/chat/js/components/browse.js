import { useEffect, useState } from "preact/hooks";
import { refusalText, t, tn } from "../i18n/i18n.js";
import { useApp } from "./context.js";
import { CreateRoom } from "./create_room.js";
import { Dialog } from "./dialog.js";
import { html } from "./html.js";
import { Icon } from "./icon.js";

export function BrowseRooms() {
  const app = useApp();
  const { actions, store, ui } = app;
  const [rooms, setRooms] = useState(null);
  const [problem, setProblem] = useState("");
  const [query, setQuery] = useState("");
  const load = () => {
    setProblem("");
    actions.publicRooms().then(setRooms, (refusal) => setProblem(refusalText(refusal)));
  };
  useEffect(load, []);
  const create = () => ui.openDialog(() => html`<${CreateRoom} />`);
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
  const placeholder = rooms ? tn("Filter {n} room", "Filter {n} rooms", rooms.length) : t("Filter rooms");
  return html`<${Dialog} title=${t("Browse rooms")} tall closable>
    <input class="input" type="search" autofocus aria-label=${t("Filter rooms")} placeholder=${placeholder} value=${query}
      onInput=${(event) => setQuery(event.currentTarget.value)} />
    <div class="scrolls">
      ${problem && html`<p>${problem} <button type="button" class="link-button" onClick=${load}>${t("Retry")}</button></p>`}
      ${
        rooms &&
        !found.length &&
        html`<p>${query ? t("No room matches “{query}”.", { query }) : t("There are no rooms yet.")}</p>
        <div class="offer"><button type="button" class="button slim" onClick=${create}>${t("Create room")}</button></div>`
      }
      ${found.map((room) => {
        const { room: name } = room;
        return html`<div class="row" key=${room.room}><${Icon} name="hash" />
          <div><button type="button" class="plain" onClick=${() => open(room)}><b><bdi>${room.title || room.room}</bdi></b></button>
            <small>${tn("{n} member", "{n} members", room.members)}${room.topic ? `. ${room.topic}` : ""}</small></div>
          ${
            store.room(name)
              ? html`<button type="button" class="button slim" onClick=${() => open(room)}
                  aria-label=${t("Open {room}", { room: name })}>${t("Open")}</button>`
              : html`<button type="button" class="button primary slim" onClick=${() => join(room)}
                  aria-label=${t("Join {room}", { room: name })}>${t("Join")}</button>`
          }
        </div>`;
      })}
    </div>
  <//>`;
}
