// The choice of when to remind the user of a saved message.

import { untilTime } from "../i18n/dates.js";
import { t } from "../i18n/i18n.js";
import { now } from "../state/clock.js";
import { useApp } from "./context.js";
import { Dialog } from "./dialog.js";
import { html } from "./html.js";
import { Menu } from "./menu.js";

const MINUTE_MS = 60_000;
const MORNING = 9;

// `remind_at`: the current reminder's time, or null.
export function RemindMenu({ room, seq, remind_at = null }) {
  const { actions, ui } = useApp();
  const at = (label, moment) => ({
    icon: "clock",
    label,
    sub: untilTime(moment),
    run: () => actions.saving.remind(room, seq, moment.toISOString()),
  });
  const items = [
    at(t("In 20 minutes"), new Date(now() + 20 * MINUTE_MS)),
    at(t("In 1 hour"), new Date(now() + 60 * MINUTE_MS)),
    at(t("Tomorrow"), morning(1)),
    at(t("On Monday"), morning(daysToMonday())),
    {
      icon: "edit",
      label: t("Pick a time"),
      run: () => ui.openDialog(() => html`<${RemindDialog} room=${room} seq=${seq} />`),
    },
    remind_at && "rule",
    remind_at && { icon: "x", label: t("Do not remind me"), run: () => actions.saving.remind(room, seq, null) },
  ];
  return html`<${Menu} label=${t("Remind me")} items=${items.filter(Boolean)} />`;
}

function RemindDialog({ room, seq }) {
  const { actions, ui } = useApp();
  const save = async (event) => {
    event.preventDefault();
    const at = new FormData(event.currentTarget).get("at");
    // The server reads the time in the user's zone: it knows the hours that a clock change skips.
    if (await actions.saving.remind(room, seq, String(at), Intl.DateTimeFormat().resolvedOptions().timeZone))
      ui.closeDialog();
  };
  return html`<${Dialog} title=${t("Remind me")}>
    <form class="stack" onSubmit=${save}>
      <div class="field"><label for="remind-at">${t("Date and time")}</label>
        <input class="input" id="remind-at" name="at" type="datetime-local" required autofocus defaultValue=${local(morning(1))} /></div>
      <div class="actions">
        <button type="button" class="button" onClick=${() => ui.closeDialog()}>${t("Cancel")}</button>
        <button class="button primary">${t("Remind me")}</button></div>
    </form>
  <//>`;
}

function morning(days) {
  const day = new Date(now());
  day.setDate(day.getDate() + days);
  day.setHours(MORNING, 0, 0, 0);
  return day;
}

const daysToMonday = () => (8 - new Date(now()).getDay()) % 7 || 7;

const local = (date) => new Date(date.getTime() - date.getTimezoneOffset() * MINUTE_MS).toISOString().slice(0, 16);
