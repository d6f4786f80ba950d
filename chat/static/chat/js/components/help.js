// The help dialog: a guide, the administrators to ask, formatting, slash commands, and the version.

import { useState } from "preact/hooks";
import { refusalText, t } from "../i18n/i18n.js";
import { chatPath } from "../net/addresses.js";
import { getJson } from "../net/api.js";
import { suggestionSources } from "../state/suggestion_sources.js";
import { COMMANDS } from "../text/slash_commands.js";
import { useApp } from "./context.js";
import { Dialog } from "./dialog.js";
import { html } from "./html.js";
import { writeTo } from "./profile.js";
import { Shortcuts } from "./shortcuts.js";

const GUIDE = [
  [
    t("Rooms"),
    t("“Browse rooms” lists what you can join, and the plus beside “Rooms” makes one. Its menu has the settings."),
  ],
  [t("Threads"), t("“Reply in thread” keeps an answer beside the room. “Threads” lists those that you follow.")],
  [t("Find again"), t("Save a message, be reminded of it, pin what the room needs, or search texts and files.")],
  [t("Later"), t("The clock beside “Send” sends a message at a time that you choose.")],
  [t("Quiet"), t("The bell of a room says what it notifies you of. Quiet hours and keywords are in the settings.")],
  [t("Trouble"), t("The menu of a message reports it to the moderators. A person’s card blocks them.")],
];
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
    <h3 class="popover__head">${t("Guide")}</h3>
    ${GUIDE.map(([what, how]) => html`<p class="note"><b>${what}</b><br />${how}</p>`)}
    <${Administrators} app=${app} />
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
    <h3 class="popover__head">${t("About")}</h3>
    <p class="note">${t("Backchannel {version}, free software under the MIT licence.", { version: app.update.version })}
      ${" "}<a href=${chatPath("api/v1/docs")} target="_blank">${t("For programs: the API")}</a></p>
  <//>`;
}

// The administrators to ask, fetched when the button is clicked.
function Administrators({ app }) {
  const [people, setPeople] = useState(null);
  const find = async () => {
    try {
      setPeople((await getJson("people?staff=true")).people);
    } catch (refusal) {
      app.ui.toast(refusalText(refusal));
    }
  };
  const write = (person) => () => {
    app.ui.closeDialog();
    writeTo(app, person);
  };
  if (!people)
    return html`<div class="actions start"><button type="button" class="button slim" onClick=${find}>
      ${t("Ask an administrator")}</button></div>`;
  if (!people.length) return html`<p class="note">${t("Nobody administers this server by the page.")}</p>`;
  return html`<div class="actions start" role="group" aria-label=${t("Ask an administrator")}>${people.map(
    (person) => html`<button key=${person.username} type="button" class="button slim" onClick=${write(person)}>
      <bdi>${person.display_name}</bdi> <bdi>@${person.username}</bdi></button>`,
  )}</div>`;
}
