// Asks a room's only owner before they leave: who owns the room next, or whether to archive it.

import { useState } from "preact/hooks";
import { t } from "../i18n/i18n.js";
import { byRole } from "../text/people.js";
import { useApp } from "./context.js";
import { Confirm } from "./dialog.js";
import { html } from "./html.js";

// `run` gets the form data. `heir` is the next owner's username; if it is missing, the room is archived.
export function LeaveRoom({ slug, name, run }) {
  const { store } = useApp();
  const [archives, setArchives] = useState(false);
  const me = store.me.value.username;
  const heirs = (store.members.value.get(slug) ?? []).filter((member) => member.username !== me).sort(byRole);
  const title = t("Leave {room}?", { room: name });
  if (!heirs.length) {
    const text = t(
      "You are its only owner, and nobody else is in it. It is archived when you leave: it can still be read, and only the staff can bring it back.",
    );
    return html`<${Confirm} title=${title} text=${text} verb=${t("Archive and leave")} run=${run} />`;
  }
  const text = t("You are its only owner. Choose who owns it after you, or archive it.");
  const verb = archives ? t("Archive and leave") : t("Hand over and leave");
  return html`<${Confirm} title=${title} text=${text} verb=${verb} run=${run}>
    <fieldset class="levels"><legend>${t("What happens to the room")}</legend>
      <label><input type="radio" name="then" checked=${!archives} onChange=${() => setArchives(false)} />
        ${" "}${t("Somebody else owns it")}</label>
      <div class="field"><label class="visually-hidden" for="heir">${t("New owner")}</label>
        <select class="input" id="heir" name="heir" required autofocus disabled=${archives}>
          <option value="">${t("Choose a member")}</option>
          ${heirs.map((heir) => html`<option key=${heir.username} value=${heir.username}>${fullName(heir)}</option>`)}
        </select></div>
      <label><input type="radio" name="then" checked=${archives} onChange=${() => setArchives(true)} />
        ${" "}${t("Archive it: it can still be read, but nothing can be added")}</label>
    </fieldset>
  <//>`;
}

const fullName = ({ username, display_name }) =>
  display_name && display_name !== username ? `${display_name} @${username}` : username;
