// The header of the conversation: the room, its topic, its members.

import { t, tn } from "../i18n/i18n.js";
import { levelOf } from "../state/room_counts.js";
import { howMany } from "../text/people.js";
import { Avatar } from "./avatar.js";
import { useApp } from "./context.js";
import { html } from "./html.js";
import { Icon, IconButton } from "./icon.js";
import { PersonLink } from "./person_link.js";
import { callsElsewhere, RoomSign } from "./room_link.js";
import { useTurn } from "./use_turn.js";

export function Header({ slug, facts }) {
  useTurn("part");
  const app = useApp();
  const { store, ui } = app;
  const members = facts.kind === "direct" || !store.room(slug) ? undefined : store.members.value.get(slug);
  const quiet = facts.muted || levelOf(facts) === "nothing";
  const openMenu = ({ currentTarget }, content) => ui.openMenu(currentTarget, (parts) => content(parts, currentTarget));
  const options = (event) =>
    openMenu(event, ({ RoomMenu }, anchor) => html`<${RoomMenu} slug=${slug} facts=${facts} anchor=${anchor} />`);
  const levels = (event) => openMenu(event, ({ NotifyMenu }) => html`<${NotifyMenu} slug=${slug} facts=${facts} />`);
  const details = () => ui.openDialog(({ RoomDetails }) => html`<${RoomDetails} slug=${slug} facts=${facts} />`);
  return html`<header class="head" data-testid="room-header">
    <${BackButton} slug=${slug} />
    <div class="head__title">
      <h1><${Name} slug=${slug} facts=${facts} /></h1>
      ${facts.topic && html`<${Topic} topic=${facts.topic} onClick=${details} />`}
    </div>
    ${facts.pins?.length > 0 && html`<${PinsButton} n=${facts.pins.length} />`}
    <${SearchButton} slug=${slug} />
    ${members && html`<${MembersButton} members=${members} />`}
    ${
      facts.notify &&
      html`<${IconButton} icon=${quiet ? "belloff" : "bell"} class="only-wide"
        label=${facts.muted ? t("Notifications, muted") : t("Notifications")}
        aria-haspopup="menu" onClick=${levels} />`
    }
    <${IconButton} icon="dots" label=${t("Room options")} aria-haspopup="menu" onClick=${options} />
  </header>`;
}

// On a phone, opens the room list. The badge counts the mentions in other rooms.
function BackButton({ slug }) {
  const { store, ui } = useApp();
  const calls = callsElsewhere(store.rooms.value, slug);
  const label = calls ? tn("Rooms, {n} mention", "Rooms, {n} mentions", calls) : t("Rooms");
  const open = () => (ui.sidebarOpen.value = true);
  return html`<button type="button" class="icon-button back" data-testid="back" aria-label=${label} onClick=${open}>
    <${Icon} name="back" />${calls > 0 && html`<span class="badge at">${calls > 99 ? "99+" : calls}</span>`}
  </button>`;
}

function Name({ slug, facts }) {
  const { store } = useApp();
  const { kind, username, show_username } = facts;
  const name = facts.title || slug;
  if (kind !== "direct") return html`<${RoomSign} room=${facts} /><bdi key=${name}>${name}</bdi>`;
  return html`<${PersonLink} username=${username}>
    <${Avatar} username=${username} name=${name} size="x" online=${store.isOnline(username)} />
    <bdi key=${name}>${name}</bdi>${show_username && html` <bdi>@${username}</bdi>`}
  <//>`;
}

const Topic = ({ topic, onClick }) =>
  html`<button type="button" class="topic" data-testid="topic" title=${topic} aria-haspopup="dialog" onClick=${onClick}>
    <bdi key=${topic} translate="yes">${topic}</bdi>
  </button>`;

function PinsButton({ n }) {
  const { pane } = useApp();
  const open = pane.kind === "pinned";
  const toggle = (event) => {
    event.currentTarget.focus();
    pane.toggle("pinned");
  };
  const label = tn("{n} pinned message", "{n} pinned messages", n);
  return html`<button type="button" class="icon-button count only-wide" data-testid="pins" aria-expanded=${open}
    aria-controls=${open ? "pane" : undefined} aria-label=${label} title=${label} onClick=${toggle}
    onPointerEnter=${() => pane.prefetch("pinned")}><${Icon} name="pin" /><span>${n}</span></button>`;
}

function SearchButton({ slug }) {
  const { pane } = useApp();
  const open = pane.kind === "search";
  const toggle = (event) => {
    event.currentTarget.focus();
    pane.toggle("search", `in:${slug}`);
  };
  return html`<${IconButton} icon="search" label=${t("Search messages")} aria-expanded=${open}
    aria-controls=${open ? "pane" : undefined} onClick=${toggle} onPointerEnter=${() => pane.prefetch("search")} />`;
}

function MembersButton({ members }) {
  const { pane, store } = useApp();
  const open = pane.kind === "members";
  const online = store.presence.value && members.filter((member) => store.isOnline(member.username)).length;
  const label =
    online == null
      ? tn("{n} member", "{n} members", members.length)
      : tn("{n} member, {online} online", "{n} members, {online} online", members.length, { online });
  const toggle = (event) => {
    event.currentTarget.focus();
    pane.showMembers(!open);
  };
  return html`<button type="button" class="icon-button count" data-testid="member-count" aria-expanded=${open}
    aria-controls=${open ? "pane" : undefined} aria-label=${label} title=${t("Members")} onClick=${toggle}>
    <${Icon} name="users" /><span class="only-wide">${howMany(members)}</span>
  </button>`;
}
