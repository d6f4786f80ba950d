// What was shared in a room, by everybody or one person, newest first: pictures by month, other files, links in rows.

import "../i18n/i18n_requested.js";

import { useEffect, useRef, useState } from "preact/hooks";
import { monthLabel } from "../i18n/dates.js";
import { t } from "../i18n/i18n.js";
import { chatPath } from "../net/addresses.js";
import { isPicture } from "../text/files.js";
import { useApp } from "./context.js";
import { FileRow } from "./file_row.js";
import { html } from "./html.js";
import { LinkRow, linksOf } from "./link_row.js";
import { openThread } from "./open_thread.js";
import { Pane } from "./pane_frame.js";
import { altOf } from "./picture.js";
import { SharedBy } from "./shared_by.js";
import { useShared } from "./use_shared.js";

const filesOf = ({ files = [] }) => files;
const KINDS = [
  { has: "image", label: t("Images"), itemsOf: (message) => filesOf(message).filter(isPicture) },
  { has: "file", label: t("Files"), itemsOf: (message) => filesOf(message).filter((file) => !isPicture(file)) },
  { has: "link", label: t("Links"), itemsOf: linksOf },
];
const MORE_BEFORE_END_PX = 600;

// `value`: the kind to show, for example `link` for `?files=link`.
export function Occupant({ slug, value }) {
  const app = useApp();
  const kind = KINDS.find(({ has }) => has === value) ?? KINDS[0];
  const [from, setFrom] = useState("");
  const found = useShared(app, slug, kind, from);
  const { shown, problem, stopped, done } = found;
  const list = useRef(null);
  const fill = ({ scrollHeight, scrollTop, clientHeight }) => {
    if (scrollHeight - scrollTop - clientHeight < MORE_BEFORE_END_PX) found.more();
  };
  // A page of results may not fill the pane.
  useEffect(() => fill(list.current.parentElement));
  return html`<${Pane} title=${t("Files")} meta=${app.titleOf(slug)} data-testid="files-pane"
    onScroll=${({ currentTarget }) => fill(currentTarget)}>
    <div class="segments full" role="radiogroup" aria-label=${t("What is shown")}>
      ${KINDS.map(
        (one) => html`<button type="button" role="radio" key=${one.has} aria-checked=${kind === one}
          onClick=${() => app.pane.become(one.has)}>${one.label}</button>`,
      )}
    </div>
    <${SharedBy} key=${slug} slug=${slug} from=${from} onChange=${setFrom} />
    <div ref=${list}>${kind.has === "image" ? months(shown) : shown.map(row)}</div>
    ${
      problem &&
      html`<p class="note">${problem} <button type="button" class="link-button" onClick=${found.again}>${t("Retry")}</button></p>`
    }
    ${
      stopped &&
      html`<p class="offer"><button type="button" class="button slim" onClick=${found.again}>${t("Look further back")}</button></p>`
    }
    ${done && !shown.length && html`<p class="note">${t("Nothing has been shared here yet.")}</p>`}
  <//>`;
}

function months(shown) {
  const byMonth = Map.groupBy(shown, ({ message }) => monthLabel(new Date(message.timestamp)));
  return [...byMonth].map(
    ([month, pictures]) => html`<h3 key=${month}>${month}</h3>
      <div class="pictures month">
        ${pictures.map(({ message, item }) => html`<${Small} key=${item.id} message=${message} file=${item} />`)}</div>`,
  );
}

function row({ message, item }) {
  return item.href
    ? html`<${Shared} key=${`${message.seq} ${item.href}`} message=${message} link=${item} />`
    : html`<${FileRow} key=${item.id} file=${item} />`;
}

function Shared({ message, link }) {
  return html`<${LinkRow} message=${message} link=${link} ...${useWay(message)} />`;
}

// Links to its message, where it can be viewed among the other pictures.
function Small({ message, file }) {
  const { address, onOpen } = useWay(message);
  return html`<a class="picture" href=${address} onClick=${onOpen}>
    <img src=${chatPath(file.thumbs?.["480"] ?? file.url)} alt=${altOf(file)} loading="lazy" decoding="async" /></a>`;
}

// Returns {address, onOpen}: the link to a message, in the room or only in a thread.
function useWay({ room, seq, thread, in_room }) {
  const app = useApp();
  const onOpen = (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    if (in_room === false) openThread(app, room, thread);
    else app.jumpTo(room, seq);
  };
  return { address: chatPath(`rooms/${room}/${in_room === false ? `?thread=${thread}` : `#m${seq}`}`), onOpen };
}
