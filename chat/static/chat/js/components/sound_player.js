// The player of a sound or voice note in its message: play, seek, speed.

import { useEffect, useRef } from "preact/hooks";
import { t } from "../i18n/i18n.js";
import { lengthText } from "../i18n/sizes.js";
import { chatPath } from "../net/addresses.js";
import { Player } from "../state/player.js";
import { html } from "./html.js";
import { Icon, IconButton } from "./icon.js";

export const player = new Player(new Audio());

export function SoundPlayer({ file, message }) {
  const row = useRef(null);
  useEffect(() => {
    const observer = new IntersectionObserver(([entry]) => player.see(file.id, entry.isIntersecting));
    observer.observe(row.current.parentElement);
    return () => {
      observer.disconnect();
      player.see(file.id, false);
    };
  }, [file.id]);
  const mine = player.isCurrent(file);
  const failed = mine && player.failed.value;
  const at = mine ? player.at.value : 0;
  const length = (mine && player.length.value) || file.duration || 0;
  const seek = (event) => player.seek(file, message, Number(event.currentTarget.value));
  return html`<span ref=${row} hidden></span><${PlayButton} file=${file} place=${message} />
    ${
      failed
        ? html`<p class="sound__failed"><${Icon} name="alert" small />${t("Could not play {name}.", { name: file.name })}
          <a href=${`${chatPath(file.url)}?download`} download=${file.name}>${t("Download")}</a></p>`
        : html`<input type="range" min="0" max=${length || 1} step="0.1" value=${at} aria-label=${t("Position")}
          aria-valuetext=${lengthText(at)} onInput=${seek} />
        <span class="sound__time">${lengthText(at)} / ${lengthText(length)}</span>
        <${SpeedButton} />`
    }`;
}

export function PlayButton({ file, place }) {
  const mine = player.isCurrent(file);
  const playing = mine && player.playing.value;
  return html`<${IconButton} icon=${playing ? "pause" : "play"}
    label=${playing ? t("Pause {name}", { name: file.name }) : t("Play {name}", { name: file.name })}
    onClick=${() => player.toggle(file, place)} disabled=${mine && player.failed.value} />`;
}

export function SpeedButton() {
  const speed = player.speed.value;
  return html`<button type="button" class="link-button" aria-label=${`${speed}× ${t("Speed")}`}
    onClick=${() => player.faster()}>${speed}×</button>`;
}
