// The lists for moderators in the room settings: bans, the moderation log, and reports.

import { useEffect, useState } from "preact/hooks";
import { fullTime } from "../i18n/dates.js";
import { t } from "../i18n/i18n.js";
import { useApp } from "./context.js";
import { html } from "./html.js";
import { ReportRow } from "./report_row.js";

const EMPTY = {
  bans: t("Nobody is banned."),
  log: t("No moderator has done anything here yet."),
  reports: t("No report is open."),
};
const COMMANDS = { bans: "bans", log: "audit", reports: "reports" };
const ROWS = { bans: "bans", log: "entries", reports: "reports" };

export function RoomRecords({ slug, kind }) {
  const { actions, store } = useApp();
  const [rows, setRows] = useState(null);
  const [more, setMore] = useState(false);
  const fetchPage = async (before, known) => {
    const answer = await actions.ask({ type: COMMANDS[kind], room: slug, ...(before && { before }) });
    if (!answer) return;
    setRows([...known, ...answer[ROWS[kind]]]);
    setMore(answer.has_older);
  };
  // Refetch when the open reports change: a report that another moderator handled leaves the list.
  const open = kind === "reports" && store.reports.value.get(slug);
  useEffect(() => {
    fetchPage(null, []);
  }, [open]);
  if (!rows) return null;
  const again = () => fetchPage(null, []);
  const Row = { bans: BanRow, log: LogRow, reports: ReportRow }[kind];
  return html`
    ${kind === "log" && html`<p class="note">${t("Nobody can change this list.")}</p>`}
    ${rows.length === 0 && html`<p class="note" data-testid="no-records">${EMPTY[kind]}</p>`}
    <ul class="records">${rows.map((row) => html`<li key=${row.id}><${Row} row=${row} slug=${slug} again=${again} /></li>`)}</ul>
    ${
      more &&
      html`<button type="button" class="button" onClick=${() => fetchPage(rows.at(-1).id, rows)}>${t("Show older")}</button>`
    }`;
}

function BanRow({ row, slug, again }) {
  const { actions, store } = useApp();
  const lift = async () => {
    await actions.moderate(slug, "unban", { username: row.username });
    again();
  };
  const until = row.until ? t("until {time}", { time: fullTime(new Date(row.until)) }) : t("permanently");
  return html`<p><b><bdi>${row.display_name}</bdi></b> <bdi>@${row.username}</bdi></p>
    <p class="note">${[row.by && t("by {name}", { name: store.nameOf(row.by) }), fullTime(new Date(row.at)), until]
      .filter(Boolean)
      .join(" · ")}</p>
    ${row.reason && html`<p><bdi>${row.reason}</bdi></p>`}
    <button type="button" class="button slim" onClick=${lift}>${t("Lift ban")}</button>`;
}

function LogRow({ row }) {
  const { store } = useApp();
  const said = actText(row, (username) => store.nameOf(username));
  return html`<p>${said}${row.reason && html`: <bdi>${row.reason}</bdi>`}</p>
    <p class="note">${fullTime(new Date(row.at))}</p>`;
}

function actText({ by, action, username, detail }, nameOf) {
  const names = { by: nameOf(by), name: nameOf(username) };
  switch (action) {
    case "clear":
      return t("{by} cleared the history", names);
    case "kick":
      return t("{by} removed {name} from the room", names);
    case "ban":
      return t("{by} banned {name}", names);
    case "pin_message":
      return t("{by} pinned a message by {name}", names);
    case "unpin_message":
      return t("{by} unpinned a message by {name}", names);
    case "unban":
      return t("{by} lifted the ban of {name}", names);
    case "mute":
      return t("{by} muted {name} for {n} min", { ...names, n: detail.minutes });
    case "unmute":
      return t("{by} ended the mute of {name}", names);
    case "topic":
      return t("{by} changed the topic", names);
    case "role":
      return t("{by} changed the role of {name}", names);
    case "delete_message":
      return t("{by} deleted a message of {name}", names);
    case "edit_message":
      return t("{by} changed a message of {name}", names);
    case "room":
      return t("{by} changed the room's settings", names);
    case "report":
      return t("{by} handled a report about {name}", names);
    default:
      return `${names.by}: ${action} ${names.name}`;
  }
}
