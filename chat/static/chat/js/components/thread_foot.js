// The composer of a thread, or a bar for users who may not write.

import { useEffect, useRef, useState } from "preact/hooks";
import { t } from "../i18n/i18n.js";
import { now } from "../state/clock.js";
import { placeOf } from "../state/threads.js";
import { ComposerBox } from "./composer_box.js";
import { useApp } from "./context.js";
import { html } from "./html.js";

export function ThreadFoot({ slug, facts, thread }) {
  const app = useApp();
  const [shown, setShown] = useState(false);
  const inRoom = useRef(false);
  inRoom.current = shown;
  const deferred = app.lazy.deferred.here;
  const schedules = app.lazy.schedules.here;
  const room = app.store.room(slug);
  const until = room?.muted_until ? new Date(room.muted_until) : null;
  const muted = until && until.getTime() > now() ? until : null;
  const place = placeOf(slug, thread);
  // Reset after each send: the next reply must opt in again.
  useEffect(() => app.onSend(place, () => setShown(false)), [place]);
  // The dock renders after the pane, which has focused its heading.
  const dock = useRef(null);
  useEffect(() => {
    if (!app.touch && document.activeElement?.matches("#pane h2"))
      dock.current?.querySelector("textarea").focus({ preventScroll: true });
  }, [Boolean(deferred)]);
  const bar = deferred?.closedBar(app, slug, facts, muted);
  if (bar) return html`<div class="box bar-only">${bar}</div>`;
  return html`<div class="dock" data-testid="thread-composer" ref=${dock}>
    <${deferred.TypingLine} slug=${place} />
    ${schedules && html`<${schedules.ScheduledNote} slug=${slug} thread=${thread} />`}
    <${ComposerBox} slug=${slug} thread=${thread} inRoom=${() => inRoom.current} />
    <label class="thread__also"><input type="checkbox" checked=${shown}
      onChange=${(event) => setShown(event.currentTarget.checked)} /> ${t("Also send to {room}", { room: app.titleOf(slug) })}</label>
  </div>`;
}
