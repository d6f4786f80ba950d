import { t } from "../i18n/i18n.js";
import { useApp } from "./context.js";
import { Dialog } from "./dialog.js";
import { html } from "./html.js";

export function Shortcuts() {
  const { modKey } = useApp();
  const list = [
    [t("Quick switch"), [modKey, "K"]],
    [t("Search messages"), [modKey, t("Shift"), "F"]],
    [t("Mentions and reactions"), [modKey, t("Shift"), "M"]],
    [t("Next or previous result"), ["N", t("Shift"), "N"], t("after opening one")],
    [t("Next or previous room"), ["Alt", "↓", "↑"]],
    [t("Next or previous unread room"), ["Alt", t("Shift"), "↓", "↑"]],
    [t("Edit your last message"), ["↑"], t("in an empty box")],
    [t("Mark room read, go to the latest"), ["Esc"]],
    [t("Attach files"), [modKey, "U"]],
    [t("Move between regions"), [modKey, "F6"]],
    [t("Bold, italic"), [modKey, "B", "I"]],
    [t("In the list: next message"), ["↑", "↓"]],
    [t("Reply, edit, react, mark unread, delete"), ["R", "E", "+", "U", t("Del")]],
    [t("Pin a message, or unpin it"), ["P"]],
    [t("In the list: reply in thread"), ["T"]],
    [t("Forward a message"), ["F"]],
    [t("Your threads"), ["Alt", "T"]],
    [t("Save a message, or end that"), ["S"]],
    [t("This list"), [modKey, "/"]],
  ];
  return html`<${Dialog} title=${t("Keyboard shortcuts")} closable>
    <dl class="keys one">
      ${list.map(
        ([what, keys, where]) => html`<div>
          <dt>${what}</dt><dd>${keys.map((key) => html`<kbd>${key}</kbd> `)}${where}</dd>
        </div>`,
      )}
    </dl>
  <//>`;
}
