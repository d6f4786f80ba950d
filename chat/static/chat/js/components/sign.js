// An emoji: a sign of Unicode, or the picture of one of the server's own, written `:name:`.

import { chatPath } from "../net/addresses.js";
import { useApp } from "./context.js";
import { html } from "./html.js";

const OWN = /^:([a-z0-9_+-]{2,32}):$/;

export function Sign({ sign }) {
  const { lazy } = useApp();
  const name = OWN.exec(sign)?.[1];
  const found = name && lazy.emojiNames.value?.own.all.value.get(name);
  if (!found) return sign;
  const still = found.still && matchMedia("(prefers-reduced-motion: reduce)").matches;
  return html`<img class="own-emoji" src=${chatPath(still ? found.still : found.url)} alt=${sign} title=${sign}
    loading="lazy" decoding="async" />`;
}
