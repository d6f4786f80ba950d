// Binds the controller of one visit to a room to the components that draw it.

import { useEffect, useLayoutEffect, useState } from "preact/hooks";
import { ListGeometry } from "../timeline/list_geometry.js";
import { TimelineController } from "../timeline/timeline_controller.js";
import { turn } from "../turn.js";
import { useApp } from "./context.js";

// Pixels of window height per row, at least, including everything around the rows.
const ROW_PX = 32;

// `scroller`: a ref to the list of messages.
export function useTimeline(slug, scroller) {
  const app = useApp();
  const [timeline] = useState(() => newTimeline(app, slug));
  timeline.version.value;
  const { log, online, room, sentOut } = timeline;
  log.version.value;
  const kept = app.reading.kept.value;

  useEffect(() => timeline.bringNewest(), [online, log.loaded, Boolean(room), sentOut]);
  useEffect(() => {
    if (log.loaded) turn().then(() => timeline.drawRest());
  }, [log.loaded]);
  useEffect(() => timeline.markedUnread(kept), [kept]);
  useLayoutEffect(() => timeline.attach(new ListGeometry(scroller.current)), []);
  useLayoutEffect(() => timeline.drawn());
  useEffect(() => timeline.bringTarget(), [app.jump.value, online, log.loaded]);
  useEffect(() => timeline.returned(), [online]);
  useEffect(() => app.store.onArrival((message) => timeline.arrived(message)), []);
  useEffect(() => app.onSend(slug, () => timeline.sent()), []);
  return timeline;
}

function newTimeline(app, slug) {
  const { first, store, outbox, history, session, reading, jump } = app;
  return new TimelineController({
    ...{ slug, store, outbox, history, session, reading, jump },
    arrivedAt: (room) => app.arrivedAt(room),
    facts: () => app.factsOf(slug),
    focused: () => document.hasFocus(),
    firstRows: first.waits("row") ? Infinity : Math.ceil(innerHeight / ROW_PX),
  });
}
