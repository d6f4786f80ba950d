// The pane beside the conversation: the members or another occupant.

import { useApp } from "./context.js";
import { html } from "./html.js";
import { Members } from "./members.js";

export function PaneLayer({ slug, facts }) {
  const { pane } = useApp();
  const { kind, value } = pane.shown.value;
  const Occupant = kind === "members" ? Members : pane.module(kind)?.Occupant;
  return html`<div class="scrim pane-scrim" onPointerDown=${() => pane.close()}></div>
    ${
      Occupant
        ? html`<${Occupant} key=${kind} slug=${slug} facts=${facts} value=${value} />`
        : html`<aside class="pane" id="pane" key="loading" aria-busy="true"></aside>`
    }`;
}
