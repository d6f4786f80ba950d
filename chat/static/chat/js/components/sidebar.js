// The sidebar: rooms and direct messages.

import { useEffect, useRef, useState } from "preact/hooks";
import { t } from "../i18n/i18n.js";
import { isConversation, isHidden } from "../state/room_counts.js";
import { useApp } from "./context.js";
import { html } from "./html.js";
import { Icon, IconButton, Mark } from "./icon.js";
import { nameOf, RoomLink } from "./room_link.js";
import { SidebarFoot } from "./sidebar_foot.js";
import { useTurn } from "./use_turn.js";

// The widths of the skeleton's lines, in percent.
const SKELETON = [62, 45, 70, 52, 38, 58];

export function Sidebar() {
  useTurn("part");
  const app = useApp();
  const { store, ui } = app;
  const list = useRef(null);
  // On a phone the lists are out of view: draw the conversation before them.
  const [listed, setListed] = useState(!ui.narrow);
  useEffect(() => setListed(true), []);
  const folded = ui.folded.value;
  const deferred = app.lazy.deferred.here;
  const rooms = [...store.rooms.value.values()].filter(
    (room) => !(room.archived || isHidden(room)) || room.room === ui.room.value,
  );
  const others = rooms.filter((room) => !room.starred && !room.section);
  const newMessage = () => ui.openDialog(({ NewMessage }) => html`<${NewMessage} />`);
  const switchRoom = () => ui.openDialog(({ QuickSwitch }) => html`<${QuickSwitch} />`);
  const search = () => {
    ui.sidebarOpen.value = false;
    app.pane.open("search");
  };
  const classes = ui.sidebarOpen.value ? "sidebar open" : "sidebar";
  return html`<nav class=${classes} id="sidebar" data-testid="sidebar" aria-label=${t("Rooms and direct messages")}>
    <div class="sidebar__top">
      <${Mark} picture=${app.workspacePicture} /><span class="brand"><bdi>${app.workspace}</bdi></span>
      <${IconButton} icon="search" class="only-phone" label=${t("Search messages")} onClick=${search} />
      <${IconButton} icon="edit" label=${t("New message")} onClick=${newMessage} />
    </div>
    <button type="button" class="jump" onClick=${switchRoom}>
      <${Icon} name="search" small /><span>${t("Jump to…")}</span><kbd>${app.modKey} K</kbd>
    </button>
    <div class="edges"><div class="sidebar__scroll" ref=${list}>
      ${deferred && html`<${deferred.SidebarLists} />`}
      ${
        listed &&
        html`<${OwnSections} rooms=${rooms} folded=${folded} />
        <${NamedRooms} rooms=${others} hidden=${folded.has("rooms")} />
        <${DirectRooms} rooms=${others} hidden=${folded.has("dms")} newMessage=${newMessage} />`
      }
    </div>${deferred && html`<${deferred.UnreadOverflow} scroller=${list} mark="a.room.unread" rows=${rooms} />`}</div>
    <${SidebarFoot} />
  </nav>`;
}

// The favourites first, then the user's own sections.
function OwnSections({ rooms, folded }) {
  const byName = (a, b) => a.localeCompare(b);
  const names = [...new Set(rooms.filter((room) => !room.starred).map((room) => room.section))].filter(Boolean);
  const sections = [
    ["starred", t("Favourites"), rooms.filter((room) => room.starred)],
    ...names
      .sort(byName)
      .map((name) => [`own:${name}`, name, rooms.filter((room) => !room.starred && room.section === name)]),
  ];
  return sections
    .filter(([, , held]) => held.length)
    .map(
      ([id, title, held]) => html`<${Section} key=${id} id=${id} title=${html`<bdi>${title}</bdi>`} />
      <ul aria-label=${title} hidden=${folded.has(id)}>
        ${held.sort((a, b) => byName(nameOf(a), nameOf(b))).map((room) => html`<${RoomLink} key=${room.room} room=${room} />`)}
      </ul>`,
    );
}

function NamedRooms({ rooms, hidden }) {
  const { store, ui } = useApp();
  const browse = () => ui.openDialog(({ BrowseRooms }) => html`<${BrowseRooms} />`);
  const create = () => ui.openDialog(({ CreateRoom }) => html`<${CreateRoom} />`);
  const named = rooms.filter((room) => !isConversation(room)).sort((a, b) => nameOf(a).localeCompare(nameOf(b)));
  return html`<${Section} id="rooms" title=${t("Rooms")}>
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
          : html`<ul aria-labelledby="s-rooms" hidden=${hidden}>
            ${named.map((room) => html`<${RoomLink} key=${room.room} room=${room} />`)}
            <${Ghost} icon="compass" text=${t("Browse all rooms")} onClick=${browse} />
          </ul>`
    }`;
}

function DirectRooms({ rooms, hidden, newMessage }) {
  const direct = rooms
    .filter(isConversation)
    .sort((a, b) => b.latest.localeCompare(a.latest) || nameOf(a).localeCompare(nameOf(b)));
  return html`<${Section} id="dms" title=${t("Direct messages")}>
      <${IconButton} icon="plus" small label=${t("New direct message")} onClick=${newMessage} />
    <//>
    <ul aria-labelledby="s-dms" hidden=${hidden}>
      ${direct.map((room) => html`<${RoomLink} key=${room.room} room=${room} />`)}
      ${!direct.length && html`<${Ghost} icon="edit" text=${t("New direct message")} onClick=${newMessage} />`}
    </ul>`;
}

// A row with an action in place of a room.
const Ghost = ({ icon, text, onClick }) => html`<li>
  <button type="button" class="room ghost" onClick=${onClick}><${Icon} name=${icon} /><b>${text}</b></button>
</li>`;

function Section({ id, title, children }) {
  const { ui } = useApp();
  return html`<div class="section">
    <h2><button type="button" class="section__toggle" id=${`s-${id}`} aria-expanded=${!ui.folded.value.has(id)}
      onClick=${() => ui.fold(id)}>
      ${title}<${Icon} name="chev" small />
    </button></h2>
    ${children}
  </div>`;
}

const Skeleton = () => html`<div data-testid="rooms-loading" aria-hidden="true">
  ${SKELETON.map((width) => html`<div class="skeleton-row"><i></i><i style=${{ width: `${width}%` }}></i></div>`)}
</div>`;
