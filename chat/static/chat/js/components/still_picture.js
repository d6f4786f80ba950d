// A picture that moves, for those who do not want that: its first moment, until they ask for the rest.

import { useEffect, useRef, useState } from "preact/hooks";
import { t } from "../i18n/i18n.js";
import { chatPath } from "../net/addresses.js";
import { html } from "./html.js";
import { Icon } from "./icon.js";
import { altOf } from "./picture.js";

// `link(content)`: the way to the picture, around what is shown of it.
export function StillPicture({ file, link }) {
  const canvas = useRef(null);
  const [moves, setMoves] = useState(false);
  useEffect(() => {
    if (moves) return undefined;
    const image = new Image();
    // On a canvas only the first frame is drawn.
    image.onload = () => canvas.current?.getContext("2d").drawImage(image, 0, 0, file.width, file.height);
    image.src = chatPath(file.url);
    return () => (image.onload = null);
  }, [moves]);
  if (moves) return link(html`<img src=${chatPath(file.url)} alt=${altOf(file)} />`);
  const label = t("Play {name}", { name: file.name });
  const first = html`<canvas ref=${canvas} width=${file.width} height=${file.height} role="img" aria-label=${altOf(file)}></canvas>`;
  return html`${link(first)}
    <button type="button" class="picture__play" aria-label=${label} title=${label} onClick=${() => setMoves(true)}>
      <${Icon} name="play" /></button>`;
}
