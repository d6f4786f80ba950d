// The first lines of a text file, under the row of the file.

import { useEffect, useState } from "preact/hooks";
import { t } from "../i18n/i18n.js";
import { chatPath } from "../net/addresses.js";
import { decoded, firstLines } from "../text/text_file.js";
import { html } from "./html.js";
import { useInView } from "./use_in_view.js";

export function TextPreview({ file }) {
  const [ref, seen] = useInView();
  const [open, setOpen] = useState(false);
  const [tries, setTries] = useState(0);
  const [text, setText] = useState("");
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    if (!seen) return undefined;
    const stop = new AbortController();
    read(file, stop.signal).then(setText, () => stop.signal.aborted || setFailed(true));
    return () => stop.abort();
  }, [seen, file.url, tries]);
  const again = () => {
    setFailed(false);
    setTries(tries + 1);
  };
  if (failed)
    return html`<p>${t("Could not load {name}.", { name: file.name })}
      <button type="button" class="link-button" onClick=${again}>${t("Retry")}</button></p>`;
  const { shown, more } = firstLines(text, file);
  // Scrolling by keyboard needs a focusable scroller.
  const scrolls = open ? { class: "open", tabindex: 0, role: "region", "aria-label": file.name } : {};
  return html`<pre ref=${ref} dir="auto" ...${scrolls}>${open ? text : shown}</pre>
    ${
      more &&
      html`<button type="button" class="link-button" aria-expanded=${open} onClick=${() => setOpen(!open)}>
        ${open ? t("Show less") : t("Show more")}</button>`
    }`;
}

async function read(file, signal) {
  const answer = await fetch(chatPath(file.url), { signal });
  if (!answer.ok) throw new Error(`status ${answer.status}`);
  return decoded(await answer.arrayBuffer());
}
