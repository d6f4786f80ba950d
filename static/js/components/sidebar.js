// Rooms and direct messages, each with at most one mark at its end.

import { useRef } from "preact/hooks";
import { t, tn } from "../i18n/i18n.js";
import { callsOf, levelOf, mentionsOf, unreadOf } from "../state/room_counts.js";
import { Avatar } from "./avatar.js";
import { useApp } from "./context.js";
import { html } from "./html.js";
import { Icon, IconButton, Mark } from "./icon.js";

export function Sidebar() {
  const app = useApp();
  const { store, ui } = app;
  const list = useRef(null);
  const deferred = app.lazy.deferred.here;
  const rooms = [...store.rooms.value.values()].filter((room) => !room.archived || room.room === ui.room.value);
  const named = rooms.filter((room) => room.kind !== "direct").sort((a, b) => nameOf(a).localeCompare(nameOf(b)));
  const direct = rooms
    .filter((room) => room.kind === "direct")
    .sort((a, b) => b.latest.localeCompare(a.latest) || nameOf(a).localeCompare(nameOf(b)));
  const newMessage = () => ui.openDialog(({ NewMessage }) => html`<${NewMessage} />`);
  const browse = () => ui.openDialog(({ BrowseRooms }) => html`<${BrowseRooms} />`);
  const create = () => ui.openDialog(({ CreateRoom }) => html`<${CreateRoom} />`);
  return html`<nav class=${ui.sidebarOpen.value ? "sidebar open" : "sidebar"} id="sidebar" data-testid="sidebar" aria-label=${t("Rooms and direct messages")}>
    <div class="sidebar__top">
      <${Mark} /><span class="brand">Backchannel</span>
      <${IconButton} icon="edit" label=${t("New message")} onClick=${newMessage} />
    </div>
    <button type="button" class="jump" onClick=${() => ui.openDialog(({ QuickSwitch }) => html`<${QuickSwitch} />`)}>
      <${Icon} name="search" small /><span>${t("Jump to…")}</span><kbd>${app.modKey} K</kbd>
    </button>
    <div class="edges"><div class="sidebar__scroll" ref=${list}>
      <${Section} id="rooms" title=${t("Rooms")}>
        <${IconButton} icon="compass" small label=${t("Browse rooms")} onClick=${browse} />
        <${IconButton} icon="plus" small label=${t("Create room")} onClick=${create} />
      <//>
      ${
        !store.roomsKnown.value
          ? html`<${Skeleton} />`
          : named.length === 0
            ? html`<div class="sidebar__empty" data-testid="no-rooms"><p>${t("You are in no rooms yet.")}</p>
              <button type="button" class="button slim" onClick=${browse}>${t("Browse rooms")}</button>
              <button type="button" class="button slim" onClick=${create}>${t("Create room")}</button></div>`
            : html`<ul aria-labelledby="s-rooms" hidden=${ui.folded.value.has("rooms")}>
              ${named.map((room) => html`<${RoomLink} key=${room.room} room=${room} />`)}
              <li><button type="button" class="room ghost" onClick=${browse}><${Icon} name="compass" /><b>${t("Browse all rooms")}</b></button></li>
            </ul>`
      }
      <${Section} id="dms" title=${t("Direct messages")}>
        <${IconButton} icon="plus" small label=${t("New direct message")} onClick=${newMessage} />
      <//>
      <ul aria-labelledby="s-dms" hidden=${ui.folded.value.has("dms")}>
        ${direct.map((room) => html`<${RoomLink} key=${room.room} room=${room} />`)}
        ${!direct.length && html`<li><button type="button" class="room ghost" onClick=${newMessage}><${Icon} name="edit" /><b>${t("New direct message")}</b></button></li>`}
      </ul>
    </div>${deferred && html`<${deferred.UnreadOverflow} scroller=${list} mark="a.room.unread" rows=${rooms} />`}</div>
    <${Footer} />
  </nav>`;
}

function Section({ id, title, children }) {
  const { ui } = useApp();
  return html`<div class="section">
    <h2><button type="button" class="section__toggle" id=${`s-${id}`} aria-expanded=${!ui.folded.value.has(id)} onClick=${() => ui.fold(id)}>
      ${title}<${Icon} name="chev" small />
    </button></h2>
    ${children}
  </div>`;
}

function RoomLink({ room }) {
  const { store, ui, drafts, openRoom } = useApp();
  const unread = unreadOf(room);
  const calls = callsOf(room);
  const quiet = room.muted || levelOf(room) === "nothing";
  const current = ui.room.value === room.room;
  const draft = !current && drafts.rooms.value.has(room.room);
  const marked = calls > 0 || (unread > 0 && !quiet);
  const classes = ["room", marked && "unread", quiet && "muted"].filter(Boolean).join(" ");
  const online = room.username ? store.isOnline(room.username) : undefined;
  const open = (event) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.button) return;
    event.preventDefault();
    openRoom(room.room);
  };
  return html`<li>
    <a class=${classes} data-testid="room-link" data-calls=${calls} href=${`/rooms/${room.room}/`} aria-current=${current ? "page" : undefined} onClick=${open}>
      ${
        room.kind === "direct"
          ? html`<${Avatar} username=${room.username ?? room.room} name=${nameOf(room)} size="x" online=${online} />`
          : html`<${Icon} name=${room.kind === "private" ? "lock" : "hash"} />`
      }
      <b><bdi>${nameOf(room)}</bdi>${room.show_username && html` <bdi>@${room.username}</bdi>`}</b>
      ${online !== undefined && html`<span class="visually-hidden">${online ? t("online") : t("offline")}</span>`}
      ${room.kind === "private" && html`<span class="visually-hidden">${t("private")}</span>`}
      ${
        calls > 0 && room.kind !== "direct"
          ? html`<${Badge} at shown=${`@ ${atMost99(calls)}`} said=${tn("{n} mention", "{n} mentions", calls)} />`
          : marked
            ? html`<${Badge} at=${room.kind === "direct"} shown=${atMost99(unread)} said=${t("{n} unread", { n: unread })} />`
            : draft
              ? html`<span class="visually-hidden">${t("draft saved")}</span><${Icon} name="edit" class="end" />`
              : quiet && html`<span class="visually-hidden">${t("muted")}</span><${Icon} name="belloff" class="end" />`
      }
    </a>
  </li>`;
}

function Badge({ at, shown, said }) {
  return html`<span class=${at ? "badge at" : "badge"} data-testid="unread" aria-hidden="true">${shown}</span><span class="visually-hidden">${said}</span>`;
}

function Footer() {
  const { store, session, ui } = useApp();
  const me = store.me.value;
  const online = session.status.value === "online";
  const settings = (event) => ui.openMenu(event.currentTarget, ({ SettingsMenu }) => html`<${SettingsMenu} />`);
  return html`<div class="sidebar__foot" data-testid="account">
    <${Avatar} username=${me.username} name=${me.display_name} online=${online} />
    <div class="who"><b><bdi>${me.display_name}</bdi></b><span><bdi>@${me.username}</bdi></span></div>
    <${IconButton} icon="gear" label=${t("Settings")} aria-haspopup="menu" onClick=${settings} />
  </div>`;
}

function Skeleton() {
  return html`<div data-testid="rooms-loading" aria-hidden="true">
    ${[62, 45, 70, 52, 38, 58].map((width) => html`<div class="skeleton-row"><i></i><i style=${{ width: `${width}%` }}></i></div>`)}
  </div>`;
}

export const nameOf = (room) => room.title || room.room;
const atMost99 = (count) => (count > 99 ? "99+" : count);

// Mentions and direct messages of all other rooms, for the back arrow and the title.
export function callsElsewhere(rooms, current) {
  return [...rooms.values()].reduce(
    (sum, room) => sum + (room.room === current ? 0 : room.kind === "direct" ? callsOf(room) : mentionsOf(room)),
    0,
  );
}
