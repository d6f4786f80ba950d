import { useRef } from "preact/hooks";

import { csrfToken } from "../api.js";
import { postForm } from "../forms.js";
import { html } from "../html.js";
import { t, tn } from "../words.js";
import { useApp } from "./context.js";
import { Confirm } from "./dialog.js";
import { Icon } from "./icon.js";
import { Shortcuts } from "./shortcuts.js";

const THEMES = [
  ["system", t("System")],
  ["light", t("Light")],
  ["dark", t("Dark")],
];

export function SettingsMenu() {
  const app = useApp();
  const { store, ui, outbox, preferences } = app;
  const setTheme = async (theme) => {
    preferences.setTheme(theme);
    const data = new FormData();
    data.set("theme", theme);
    data.set("csrfmiddlewaretoken", csrfToken());
    const { problem } = await postForm("/settings/preferences/", data);
    if (problem) ui.toast(problem);
  };
  const form = useRef(null);
  const signOut = (event) => {
    event.preventDefault();
    const unsent = outbox.unsent;
    const element = form.current.cloneNode(true);
    const run = async () => {
      await app.forgetDevice();
      document.body.append(element);
      element.submit();
    };
    if (!unsent) {
      run();
      return;
    }
    const text = tn("{n} message is not sent yet and will be dropped from this device.", "{n} messages are not sent yet and will be dropped from this device.", unsent);
    ui.openDialog(() => html`<${Confirm} title=${t("Sign out now?")} text=${text} verb=${t("Sign out")} run=${run} />`);
  };
  const shortcuts = () => {
    ui.closeMenu();
    ui.openDialog(() => html`<${Shortcuts} />`);
  };
  return html`<div class="theme"><span class="lab" id="theme-label">${t("Theme")}</span>
      <div class="seg full" role="radiogroup" aria-labelledby="theme-label">
        ${THEMES.map(([value, label]) => html`<button type="button" role="radio" aria-checked=${preferences.theme.value === value} onClick=${() => setTheme(value)}>${label}</button>`)}
      </div></div>
    <div class="rule"></div>
    <div class="opts" role="menu" aria-label=${t("Settings")}>
      <a role="menuitem" class="opt" href="/settings/"><${Icon} name="gear" /><b>${t("All settings")}</b></a>
      <button type="button" role="menuitem" class="opt" onClick=${shortcuts}><${Icon} name="slash" /><b>${t("Keyboard shortcuts")}</b><span class="sub"></span><kbd>${app.modKey} /</kbd></button>
      ${store.me.value.staff && html`<a role="menuitem" class="opt" href="/admin/"><${Icon} name="shield" /><b>${t("Administration")}</b></a>`}
      <div class="rule"></div>
      <form method="post" action="/accounts/logout/" ref=${form} onSubmit=${signOut}>
        <input type="hidden" name="csrfmiddlewaretoken" value=${csrfToken()} />
        <button role="menuitem" class="opt"><${Icon} name="leave" /><b>${t("Sign out")}</b></button>
      </form>
    </div>`;
}
