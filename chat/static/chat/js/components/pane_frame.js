// The frame of the pane: a column beside the conversation, a drawer over it, or a phone's whole screen.

import { useId, useLayoutEffect, useRef } from "preact/hooks";
import { t } from "../i18n/i18n.js";
import { useApp } from "./context.js";
import { html } from "./html.js";
import { IconButton } from "./icon.js";

// `label`: the region's name, if the title is not enough. `meta`: a line under the title. `actions`: at the end of the
// head. `foot`: below the scrolling body. `wide`: covers the conversation. All other props go to the scrolling body.
export function Pane({
  title,
  label,
  meta,
  actions,
  foot,
  wide = false,
  closeLabel = t("Close"),
  "data-testid": testid,
  children,
  ...body
}) {
  const { pane, reading } = useApp();
  const id = useId();
  const ref = useRef(null);
  useLayoutEffect(() => {
    if (!pane.takeFocus()) return;
    const field = ref.current.querySelector("[autofocus]") ?? ref.current.querySelector("h1, h2");
    field.focus({ preventScroll: true });
  }, []);
  useLayoutEffect(() => {
    if (!wide) return undefined;
    reading.cover(true);
    return () => reading.cover(false);
  }, [wide]);
  const close = () => pane.close();
  // A wide pane hides the room's own h1.
  const heading = wide ? "h1" : "h2";
  return html`<aside class=${wide ? "pane wide" : "pane"} id="pane" data-testid=${testid} ref=${ref} aria-label=${label}
    aria-labelledby=${label ? undefined : id}>
    <div class="pane__head">
      <${IconButton} icon="back" class="only-phone" label=${closeLabel} onClick=${close} />
      <div class="pane__title"><${heading} id=${id} tabindex="-1">${title}<//>${meta && html`<p>${meta}</p>`}</div>
      ${actions}
      <${IconButton} icon="x" class="only-wide" label=${closeLabel} onClick=${close} />
    </div>
    <div class="pane__body" ...${body}>${children}</div>
    ${foot && html`<div class="pane__foot">${foot}</div>`}
  </aside>`;
}
