// Buttons on the picture under the pointer or with the focus.

import { useEffect, useRef } from "preact/hooks";
import { t } from "../i18n/i18n.js";
import { chatPath } from "../net/addresses.js";
import { boxOf } from "../text/files.js";
import { useApp } from "./context.js";
import { html } from "./html.js";
import { Icon, IconButton } from "./icon.js";

// Pixels: a smaller picture has no room for the buttons.
const BOX_MIN = { width: 96, height: 48 };

// `alone`: the picture has a box of its own size. `onLeave`: called when both pointer and focus have left it.
export function PictureTools({ message, file, alone, onLeave }) {
  const app = useApp();
  const ref = useRef(null);
  useEffect(() => {
    const box = ref.current.parentElement;
    const leave = ({ relatedTarget }) =>
      [relatedTarget, document.activeElement].some((one) => box.contains(one)) || onLeave();
    for (const name of ["pointerleave", "focusout"]) box.addEventListener(name, leave);
    return () => {
      for (const name of ["pointerleave", "focusout"]) box.removeEventListener(name, leave);
    };
  }, []);
  const label = t("Download {name}", { name: file.name });
  const { width, height } = boxOf(file);
  const small = alone && (width < BOX_MIN.width || height < BOX_MIN.height);
  return html`<div class="picture__tools" ref=${ref} hidden=${small}>
    <a class="icon-button" href=${`${chatPath(file.url)}?download`} download=${file.name} aria-label=${label}
      title=${label}><${Icon} name="download" /></a>
    ${
      !message.in_thread &&
      app.may(message.room, "post") &&
      html`<${IconButton} icon="reply" label=${t("Reply with quote")} onClick=${() => app.replyTo(message)} />`
    }
  </div>`;
}
