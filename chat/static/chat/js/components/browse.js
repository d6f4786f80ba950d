// Lists the public rooms, to join them, and the archived rooms.

import { useEffect, useState } from "preact/hooks";
import { refusalText, t, tn } from "../i18n/i18n.js";
import { getJson, patchJson } from "../net/api.js";
import { useApp } from "./context.js";
import { CreateRoom } from "./create_room.js";
import { Dialog } from "./dialog.js";
import { html } from "./html.js";
import { RoomSign } from "./room_link.js";

const SCOPES = [
  ["public", t("Public")],
  ["archived", t("Archived")],
];

export function BrowseRooms() {
  const { actions, ui } = useApp();
  const [scope, setScope] = useState("public");
  const [rooms, setRooms] = useState(null);
  const [problem, setProblem] = useState("");
  const [query, setQuery] = useState("");
  const [tries, setTries] = useState(1);
  const load = () => {
    let here = true;
    setProblem("");
    setRooms(null);
    const asked =
      scope === "public" ? actions.publicRooms() : getJson("rooms?scope=archived").then((answer) => answer.rooms);
    asked.then(
      (found) => here && setRooms(found),
      (refusal) => here && setProblem(refusalText(refusal)),
    );
    return () => (here = false);
  };
  useEffect(load, [scope, tries]);
  const retry = () => setTries(tries + 1);
  const words = query.trim().toLowerCase();
  const found = rooms?.filter((room) => `${room.room} ${room.title} ${room.topic}`.toLowerCase().includes(words)) ?? [];
  const placeholder = rooms ? tn("Filter {n} room", "Filter {n} rooms", rooms.length) : t("Filter rooms");
  return html`<${Dialog} title=${t("Browse rooms")} tall closable>
    <div class="segments full" role="radiogroup" aria-label=${t("What is shown")}>
      ${SCOPES.map(
        ([one, words]) => html`<button key=${one} type="button" role="radio" aria-checked=${one === scope}
          onClick=${() => setScope(one)}>${words}</button>`,
      )}
    </div>
    <input class="input" type="search" autofocus aria-label=${t("Filter rooms")} placeholder=${placeholder} value=${query}
      onInput=${(event) => setQuery(event.currentTarget.value)} />
    <div class="scrolls">
      ${problem && html`<p>${problem} <button type="button" class="link-button" onClick=${retry}>${t("Retry")}</button></p>`}
      ${rooms && !found.length && html`<${Nothing} query=${query} scope=${scope} ui=${ui} />`}
      ${found.map((room) => html`<${Row} key=${room.room} room=${room} archived=${scope === "archived"} />`)}
    </div>
  <//>`;
}

function Nothing({ query, scope, ui }) {
  if (scope === "archived" && !query) return html`<p>${t("No room is archived.")}</p>`;
  const create = () => ui.openDialog(() => html`<${CreateRoom} />`);
  return html`<p>${query ? t("No room matches “{query}”.", { query }) : t("There are no rooms yet.")}</p>
    ${
      scope === "public" &&
      html`<div class="offer"><button type="button" class="button slim" onClick=${create}>${t("Create room")}</button></div>`
    }`;
}

function Row({ room, archived }) {
  const app = useApp();
  const { actions, store, ui } = app;
  const { room: name } = room;
  const open = () => {
    ui.closeDialog();
    app.preview({ ...room, archived });
  };
  const join = () => {
    ui.closeDialog();
    actions.join(name);
  };
  const restore = async () => {
    try {
      await patchJson(`rooms/${name}`, { archived: false });
      ui.closeDialog();
      app.preview(room);
    } catch (refusal) {
      ui.toast(refusalText(refusal));
    }
  };
  const button = (run, words, label, primary) =>
    html`<button type="button" class=${primary ? "button primary slim" : "button slim"} onClick=${run}
      aria-label=${label}>${words}</button>`;
  return html`<div class="row"><${RoomSign} room=${room} />
    <div><button type="button" class="plain" onClick=${open}><b><bdi>${room.title || name}</bdi></b></button>
      <small>${tn("{n} member", "{n} members", room.members)}${room.topic ? `. ${room.topic}` : ""}</small></div>
    ${archived && room.may_restore && button(restore, t("Bring back"), t("Bring {room} back", { room: name }))}
    ${
      archived || store.room(name)
        ? !room.may_restore && button(open, t("Open"), t("Open {room}", { room: name }))
        : button(join, t("Join"), t("Join {room}", { room: name }), true)
    }
  </div>`;
}
