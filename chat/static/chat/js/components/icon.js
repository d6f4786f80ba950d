import { html } from "./html.js";

// The page contains the shapes, see icons.svg.
export function Icon({ name, small = false, class: extra = "" }) {
  return html`<svg class=${`icon${small ? " s" : ""} ${extra}`.trim()} aria-hidden="true" focusable="false">
    <use href=${`#i-${name}`} />
  </svg>`;
}

// The workspace's picture, else the product's mark; drawn here rather than in the sprite because its two bubbles take
// different colours.
export function Mark({ picture }) {
  if (picture) return html`<img class="mark" src=${picture} alt="" width="28" height="28" />`;
  return html`<svg class="mark" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
    <path class="mark__back" d="M12 4h12a5 5 0 0 1 5 5v7.5a5 5 0 0 1-5 5" />
    <path
      class="mark__front"
      d="M8 9h10.5a5 5 0 0 1 5 5v5.5a5 5 0 0 1-5 5H12l-5.6 4.2c-.6.4-1.4 0-1.4-.7V24A5 5 0 0 1 3 19.8V14a5 5 0 0 1 5-5Z"
    />
  </svg>`;
}

export function IconButton({ icon, label, small = false, class: extra = "", ...rest }) {
  return html`<button type="button" class=${`icon-button ${extra}`.trim()} aria-label=${label} title=${label} ...${rest}>
    <${Icon} name=${icon} small=${small} />
  </button>`;
}
