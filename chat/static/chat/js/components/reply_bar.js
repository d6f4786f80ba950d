// The bar above the composer's field: which message the draft replies to.

import { useEffect } from "preact/hooks";
import { t, tx } from "../i18n/i18n.js";
import { saidOf } from "../text/excerpt.js";
import { useApp } from "./context.js";
import { html } from "./html.js";
import { Icon, IconButton } from "./icon.js";

export function ReplyBar({ slug, seq, onDrop }) {
  const { store, history } = useApp();
  const log = store.log(slug);
  log.version.value;
  const original = log.get(seq);
  useEffect(() => {
    if (!original && log.loaded) history.quote(slug, seq);
  }, [Boolean(original), log.loaded]);
  const name = html`<b><bdi>${original ? store.nameOf(original.username) : t("a message")}</bdi></b>`;
  const quoted = original && !original.deleted ? html`: <span dir="auto">${saidOf(original)}</span>` : "";
  return html`<div class="composer-context" data-testid="replying-to"><${Icon} name="reply" small />
    <p>${tx("Replying to {name}", { name })}${quoted}</p>
    <${IconButton} icon="x" small label=${t("Cancel reply")} onClick=${onDrop} /></div>`;
}
