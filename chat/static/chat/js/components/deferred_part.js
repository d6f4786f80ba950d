// A component of deferred.js by its name, as soon as it is here.

import { useApp } from "./context.js";
import { html } from "./html.js";

export function Deferred({ part, ...rest }) {
  const Part = useApp().lazy.deferred.here?.[part];
  return Part && html`<${Part} ...${rest} />`;
}
