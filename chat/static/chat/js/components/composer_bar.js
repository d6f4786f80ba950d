// The bar below the field: buttons to insert something, the characters left, and the send button.

import { t } from "../i18n/i18n.js";
import { useApp } from "./context.js";
import { html } from "./html.js";
import { Icon, IconButton } from "./icon.js";

// `model`: a ComposerModel. `place`: the room or thread. `target()` returns where a message goes, see later.js.
export function ComposerBar({ place: slug, target, model, onRecord }) {
  const app = useApp();
  const { ui } = app;
  const attach = () => pickFiles((files) => app.attachments.add(slug, files));
  const prefetch = () => app.lazy.attachments.fetch();
  const attaches = app.attachments.may(slug);
  const empty = !model.draft.value.text;
  const insertSign = (sign) => model.insertSign(sign);
  const pickEmoji = (event) =>
    ui.openMenu(
      event?.currentTarget ?? null,
      ({ EmojiPicker }) => html`<${EmojiPicker} onPick=${(sign) => model.insert(sign)} />`,
    );
  const mark = (how) => model.format(how);
  const later = (event) =>
    ui.openMenu(
      event?.currentTarget ?? null,
      ({ LaterMenu }) => html`<${LaterMenu} place=${slug} target=${target} model=${model} />`,
    );
  const more = () =>
    ui.openMenu(
      null,
      ({ WritingMenu }) =>
        html`<${WritingMenu} empty=${empty} attach=${attaches && attach} mark=${mark}
          insertSign=${insertSign} pickEmoji=${pickEmoji} later=${later} />`,
    );
  return html`<div class="bar">
    <${IconButton} icon="plus" class="only-phone" label=${t("Add to the message")} aria-haspopup="menu" onClick=${more} />
    ${
      attaches &&
      html`<${IconButton} icon="clip" class="only-wide" label=${t("Attach files")}
      onClick=${attach} onPointerEnter=${prefetch} />`
    }
    ${
      attaches &&
      empty &&
      !app.attachments.shows(slug) &&
      mayRecord() &&
      html`<${IconButton} icon="mic" class="mic" label=${t("Record a voice note")} onClick=${onRecord} onPointerEnter=${prefetch} />`
    }
    <${IconButton} icon="smile" class="only-wide" label=${t("Insert emoji")} aria-haspopup="dialog" onClick=${pickEmoji} />
    <${IconButton} icon="at" class="only-wide" label=${t("Mention someone")} onClick=${() => insertSign("@")} />
    <${IconButton} icon="slash" class="only-wide" label=${t("Slash command")} onClick=${() => empty && insertSign("/")} />
    <${IconButton} icon="code" class="only-wide" label=${t("Code block")} onClick=${() => model.insertCode()} />
    <span class="spacer only-wide"></span>
    ${model.left === null ? html`<${Hint} />` : html`<${CountLeft} left=${model.left} />`}
    <${IconButton} icon="clock" class="only-wide" label=${t("Send later")} aria-haspopup="menu" onClick=${later} />
    <button class="go" data-testid="send" aria-label=${t("Send message")} disabled=${!model.sendable}><${Icon} name="send" /></button>
  </div>`;
}

// False over plain http and in old browsers.
const mayRecord = () => Boolean(navigator.mediaDevices && globalThis.MediaRecorder);

// Keeps a reference: browsers collect an unreferenced input even while the user is choosing a file.
let picker = /** @type {?HTMLInputElement} */ (null);

// Phones offer the camera here, too.
export function pickFiles(take) {
  const input = Object.assign(document.createElement("input"), { type: "file", multiple: true });
  picker = input;
  picker.addEventListener("change", () => take([...(input.files ?? [])]));
  picker.click();
}

function CountLeft({ left }) {
  const text = left < 0 ? t("{n} too long", { n: -left }) : t("{n} left", { n: left });
  return html`<span data-testid="characters-left" class=${left < 0 ? "count-left excess" : "count-left"}>${text}</span>`;
}

function Hint() {
  const { preferences, modKey } = useApp();
  return html`<span class="hint only-wide">${
    preferences.enterSends
      ? html`<kbd>${t("Shift")}</kbd> <kbd>Enter</kbd> ${t("new line")}`
      : html`<kbd>${modKey}</kbd> <kbd>Enter</kbd> ${t("send")}`
  }</span>`;
}
