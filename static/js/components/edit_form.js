// Editing in place: Enter saves, Esc leaves it as it was, empty asks to delete.

import { useEffect, useRef, useState } from "preact/hooks";
import { t } from "../i18n/i18n.js";
import { enterIsKey } from "../state/last_input.js";
import { useApp } from "./context.js";
import { html } from "./html.js";
import { askToDelete } from "./message_menu.js";

export function EditForm({ message }) {
  const app = useApp();
  const ref = useRef(null);
  const [text, setText] = useState(() => app.edits.textOf(message) ?? message.message);
  useEffect(() => {
    const field = ref.current;
    field.focus();
    field.setSelectionRange(field.value.length, field.value.length);
    field.closest("article").scrollIntoView({ block: "nearest" });
  }, []);
  const close = () => {
    app.edits.done(message);
    app.focusComposer();
  };
  const type = (event) => {
    setText(event.currentTarget.value);
    app.edits.typed(message, event.currentTarget.value);
  };
  const save = async (event) => {
    event?.preventDefault();
    if (!text.trim()) askToDelete(app, message);
    else if (text === message.message || (await app.actions.edit(message.room, message.seq, text))) close();
  };
  const onKeyDown = (event) => {
    if (event.isComposing) return;
    event.stopPropagation();
    if (event.key === "Escape") close();
    else if (event.key === "Enter" && !event.shiftKey && (event.ctrlKey || event.metaKey || enterIsKey(event))) {
      event.preventDefault();
      save();
    }
  };
  return html`<form class="box" onSubmit=${save}>
    <textarea ref=${ref} rows="1" dir="auto" aria-label=${t("Edit message")} value=${text} onInput=${type} onKeyDown=${onKeyDown}></textarea>
    <div class="bar">
      <span class="hint only-wide"><kbd>Esc</kbd> ${t("cancel")}</span><span class="spacer"></span>
      <button type="button" class="button slim" onClick=${close}>${t("Cancel")}</button>
      <button class="button primary slim">${t("Save")}</button>
    </div>
  </form>`;
}
