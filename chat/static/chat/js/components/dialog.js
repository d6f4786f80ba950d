// Dialogs are the browser's own modal ones, so that focus stays inside and comes back.

import { useEffect, useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import { t } from "../i18n/i18n.js";
import { useApp } from "./context.js";
import { html } from "./html.js";
import { Icon, IconButton } from "./icon.js";

// Holds the open dialog.
export function DialogLayer() {
  const { lazy, ui } = useApp();
  const dialog = ui.dialog.value;
  const parts = dialog && lazy.onRequest.value;
  return parts && html`<${Modal} key=${dialog} dialog=${dialog} parts=${parts} />`;
}

function Modal({ dialog, parts }) {
  const { announcer, ui } = useApp();
  const ref = useRef(null);
  // A layout effect, so that the dialog has the focus before the next key arrives.
  useLayoutEffect(() => {
    const element = ref.current;
    element.showModal();
    announcer.moveTo(element);
    dialog.shown = true;
    const first = element.querySelector("[autofocus]");
    first?.focus();
    ui.ahead.hand(first);
    return () => {
      announcer.moveTo(document.body);
      element.close();
      if (!dialog.opener?.isConnected) return;
      // After Escape the browser has already focused the opener, but in Chromium typed text then goes nowhere.
      dialog.opener.blur();
      dialog.opener.focus({ preventScroll: true });
    };
  }, []);
  const onPointerDown = (event) => event.target === ref.current && ui.closeDialog();
  // The close event fires asynchronously: another dialog may be open by then.
  const onClose = () => ui.dialog.value === dialog && ui.closeDialog();
  return html`<dialog ref=${ref} onClose=${onClose} onPointerDown=${onPointerDown}>${dialog.content(parts)}</dialog>`;
}

// `closable`: shows a close button, for dialogs without a Cancel button.
export function Dialog({ title, tall = false, closable = false, role, children }) {
  const { ui } = useApp();
  const id = useId();
  return html`<div class=${tall ? "dialog tall" : "dialog"} role=${role ?? "document"} aria-labelledby=${id}>
    <div class="dialog__head"><h2 id=${id}>${title}</h2>
      ${closable && html`<${IconButton} icon="x" label=${t("Close")} onClick=${() => ui.closeDialog()} />`}
    </div>
    ${children}
  </div>`;
}

// Asks before something that cannot be undone. `verb` labels the button. `run` returns null after a refusal, or the
// error to show here: in both cases the dialog stays open, with what was typed.
// `harmless`: the action can be undone.
export function Confirm({ title, text, verb, run, harmless = false, children }) {
  const { ui } = useApp();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState("");
  const submit = async (event) => {
    event.preventDefault();
    setBusy(true);
    setProblem("");
    const done = await run(new FormData(event.currentTarget));
    if (done !== null && typeof done !== "string") return ui.closeDialog();
    setBusy(false);
    setProblem(done ?? "");
  };
  return html`<${Dialog} title=${title} role=${harmless ? "document" : "alertdialog"}>
    ${text && html`<p>${text}</p>`}
    <form onSubmit=${submit}>
      ${children}
      ${problem && html`<${Problem} text=${problem} />`}
      <div class="actions">
        <button type="button" class="button" onClick=${() => ui.closeDialog()}>${t("Cancel")}</button>
        <button class=${harmless ? "button primary" : "button danger"} autofocus=${!children} disabled=${busy}>${verb}</button>
      </div>
    </form>
  <//>`;
}

const Problem = ({ text }) => html`<div class="field invalid" role="alert">
  <p class="field-error"><${Icon} name="alert" />${text}</p>
</div>`;

export function FieldError({ id, text }) {
  const { announcer } = useApp();
  useEffect(() => {
    if (text) announcer.say(text);
  }, [text]);
  return text ? html`<p class="field-error" id=${id}><${Icon} name="alert" />${text}</p>` : null;
}
