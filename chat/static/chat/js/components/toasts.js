// Short notes at the end of the conversation. Hover or focus stops their timer.

import { useEffect, useState } from "preact/hooks";
import { t } from "../i18n/i18n.js";
import { useApp } from "./context.js";
import { html } from "./html.js";
import { IconButton } from "./icon.js";

export function Toasts() {
  const { ui } = useApp();
  return html`<div class="toasts" data-testid="toasts">
    ${ui.toasts.value.map((toast) => html`<${Toast} key=${toast.id} toast=${toast} />`)}
  </div>`;
}

function Toast({ toast }) {
  const { announcer, ui } = useApp();
  const [held, setHeld] = useState(false);
  const drop = () => ui.dropToast(toast.id);
  useEffect(() => announcer.say(toast.text), []);
  useEffect(() => {
    if (held) return undefined;
    const timer = setTimeout(drop, toast.showFor);
    return () => clearTimeout(timer);
  }, [held]);
  const hold = () => setHeld(true);
  const release = () => setHeld(false);
  return html`<div class="toast" data-testid="toast" onMouseEnter=${hold} onMouseLeave=${release} onFocusIn=${hold} onFocusOut=${release}>
    <p>${toast.text}</p>
    ${
      toast.action
        ? html`<button type="button" onClick=${() => {
            drop();
            toast.action.run();
          }}>${toast.action.label}</button>`
        : html`<${IconButton} icon="x" small label=${t("Dismiss")} onClick=${drop} />`
    }
  </div>`;
}
