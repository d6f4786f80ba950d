// Scheduled messages: the note above the field, and their list beside the conversation.

import "../i18n/i18n_requested.js";

import { untilTime } from "../i18n/dates.js";
import { refusalText, t, tn } from "../i18n/i18n.js";
import { now } from "../state/clock.js";
import { useApp } from "./context.js";
import { Confirm } from "./dialog.js";
import { html } from "./html.js";
import { Icon } from "./icon.js";
import { openThread } from "./open_thread.js";
import { Pane } from "./pane_frame.js";

export { Schedules } from "../state/schedules.js";

// The note for a room, or for a `thread` of it.
export function ScheduledNote({ slug, thread = null }) {
  const { pane, schedules } = useApp();
  const here = (schedules?.items.value ?? []).filter((item) => item.room === slug && item.thread === thread);
  if (!here.length) return null;
  const refused = here.filter(({ state }) => state === "refused").length;
  const text = refused
    ? tn("{n} scheduled message was not sent.", "{n} scheduled messages were not sent.", refused)
    : here.length === 1
      ? t("A message is sent {time}.", { time: untilTime(new Date(here[0].due)) })
      : t("{n} messages are sent later.", { n: here.length });
  return html`<div class="composer-context" data-testid="scheduled-note"><${Icon} name=${refused ? "alert" : "clock"} small />
    <p>${text}</p>
    <button type="button" class="link-button" onClick=${() => pane.open("scheduled")}>${t("Show")}</button></div>`;
}

export function Occupant() {
  const { lazy, schedules } = useApp();
  const items = lazy.schedules.value && schedules?.items.value;
  return html`<${Pane} title=${t("Scheduled messages")} data-testid="scheduled-pane">
    ${items?.map((item) => html`<${Row} key=${item.id} item=${item} />`)}
    ${
      items?.length === 0 &&
      html`<p class="note">${t("Nothing is scheduled. Write a message and choose when it is sent, beside the button that sends.")}</p>`
    }
  <//>`;
}

function Row({ item }) {
  const app = useApp();
  const { schedules, ui } = app;
  const button = (label, run) => html`<button type="button" class="button slim" onClick=${run}>${label}</button>`;
  const change = () => ui.openDialog(({ LaterDialog }) => html`<${LaterDialog} item=${item} />`);
  // The text exists nowhere else: offer Undo after deleting, or ask first if the message is already due.
  const remove = async () => {
    if (Date.parse(item.due) <= now()) return ui.openDialog(() => html`<${AskToDelete} item=${item} />`);
    if (await schedules.cancel(item.id))
      ui.toast(t("Scheduled message deleted"), { label: t("Undo"), run: () => schedules.restore(item) });
  };
  const open = () => openThread(app, item.room, item.thread);
  const place = item.room ? app.titleOf(item.room) : t("Deleted room");
  return html`<section class="scheduled" data-testid="scheduled">
    <p><b><bdi>${place}</bdi></b> <span class="note">${untilTime(new Date(item.due))}</span>${
      item.thread && html` <button type="button" class="link-button note" onClick=${open}>${t("In a thread")}</button>`
    }</p>
    <blockquote dir="auto">${item.message || item.files.map(({ name }) => name).join(", ")}</blockquote>
    ${item.message && item.files.length > 0 && html`<p class="note">${tn("{n} file", "{n} files", item.files.length)}</p>`}
    ${
      item.state === "refused" &&
      html`<p class="field-error"><${Icon} name="alert" />${t("Not sent")}: ${refusalText({ code: item.code, message: item.problem })}</p>`
    }
    <div class="actions start">
      ${button(t("Change"), change)}
      ${button(t("Send now"), () => schedules.send(item.id))}
      ${button(t("Delete"), remove)}
    </div></section>`;
}

function AskToDelete({ item }) {
  const { schedules } = useApp();
  return html`<${Confirm} title=${t("Delete this message?")} verb=${t("Delete")}
    text=${t("It was not sent, and its text is nowhere else.")} run=${() => schedules.cancel(item.id)} />`;
}
