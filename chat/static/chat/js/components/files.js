// The files of a message: pictures in boxes that have their size before they load, films, sounds, and rows to download.

import { useState } from "preact/hooks";
import { t } from "../i18n/i18n.js";
import { chatPath } from "../net/addresses.js";
import { boxOf, isFilm, isPicture, isSound } from "../text/files.js";
import { isFewLines, isShortText } from "../text/text_file.js";
import { useApp } from "./context.js";
import { FileRow } from "./file_row.js";
import { Film } from "./film.js";
import { html } from "./html.js";

const GRID_MAX = 4;
const GRIDS = ["", "", "two", "three", "four"];

export function Files({ message }) {
  const { files } = message;
  const pictures = files.filter(isPicture);
  const { lazy } = useApp();
  // One is heard at a time.
  const alone = ({ target }) => {
    for (const other of document.querySelectorAll("video")) if (other !== target) other.pause();
    lazy.media.here?.player.pause();
  };
  return html`<div class="files" data-testid="files" onPlayCapture=${alone}>
    ${pictures.length > 0 && html`<${Pictures} message=${message} pictures=${pictures} />`}
    ${files.map((file) => {
      if (isPicture(file)) return null;
      if (isFilm(file)) return html`<${Film} key=${file.id} file=${file} files=${files} />`;
      if (isSound(file)) return html`<${Sound} key=${file.id} file=${file} message=${message} />`;
      return html`<${FileRow} key=${file.id} file=${file} />
        ${isShortText(file) && html`<${Text} key=${`text-${file.id}`} file=${file} />`}`;
    })}
  </div>`;
}

function Pictures({ message, pictures }) {
  const shown = pictures.slice(0, GRID_MAX);
  const hidden = pictures.length - shown.length;
  const picture = (
    file,
    at,
  ) => html`<${Picture} key=${file.id} message=${message} file=${file} alone=${shown.length === 1}
    more=${at === GRID_MAX - 1 ? hidden : 0} />`;
  if (shown.length === 1) return picture(shown[0], 0);
  return html`<div class=${`pictures ${GRIDS[shown.length]}`}>${shown.map(picture)}</div>`;
}

export const altOf = ({ description, name }) => description || t("Image, {name}", { name });

function Picture({ message, file, alone, more }) {
  const { lazy, ui } = useApp();
  const [tries, setTries] = useState({ failed: false, count: 0 });
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
  const Still = still && lazy.media.value?.StillPicture;
  const prefetch = () => lazy.media.fetch();
  return html`<a class="picture" data-testid="picture" href=${chatPath(file.url)} target="_blank" rel="noopener" style=${style}
    onClick=${open} onPointerEnter=${prefetch}>
    ${still ? Still && html`<${Still} file=${file} />` : image(file, alone, tries.count, () => setTries({ ...tries, failed: true }))}
    ${more > 0 && html`<span class="picture__more">+${more}</span>`}
  </a>`;
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

// A thumbnail is named by its longer side.
const widthAt = ({ width, height }, side) => Math.round(width * Math.min(1, side / Math.max(width, height)));

function Sound({ file, message }) {
  const { lazy } = useApp();
  const Player = lazy.media.value?.SoundPlayer;
  return html`<div class="sound" data-testid="sound">${Player && html`<${Player} file=${file} message=${message} />`}</div>`;
}

function Text({ file }) {
  const Preview = useApp().lazy.media.value?.TextPreview;
  // The box has its size before the text is there.
  return html`<div class=${isFewLines(file) ? "text-file short" : "text-file"} data-testid="text-file">
    ${Preview && html`<${Preview} file=${file} />`}</div>`;
}
