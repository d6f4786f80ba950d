// The messages of one room.

import { useRef, useState } from "preact/hooks";
import { dayLabel } from "../i18n/dates.js";
import { t } from "../i18n/i18n.js";
import { useApp } from "./context.js";
import { Deferred } from "./deferred_part.js";
import { html } from "./html.js";
import { MessageRow } from "./message.js";
import { LatestButton, NewAbove } from "./new_messages.js";
import { JoinsRow, SystemRow } from "./system_row.js";
import { Top } from "./timeline_top.js";
import { useTimeline } from "./use_timeline.js";
import { useTurn } from "./use_turn.js";

export function Conversation({ slug, facts }) {
  const app = useApp();
  const scroller = useRef(null);
  const timeline = useTimeline(slug, scroller);
  const { log, room, status, firstNew } = timeline;
  const rows = timeline.rows();
  useState(() => app.first.fit(rows));
  const me = app.store.me.value.username;
  const toLatest = () => timeline.toLatest();
  const onKeyDown = (event) =>
    app.lazy.deferred.value?.onListKey(event, { app, log, slug, scroller: scroller.current, toLatest });
  const named = facts.kind === "direct" ? app.titleOf(slug) : facts.title || slug;
  const empty = !rows.some((row) => row.type === "message" || row.type === "pending");
  return html`<div class="stage">
    <div class="scroll" ref=${scroller} tabindex="0" role="log" aria-live="off"
      aria-busy=${!log.loaded || Boolean(status && !status.failed)}
      aria-label=${t("Messages in {room}", { room: named })}
      onScroll=${() => timeline.scrolled()} onKeyDown=${onKeyDown}>
      <div class="log">
        ${
          log.loaded
            ? timeline.whole && html`<${Top} slug=${slug} facts=${facts} log=${log} status=${status} empty=${empty} />`
            : !timeline.sentOut && html`<${Deferred} part="Opening" status=${status} slug=${slug} />`
        }
        ${rows.map((row) => html`<${Row} key=${row.key} row=${row} readSeq=${room?.read_seq ?? Infinity} me=${me} slug=${slug} />`)}
      </div>
    </div>
    ${
      timeline.newAbove &&
      room &&
      firstNew != null &&
      html`<${NewAbove} first=${log.get(firstNew)} count=${room.seq - firstNew + 1}
        onShow=${() => app.jumpTo(slug, firstNew, { tint: false })} onRead=${() => timeline.markRead()} />`
    }
    ${timeline.away && log.loaded && html`<${LatestButton} count=${timeline.newBelow} onClick=${toLatest} />`}
  </div>`;
}

function DayLabel({ date, slug }) {
  const { ui } = useApp();
  const choose = () => ui.openDialog(({ DateDialog }) => html`<${DateDialog} slug=${slug} date=${date} />`);
  return html`<h2 class="day">
    <button type="button" title=${t("Jump to a date")} onClick=${choose}>
      <time datetime=${date.toISOString().slice(0, 10)}>${dayLabel(date)}</time></button>
  </h2>`;
}

// Threads use it, too.
export function Row({ row, readSeq, me, slug }) {
  // The module that draws files loads after the first paint.
  useTurn(row.message?.files?.length ? "late" : "row");
  const fresh = row.seq > readSeq;
  switch (row.type) {
    case "day":
      return html`<${DayLabel} date=${row.date} slug=${slug} />`;
    case "new":
      return html`<div class="new" role="separator" aria-label=${t("New messages")}><span>${t("New messages")}</span></div>`;
    case "pending":
      return html`<${Deferred} part="PendingRow" entry=${row.entry} first=${row.first} />`;
    case "system":
      return html`<${SystemRow} message=${row.message} fresh=${fresh} />`;
    case "joins":
      return html`<${JoinsRow} messages=${row.messages} fresh=${fresh} />`;
    default:
      return html`<${MessageRow} message=${row.message} first=${row.first} fresh=${fresh && row.message.username !== me} />`;
  }
}
