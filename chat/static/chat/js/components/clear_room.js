// Asks before clearing a room's history for everybody.

import { t } from "../i18n/i18n.js";
import { Confirm } from "./dialog.js";
import { html } from "./html.js";

export function ClearRoom({ name, run }) {
  return html`<${Confirm} title=${t("Clear the history of {room}?", { room: name })} verb=${t("Clear the history")} run=${run}
    text=${t("All messages so far will be hidden for everyone. This cannot be undone. A line will say that you cleared them.")}>
    <div class="field"><label for="clear-name">${t("Type the name of the room to confirm")}</label>
      <input class="input" id="clear-name" name="name" required autofocus autocomplete="off" spellcheck=${false} /></div>
  <//>`;
}
