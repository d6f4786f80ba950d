// The room's full topic and its number of members.

import { t } from "../i18n/i18n.js";
import { howMany } from "../text/people.js";
import { useApp } from "./context.js";
import { Dialog } from "./dialog.js";
import { html } from "./html.js";
import { TopicDialog } from "./topic_dialog.js";

export function RoomDetails({ slug, facts }) {
  const app = useApp();
  const { store, ui } = app;
  const members = store.members.value.get(slug);
  const change = () => ui.openDialog(() => html`<${TopicDialog} slug=${slug} topic=${facts.topic} />`);
  return html`<${Dialog} title=${app.titleOf(slug)} closable>
    <p class="said" dir="auto">${facts.topic}</p>
    ${members && html`<p>${t("Members: {n}", { n: howMany(members) })}</p>`}
    ${
      app.may(slug, "topic") &&
      html`<div class="actions"><button type="button" class="button" onClick=${change}>${t("Change the topic")}</button></div>`
    }
  <//>`;
}
