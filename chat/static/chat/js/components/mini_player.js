// The player above the composer, shown while the playing message is out of view.

import { useEffect } from "preact/hooks";
import { t } from "../i18n/i18n.js";
import { lengthText } from "../i18n/sizes.js";
import { useApp } from "./context.js";
import { html } from "./html.js";
import { IconButton } from "./icon.js";
import { PlayButton, player, SpeedButton } from "./sound_player.js";

export function MiniPlayer() {
  const app = useApp();
  // Signing out stops playback.
  useEffect(() => () => player.stop(), []);
  const current = player.current.value;
  if (!current || player.inView.value.has(current.file.id)) return null;
  const { file, room, seq } = current;
  const ended = !player.playing.value && player.at.value >= player.length.value;
  if (ended || player.failed.value) return null;
  return html`<div class="sound mini" role="group" aria-label=${t("Playing")} data-testid="mini-player">
    <${PlayButton} file=${file} place=${current} />
    <button type="button" class="link-button mini__name" title=${t("Show the message")} onClick=${() => app.jumpTo(room, seq)}>
      <bdi>${file.name}</bdi></button>
    <span class="sound__time">${lengthText(player.at.value)} / ${lengthText(player.length.value)}</span>
    <${SpeedButton} />
    <${IconButton} icon="x" label=${t("Stop playing")} onClick=${() => player.stop()} />
  </div>`;
}
