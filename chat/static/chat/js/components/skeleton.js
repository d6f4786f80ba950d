// The placeholder of a pane while its rows load; empty for the first 150 ms, so that a fast response shows none.

import { useEffect, useState } from "preact/hooks";
import { html } from "./html.js";

const AFTER_MS = 150;
// The widths of the skeleton's lines, in percent.
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
