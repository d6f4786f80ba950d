// The search pane: a field, filters as chips, and the results.

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
import { offerFor } from "./search_offers.js";
import { Suggestions } from "./suggestions.js";
import { useSearch } from "./use_search.js";

const MORE_BEFORE_END_PX = 400;

export function Occupant({ slug, value }) {
  const app = useApp();
  const [asked, setAsked] = useState(() => takeApart(`${value} `));
  const [everywhere, setEverywhere] = useState(false);
  const [order, setOrder] = useState("newest");
  const search = useSearch(app, asked, { everywhere, order });
  const { chips, text } = asked;
  const [chosen, setChosen] = useState(0);
  const offer = offerFor(app, slug, text);
  const take = ({ value }) =>
    offer && change({ chips: withChip(chips, { kind: offer.kind, value }), text: offer.rest });
  const change = (next) => {
    setChosen(0);
    setAsked(next);
    app.pane.become(asQuery(next));
  };
  const type = (event) => {
    const parts = takeApart(event.currentTarget.value);
    change({ chips: parts.chips.reduce(withChip, chips), text: parts.text });
  };
  const onKeyDown = (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (offer && step) {
      event.preventDefault();
      setChosen((chosen + step + offer.options.length) % offer.options.length);
    } else if (offer && (event.key === "Enter" || event.key === "Tab") && !event.isComposing && !event.shiftKey) {
      event.preventDefault();
      take(offer.options[chosen]);
    } else if (event.key === "Backspace" && !text && chips.length) {
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
        role="combobox" aria-autocomplete="list" aria-expanded=${Boolean(offer)} aria-controls=${offer ? "suggestions" : undefined}
        aria-activedescendant=${offer ? `suggestion-${chosen}` : undefined}
        aria-label=${t("Search messages")} placeholder=${t("Search messages")} value=${text} onInput=${type} onKeyDown=${onKeyDown} />
      ${
        (text || chips.length > 0) &&
        html`<${IconButton} icon="x" small label=${t("Clear search")} onClick=${() => change({ chips: [], text: "" })} />`
      }
    </div>
    ${offer && html`<${Suggestions} offer=${offer} chosen=${chosen} onTake=${take} onPoint=${setChosen} />`}
    <${FilterChips} slug=${slug} chips=${chips} onChange=${(next) => change({ chips: next, text })}
      onType=${(start) => change({ chips, text: `${text} ${start}`.trimStart() })} />
    <div class="search-options">
      <label><input type="checkbox" checked=${everywhere}
        onChange=${(event) => setEverywhere(event.currentTarget.checked)} /> ${t("Also public rooms")}</label>
      <select aria-label=${t("Order of the results")} value=${order} onChange=${(event) => setOrder(event.currentTarget.value)}>
        <option value="newest">${t("Newest")}</option><option value="best">${t("Best match")}</option>
      </select>
    </div>
    <${Found} search=${search} asked=${asked} onChange=${change} />
  <//>`;
}
