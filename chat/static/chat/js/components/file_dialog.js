// Edits the name of an attached file, and the description of a picture for people who cannot see it.

import { useState } from "preact/hooks";
import { t } from "../i18n/i18n.js";
import { useApp } from "./context.js";
import { Dialog } from "./dialog.js";
import { html } from "./html.js";
import { useBlob } from "./use_blob.js";

const NAME_MAX = 200;
const DESCRIPTION_MAX = 500;

export function FileDialog({ slug, file }) {
  const { attachments, ui } = useApp();
  const { trays, uploads } = attachments;
  const [name, setName] = useState(file.name);
  const [description, setDescription] = useState(file.description ?? "");
  const [plain, setPlain] = useState(Boolean(file.plain));
  const url = useBlob(file.key, Boolean(file.width));
  const save = (event) => {
    event.preventDefault();
    const change = { name: name.trim() || file.name, description: description.trim(), plain };
    trays.change(file.key, change);
    uploads.describe(file.key);
    ui.closeDialog();
  };
  const remove = () => {
    uploads.cancel(file.key);
    trays.remove(slug, file.key);
    ui.closeDialog();
  };
  return html`<${Dialog} title=${t("Attached file")} closable>
    ${file.width && html`<img class="dialog__picture" src=${url ?? undefined} alt="" />`}
    <form onSubmit=${save}>
      <div class="field"><label for="file-name">${t("File name")}</label>
        <input class="input" id="file-name" autofocus maxlength=${NAME_MAX}
          value=${name} onInput=${(event) => setName(event.currentTarget.value)} /></div>
      ${
        file.width &&
        html`<div class="field"><label for="file-description">${t("Description for people who cannot see it")}</label>
          <textarea class="input" id="file-description" rows="3" dir="auto" maxlength=${DESCRIPTION_MAX} value=${description}
            onInput=${(event) => setDescription(event.currentTarget.value)}></textarea></div>
        <div class="field"><label><input type="checkbox" checked=${plain}
          onChange=${(event) => setPlain(event.currentTarget.checked)} /> ${t("Send as a file, without preview")}</label></div>
        <p class="note">${t("Location data is removed.")}</p>`
      }
      <div class="actions"><button type="button" class="button danger" onClick=${remove}>${t("Remove")}</button>
        <button class="button primary">${t("Save")}</button></div>
    </form>
  <//>`;
}
