// Edits a message in place: Enter saves, Esc cancels, an empty text asks to delete.

import { useEffect, useRef, useState } from "preact/hooks";
import { t } from "../i18n/i18n.js";
import { EditModel } from "../state/edit_model.js";
import { enterIsKey } from "../state/last_input.js";
import { useApp } from "./context.js";
import { html } from "./html.js";
import { askToDelete } from "./message_menu.js";

export function EditForm({ message }) {
  const app = useApp();
  const ref = useRef(null);
  const [model] = useState(() => new EditModel({ message, edits: app.edits, page: pageOf(app, message) }));
  model.message = message;
  useEffect(() => {
    const field = ref.current;
    field.focus();
    field.setSelectionRange(field.value.length, field.value.length);
    field.closest("article").scrollIntoView({ block: "nearest" });
  }, []);
  const submit = (event) => {
    event.preventDefault();
    model.save();
  };
  const onKeyDown = (event) => {
    if (event.isComposing) return;
    event.stopPropagation();
    if (model.key(event)) event.preventDefault();
  };
  return html`<form class="box" onSubmit=${submit}>
    <textarea ref=${ref} rows="1" dir="auto" aria-label=${t("Edit message")} value=${model.text.value}
      onInput=${(event) => model.typed(event.currentTarget.value)} onKeyDown=${onKeyDown}></textarea>
    <div class="bar">
      <span class="hint only-wide"><kbd>Esc</kbd> ${t("cancel")}</span><span class="spacer"></span>
      <button type="button" class="button slim" onClick=${() => model.close()}>${t("Cancel")}</button>
      <button class="button primary slim">${t("Save")}</button>
    </div>
  </form>`;
}

const pageOf = (app, message) => ({
  save: (text) => app.actions.edit(message.room, message.seq, text),
  askToDelete: () => askToDelete(app, message),
  closed: () => app.focusComposer(),
  enterIsKey,
});
