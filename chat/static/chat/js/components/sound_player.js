// A sound, or what somebody said: play, seek, how fast.

import { useRef, useState } from "preact/hooks";
import { t } from "../i18n/i18n.js";
import { lengthText } from "../i18n/sizes.js";
import { chatPath } from "../net/addresses.js";
import { html } from "./html.js";
import { Icon, IconButton } from "./icon.js";

const SPEEDS = [1, 1.5, 2];

export function SoundPlayer({ file }) {
  const sound = useRef(/** @type {?HTMLAudioElement} */ (null));
  const [playing, setPlaying] = useState(false);
  const [failed, setFailed] = useState(false);
  const [at, setAt] = useState(0);
  const [speed, setSpeed] = useState(SPEEDS[0]);
  const [length, setLength] = useState(file.duration ?? 0);
  const toggle = () => (playing ? sound.current.pause() : sound.current.play().catch(() => setFailed(true)));
  const seek = (event) => {
    sound.current.currentTime = Number(event.currentTarget.value);
    setAt(sound.current.currentTime);
  };
  const faster = () => {
    const next = SPEEDS[(SPEEDS.indexOf(speed) + 1) % SPEEDS.length];
    sound.current.playbackRate = next;
    setSpeed(next);
  };
  // Recordings of browsers do not say how long they are.
  const learn = ({ currentTarget: { duration } }) => Number.isFinite(duration) && setLength(duration);
  return html`<audio ref=${sound} src=${chatPath(file.url)} preload=${file.duration ? "none" : "metadata"}
      onPlay=${() => setPlaying(true)} onPause=${() => setPlaying(false)} onLoadedMetadata=${learn}
      onTimeUpdate=${(event) => setAt(event.currentTarget.currentTime)} onError=${() => setFailed(true)}></audio>
    <${IconButton} icon=${playing ? "pause" : "play"}
      label=${playing ? t("Pause {name}", { name: file.name }) : t("Play {name}", { name: file.name })}
      onClick=${toggle} disabled=${failed} />
    ${
      failed
        ? html`<p class="sound__failed"><${Icon} name="alert" small />${t("Could not play {name}.", { name: file.name })}
          <a href=${`${chatPath(file.url)}?download`} download=${file.name}>${t("Download")}</a></p>`
        : html`<input type="range" min="0" max=${length || 1} step="0.1" value=${at} aria-label=${t("Position")}
          aria-valuetext=${lengthText(at)} onInput=${seek} />
        <span class="sound__time">${lengthText(at)} / ${lengthText(length)}</span>
        <button type="button" class="link-button" aria-label=${`${speed}× ${t("Speed")}`} onClick=${faster}>${speed}×</button>`
    }`;
}
