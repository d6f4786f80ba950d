// A picture as large as the screen, with buttons to the room's other pictures.

import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { fullTime, untilTime } from "../i18n/dates.js";
import { t } from "../i18n/i18n.js";
import { chatPath } from "../net/addresses.js";
import { isPicture } from "../text/files.js";
import { useApp } from "./context.js";
import { copies } from "./copies.js";
import { html } from "./html.js";
import { Icon, IconButton } from "./icon.js";
import { altOf } from "./picture.js";

const ZOOM_STEP = 1.5;
const ZOOM_MAX = 8;
const SWIPE_PX = 80;

export function Lightbox({ room, id }) {
  const app = useApp();
  const { store, ui } = app;
  const log = store.log(room);
  log.version.value;
  const shown = picturesOf(log);
  const [open, setOpen] = useState(id);
  const [zoom, setZoom] = useState(0);
  const stage = useRef(null);
  const from = useRef(null);
  const box = useRef(null);
  const at = shown.findIndex(({ file }) => file.id === open);
  const one = shown[at];
  // The picture was deleted while it was open.
  useEffect(() => {
    if (!one) ui.closeDialog();
  }, [Boolean(one)]);
  // The dialog may have opened before this module loaded, with nothing in it to focus.
  useLayoutEffect(() => box.current?.focus(), []);
  useEffect(() => {
    for (const beside of [shown[at - 1], shown[at + 1]]) if (beside) new Image().src = largeOf(beside.file);
  }, [open]);
  if (!one) return null;
  const { message, file } = one;
  const step = (by) => {
    const next = shown[at + by];
    if (!next) return;
    setZoom(0);
    setOpen(next.file.id);
  };
  const enlarge = (by) => setZoom((now) => clamped((now || 1) * by));
  const keys = {
    ArrowLeft: () => step(-1),
    ArrowRight: () => step(1),
    "+": () => enlarge(ZOOM_STEP),
    "-": () => enlarge(1 / ZOOM_STEP),
    0: () => setZoom(0),
  };
  const onKeyDown = (event) => {
    const act = !event.ctrlKey && !event.metaKey && keys[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  };
  const copy = copies(ui, new URL(chatPath(file.url), location.href).href, () => ui.toast(t("Link copied")));
  const date = new Date(message.timestamp);
  const name = store.nameOf(message.username);
  const facts = { n: at + 1, all: shown.length, name, time: fullTime(date), said: altOf(file) };
  return html`<div class="lightbox" ref=${box} data-testid="lightbox" role="document" tabindex="-1" autofocus onKeyDown=${onKeyDown}
    aria-label=${t("Image {n} of {all}, by {name}, {time}: {said}", facts)}>
    <div class="lightbox__head">
      <p><b><bdi>${name}</bdi></b> <span>${app.titleOf(room)}, ${untilTime(date)}</span></p>
      <a class="icon-button" href=${`${chatPath(file.url)}?download`} download=${file.name} aria-label=${t("Download")}
        title=${t("Download")}>
        <${Icon} name="download" /></a>
      <${IconButton} icon="link" label=${t("Copy link")} onClick=${copy} />
      <a class="icon-button only-wide" href=${chatPath(file.url)} target="_blank" rel="noopener" aria-label=${t("Open original")}
        title=${t("Open original")}>
        <${Icon} name="image" /></a>
      <${IconButton} icon="x" label=${t("Close")} onClick=${() => ui.closeDialog()} />
    </div>
    <div class="lightbox__stage" ref=${stage} ...${gestures(stage, from, { zoom, step, close: () => ui.closeDialog() })}>
      <img key=${file.id} class=${zoom ? "" : "fits"} src=${largeOf(file)} alt=${altOf(file)} draggable=${false}
        style=${zoom ? { width: `${file.width * zoom}px` } : {}} onClick=${() => setZoom(zoom ? 0 : 1)} />
    </div>
    <div class="lightbox__foot">
      <${IconButton} icon="back" label=${t("Previous image")} disabled=${at === 0} onClick=${() => step(-1)} />
      <p dir="auto">${file.description ?? ""}</p>
      <span>${t("{n} of {all}", { n: at + 1, all: shown.length })}</span>
      <${IconButton} icon="back" class="turned" label=${t("Next image")} disabled=${at === shown.length - 1} onClick=${() => step(1)} />
    </div>
  </div>`;
}

const picturesOf = (log) =>
  log
    .list()
    .filter((message) => !message.deleted)
    .flatMap((message) => (message.files ?? []).filter(isPicture).map((file) => ({ message, file })));
const largeOf = ({ thumbs, type, url }) => chatPath(type === "image/gif" ? url : (thumbs?.["1600"] ?? url));
const clamped = (zoom) => (zoom < 0.2 ? 0 : Math.min(ZOOM_MAX, zoom));

// A mouse or pen drags a zoomed picture. Without zoom, a finger swipes to the next or previous one, or down to close.
function gestures(stage, from, { zoom, step, close }) {
  return {
    onPointerDown: ({ clientX, clientY }) => (from.current = { x: clientX, y: clientY }),
    onPointerMove: (event) => {
      const { current } = from;
      if (!current || !zoom || !event.buttons || event.pointerType === "touch") return;
      stage.current.scrollBy(current.x - event.clientX, current.y - event.clientY);
      from.current = { x: event.clientX, y: event.clientY };
    },
    onPointerUp: (event) => {
      const { current } = from;
      const moved = current && { x: event.clientX - current.x, y: event.clientY - current.y };
      from.current = null;
      if (!moved || zoom || event.pointerType !== "touch") return;
      if (moved.y > SWIPE_PX) close();
      else if (Math.abs(moved.x) > SWIPE_PX) step(moved.x < 0 ? 1 : -1);
    },
  };
}
