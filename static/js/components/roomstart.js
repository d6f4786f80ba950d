// Where a room begins.

import { html } from "../html.js";
import { t } from "../words.js";
import { useApp } from "./context.js";

export function RoomStart({ slug, facts, empty }) {
  const app = useApp();
  const name = facts.title || slug;
  const direct = facts.kind === "direct";
  const setTopic = () => app.ui.openDialog(({ TopicDialog }) => html`<${TopicDialog} slug=${slug} topic=${facts.topic} />`);
  const invite = () => app.ui.openDialog(({ Invite }) => html`<${Invite} slug=${slug} title=${name} />`);
  if (!empty) return html`<div class="older">${direct ? t("This is the start of your conversation with {name}", { name }) : t("This is the start of {room}", { room: `#${name}` })}</div>`;
  return html`<div class="empty">
    <h2>${direct ? name : `# ${name}`}</h2>
    <p>${firstWords(direct, name, app.mayModerate(slug))}</p>
    ${!direct && facts.role && html`<div class="acts">
      ${app.mayModerate(slug) && !facts.topic && html`<button type="button" class="btn" onClick=${setTopic}>${t("Set a topic")}</button>`}
      <button type="button" class="btn" onClick=${invite}>${t("Add people")}</button>
    </div>`}
  </div>`;
}

function firstWords(direct, name, mine) {
  if (direct) return t("Nobody has written here yet. What you write only {name} and you can read.", { name });
  if (mine) return t("This is the start of the room. Say what it is for, or set a topic so people know when to post here.");
  return t("This is the start of the room. Nobody has written here yet.");
}
