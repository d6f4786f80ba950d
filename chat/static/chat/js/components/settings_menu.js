import { t } from "../i18n/i18n.js";
import { chatPath } from "../net/addresses.js";
import { csrfToken } from "../net/api.js";
import { postForm } from "../net/forms.js";
import { signOut } from "../sign_out.js";
import { useApp } from "./context.js";
import { Help } from "./help.js";
import { html } from "./html.js";
import { Icon } from "./icon.js";
import { Shortcuts } from "./shortcuts.js";
import { StatusDialog } from "./status_dialog.js";

export const THEMES = [
  ["system", t("System")],
  ["light", t("Light")],
  ["dark", t("Dark")],
];

// Applies the theme at once, and saves it in the account.
export async function setTheme({ preferences, ui }, theme) {
  preferences.setTheme(theme);
  const data = new FormData();
  data.set("theme", theme);
  data.set("csrfmiddlewaretoken", csrfToken());
  const { problem } = await postForm(chatPath("settings/preferences/"), data);
  if (problem) ui.toast(problem);
}

export function SettingsMenu() {
  const app = useApp();
  const { links, store, ui, preferences } = app;
  const open = (content) => () => {
    ui.closeMenu();
    ui.openDialog(content);
  };
  const leave = () => {
    ui.closeMenu();
    signOut(app);
  };
  return html`<div class="theme"><span class="label" id="theme-label">${t("Theme")}</span>
      <div class="segments full" role="radiogroup" aria-labelledby="theme-label">
        ${THEMES.map(
          ([value, label]) => html`<button type="button" role="radio" aria-checked=${preferences.theme.value === value}
            onClick=${() => setTheme(app, value)}>${label}</button>`,
        )}
      </div></div>
    <div class="rule"></div>
    <div class="options" role="menu" aria-label=${t("Settings")}>
      <button type="button" role="menuitem" class="option" onClick=${open(() => html`<${StatusDialog} />`)}>
        <${Icon} name="smile" /><b>${t("Set a status")}</b>
      </button>
      <a role="menuitem" class="option" href=${chatPath("settings/")}><${Icon} name="gear" /><b>${t("All settings")}</b></a>
      <button type="button" role="menuitem" class="option with-keys" onClick=${open(() => html`<${Shortcuts} />`)}>
        <${Icon} name="slash" /><b>${t("Keyboard shortcuts")}</b><span class="sub"></span><kbd>${app.modKey} /</kbd>
      </button>
      <button type="button" role="menuitem" class="option" onClick=${open(() => html`<${Help} />`)}>
        <${Icon} name="file" /><b>${t("Help")}</b>
      </button>
      ${
        store.me.value.staff &&
        links.admin &&
        html`<a role="menuitem" class="option" href=${links.admin}><${Icon} name="shield" /><b>${t("Manage")}</b></a>`
      }
      ${
        links.sign_out &&
        html`<div class="rule"></div>
      <button type="button" role="menuitem" class="option" onClick=${leave}><${Icon} name="leave" /><b>${t("Sign out")}</b></button>`
      }
    </div>`;
}
