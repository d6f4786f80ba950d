// The dialog that moves a room to a section of the user's own sidebar.

import { useState } from "preact/hooks";
import { t } from "../i18n/i18n.js";
import { useApp } from "./context.js";
import { Dialog } from "./dialog.js";
import { html } from "./html.js";

const NAME_MAX = 40;

export function SectionDialog({ slug, facts }) {
  const { actions, store, ui } = useApp();
  const [name, setName] = useState(facts.section ?? "");
  const known = [...new Set([...store.rooms.value.values()].map((room) => room.section))].filter(Boolean).sort();
  const move = async (section) => {
    if (await actions.notifyAbout(slug, { section })) ui.closeDialog();
  };
  const submit = (event) => {
    event.preventDefault();
    move(name.trim());
  };
  return html`<${Dialog} title=${t("Move to a section")}>
    <form onSubmit=${submit}>
      <div class="field"><label for="section">${t("Section")}</label>
        <input class="input" id="section" list="sections" maxlength=${NAME_MAX} autocomplete="off" dir="auto" autofocus value=${name}
          onInput=${(event) => setName(event.currentTarget.value)} />
        <datalist id="sections">${known.map((one) => html`<option key=${one} value=${one} />`)}</datalist>
        <small>${t("A heading in your list of rooms. Only you see it.")}</small></div>
      <div class="actions">
        ${facts.section && html`<button type="button" class="button" onClick=${() => move("")}>${t("Take out")}</button>`}
        <button type="button" class="button" onClick=${() => ui.closeDialog()}>${t("Cancel")}</button>
        <button class="button primary">${t("Move")}</button>
      </div>
    </form>
  <//>`;
}
