// A picture that moves, for those who do not want that: its first moment, until they ask for the rest.

import { useEffect, useRef, useState } from "preact/hooks";
import { t } from "../i18n/i18n.js";
import { chatPath } from "../net/addresses.js";
import { altOf } from "./files.js";
import { html } from "./html.js";
import { Icon } from "./icon.js";

export function StillPicture({ file }) {
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
  if (moves) return html`<img src=${chatPath(file.url)} alt=${altOf(file)} />`;
  const play = (event) => {
    event.preventDefault();
    event.stopPropagation();
    setMoves(true);
  };
  const label = t("Play {name}", { name: file.name });
  return html`<canvas ref=${canvas} width=${file.width} height=${file.height} role="img" aria-label=${altOf(file)}></canvas>
    <button type="button" class="picture__play" aria-label=${label} title=${label} onClick=${play}><${Icon} name="play" /></button>`;
}
