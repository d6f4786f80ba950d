// How to write here, what the slash knows, and where more is.

import { t } from "../i18n/i18n.js";
import { suggestionSources } from "../state/suggestion_sources.js";
import { COMMANDS } from "../text/slash_commands.js";
import { useApp } from "./context.js";
import { Dialog } from "./dialog.js";
import { html } from "./html.js";
import { Shortcuts } from "./shortcuts.js";

const MARKS = [
  [t("Bold, italic, struck"), "**…**  *…*  ~~…~~"],
  [t("Code, a block of code"), "`…`  ```"],
  [t("Quote, list, numbers"), ">  -  1."],
  [t("A link with words"), "[…](https://…)"],
  [t("A person, a room, an emoji"), "@  #  :"],
];

export function Help() {
  const app = useApp();
  const { mayUse } = suggestionSources(app, app.ui.room.value);
  const commands = COMMANDS.filter(({ needs }) => mayUse(needs));
  const shortcuts = () => app.ui.openDialog(() => html`<${Shortcuts} />`);
  return html`<${Dialog} title=${t("Help")} closable>
    <h3 class="popover__head">${t("Formatting")}</h3>
    <dl class="keys one">
      ${MARKS.map(([what, marks]) => html`<div><dt>${what}</dt><dd><code>${marks}</code></dd></div>`)}
    </dl>
    <h3 class="popover__head">${t("Commands, at the start of a message")}</h3>
    <dl class="keys one">
      ${commands.map(
        ({ name, usage, does }) => html`<div><dt>${does}</dt><dd><code>/${name} ${usage}</code></dd></div>`,
      )}
    </dl>
    <div class="actions"><button type="button" class="button" onClick=${shortcuts}>${t("Keyboard shortcuts")}</button></div>
  <//>`;
}
