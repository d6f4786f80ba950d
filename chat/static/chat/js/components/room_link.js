// A room in the sidebar, with at most one mark at the end of its row.

import { useComputed } from "@preact/signals";
import { t, tn } from "../i18n/i18n.js";
import { chatPath, roomPath } from "../net/addresses.js";
import { callsOf, isConversation, levelOf, unreadOf } from "../state/room_counts.js";
import { Avatar } from "./avatar.js";
import { useApp } from "./context.js";
import { html } from "./html.js";
import { Icon } from "./icon.js";

export function RoomLink({ room }) {
  const { store, ui, drafts, openRoom } = useApp();
  // A computed signal: opening another room renders only two links again, not all.
  const current = useComputed(() => ui.room.value === room.room).value;
  const draft = !current && drafts.rooms.value.has(room.room);
  const quiet = room.muted || levelOf(room) === "nothing";
  const marked = callsOf(room) > 0 || (unreadOf(room) > 0 && !quiet);
  const classes = ["room", marked && "unread", quiet && "muted"].filter(Boolean).join(" ");
  const online = room.username ? store.isOnline(room.username) : undefined;
  const open = (event) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.button) return;
    event.preventDefault();
    openRoom(room.room);
  };
  return html`<li>
    <a class=${classes} data-testid="room-link" data-calls=${callsOf(room)} href=${roomPath(room)}
      aria-current=${current ? "page" : undefined} onClick=${open}>
      ${
        room.kind === "direct"
          ? html`<${Avatar} username=${room.username ?? room.room} name=${nameOf(room)} size="x" online=${online} />`
          : html`<${RoomSign} room=${room} />`
      }
      <b><bdi>${nameOf(room)}</bdi>${room.show_username && html` <bdi>@${room.username}</bdi>`}</b>
      ${online !== undefined && html`<span class="visually-hidden">${online ? t("online") : t("offline")}</span>`}
      ${room.kind === "private" && html`<span class="visually-hidden">${t("private")}</span>`}
      ${endOf(room, { marked, draft, quiet })}
    </a>
  </li>`;
}

// The mark at the end, by priority: mentions, unread messages, a draft, muted.
function endOf(room, { marked, draft, quiet }) {
  const calls = callsOf(room);
  const direct = isConversation(room);
  const unread = direct ? calls : unreadOf(room);
  if (calls > 0 && !direct)
    return html`<${Badge} at shown=${`@ ${atMost99(calls)}`} said=${tn("{n} mention", "{n} mentions", calls)} />`;
  if (marked) return html`<${Badge} at=${direct} shown=${atMost99(unread)} said=${t("{n} unread", { n: unread })} />`;
  if (draft) return html`<span class="visually-hidden">${t("draft saved")}</span><${Icon} name="edit" class="end" />`;
  return quiet && html`<span class="visually-hidden">${t("muted")}</span><${Icon} name="belloff" class="end" />`;
}

function Badge({ at, shown, said }) {
  return html`<span class=${at ? "badge at" : "badge"} data-testid="unread" aria-hidden="true">${shown}</span>
    <span class="visually-hidden">${said}</span>`;
}

// The picture of a room, else its emoji, else an icon for its kind.
export function RoomSign({ room }) {
  if (room.picture) return html`<img class="room-picture" src=${`${chatPath(room.picture)}/128`} alt="" />`;
  if (room.emoji) return html`<span class="room-emoji" aria-hidden="true">${room.emoji}</span>`;
  return html`<${Icon} name=${signOf(room)} />`;
}

const signOf = ({ kind }) => ({ private: "lock", group: "users" })[kind] ?? "hash";
export const nameOf = (room) => room.title || room.room;
const atMost99 = (count) => (count > 99 ? "99+" : count);

// The number of mentions and direct messages in all other rooms, for the back arrow and the page title.
export function callsElsewhere(rooms, current) {
  return [...rooms.values()].reduce((sum, room) => sum + (room.room === current ? 0 : callsOf(room)), 0);
}
