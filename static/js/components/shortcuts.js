import { html } from "../html.js";
import { useApp } from "./context.js";
import { Dialog } from "./dialog.js";

export function Shortcuts() {
  const { modKey } = useApp();
  const list = [
    ["Quick switch", [modKey, "K"]],
    ["Next or previous room", ["Alt", "↓", "↑"]],
    ["Next or previous unread room", ["Alt", "Shift", "↓", "↑"]],
    ["Edit your last message", ["↑"], "in an empty box"],
    ["Mark room read, go to the latest", ["Esc"]],
    ["Move between regions", [modKey, "F6"]],
    ["Bold, italic", [modKey, "B", "I"]],
    ["In the list: next message", ["↑", "↓"]],
    ["Reply, edit, react, delete", ["R", "E", "+", "Del"]],
    ["This list", [modKey, "/"]],
  ];
  return html`<${Dialog} title="Keyboard shortcuts" closable>
    <dl class="keys one">${list.map(([what, keys, where]) => html`<div><dt>${what}</dt><dd>${keys.map((key) => html`<kbd>${key}</kbd> `)}${where}</dd></div>`)}</dl>
  <//>`;
}
