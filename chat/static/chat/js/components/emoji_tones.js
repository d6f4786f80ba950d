// The choice of skin tone.

import { t } from "../i18n/i18n.js";
import { inTone } from "../text/emoji.js";
import { html } from "./html.js";

export function Tones({ tone, onChoose }) {
  const names = [
    t("No skin tone"),
    t("Light skin"),
    t("Medium-light skin"),
    t("Medium skin"),
    t("Medium-dark skin"),
    t("Dark skin"),
  ];
  return html`<span class="tones" role="radiogroup" aria-label=${t("Skin tone")}>
    ${names.map(
      (name, index) => html`<button type="button" role="radio" aria-checked=${tone === index} aria-label=${name}
        title=${name} onClick=${() => onChoose(index)}>${inTone({ emoji: "✋", toned: "✋🏻" }, index)}</button>`,
    )}
  </span>`;
}
