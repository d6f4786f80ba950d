import { t } from "../i18n/i18n.js";
import { chatPath } from "../net/addresses.js";
import { boxOf } from "../text/files.js";
import { html } from "./html.js";

// `files`: all files of the message. The captions are the `.vtt` file of the same name.
export function Film({ file, files }) {
  const box = boxOf(file);
  const poster = file.thumbs?.["1600"] ?? file.thumbs?.["480"];
  const style = { width: `${box.width}px`, aspectRatio: `${box.width} / ${box.height}` };
  const stem = file.name.replace(/\.[^.]*$/, "");
  const captions = files.find(({ name }) => name === `${stem}.vtt`);
  return html`<video class="film" data-testid="film" style=${style} controls preload="metadata" playsinline
    poster=${poster && chatPath(poster)} src=${chatPath(file.url)} aria-label=${file.description || file.name}>
    ${captions && html`<track kind="captions" src=${chatPath(captions.url)} label=${t("Captions")} />`}
  </video>`;
}
