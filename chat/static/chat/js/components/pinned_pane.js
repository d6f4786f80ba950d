// The pinned messages of a room, in the order set by its moderators.

import "../i18n/i18n_requested.js";

import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { untilTime } from "../i18n/dates.js";
import { t } from "../i18n/i18n.js";
import { useApp } from "./context.js";
import { html } from "./html.js";
import { IconButton } from "./icon.js";
import { Pane } from "./pane_frame.js";
import { Result } from "./search_results.js";
import { usePins } from "./use_pins.js";

export function Occupant({ slug }) {
  const app = useApp();
  const { messages, done, problem, again } = usePins(app, slug);
  return html`<${Pane} title=${t("Pinned")} meta=${app.titleOf(slug)} data-testid="pinned-pane">
    <${Pins} slug=${slug} messages=${messages} />
    ${
      problem &&
      html`<p class="note">${problem} <button type="button" class="link-button" onClick=${again}>${t("Retry")}</button></p>`
    }
    ${
      done &&
      !messages.length &&
      html`<p class="note">${t("Pin what people ask for again: a link, a decision, a checklist.")}</p>`
    }
  <//>`;
}

function Pins({ slug, messages }) {
  const app = useApp();
  const orders = app.may(slug, "pin");
  const [dragged, setDragged] = useState(null);
  const list = useRef(null);
  const moved = useRef(null);
  const seqs = messages.map(({ seq }) => seq);
  // Moving an element in the document drops its focus.
  useLayoutEffect(() => {
    if (moved.current === null) return;
    list.current.querySelector(`[data-seq="${moved.current}"] a`)?.focus();
  }, [String(seqs)]);
  const move = async (seq, to) => {
    const others = seqs.filter((one) => one !== seq);
    if (to < 0 || to > others.length || seqs.indexOf(seq) === to) return;
    moved.current = seq;
    if (await app.actions.movePin(slug, seq, others[to - 1] ?? null))
      app.announcer.say(t("Place {n} of {total}", { n: to + 1, total: seqs.length }));
  };
  const onKeyDown = (event, seq) => {
    const step = event.altKey && { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    event.stopPropagation();
    move(seq, seqs.indexOf(seq) + step);
  };
  const drag = (seq) =>
    orders && {
      draggable: true,
      onKeyDown: (event) => onKeyDown(event, seq),
      onDragStart: (event) => {
        event.dataTransfer.effectAllowed = "move";
        setDragged(seq);
      },
      onDragOver: (event) => dragged !== null && event.preventDefault(),
      onDrop: (event) => {
        event.preventDefault();
        if (dragged !== null) move(dragged, seqs.indexOf(seq));
      },
      onDragEnd: () => setDragged(null),
    };
  return html`<ul class="pins" ref=${list} aria-label=${t("Pinned messages")}>
    ${messages.map(
      (message) => html`<li key=${message.seq} data-seq=${message.seq} class=${dragged === message.seq ? "dragged" : ""}
        ...${drag(message.seq)}>
        <${Result} result=${{ message }} date=${new Date(message.timestamp)}
          time=${untilTime(new Date(message.timestamp))} onOpen=${() => app.jumpTo(slug, message.seq)} />
        ${orders && html`<${IconButton} icon="x" small label=${t("Unpin")} onClick=${() => app.actions.pin(slug, message.seq, false)} />`}
      </li>`,
    )}
  </ul>
  ${orders && messages.length > 1 && html`<p class="note only-wide">${t("Drag to change the order, or press Alt and ↑ or ↓.")}</p>`}`;
}
