import { t } from "../i18n/i18n.js";
import { useApp } from "./context.js";
import { Dialog } from "./dialog.js";
import { FindPerson } from "./find_person.js";
import { html } from "./html.js";

export function InviteDialog({ slug, title }) {
  const { actions, store, ui } = useApp();
  const inside = (store.members.value.get(slug) ?? []).map((member) => member.username);
  const choose = (person) => {
    ui.closeDialog();
    actions.invite(slug, person);
  };
  return html`<${Dialog} title=${t("Add people to {room}", { room: `#${title}` })} tall closable>
    <${FindPerson} onChoose=${choose} except=${inside} />
  <//>`;
}
