// The pane of a thread: its root, its replies, and the composer.

import "../i18n/i18n_requested.js";

import { useRef } from "preact/hooks";
import { t, tn } from "../i18n/i18n.js";
import { chatPath } from "../net/addresses.js";
import { useApp } from "./context.js";
import { Row } from "./conversation.js";
import { html } from "./html.js";
import { IconButton } from "./icon.js";
import { MessageRow } from "./message.js";
import { Pane } from "./pane_frame.js";
import { Skeleton } from "./skeleton.js";
import { ThreadFoot } from "./thread_foot.js";
import { useEnd, useReading } from "./thread_reading.js";
import { useThread } from "./use_thread.js";

export function Occupant({ slug, facts, value }) {
  return html`<${ThreadPane} key=${`${slug} ${value}`} slug=${slug} facts=${facts} thread=${Number(value) || 0} />`;
}

function ThreadPane({ slug, facts, thread }) {
  const app = useApp();
  const { actions, jumpTo, store } = app;
  const found = useThread(slug, thread);
  const { log, root, part } = found;
  const body = useRef(null);
  const following = part?.following ?? false;
  const place = useEnd(body, found);
  useReading(slug, thread, found, place);
  const follow = () => actions.followThread(slug, thread, !following);
  const toRoot = (event) => {
    event.preventDefault();
    jumpTo(slug, thread);
  };
  const meta = html`<a href=${chatPath(`rooms/${slug}/#m${thread}`)} onClick=${toRoot}>${app.titleOf(slug)}</a>`;
  const bell = html`<${IconButton} icon=${following ? "bell" : "belloff"} aria-pressed=${following}
    label=${following ? t("Following: you are notified of replies") : t("Follow this thread")} onClick=${follow} />`;
  const readSeq = found.readSeq ?? Infinity;
  const me = store.me.value.username;
  return html`<${Pane} title=${t("Thread")} meta=${meta} actions=${store.room(slug) && root && bell} data-testid="thread-pane"
    foot=${root && html`<${ThreadFoot} slug=${slug} facts=${facts} thread=${thread} />`} onScroll=${place.onScroll}>
    ${
      found.problem &&
      html`<p class="note" role="alert">${found.problem}
      ${found.again && html` <button type="button" class="link-button" onClick=${found.again}>${t("Retry")}</button>`}</p>`
    }
    ${!found.problem && !log.loaded && html`<${Skeleton} />`}
    <div class="thread" ref=${body}>
      ${root && html`<${MessageRow} message=${root} first />`}
      ${root?.replies && html`<h3 class="thread__count">${tn("{n} reply", "{n} replies", root.replies.count)}</h3>`}
      ${
        log.hasOlder &&
        html`<p class="offer"><button type="button" class="button slim" onClick=${found.older}>
        ${t("Show earlier replies")}</button></p>`
      }
      <div role="log" tabindex="0" aria-label=${t("Replies")} aria-live=${place.focused ? "polite" : "off"} aria-busy=${!log.loaded}
        data-testid="replies" onFocusIn=${place.onFocusIn} onFocusOut=${place.onFocusOut}>
        ${found.rows.map((row) => html`<${Row} key=${row.key} row=${row} readSeq=${readSeq} me=${me} />`)}
      </div>
    </div>
  <//>`;
}
