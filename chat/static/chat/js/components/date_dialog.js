// Jumps to a day in a room.

import { useState } from "preact/hooks";
import { dayOf } from "../i18n/dates.js";
import { t } from "../i18n/i18n.js";
import { now } from "../state/clock.js";
import { useApp } from "./context.js";
import { Dialog, FieldError } from "./dialog.js";
import { html } from "./html.js";

// `date`: the day the user comes from.
export function DateDialog({ slug, date }) {
  const app = useApp();
  const [day, setDay] = useState(dayOf(date));
  const [problem, setProblem] = useState("");
  const go = async (event) => {
    event.preventDefault();
    const found = await app.actions.firstOf(slug, new Date(`${day}T00:00`));
    if (!found) return setProblem(t("There is no message of that day or a later one."));
    app.ui.closeDialog();
    app.jumpTo(slug, found.seq);
  };
  return html`<${Dialog} title=${t("Jump to a date")}>
    <form class="stack" onSubmit=${go}>
      <div class=${problem ? "field invalid" : "field"}><label for="jump-day">${t("Day")}</label>
        <input class="input" type="date" id="jump-day" required autofocus max=${dayOf(new Date(now()))} value=${day}
          aria-invalid=${Boolean(problem)} aria-describedby=${problem ? "jump-problem" : undefined}
          onInput=${(event) => setDay(event.currentTarget.value)} />
        <small>${t("The first message of that day, or the next one after it.")}</small>
        <${FieldError} id="jump-problem" text=${problem} /></div>
      <div class="actions"><button type="button" class="button" onClick=${() => app.ui.closeDialog()}>${t("Cancel")}</button>
        <button class="button primary">${t("Jump")}</button></div>
    </form>
  <//>`;
}
