// The question before somebody is removed from a room or banned, from the menu and behind a slash alike.

import { t } from "../i18n/i18n.js";
import { minutesInWords } from "../text/moderation.js";
import { Confirm } from "./dialog.js";
import { html } from "./html.js";

function wordsOf({ command, minutes }, name, room) {
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

// `frame`: the command as it would be sent; `run` is given the reason.
export function Removal({ frame, name, room, run }) {
  const submit = (form) => run(form.get("reason").trim());
  return html`<${Confirm} ...${wordsOf(frame, name, room)} run=${submit}>
    <div class="field"><label for="reason">${t("Reason, shown in the moderation log")}</label>
      <input class="input" id="reason" name="reason" maxlength="500" autofocus autocomplete="off"
        defaultValue=${frame.reason ?? ""} /></div>
  <//>`;
}
