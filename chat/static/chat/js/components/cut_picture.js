// Crops a chosen picture to a square: the user drags it, zooms, and previews it at its small sizes. It opens its own
// dialog, because the settings page has no dialog layer.

import { t } from "../i18n/i18n.js";
import { Square, ZOOM_MAX } from "../state/square.js";

const ZOOM_STEP = 0.1;
const MOVE_PX = 8;

// Returns the square as a file, the file itself if this browser cannot decode it, or null if the user cancelled.
export async function cutPicture(file) {
  let picture;
  try {
    picture = await createImageBitmap(file);
  } catch {
    return file;
  }
  const square = new Square(picture);
  const dialog = document.createElement("dialog");
  dialog.append(frame(square, dialog));
  document.body.append(dialog);
  dialog.showModal();
  square.draw();
  await new Promise((resolve) => dialog.addEventListener("close", resolve, { once: true }));
  const made = dialog.returnValue === "use" ? await square.file() : null;
  dialog.remove();
  picture.close();
  return made;
}

function frame(square, dialog) {
  const form = element("form", { className: "dialog cut", method: "dialog" });
  const [large, ...small] = square.canvases;
  large.tabIndex = 0;
  large.setAttribute("role", "img");
  large.setAttribute("aria-label", t("The part that is shown. Move it with the arrow keys."));
  const zoom = element("input", {
    type: "range",
    min: "1",
    max: String(ZOOM_MAX),
    step: String(ZOOM_STEP),
    value: "1",
  });
  const label = element("label", { textContent: t("Zoom") });
  label.append(zoom);
  const previews = element("div", { className: "cut__small" });
  previews.append(...small);
  const actions = element("div", { className: "actions" });
  const cancel = element("button", { className: "button", textContent: t("Cancel"), value: "" });
  const use = element("button", { className: "button primary", textContent: t("Use photo"), value: "use" });
  actions.append(cancel, use);
  form.append(element("h2", { textContent: t("Choose the part to show") }), large, label, previews, actions);
  zoom.addEventListener("input", () => (square.zoom = Number(zoom.value)));
  large.addEventListener("keydown", (event) => onKey(event, square, zoom));
  large.addEventListener("pointerdown", (event) => large.setPointerCapture(event.pointerId));
  large.addEventListener("pointermove", (event) => event.buttons && square.move(event.movementX, event.movementY));
  dialog.setAttribute("aria-label", t("Choose the part to show"));
  return form;
}

function onKey(event, square, zoom) {
  const moves = { ArrowLeft: [MOVE_PX, 0], ArrowRight: [-MOVE_PX, 0], ArrowUp: [0, MOVE_PX], ArrowDown: [0, -MOVE_PX] };
  const zooms = { "+": ZOOM_STEP, "-": -ZOOM_STEP };
  if (moves[event.key]) square.move(...moves[event.key]);
  else if (zooms[event.key]) square.zoom += zooms[event.key];
  else return;
  zoom.value = String(square.zoom);
  event.preventDefault();
}

const element = (name, facts) => Object.assign(document.createElement(name), facts);
