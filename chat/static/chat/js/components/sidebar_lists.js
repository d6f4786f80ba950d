// One row above the rooms for each list across all rooms; a list that was never used is hidden.

import { useEffect, useState } from "preact/hooks";
import { t, tn } from "../i18n/i18n.js";
import { isConversation, mentionsOf } from "../state/room_counts.js";
import { useApp } from "./context.js";
import { html } from "./html.js";
import { Icon } from "./icon.js";

// Events that invalidate the thread counts often arrive in bursts.
const AGAIN_MS = 2_000;

// `counts(app)`: {used, unread, calls, kept}: whether to show the row, and the numbers of new items, mentions and saved
// items. `bring(app)` requests them on each connection, and resolves to true if the row was ever used.
const ROWS = [
  {
    id: "threads",
    icon: "thread",
    label: t("Threads"),
    counts: ({ store }) => {
      const { unread = 0, mentions = 0 } = store.threads.totals.value ?? {};
      return { used: store.threads.parts.value.size > 0 || unread > 0, unread, calls: mentions, kept: 0 };
    },
    bring: ({ session }) => session.request({ type: "threads", filter: "following", limit: 20 }),
  },
  {
    id: "inbox",
    icon: "at",
    label: t("Mentions"),
    counts: ({ store }) => {
      const named = (room) => room.callsInThreads + (isConversation(room) ? 0 : mentionsOf(room));
      const calls = [...store.rooms.value.values()].reduce((sum, room) => sum + named(room), 0);
      return { used: calls > 0, unread: calls, calls, kept: 0 };
    },
    bring: async ({ session }) =>
      (await session.request({ type: "inbox", limit: 1 }, { aside: true })).items.length > 0,
  },
  {
    id: "saved",
    icon: "bookmark",
    label: t("Saved"),
    counts: ({ store }) => ({ used: store.saved.count.value > 0, unread: 0, calls: 0, kept: store.saved.count.value }),
    bring: async () => false,
  },
];

export function SidebarLists() {
  const app = useApp();
  const { pane, session, store, ui } = app;
  const [everUsed, setEverUsed] = useState(new Set());
  const ready = session.isOnline && store.roomsKnown.value;
  const due = store.threads.due.value;
  useEffect(() => {
    // If the request fails, the row stays as it was.
    const use = (id) => (used) => used === true && setEverUsed((ids) => new Set(ids).add(id));
    if (ready) for (const { id, bring } of ROWS) bring(app).then(use(id), () => {});
  }, [ready]);
  useEffect(() => {
    if (!ready || !due) return undefined;
    const timer = setTimeout(() => ROWS[0].bring(app).catch(() => {}), AGAIN_MS);
    return () => clearTimeout(timer);
  }, [due]);
  const rows = ROWS.map((row) => ({ ...row, ...row.counts(app) })).filter(({ id, used }) => used || everUsed.has(id));
  if (!rows.length) return null;
  const open = (row) => () => {
    ui.sidebarOpen.value = false;
    pane.toggle(row.id);
  };
  return html`<ul class="lists" aria-label=${t("Over all rooms")}>
    ${rows.map(
      (row) => html`<li key=${row.id}><button type="button" class=${row.unread ? "room unread" : "room"}
        aria-expanded=${pane.kind === row.id} onClick=${open(row)} onPointerEnter=${() => pane.prefetch(row.id)}>
        <${Icon} name=${row.icon} /><b>${row.label}</b>
        ${row.kept > 0 && html`<span class="note">${row.kept}</span>`}
        ${row.unread > 0 && html`<${Badge} ...${row} />`}
      </button></li>`,
    )}
  </ul>`;
}

const Badge = ({ unread, calls }) =>
  html`<span class=${calls ? "badge at" : "badge"} role="img" aria-label=${tn("{n} new", "{n} new", unread)}>${unread}</span>`;
