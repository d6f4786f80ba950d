// A picture in a message: links to the full-screen view, and shows its buttons.

import { useState } from "preact/hooks";
import { t } from "../i18n/i18n.js";
import { chatPath } from "../net/addresses.js";
import { boxOf } from "../text/files.js";
import { useApp } from "./context.js";
import { html } from "./html.js";

export const altOf = ({ description, name }) => description || t("Image, {name}", { name });

// `alone`: in a box of its own size, else in a grid. `more`: the number of pictures that the grid leaves out.
export function Picture({ message, file, alone, more }) {
  const { lazy, ui } = useApp();
  const [tries, setTries] = useState({ failed: false, count: 0 });
  const [near, setNear] = useState(false);
  const box = boxOf(file);
  const style = {
    ...(alone && { width: `${box.width}px`, aspectRatio: `${box.width} / ${box.height}` }),
    ...(file.placeholder && { backgroundImage: `url("${file.placeholder}")` }),
  };
  if (tries.failed) {
    const retry = () => setTries({ failed: false, count: tries.count + 1 });
    return html`<div class="picture failed" style=${style}><p>${t("Could not load {name}.", { name: file.name })}</p>
      <button type="button" class="link-button" onClick=${retry}>${t("Retry")}</button></div>`;
  }
  const open = (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    lazy.media.fetch();
    const { Lightbox } = lazy.media.here ?? {};
    const content = () => html`<${Lightbox ?? LaterLightbox} room=${message.room} id=${file.id} />`;
    ui.openDialog(content);
  };
  const still = file.type === "image/gif" && matchMedia("(prefers-reduced-motion: reduce)").matches;
  const { StillPicture, PictureTools } = (still ? lazy.media.value : lazy.media.here) ?? {};
  const link = (
    content,
  ) => html`<a class="picture__open" data-testid="picture" href=${chatPath(file.url)} target="_blank"
    rel="noopener" onClick=${open}>${content}${more > 0 && html`<span class="picture__more">+${more}</span>`}</a>`;
  // On touch, the message menu replaces these buttons.
  const come = ({ pointerType }) => {
    lazy.media.fetch();
    setNear(pointerType !== "touch");
  };
  return html`<div class="picture" style=${style} onPointerEnter=${come} onFocusIn=${come}>
    ${
      still
        ? StillPicture && html`<${StillPicture} file=${file} link=${link} />`
        : link(image(file, alone, tries.count, () => setTries({ ...tries, failed: true })))
    }
    ${
      near &&
      !more &&
      PictureTools &&
      html`<${PictureTools} message=${message} file=${file} alone=${alone} onLeave=${() => setNear(false)} />`
    }
  </div>`;
}

function LaterLightbox(props) {
  const { Lightbox } = useApp().lazy.media.value ?? {};
  return Lightbox ? html`<${Lightbox} ...${props} />` : html`<div class="lightbox"></div>`;
}

function image(file, alone, count, onError) {
  const { thumbs = {}, url } = file;
  const sources = Object.entries(thumbs).map(
    ([side, address]) => `${chatPath(address)} ${widthAt(file, Number(side))}w`,
  );
  return html`<img key=${count} src=${chatPath(thumbs["480"] ?? url)} srcset=${alone && sources.length > 1 ? sources.join(", ") : undefined}
    sizes=${alone ? `${boxOf(file).width}px` : undefined} alt=${altOf(file)} loading="lazy" decoding="async" onError=${onError} />`;
}

// A thumbnail's key is the length of its longer side.
const widthAt = ({ width, height }, side) => Math.round(width * Math.min(1, side / Math.max(width, height)));
