// The picture of a custom emoji, animated as the user prefers. Fetched with the first emoji name.

import { useEffect, useRef, useState } from "preact/hooks";
import { chatPath } from "../net/addresses.js";
import { OwnEmoji } from "../net/own_emoji.js";
import { loadNames } from "../text/emoji.js";
import { useApp } from "./context.js";
import { html } from "./html.js";

export const loadAllNames = async () => ({ ...(await loadNames(new OwnEmoji())), OwnPicture });

function OwnPicture({ emoji: { url, still }, sign }) {
  const { animatedEmoji } = useApp().preferences;
  const picture = useRef(null);
  const [over, setOver] = useState(false);
  const onHover = Boolean(still) && animatedEmoji === "hover";
  useEffect(() => (onHover ? watch(picture.current, setOver) : undefined), [onHover]);
  const stands = still && (animatedEmoji === "never" || (onHover && !over));
  const image = html`<img class="own-emoji" ref=${picture} src=${chatPath(stands ? still : url)} alt=${sign} title=${sign}
    loading="lazy" decoding="async" />`;
  if (!still || animatedEmoji !== "auto") return image;
  return html`<picture><source media="(prefers-reduced-motion: reduce)" srcset=${chatPath(still)} />${image}</picture>`;
}

// Inside a button or link, hovering anywhere on it counts, and so does its focus, for keyboard users.
function watch(picture, setOver) {
  const part = picture.closest("button, a") ?? picture;
  const listening = new AbortController();
  const kinds = { pointerenter: true, focus: true, pointerleave: false, blur: false };
  for (const [kind, over] of Object.entries(kinds))
    part.addEventListener(kind, () => setOver(over), { signal: listening.signal });
  return () => listening.abort();
}
