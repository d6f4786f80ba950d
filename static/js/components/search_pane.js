// The pane of the search: a field, filters as chips, and what was found.

import "../i18n/i18n_requested.js";

import { useState } from "preact/hooks";
import { t } from "../i18n/i18n.js";
import { asQuery, asText, takeApart, withChip } from "../text/search_query.js";
import { useApp } from "./context.js";
import { html } from "./html.js";
import { Icon, IconButton } from "./icon.js";
import { Pane } from "./pane_frame.js";
import { FilterChips } from "./search_filters.js";
import { Found } from "./search_found.js";
import { useSearch } from "./use_search.js";

const MORE_BEFORE_END_PX = 400;

export function Occupant({ slug, value }) {
  const app = useApp();
  const [asked, setAsked] = useState(() => takeApart(`${value} `));
  const [everywhere, setEverywhere] = useState(false);
  const search = useSearch(app, asked, everywhere);
  const { chips, text } = asked;
  const change = (next) => {
    setAsked(next);
    app.pane.become(asQuery(next));
  };
  const type = (event) => {
    const parts = takeApart(event.currentTarget.value);
    change({ chips: parts.chips.reduce(withChip, chips), text: parts.text });
  };
  const onKeyDown = (event) => {
    if (event.key === "Backspace" && !text && chips.length) {
      event.preventDefault();
      change({ chips: chips.slice(0, -1), text: asText(chips.at(-1)) });
    } else if (event.key === "Enter" && !event.isComposing) {
      const parts = takeApart(`${text} `);
      change({ chips: parts.chips.reduce(withChip, chips), text: parts.text.trimEnd() });
    } else if (event.key === "ArrowDown") {
      event.preventDefault();
      /** @type {?HTMLElement} */ (document.querySelector("#pane .result"))?.focus();
    }
  };
  const onScroll = ({ currentTarget: { scrollHeight, scrollTop, clientHeight } }) => {
    if (scrollHeight - scrollTop - clientHeight < MORE_BEFORE_END_PX) search.more();
  };
  return html`<${Pane} title=${t("Search")} data-testid="search-pane" onScroll=${onScroll}>
    <div class="search-field"><${Icon} name="search" />
      <input class="input" type="text" inputmode="search" enterkeyhint="search" autofocus autocomplete="off" spellcheck=${false}
        aria-label=${t("Search messages")} placeholder=${t("Search messages")} value=${text} onInput=${type} onKeyDown=${onKeyDown} />
      ${
        (text || chips.length > 0) &&
        html`<${IconButton} icon="x" small label=${t("Clear search")} onClick=${() => change({ chips: [], text: "" })} />`
      }
    </div>
    <${FilterChips} slug=${slug} chips=${chips} onChange=${(next) => change({ chips: next, text })}
      onType=${(start) => change({ chips, text: `${start}${text}` })} />
    <label class="search-public"><input type="checkbox" checked=${everywhere}
      onChange=${(event) => setEverywhere(event.currentTarget.checked)} /> ${t("Also public rooms")}</label>
    <${Found} search=${search} asked=${asked} onChange=${change} />
  <//>`;
}
