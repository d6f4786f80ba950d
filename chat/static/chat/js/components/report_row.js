// A report and the actions that a moderator can take on it.

import { fullTime } from "../i18n/dates.js";
import { t } from "../i18n/i18n.js";
import { useApp } from "./context.js";
import { html } from "./html.js";

export function ReportRow({ row, slug, again }) {
  const app = useApp();
  const { actions, store, ui } = app;
  const close = async (outcome) => {
    await actions.ask({ type: "report_close", room: slug, id: row.id, outcome });
    again();
  };
  const act = (outcome, run) => async () => {
    if (await run()) close(outcome);
  };
  const mute = () => actions.ask({ type: "command", command: "mute", room: slug, username: row.author, minutes: 60 });
  const frame = { command: "ban", room: slug, username: row.author, reason: row.reason };
  const ban = async (reason, minutes) => {
    const answer = await actions.moderate(slug, "ban", { ...(minutes && { minutes }), username: row.author, reason });
    if (answer) close("banned");
    return answer;
  };
  const names = { name: store.nameOf(row.author), room: app.titleOf(slug) };
  const askToBan = () => ui.openDialog(({ Removal }) => html`<${Removal} frame=${frame} ...${names} run=${ban} />`);
  const button = (label, run) => html`<button type="button" class="button slim" onClick=${run}>${label}</button>`;
  return html`<p><b><bdi>${store.nameOf(row.author)}</bdi></b> <span class="note">${fullTime(new Date(row.at))}</span></p>
    <blockquote dir="auto">${row.message}</blockquote>
    <p class="note">${t("Reported by {name}", { name: store.nameOf(row.by) })}: <bdi>${row.reason}</bdi></p>
    <div class="actions start">
      ${button(t("Show"), () => app.jumpTo(slug, row.seq))}
      ${button(
        t("Delete message"),
        act("deleted", () => actions.remove(slug, row.seq)),
      )}
      ${button(t("Mute for 1 h"), act("muted", mute))}
      ${button(t("Ban"), askToBan)}
      ${button(t("Dismiss"), () => close("dismissed"))}
    </div>`;
}
