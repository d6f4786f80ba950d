// Suggestions for the word at the caret. Fetched when a character first begins one, and by modules that need it.

import "../i18n/i18n_requested.js";

import { useEffect, useRef } from "preact/hooks";
import { t } from "../i18n/i18n.js";
import { suggestionSources } from "../state/suggestion_sources.js";
import { markedParts } from "../text/fuzzy.js";
import { suggestionsFor } from "../text/suggest.js";
import { Avatar } from "./avatar.js";
import { useApp } from "./context.js";
import { html } from "./html.js";
import { Icon } from "./icon.js";
import { Sign } from "./sign.js";

export { readInput } from "../text/slash_commands.js";

// Returns the options for the word before `caret` in a room (see suggest.js), or null.
export const suggestionsIn = (app, slug, text, caret) => suggestionsFor(text, caret, suggestionSources(app, slug));

export function Suggestions({ offer, chosen, onTake, onPoint }) {
  const list = useRef(null);
  useEffect(() => list.current?.children[chosen]?.scrollIntoView({ block: "nearest" }), [chosen]);
  return html`<div class="popover suggestions">
    <div class="popover__head">${offer.title}</div>
    <div class="options" role="listbox" id="suggestions" aria-label=${offer.title} ref=${list}>
      ${offer.options.map(
        (option, index) =>
          html`<${Option} key=${option.key} option=${option} id=${`suggestion-${index}`} chosen=${index === chosen}
            onTake=${() => onTake(option)} onPoint=${() => onPoint(index)} />`,
      )}
    </div>
  </div>`;
}

function Option({ option, id, chosen, onTake, onPoint }) {
  const { store } = useApp();
  const { person, label, icon, emoji, tag } = option;
  // Keeps the focus in the field.
  const hold = (event) => event.preventDefault();
  return html`<button type="button" role="option" tabindex="-1" id=${id} aria-selected=${chosen}
    class=${chosen ? "option selected" : "option"} onPointerDown=${hold} onPointerMove=${onPoint} onClick=${onTake}>
    ${
      person &&
      html`<${Avatar} username=${person.username} name=${label} size="x" online=${store.isOnline(person.username)} />`
    }
    ${icon && html`<${Icon} name=${icon} />`}${emoji && html`<span class="emoji-sign"><${Sign} sign=${emoji} /></span>`}
    <b><bdi>${markedParts(label, option.marks).map((part) => (part.marked ? html`<u>${part.text}</u>` : part.text))}</bdi></b>
    <span class="sub">${option.sub}</span>
    ${tag && html`<span class="tag">${tag === "staff" ? t("Staff") : t("Moderator")}</span>`}
    ${chosen && !tag && html`<kbd>Tab</kbd>`}
  </button>`;
}
