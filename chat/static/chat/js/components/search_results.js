// The results of a search: rows by day, each a link to its message.

import { clockTime, dayLabel, dayOf, fullTime, untilTime } from "../i18n/dates.js";
import { tn } from "../i18n/i18n.js";
import { chatPath } from "../net/addresses.js";
import { excerpt } from "../text/excerpt.js";
import { excerptOf } from "../text/search_query.js";
import { Avatar } from "./avatar.js";
import { useApp } from "./context.js";
import { html } from "./html.js";
import { Icon } from "./icon.js";
import { openResult } from "./search_steps.js";

const SHOWN_MAX = 300;

// `said` of a result: an extra line above its text.
export function SearchResults({ results, byDay }) {
  const app = useApp();
  const onKeyDown = (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const links = [...event.currentTarget.querySelectorAll("a")];
    const at = links.indexOf(document.activeElement) + step;
    links[Math.max(0, Math.min(links.length - 1, at))]?.focus();
  };
  let day = "";
  return html`<div onKeyDown=${onKeyDown}>
    ${results.map((result, at) => {
      const { room, seq, timestamp } = result.message;
      const date = new Date(timestamp);
      const first = byDay && dayOf(date) !== day;
      day = dayOf(date);
      return [
        first && html`<h3 key=${day}>${dayLabel(date)}</h3>`,
        html`<${Result} key=${`${room}:${seq}${result.said ?? ""}`} result=${result} date=${date}
          time=${byDay ? clockTime(date) : untilTime(date)} onOpen=${() => openResult(app, results, at)} />`,
      ];
    })}
  </div>`;
}

// One message in three lines; a plain click calls `onOpen`. Also used by lists other than the search.
export function Result({ result: { message, title, marks = [], said }, date, time, onOpen }) {
  const app = useApp();
  const { room, seq, username } = message;
  const files = message.files?.length ?? 0;
  const name = app.store.nameOf(username) || message.display_name;
  const known = app.store.room(room);
  const place = known ? app.titleOf(room) : `#${title || room}`;
  const open = (event) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.button) return;
    event.preventDefault();
    onOpen();
  };
  return html`<a class="result" data-testid="result" href=${chatPath(`rooms/${room}/#m${seq}`)} onClick=${open}>
    <${Avatar} username=${username} name=${app.store.plainNameOf(username) || message.display_name} size="m" />
    <span class="result__head"><b><bdi>${name}</bdi></b> <span><bdi>${place}</bdi></span>
      <time datetime=${date.toISOString()} title=${fullTime(date)}>${time}</time></span>
    ${said && html`<span class="result__files">${said}</span>`}
    <span class="result__text" dir="auto" translate="yes">
      ${
        marks.length
          ? excerptOf(message.message, marks).map(({ text, hit }) => (hit ? html`<mark>${text}</mark>` : text))
          : excerpt(message.message, SHOWN_MAX)
      }
    </span>
    ${files > 0 && html`<span class="result__files"><${Icon} name="clip" small />${tn("{n} file", "{n} files", files)}</span>`}
  </a>`;
}
