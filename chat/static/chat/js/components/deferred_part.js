// Draws a component of deferred.js by its name, once that module is loaded.

import { useApp } from "./context.js";
import { html } from "./html.js";

export function Deferred({ part, ...rest }) {
  const Part = useApp().lazy.deferred.here?.[part];
  return Part && html`<${Part} ...${rest} />`;
}
