// An animated picture for users who prefer reduced motion: its first frame, until they press Play.

import { useEffect, useRef, useState } from "preact/hooks";
import { t } from "../i18n/i18n.js";
import { chatPath } from "../net/addresses.js";
import { html } from "./html.js";
import { Icon } from "./icon.js";
import { altOf } from "./picture.js";

// `link(content)` wraps the content in the link to the picture.
export function StillPicture({ file, link }) {
  const canvas = useRef(null);
  const [moves, setMoves] = useState(false);
  useEffect(() => {
    if (moves) return undefined;
    const image = new Image();
    // A canvas draws only the first frame.
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
