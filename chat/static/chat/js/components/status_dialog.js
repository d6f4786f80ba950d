// The dialog for the user's status, when it ends, and their presence.

import { useState } from "preact/hooks";
import { untilTime } from "../i18n/dates.js";
import { t } from "../i18n/i18n.js";
import { useApp } from "./context.js";
import { Dialog } from "./dialog.js";
import { html } from "./html.js";

const MINUTE_MS = 60_000;
const IDEAS = [
  ["🍽️", t("Lunch")],
  ["🚌", t("Commuting")],
  ["🤒", t("Out sick")],
  ["🌴", t("Away")],
  ["🏠", t("Working remotely")],
];
const PRESENCES = [
  ["auto", t("Active")],
  ["away", t("Away")],
  ["busy", t("Do not disturb")],
];
const ENDS = [
  ["", t("Never")],
  ["30", t("30 minutes")],
  ["60", t("1 hour")],
  ["240", t("4 hours")],
  ["today", t("Today")],
];

export function StatusDialog() {
  const { actions, store, ui } = useApp();
  const known = store.status.value ?? { emoji: "", text: "", until: null };
  // The server refuses an end that has passed.
  const ahead = Date.parse(known.until ?? "") > Date.now() && known.until;
  const [emoji, setEmoji] = useState(known.emoji);
  const [text, setText] = useState(known.text);
  const save = async (event) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const wanted = {
      emoji: emoji || "",
      text: text.trim(),
      until: endOf(form.get("end")),
      presence: form.get("presence"),
    };
    if (await actions.ask({ type: "status", ...wanted })) {
      actions.showOwnStatus(wanted);
      ui.closeDialog();
    }
  };
  const clear = () => {
    setEmoji("");
    setText("");
  };
  const take = (sign, words) => () => {
    setEmoji(sign);
    setText(words);
  };
  return html`<${Dialog} title=${t("Set a status")}>
    <form class="stack" onSubmit=${save}>
      <div class="field"><label for="status-text"><span class="emoji" aria-hidden="true">${emoji}</span> ${t("Status")}</label>
        <input class="input" id="status-text" autofocus dir="auto" maxlength="80" value=${text}
          onInput=${(event) => setText(event.currentTarget.value)} /></div>
      <div class="actions start">${IDEAS.map(
        ([sign, words]) =>
          html`<button key=${sign} type="button" class="button slim" onClick=${take(sign, words)}>${sign} ${words}</button>`,
      )}</div>
      <div class="field"><label for="status-end">${t("Clear after")}</label>
        <select class="input" id="status-end" name="end">
          ${ahead && html`<option value=${ahead} selected>${endText(ahead)}</option>`}
          ${ENDS.map(([value, label]) => html`<option key=${value} value=${value}>${label}</option>`)}</select></div>
      <fieldset class="levels"><legend>${t("Presence")}</legend>
        ${PRESENCES.map(
          ([value, label]) => html`<label key=${value}><input type="radio" name="presence" value=${value}
            defaultChecked=${store.ownPresence.value === value} /> ${label}</label>`,
        )}
      </fieldset>
      <div class="actions">
        <button type="button" class="button" onClick=${clear}>${t("Clear status")}</button>
        <button type="button" class="button" onClick=${() => ui.closeDialog()}>${t("Cancel")}</button>
        <button class="button primary">${t("Save")}</button></div>
    </form>
  <//>`;
}

const endText = (until) => t("until {time}", { time: untilTime(new Date(until)) });

function endOf(choice) {
  if (!choice) return null;
  // The present end.
  if (choice.includes("T")) return choice;
  if (choice !== "today") return new Date(Date.now() + Number(choice) * MINUTE_MS).toISOString();
  const end = new Date();
  end.setHours(23, 59, 59, 0);
  return end.toISOString();
}
