// An emoji: a Unicode character, or the picture of a custom emoji, written `:name:`.

import { useApp } from "./context.js";
import { html } from "./html.js";

const OWN = /^:([a-z0-9_+-]{2,32}):$/;

export function Sign({ sign }) {
  const { lazy } = useApp();
  const name = OWN.exec(sign)?.[1];
  const names = name && lazy.emojiNames.value;
  const found = names?.own.all.value.get(name);
  return found ? html`<${names.OwnPicture} emoji=${found} sign=${sign} />` : sign;
}
