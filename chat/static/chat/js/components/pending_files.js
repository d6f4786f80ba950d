// The files of an unsent message, drawn from the copies on this device.

import { t } from "../i18n/i18n.js";
import { sizeText } from "../i18n/sizes.js";
import { boxOf } from "../text/files.js";
import { useApp } from "./context.js";
import { html } from "./html.js";
import { Icon } from "./icon.js";
import { useBlob } from "./use_blob.js";

const GRIDS = ["", "", "two", "three", "four"];

export function PendingFiles({ entry }) {
  const { uploads } = useApp().attachments;
  const pictures = entry.files.filter(({ width }) => width);
  const shown = pictures.slice(0, 4);
  const under = !entry.files.every(({ id }) => id) && entry.state !== "failed";
  const share = uploads.share(entry.files);
  const picture = (file) => html`<${Local} key=${file.key} file=${file} alone=${shown.length === 1} />`;
  return html`<div class="files" data-testid="files">
    ${shown.length > 1 ? html`<div class=${`pictures ${GRIDS[shown.length]}`}>${shown.map(picture)}</div>` : shown.map(picture)}
    ${entry.files
      .filter(({ width }) => !width)
      .map(
        ({ key, name, size }) => html`<div class="file" key=${key} data-testid="file"><${Icon} name="file" />
          <p><b><bdi>${name}</bdi></b><span>${sizeText(size)}</span></p></div>`,
      )}
    ${
      under &&
      html`<p class="state" data-testid="sending-files"><progress max="1" value=${share} aria-label=${t("Sending files")}></progress>
        ${t("Sending, {n} %", { n: Math.floor(share * 100) })}</p>`
    }
  </div>`;
}

function Local({ file, alone }) {
  const url = useBlob(file.key, true);
  const { width, height } = boxOf(file);
  const style = alone ? { width: `${width}px`, aspectRatio: `${width} / ${height}` } : {};
  return html`<div class="picture" style=${style}>${url && html`<img src=${url} alt=${file.description || file.name} />`}</div>`;
}
