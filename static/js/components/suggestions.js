import { useEffect, useRef } from "preact/hooks";
import { t } from "../i18n/i18n.js";
import { markedParts } from "../text/fuzzy.js";
import { Avatar } from "./avatar.js";
import { useApp } from "./context.js";
import { html } from "./html.js";
import { Icon } from "./icon.js";

export function Suggestions({ offer, chosen, onTake, onPoint }) {
  const { store } = useApp();
  const list = useRef(null);
  useEffect(() => list.current?.children[chosen]?.scrollIntoView({ block: "nearest" }), [chosen]);
  return html`<div class="popover suggestions">
    <div class="popover__head">${offer.title}</div>
    <div class="options" role="listbox" id="suggestions" aria-label=${offer.title} ref=${list}>
      ${offer.options.map(
        (
          option,
          index,
        ) => html`<button type="button" role="option" tabindex="-1" key=${option.key} id=${`suggestion-${index}`} aria-selected=${index === chosen}
          class=${index === chosen ? "option selected" : "option"} onPointerDown=${(event) => event.preventDefault()} onPointerMove=${() => onPoint(index)} onClick=${() => onTake(option)}>
          ${option.person && html`<${Avatar} username=${option.person.username} name=${option.label} size="x" online=${store.isOnline(option.person.username)} />`}
          ${option.icon && html`<${Icon} name=${option.icon} />`}${option.emoji && html`<span class="emoji-sign">${option.emoji}</span>`}
          <b><bdi>${markedParts(option.label, option.marks).map((part) => (part.marked ? html`<u>${part.text}</u>` : part.text))}</bdi></b>
          <span class="sub">${option.sub}</span>
          ${option.tag && html`<span class="tag">${option.tag === "staff" ? t("Staff") : t("Moderator")}</span>`}
          ${index === chosen && !option.tag && html`<kbd>Tab</kbd>`}
        </button>`,
      )}
    </div>
  </div>`;
}
