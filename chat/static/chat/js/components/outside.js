// A note only the author sees: whom the message mentioned without notifying them, as they are not in the room.

import { list, t, tn } from "../i18n/i18n.js";
import { useApp } from "./context.js";
import { html } from "./html.js";
import { Icon, IconButton } from "./icon.js";

export function Outside({ slug }) {
  const app = useApp();
  const outside = app.outside.value;
  if (outside?.room !== slug) return null;
  const { people } = outside;
  const drop = () => (app.outside.value = null);
  const add = async () => {
    drop();
    for (const username of people) await app.actions.invite(slug, { username });
  };
  const text = tn(
    "{names} is not in this room and was not notified.",
    "{names} are not in this room and were not notified.",
    people.length,
    { names: list(people.map((name) => `@${name}`)) },
  );
  return html`<div class="composer-context" data-testid="not-in-room" role="status"><${Icon} name="at" small />
    <p>${text}</p>
    ${app.may(slug, "invite") && html`<button type="button" class="link-button" onClick=${add}>${t("Add")}</button>`}
    <${IconButton} icon="x" small label=${t("Dismiss")} onClick=${drop} /></div>`;
}
