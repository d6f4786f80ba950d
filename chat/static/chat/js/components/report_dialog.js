// The dialog that reports a message: the reason, a note, and whether to block the author.

import { t } from "../i18n/i18n.js";
import { isConversation } from "../state/room_counts.js";
import { useApp } from "./context.js";
import { Confirm } from "./dialog.js";
import { html } from "./html.js";

const REASONS = {
  spam: t("Spam"),
  harassment: t("Harassment"),
  danger: t("Something illegal or dangerous"),
  else: t("Something else"),
};

export function ReportDialog({ message }) {
  const app = useApp();
  const { actions, store, ui } = app;
  const name = store.nameOf(message.username);
  const place = app.titleOf(message.room);
  const toAdministrators = isConversation(app.factsOf(message.room));
  const run = async (form) => {
    const reason = [REASONS[form.get("kind")], form.get("note").trim()].filter(Boolean).join(": ").slice(0, 500);
    const { room, seq } = message;
    if (!(await actions.ask({ type: "report", room, seq, reason }))) return null;
    if (form.get("block")) await actions.block(message.username, true);
    ui.toast(t("Thank you. Only those who moderate see who reported."));
    return true;
  };
  const text = toAdministrators
    ? t("The administrators are sent this message and the ones around it.")
    : t("The moderators of {room} will look at it.", { room: place });
  return html`<${Confirm} title=${t("Report this message")} text=${text} verb=${t("Send report")} run=${run}>
    <fieldset class="levels"><legend>${t("Why?")}</legend>
      ${Object.entries(REASONS).map(
        ([value, label], nth) => html`<label key=${value}>
          <input type="radio" name="kind" value=${value} required defaultChecked=${nth === 0} autofocus=${nth === 0} /> ${label}</label>`,
      )}
    </fieldset>
    <div class="field"><label for="report-note">${t("Note")}</label>
      <textarea class="input" id="report-note" name="note" maxlength="400" rows="3"></textarea></div>
    <label class="levels"><input type="checkbox" name="block" /> ${t("Also block {name}", { name })}</label>
  <//>`;
}
