// Cards below a message's text for the pages and messages that it links to.

import { t } from "../i18n/i18n.js";
import { chatPath } from "../net/addresses.js";
import { mayDelete } from "../state/permissions.js";
import { useApp } from "./context.js";
import { html } from "./html.js";
import { Icon } from "./icon.js";
import { QuoteCards } from "./quote_cards.js";
import { useInView } from "./use_in_view.js";

// Pixels: a picture at least this wide is shown large if the linked page asks for it.
const LARGE_MIN = 300;

export function Previews({ message }) {
  const app = useApp();
  const removes = mayDelete(app, message);
  const [ref, inView] = useInView();
  return html`<div class="previews" ref=${ref}>
    <${QuoteCards} message=${message} inView=${inView} />
    ${message.previews.map((preview) => {
      const remove = () => app.actions.removePreview(message.room, message.seq, preview.url);
      return html`<${Card} key=${preview.url} preview=${preview} onRemove=${removes && remove} />`;
    })}
  </div>`;
}

function Card({ preview, onRemove }) {
  const { url, title, description, site, image } = preview;
  const large = image?.large && image.width >= LARGE_MIN;
  return html`<div class=${large ? "preview large" : "preview"} role="group"
    aria-label=${t("Preview: {title}, {site}", { title, site: site ?? "" })}>
    <div class="preview__text">
      ${site && html`<p class="preview__site" dir="auto">${site}</p>`}
      <a href=${url} target="_blank" rel="noopener noreferrer nofollow" dir="auto">${title}</a>
      ${description && html`<p class="preview__said" dir="auto">${description}</p>`}
    </div>
    ${image && html`<img src=${chatPath(image.url)} width=${image.width} height=${image.height} alt="" loading="lazy" decoding="async" />`}
    ${
      onRemove &&
      html`<button type="button" class="icon-button" aria-label=${t("Remove preview")} title=${t("Remove preview")}
        onClick=${onRemove}><${Icon} name="x" /></button>`
    }
  </div>`;
}
