// Shown to a new user above the composer: an administrator's remaining steps, or where a member finds things.

import "../i18n/i18n_requested.js";
import { t } from "../i18n/i18n.js";
import { chatPath } from "../net/addresses.js";
import { csrfToken } from "../net/api.js";
import { postForm } from "../net/forms.js";
import { useApp } from "./context.js";
import { html } from "./html.js";
import { Icon, IconButton } from "./icon.js";

export function FirstSteps() {
  const app = useApp();
  const { store, ui } = app;
  const facts = app.firstSteps.value;
  const me = store.me.value;
  const close = () => {
    app.firstSteps.value = null;
    const data = new FormData();
    data.set("csrfmiddlewaretoken", csrfToken());
    postForm(chatPath("welcome/seen/"), data);
  };
  const browse = () => ui.openDialog(({ BrowseRooms }) => html`<${BrowseRooms} />`);
  const keys = () => ui.openDialog(({ Shortcuts }) => html`<${Shortcuts} />`);
  const workspace = app.workspace;
  const title = facts.administrator
    ? t("First steps")
    : t("Welcome to {workspace}, {name}.", { workspace, name: me.display_name });
  return html`<section class="first-steps" aria-label=${title} data-testid="first-steps">
    <div class="first-steps__head"><b>${title}</b><${IconButton} icon="x" small label=${t("Close")} onClick=${close} /></div>
    ${
      facts.administrator
        ? html`<ul>
            <${Step} done=${facts.invited} href=${app.links.invite} text=${t("Invite your team")} />
            <${Step} href=${chatPath("settings/#profile")} text=${t("Fill in your profile")} />
            <${Step} done=${globalThis.Notification?.permission === "granted"} href=${chatPath("settings/#notifications")}
              text=${t("Turn on notifications")} />
            <${Step} done=${facts.mail} href=${chatPath("manage/about/")} text=${t("Set up mail")} />
            <${Step} href=${chatPath("manage/about/")} text=${t("Back up this server")} />
          </ul>`
        : html`<div class="actions">
            <a class="button slim" href=${chatPath("settings/#profile")}>${t("Fill in your profile")}</a>
            <a class="button slim" href=${chatPath("settings/#notifications")}>${t("Turn on notifications")}</a>
            <button type="button" class="button slim" onClick=${browse}>${t("Browse rooms")}</button>
            <button type="button" class="button slim" onClick=${keys}>${t("Keyboard shortcuts")}</button>
          </div>`
    }
  </section>`;
}

const Step = ({ done, href, text }) => html`<li class=${done ? "done" : ""}>
  <${Icon} name=${done ? "check" : "chev"} small />
  ${done ? html`<span>${text}<span class="visually-hidden"> ${t("(done)")}</span></span>` : html`<a href=${href}>${text}</a>`}
</li>`;
