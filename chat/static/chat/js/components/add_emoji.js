// Adds an emoji to the server's own: a picture and a name.

import { useState } from "preact/hooks";
import { t } from "../i18n/i18n.js";
import { call, csrfToken, postJson } from "../net/api.js";
import { useApp } from "./context.js";
import { Dialog } from "./dialog.js";
import { html } from "./html.js";

const NAME = /^[a-z0-9_+-]{2,32}$/;
const BYTES_MAX = 256 * 1024;

export function AddEmoji({ own }) {
  const { ui } = useApp();
  const [file, setFile] = useState(null);
  const [name, setName] = useState("");
  const [problem, setProblem] = useState("");
  const choose = (event) => {
    const [chosen] = event.currentTarget.files;
    setFile(chosen ?? null);
    setProblem(chosen && chosen.size > BYTES_MAX ? t("The picture is larger than 256 KB.") : "");
    if (chosen && !name) setName(nameOf(chosen.name));
  };
  const taken = own.all.value.has(name);
  const ready = file && NAME.test(name) && !taken && file.size <= BYTES_MAX;
  const save = async (event) => {
    event.preventDefault();
    if (!ready) return;
    try {
      const uploaded = await upload(file);
      await postJson("emoji", { name, file: uploaded.id });
      await own.read();
      ui.closeDialog();
      ui.toast(t("Emoji added"));
    } catch (refused) {
      setProblem(refused.message);
    }
  };
  const said = problem || (taken ? t("This name is taken.") : "");
  return html`<${Dialog} title=${t("Add emoji")}>
    <form class="stack" onSubmit=${save}>
      <div class="field"><label for="emoji-file">${t("Picture: PNG, GIF or WebP, at most 256 KB")}</label>
        <input class="input" id="emoji-file" type="file" accept="image/png,image/gif,image/webp" required onChange=${choose} /></div>
      <div class="field"><label for="emoji-name">${t("Name")}</label>
        <input class="input" id="emoji-name" dir="ltr" autocomplete="off" maxlength="32" pattern="[a-z0-9_+\\-]{2,32}" required
          value=${name} aria-invalid=${Boolean(said)} onInput=${(event) => setName(event.currentTarget.value.toLowerCase())} />
        <small>${t("2 to 32 of a to z, 0 to 9, _, + and -.")}</small></div>
      ${said && html`<p class="field-error" role="alert">${said}</p>`}
      <div class="actions"><button type="button" class="button" onClick=${() => ui.closeDialog()}>${t("Cancel")}</button>
        <button class="button primary" disabled=${!ready}>${t("Add")}</button></div>
    </form>
  <//>`;
}

// From `Ship It!.png`: ship_it.
const nameOf = (path) =>
  path
    .replace(/\.\w+$/, "")
    .toLowerCase()
    .replace(/[^a-z0-9+-]+/g, "_")
    .replace(/^_+|_+$/g, "")
    .slice(0, 32);

function upload(file) {
  const form = new FormData();
  form.append("file", file);
  return call("files", { method: "POST", body: form, headers: { "X-CSRFToken": csrfToken() } });
}
