// Lists over all rooms, above the rooms: a row each, hidden while it was never used.

import { useEffect } from "preact/hooks";
import { t, tn } from "../i18n/i18n.js";
import { useApp } from "./context.js";
import { html } from "./html.js";
import { Icon } from "./icon.js";

// `open(app)`; `counts(app)`: {used, unread, calls, kept}, numbers of what is new, of what calls this person, and of what waits there.
// `bring(app)` asks the server for the numbers on each connection.
const ROWS = [
  {
    id: "threads",
    icon: "thread",
    label: t("Threads"),
    open: (app) => app.pane.toggle("threads"),
    counts: ({ store }) => {
      const { unread = 0, mentions = 0 } = store.threads.totals.value ?? {};
      return { used: store.threads.parts.value.size > 0 || unread > 0, unread, calls: mentions, kept: 0 };
    },
    bring: ({ session }) => session.request({ type: "threads", filter: "following", limit: 20 }).catch(() => {}),
  },
  {
    id: "saved",
    icon: "bookmark",
    label: t("Saved"),
    open: (app) => app.pane.toggle("saved"),
    counts: ({ store }) => ({ used: store.saved.count.value > 0, unread: 0, calls: 0, kept: store.saved.count.value }),
    bring: () => {},
  },
];

export function SidebarLists() {
  const app = useApp();
  const { pane, session, store, ui } = app;
  const ready = session.isOnline && store.roomsKnown.value;
  useEffect(() => {
    if (ready) for (const { bring } of ROWS) bring(app);
  }, [ready]);
  const rows = ROWS.map((row) => ({ ...row, ...row.counts(app) })).filter(({ used }) => used);
  if (!rows.length) return null;
  const open = (row) => () => {
    ui.sidebarOpen.value = false;
    row.open(app);
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
  html`<span class=${calls ? "badge at" : "badge"} aria-label=${tn("{n} new", "{n} new", unread)}>${unread}</span>`;
