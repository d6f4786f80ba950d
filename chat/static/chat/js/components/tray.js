// The files of the next message, inside the composer: the upload state of each, and the refused files.

import { useEffect } from "preact/hooks";
import { t, tn } from "../i18n/i18n.js";
import { sizeText } from "../i18n/sizes.js";
import { nameParts } from "../text/files.js";
import { useApp } from "./context.js";
import { FileDialog } from "./file_dialog.js";
import { html } from "./html.js";
import { Icon, IconButton } from "./icon.js";
import { useBlob } from "./use_blob.js";

export function Tray({ slug }) {
  const { trays } = useApp().attachments;
  const files = trays.of(slug);
  const refused = trays.refused.value;
  return html`${
    refused.room === slug &&
    html`<div class="tray__refusals">${refused.texts.map(
      (text) =>
        html`<p key=${text} class="tray__refused" data-testid="not-attached"><${Icon} name="alert" small />${text}</p>`,
    )}</div>`
  }
    ${
      files.length > 0 &&
      html`<ul class="tray" data-testid="tray" aria-label=${t("Attached files")}>
        ${files.map((file) => html`<${Tile} key=${file.key} slug=${slug} file=${file} />`)}
      </ul>`
    }`;
}

function Tile({ slug, file }) {
  const app = useApp();
  const { ui } = app;
  const { trays, uploads } = app.attachments;
  const { state, sent, reason } = uploads.of(file);
  const calm = state === "done" || state === "uploading" || state === "waiting";
  const url = useBlob(file.key, Boolean(file.width));
  const small = Boolean(file.width) && calm;
  const look = state === "paused" ? "warn" : "";
  const said = saidOf(state, file, sent, reason);
  const remove = (event) => {
    const next = event.currentTarget.closest("li").nextElementSibling?.querySelector("button");
    uploads.cancel(file.key);
    trays.remove(slug, file.key);
    if (next) next.focus();
    else app.focusComposer();
  };
  const onKeyDown = (event) => {
    if (event.key !== "Delete" && event.key !== "Backspace") return;
    event.preventDefault();
    remove(event);
  };
  const open = () => ui.openDialog(() => html`<${FileDialog} slug=${slug} file=${file} />`);
  const [begin, end] = nameParts(file.name);
  useEffect(() => {
    if (state === "failed") app.announcer.alert(t("Upload failed: {name}", { name: file.name }));
  }, [state]);
  return html`<li class=${`tile ${small ? "small" : ""} ${state === "failed" ? "failed" : ""}`} data-testid="tile" data-state=${state}>
    <button type="button" class="tile__open" title=${file.name} aria-label=${`${file.name} ${said}`}
      onClick=${open} onKeyDown=${onKeyDown}>
      ${file.width ? html`<img src=${url ?? undefined} alt="" />` : html`<${Icon} name=${state === "failed" ? "alert" : "file"} />`}
      ${
        small
          ? state === "uploading" && html`<span class="tile__said">${said}</span>`
          : html`<span class="tile__facts"><b><bdi><span>${begin}</span>${end}</bdi></b>${" "}
            <span class=${look}>${state === "waiting" && html`<${Icon} name="clock" small />`}${said}</span></span>`
      }
    </button>
    ${
      state === "failed" &&
      html`<button type="button" class="link-button" title=${reason} onClick=${() => uploads.begin(file.key)}>${t("Retry")}</button>`
    }
    <${IconButton} icon="x" small class="tile__drop" label=${t("Remove {name}", { name: file.name })} onClick=${remove} />
    ${
      (state === "uploading" || state === "paused") &&
      html`<progress max=${file.size} value=${sent} aria-label=${t("Sending {name}", { name: file.name })}></progress>`
    }
  </li>`;
}

function saidOf(state, { size }, sent, reason) {
  if (state === "uploading") return t("{sent} of {size}", { sent: sizeText(sent), size: sizeText(size) });
  if (state === "paused") return t("Continues when the connection returns");
  if (state === "failed") return reason || t("Not uploaded");
  return sizeText(size);
}

// One announcement for all files added together.
export const attachedText = (n) => tn("{n} file attached", "{n} files attached", n);
