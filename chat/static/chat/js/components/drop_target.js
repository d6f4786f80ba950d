// Accepts files dropped anywhere on the page, for the conversation.

import { useEffect, useState } from "preact/hooks";
import { useApp } from "./context.js";
import { html } from "./html.js";

const holdsFiles = ({ dataTransfer }) => dataTransfer?.types.includes("Files");

export function DropTarget({ slug }) {
  const app = useApp();
  const [over, setOver] = useState(false);
  const takes = app.attachments.may(slug);
  useEffect(() => {
    if (!takes) return undefined;
    const enter = (event) => {
      if (!holdsFiles(event) || app.ui.hasDialog) return;
      event.preventDefault();
      app.lazy.attachments.fetch();
      setOver(true);
    };
    // Without `relatedTarget` the drag left the window; otherwise it only moved to another element.
    const leave = (event) => event.relatedTarget ?? setOver(false);
    const drop = (event) => {
      setOver(false);
      if (!holdsFiles(event) || app.ui.hasDialog) return;
      event.preventDefault();
      app.attachments.add(slug, [...event.dataTransfer.files]);
    };
    const listeners = { dragenter: enter, dragover: enter, dragleave: leave, drop };
    for (const [name, listener] of Object.entries(listeners)) addEventListener(name, listener);
    return () => {
      for (const [name, listener] of Object.entries(listeners)) removeEventListener(name, listener);
    };
  }, [slug, takes]);
  const parts = over && app.lazy.attachments.here;
  return parts && html`<${parts.DropSign} slug=${slug} />`;
}
