// The composer, or the bar in its place for users who may not write.

import { useEffect, useState } from "preact/hooks";
import { now, tick } from "../state/clock.js";
import { ComposerBox } from "./composer_box.js";
import { useApp } from "./context.js";
import { html } from "./html.js";
import { useTurn } from "./use_turn.js";

// The longest delay that `setTimeout` accepts.
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export function Composer({ slug, facts }) {
  useTurn("part");
  const app = useApp();
  const { store } = app;
  const joined = store.room(slug);
  const muted = useMuted(joined);
  const deferred = app.lazy.deferred.here;
  const onRequest = app.lazy.onRequest.here;
  const schedules = app.lazy.schedules.here;
  const media = app.lazy.media.here;
  const bar = deferred?.closedBar(app, slug, facts, muted);
  return html`<div class="dock" id="composer" data-testid="composer">
    ${deferred ? html`<${deferred.TypingLine} slug=${slug} />` : html`<div class="typing" data-testid="typing"></div>`}
    ${media && html`<${media.MiniPlayer} />`}
    ${schedules && html`<${schedules.ScheduledNote} slug=${slug} />`}
    ${onRequest && html`<${onRequest.Outside} slug=${slug} />`}
    ${deferred && html`<${deferred.DropTarget} slug=${slug} />`}
    ${
      bar && (joined || store.roomsKnown.value)
        ? html`<div class="box bar-only">${bar}</div>`
        : html`<${ComposerBox} key=${slug} slug=${slug} />`
    }
  </div>`;
}

// Returns until when this user is muted in `room`, or null. The composer reopens by itself when the time is over.
function useMuted(room) {
  const [, wake] = useState(0);
  const until = room?.muted_until ? new Date(room.muted_until) : null;
  const left = until ? until.getTime() - now() : 0;
  // Timers pause while the device sleeps: the tick redraws after it wakes.
  if (until) tick.value;
  useEffect(() => {
    if (left <= 0) return undefined;
    const timer = setTimeout(() => wake((count) => count + 1), Math.min(left, LONGEST_TIMER_MS));
    return () => clearTimeout(timer);
  }, [room?.muted_until]);
  return left > 0 ? until : null;
}
