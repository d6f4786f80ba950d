// What stands in a pane while its rows are on their way; nothing for what comes at once.

import { useEffect, useState } from "preact/hooks";
import { html } from "./html.js";

const AFTER_MS = 150;
// The widths of its lines, in percent.
const LINES = [60, 45, 70];

export function Skeleton() {
  const [shown, setShown] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setShown(true), AFTER_MS);
    return () => clearTimeout(timer);
  }, []);
  return (
    shown &&
    html`<div class="pane-skeleton" aria-hidden="true">
      ${LINES.map((width) => html`<p key=${width}><i></i><i style=${{ width: `${width}%` }}></i></p>`)}</div>`
  );
}
