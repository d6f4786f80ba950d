// The files of a message: pictures in boxes that are sized before they load, videos, sounds, and rows to download.

import { isFilm, isPicture, isSound } from "../text/files.js";
import { isFewLines, isShortText } from "../text/text_file.js";
import { useApp } from "./context.js";
import { FileRow } from "./file_row.js";
import { Film } from "./film.js";
import { html } from "./html.js";
import { Picture } from "./picture.js";

const GRID_MAX = 4;
const GRIDS = ["", "", "two", "three", "four"];

export function Files({ message }) {
  const { files } = message;
  const pictures = files.filter(isPicture);
  const { lazy } = useApp();
  // Only one plays at a time.
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

function Sound({ file, message }) {
  const { lazy } = useApp();
  const Player = lazy.media.value?.SoundPlayer;
  return html`<div class="sound" data-testid="sound">${Player && html`<${Player} file=${file} message=${message} />`}</div>`;
}

function Text({ file }) {
  const Preview = useApp().lazy.media.value?.TextPreview;
  // The box is sized before the text loads.
  return html`<div class=${isFewLines(file) ? "text-file short" : "text-file"} data-testid="text-file">
    ${Preview && html`<${Preview} file=${file} />`}</div>`;
}
