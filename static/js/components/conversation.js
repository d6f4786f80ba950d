// The messages of one room: what is in view, where the reader is, what comes from above and below.

import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { clockTime, dayLabel } from "../i18n/dates.js";
import { t, tn } from "../i18n/i18n.js";
import { unreadOf } from "../state/room_counts.js";
import { ScrollAnchor } from "../timeline/scroll_anchor.js";
import { buildRows } from "../timeline/timeline_rows.js";
import { useApp } from "./context.js";
import { html } from "./html.js";
import { Icon } from "./icon.js";
import { JoinsRow, MessageRow, PendingRow, SystemRow } from "./message.js";

const LOAD_BEFORE_TOP_PX = 600;
const SKELETON_AFTER_MS = 150;
const SPINNER_AFTER_MS = 150;

export function Conversation({ slug, facts }) {
  const app = useApp();
  const { store, outbox, history, session } = app;
  const log = store.log(slug);
  const room = store.room(slug);
  log.version.value;
  const scroller = useRef(null);
  const place = useRef(null);
  const [view, setView] = useState({ away: false, ruleAbove: false });
  const [firstNew, setFirstNew] = useState(undefined);
  // The newest message when the reader was last at the bottom.
  const leftAt = useRef(null);
  const placed = useRef(false);
  const status = history.status.value.get(slug);
  const online = session.status.value === "online";
  const left = store.left.value.get(slug);
  const sentOut = Boolean(left) && (left.reason === "banned" || facts.kind !== "public");

  // The page that is looked at, again after each loss of what was known.
  useEffect(() => {
    // Who was sent out is told so below, and asks for nothing.
    if (online && !log.loaded && !sentOut && (room || !store.roomsKnown.value || facts.kind === "public"))
      history.newest(slug);
  }, [online, log.loaded, Boolean(room), sentOut]);

  // The rule "New messages" is set once, when the room is entered.
  if (firstNew === undefined && room && log.loaded) {
    setFirstNew(unreadOf(room) > 0 ? room.read_seq + 1 : null);
  }
  const kept = app.reading.kept.value;
  useEffect(() => {
    if (kept?.room === slug) setFirstNew(kept.seq);
  }, [kept]);
  const me = store.me.value;
  const pending = outbox.entries.value.filter(
    (entry) => entry.room === slug && !(entry.seq && (log.has(entry.seq) || !log.loaded)),
  );
  const ruleAt = firstNew != null && firstNew >= log.low ? firstNew : null;
  // What one has written stands there also while the rest is still on its way.
  const rows = buildRows({
    messages: log.loaded ? log.list() : [],
    pending: log.hasNewer ? [] : pending,
    firstNew: ruleAt,
    me,
  });

  useLayoutEffect(() => {
    place.current = new ScrollAnchor(scroller.current);
    return () => place.current.stop();
  }, []);

  useLayoutEffect(() => {
    if (!log.loaded) return;
    const target =
      app.jump.value?.room === slug ? scroller.current.querySelector(`[data-seq="${app.jump.value.seq}"]`) : null;
    if (target) {
      place.current.show(target, 0.33);
      app.arrivedAt(slug);
      placed.current = true;
    } else if (!placed.current && firstNew !== undefined) {
      const rule = scroller.current.querySelector(".new");
      if (rule) place.current.show(rule, 0.33);
      else place.current.toBottom();
      placed.current = true;
    } else if (!placed.current && !room) {
      place.current.toBottom();
      placed.current = true;
    } else {
      place.current.keep();
    }
    look();
  });

  useEffect(() => {
    const jump = app.jump.value;
    if (online && jump?.room === slug && log.loaded && !log.has(jump.seq))
      history.around(slug, jump.seq).then(() => log.has(jump.seq) || app.arrivedAt(slug));
  }, [app.jump.value, online, log.loaded]);

  // A return after a loss tries again what failed while away.
  useEffect(() => {
    if (online && status?.code === "lost") look();
  }, [online]);

  // Messages that come while nobody looks begin a new rule.
  useEffect(
    () =>
      store.onArrival((message) => {
        if (message.room !== slug || message.username === me.username) return;
        if (!document.hasFocus()) setFirstNew((known) => known ?? message.seq);
      }),
    [slug],
  );

  useEffect(
    () =>
      app.onSend(slug, () => {
        setFirstNew(null);
        toLatest();
      }),
    [slug],
  );

  function onScroll() {
    place.current.note();
    look();
  }

  // What the reader's place means: pages to bring, rows that were read, pills to show.
  function look() {
    const element = scroller.current;
    if (!element || !placed.current) return;
    leftAt.current ??= log.high;
    const failed = status?.failed && (status.code !== "lost" || !online);
    if (element.scrollTop < LOAD_BEFORE_TOP_PX && log.hasOlder && !failed) history.older(slug);
    if (place.current.fromBottom < LOAD_BEFORE_TOP_PX && log.hasNewer && !failed) history.newer(slug);
    if (place.current.stuck && !log.hasNewer) log.trim("top");
    app.reading.seen(slug, lastInView(element));
    if (place.current.stuck && !log.hasNewer) leftAt.current = log.high;
    const away =
      log.hasNewer ||
      place.current.fromBottom > element.clientHeight ||
      (!place.current.stuck && log.high > leftAt.current);
    const rule = element.querySelector(".new");
    const ruleAbove =
      firstNew != null &&
      (rule ? rule.getBoundingClientRect().bottom < element.getBoundingClientRect().top : firstNew < log.low);
    if (away !== view.away || ruleAbove !== view.ruleAbove) setView({ away, ruleAbove });
  }

  function toLatest() {
    if (log.hasNewer) {
      log.reset(log.cursor);
      placed.current = false;
      setFirstNew(null);
    } else {
      place.current.toBottom();
      look();
    }
  }

  const toFirstNew = () => app.jumpTo(slug, firstNew, { tint: false });
  const markRead = () => {
    app.reading.mark(slug, room.seq);
    setFirstNew(null);
  };
  const onKeyDown = (event) =>
    app.lazy.deferred.value?.onListKey(event, { app, log, slug, scroller: scroller.current, toLatest });
  const count = Math.max(0, (room?.seq ?? 0) - (leftAt.current ?? Infinity));
  const named = facts.kind === "direct" ? app.titleOf(slug) : facts.title || slug;
  return html`<div class="stage">
    <div class="scroll" ref=${scroller} tabindex="0" role="log" aria-live="off" aria-busy=${!log.loaded || Boolean(status && !status.failed)}
      aria-label=${t("Messages in {room}", { room: named })} onScroll=${onScroll} onKeyDown=${onKeyDown}>
      <div class="log">
        ${log.loaded ? html`<${Top} slug=${slug} facts=${facts} log=${log} status=${status} empty=${!rows.some((row) => row.type === "message" || row.type === "pending")} />` : !sentOut && html`<${Opening} status=${status} slug=${slug} />`}
        ${rows.map((row) => html`<${Row} key=${row.key} row=${row} readSeq=${room?.read_seq ?? Infinity} me=${me.username} />`)}
      </div>
    </div>
    ${view.ruleAbove && room && firstNew != null && html`<${NewAbove} log=${log} firstNew=${firstNew} count=${room.seq - firstNew + 1} onShow=${toFirstNew} onRead=${markRead} />`}
    ${view.away && log.loaded && html`<button type="button" class="latest" onClick=${toLatest}><${Icon} name="down" small />${count ? tn("{n} new", "{n} new", count) : t("Latest")}</button>`}
  </div>`;
}

function Row({ row, readSeq, me }) {
  switch (row.type) {
    case "day":
      return html`<h2 class="day"><time datetime=${row.date.toISOString().slice(0, 10)}>${dayLabel(row.date)}</time></h2>`;
    case "new":
      return html`<div class="new" role="separator" aria-label=${t("New messages")}><span>${t("New messages")}</span></div>`;
    case "pending":
      return html`<${PendingRow} entry=${row.entry} first=${row.first} />`;
    case "system":
      return html`<${SystemRow} message=${row.message} fresh=${row.seq > readSeq} />`;
    case "joins":
      return html`<${JoinsRow} messages=${row.messages} fresh=${row.seq > readSeq} />`;
    default:
      return html`<${MessageRow} message=${row.message} first=${row.first} fresh=${row.seq > readSeq && row.message.username !== me} />`;
  }
}

// Above the first row: the spinner, the failure, or the beginning of the room.
function Top({ slug, facts, log, status, empty }) {
  const { announcer, history, lazy } = useApp();
  const deferred = lazy.deferred.here;
  const failed = status?.failed === "older";
  useEffect(() => {
    if (failed) announcer.say(t("Could not load earlier messages."));
  }, [failed]);
  if (failed) {
    return html`<div class="older">${t("Could not load earlier messages.")} <button type="button" class="link-button" onClick=${() => history.older(slug)}>${t("Retry")}</button></div>`;
  }
  if (log.hasOlder)
    return html`<div class="older">${status === "older" && html`<${Delayed} after=${SPINNER_AFTER_MS}><span class="spin"></span>${t("Loading earlier messages")}<//>`}</div>`;
  return deferred && html`<${deferred.RoomStart} slug=${slug} facts=${facts} empty=${empty} />`;
}

function Opening({ slug, status }) {
  const { history } = useApp();
  if (status?.failed) {
    return html`<div class="older">${status.code === "lost" ? t("The conversation will be here when the connection returns.") : status.reason}
      ${" "}<button type="button" class="link-button" onClick=${() => history.newest(slug)}>${t("Retry")}</button></div>`;
  }
  return html`<${Delayed} after=${SKELETON_AFTER_MS}>
    ${[
      [34, 88, 62],
      [26, 74],
      [40, 52, 80],
      [30, 66],
    ].map(
      (widths) =>
        html`<div class="skeleton" aria-hidden="true"><i></i>${widths.map((width) => html`<i style=${{ width: `${width}%` }}></i>`)}</div>`,
    )}
  <//>`;
}

function NewAbove({ log, firstNew, count, onShow, onRead }) {
  const first = log.get(firstNew);
  return html`<div class="since">
    <button type="button" onClick=${onShow}>${first ? tn("{n} new since {time}", "{n} new since {time}", count, { time: clockTime(new Date(first.timestamp)) }) : tn("{n} new", "{n} new", count)} ↑</button>
    <button type="button" onClick=${onRead}>${t("Mark read")}</button>
  </div>`;
}

// Shown only when the wait is long enough to be felt.
function Delayed({ after, children }) {
  const [due, setDue] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setDue(true), after);
    return () => clearTimeout(timer);
  }, []);
  return due ? children : null;
}

// The newest row of which enough is in view to have been read.
function lastInView(scroller) {
  const bottom = scroller.getBoundingClientRect().bottom;
  const rows = scroller.querySelectorAll("[data-seq]");
  let low = 0;
  for (let high = rows.length; low < high; ) {
    const middle = (low + high) >> 1;
    const rect = rows[middle].getBoundingClientRect();
    if (rect.top + Math.min(rect.height, 40) <= bottom) low = middle + 1;
    else high = middle;
  }
  return low ? Number(rows[low - 1].dataset.seq) : 0;
}
