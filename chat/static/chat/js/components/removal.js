// The confirmation before a person is removed or banned, from the menu or a slash command.

import { useState } from "preact/hooks";
import { t } from "../i18n/i18n.js";
import { minutesInWords } from "../text/moderation.js";
import { Confirm } from "./dialog.js";
import { html } from "./html.js";

// Minutes.
const LENGTHS = [60, 1440, 10_080];

function wordsOf(command, minutes, name, room) {
  if (command === "kick") {
    return {
      title: t("Remove {name} from {room}?", { name, room }),
      text: t("They are removed now but can rejoin. Their messages stay."),
      verb: t("Remove {name}", { name }),
    };
  }
  return {
    title: t("Ban {name} from {room}?", { name, room }),
    text: minutes
      ? t("They leave the room now and cannot rejoin for {time}. Their messages stay.", {
          time: minutesInWords(minutes),
        })
      : t("They leave the room now and cannot rejoin until a moderator lifts the ban. Their messages stay."),
    verb: t("Ban {name}", { name }),
  };
}

// `frame`: the command as it would be sent. `run` gets the reason and the length of the ban in minutes.
export function Removal({ frame, name, room, run }) {
  const [minutes, setMinutes] = useState(frame.minutes);
  const submit = (form) => run(form.get("reason").trim(), minutes);
  return html`<${Confirm} ...${wordsOf(frame.command, minutes, name, room)} run=${submit}>
    ${frame.command === "ban" && html`<${HowLong} own=${frame.minutes} minutes=${minutes} choose=${setMinutes} />`}
    <div class="field"><label for="reason">${t("Reason, shown in the moderation log")}</label>
      <input class="input" id="reason" name="reason" maxlength="500" autofocus autocomplete="off"
        defaultValue=${frame.reason ?? ""} /></div>
  <//>`;
}

// `own`: the minutes typed in the slash command.
function HowLong({ own, minutes, choose }) {
  const lengths = [...new Set(own ? [...LENGTHS, own] : LENGTHS)].sort((a, b) => a - b);
  return html`<div class="field"><label for="how-long">${t("How long")}</label>
    <select class="input" id="how-long" value=${minutes ?? ""}
      onChange=${(event) => choose(Number(event.currentTarget.value) || undefined)}>
      ${lengths.map((one) => html`<option key=${one} value=${one}>${minutesInWords(one)}</option>`)}
      <option value="">${t("Until a moderator lifts it")}</option>
    </select></div>`;
}
