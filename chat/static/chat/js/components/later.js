// Schedules a message: at one of two common times, or at any other.

import { useEffect, useState } from "preact/hooks";
import { t } from "../i18n/i18n.js";
import { now } from "../state/clock.js";
import { useApp } from "./context.js";
import { Dialog, FieldError } from "./dialog.js";
import { html } from "./html.js";
import { Menu } from "./menu.js";

const MORNING = "T09:00";
const two = (number) => String(number).padStart(2, "0");
const dayOf = (date) => `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
const zoneHere = () => Intl.DateTimeFormat().resolvedOptions().timeZone;

// The date a number of days after today.
function dayAfter(days) {
  const today = new Date(now());
  return dayOf(new Date(today.getFullYear(), today.getMonth(), today.getDate() + days));
}

const untilMonday = () => (8 - new Date(now()).getDay()) % 7 || 7;

// `model`: the ComposerModel of `place`. `target()` returns where its message goes: {room} or {room, thread, in_room}.
export function LaterMenu({ place, target, model }) {
  const app = useApp();
  const at = (when) => async () => {
    const refusal = await sendLater(app, { place, target, model }, { at: when, zone: zoneHere() });
    if (refusal) app.ui.toast(refusal.text);
  };
  const choose = () =>
    app.ui.openDialog(({ LaterDialog }) => html`<${LaterDialog} writing=${{ place, target, model }} />`);
  const items = [
    ...(model.sendable
      ? [
          { icon: "clock", label: t("Tomorrow, {time}", { time: "9:00" }), run: at(dayAfter(1) + MORNING) },
          { icon: "clock", label: t("Monday, {time}", { time: "9:00" }), run: at(dayAfter(untilMonday()) + MORNING) },
          { icon: "edit", label: t("Choose a time…"), run: choose },
          "rule",
        ]
      : []),
    { icon: "menu", label: t("Scheduled messages"), run: () => app.pane.open("scheduled") },
  ];
  return html`<${Menu} label=${t("Send later")} items=${items} />`;
}

// Returns null, or {text, fields} of the refusal: the draft stays in that case.
async function sendLater(app, { place, target, model }, when) {
  const files = app.attachments.trays.of(place);
  if (files.some(({ id }) => !id)) return { text: t("Wait until the files have arrived."), fields: {} };
  await app.lazy.schedules.fetch();
  const refusal = await model.sendLater((message) => app.schedules.schedule(target(), message, when));
  if (!refusal && files.length) app.attachments.forget(files);
  // Resets the “Also send to” checkbox for the next reply.
  if (!refusal && target().thread) app.sent(place);
  return refusal;
}

// For the draft of a composer (`writing`: {place, target, model} as above), or for a scheduled message (`item`).
export function LaterDialog({ writing, item }) {
  const app = useApp();
  const zone = item?.zone ?? zoneHere();
  const [at, setAt] = useState(item?.at.slice(0, 16) ?? dayAfter(1) + MORNING);
  const [text, setText] = useState(item?.message ?? "");
  const [twice, setTwice] = useState(false);
  const [refusal, setRefusal] = useState("");
  const [busy, setBusy] = useState(false);
  useEffect(() => {
    app.lazy.schedules.fetch();
  }, []);
  const submit = async (event) => {
    event.preventDefault();
    const fold = new FormData(event.currentTarget).get("fold");
    const when = { at, zone, ...(fold && { fold: Number(fold) }) };
    setBusy(true);
    const refused = item
      ? await app.schedules.change(item.id, { ...when, ...(text !== item.message && { message: text }) })
      : await sendLater(app, writing, when);
    if (!refused) return app.ui.closeDialog();
    setBusy(false);
    setTwice(Boolean(refused.fields?.fold));
    setRefusal(refused.text);
  };
  return html`<${Dialog} title=${item ? t("Scheduled message") : t("Send later")}>
    <form class="stack" onSubmit=${submit}>
      ${
        item &&
        html`<div class="field"><label for="later-text">${t("Message")}</label>
        <textarea class="input" id="later-text" rows="4" dir="auto" required=${!item.files.length} value=${text}
          onInput=${(event) => setText(event.currentTarget.value)}></textarea></div>`
      }
      <div class=${refusal ? "field invalid" : "field"}><label for="later-at">${t("Day and time")}</label>
        <input class="input" type="datetime-local" id="later-at" required autofocus value=${at}
          aria-invalid=${Boolean(refusal)} aria-describedby=${refusal ? "later-problem" : undefined}
          onInput=${(event) => setAt(event.currentTarget.value)} />
        <small>${t("By the clocks of {zone}.", { zone })}</small>
        <${FieldError} id="later-problem" text=${refusal} /></div>
      ${
        twice &&
        html`<div class="field"><label for="later-fold">${t("Which of the two")}</label>
        <select class="input" id="later-fold" name="fold"><option value="0">${t("The first")}</option>
          <option value="1">${t("The second")}</option></select></div>`
      }
      <div class="actions"><button type="button" class="button" onClick=${() => app.ui.closeDialog()}>${t("Cancel")}</button>
        <button class="button primary" disabled=${busy}>${item ? t("Save") : t("Schedule")}</button></div>
    </form>
  <//>`;
}
