// A file as a row, without a picture or player: its name, type, size and length, and the links to it.

import { t } from "../i18n/i18n.js";
import { lengthText, sizeText } from "../i18n/sizes.js";
import { chatPath } from "../net/addresses.js";
import { extensionOf } from "../text/files.js";
import { html } from "./html.js";
import { Icon } from "./icon.js";

export function FileRow({ file }) {
  const kind = extensionOf(file.name) || t("File");
  const facts = [kind, sizeText(file.size), file.duration ? lengthText(file.duration) : ""].filter(Boolean);
  const label = t("Download {name}", { name: file.name });
  return html`<div class="file" data-testid="file"><${Icon} name="file" />
    <p><a href=${chatPath(file.url)} target="_blank" rel="noopener" title=${file.name}>
      <bdi>${file.name}</bdi></a><span>${facts.join(", ")}</span></p>
    <a class="icon-button" href=${`${chatPath(file.url)}?download`} download=${file.name} aria-label=${label}
      title=${label}><${Icon} name="download" /></a>
  </div>`;
}
