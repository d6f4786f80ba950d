// The settings page: choices are saved automatically. Without this script each part has its own button.

import "./i18n/i18n_deferred.js";

import { cutPicture } from "./components/cut_picture.js";
import { t } from "./i18n/i18n.js";
import { postForm } from "./net/forms.js";
import { pushSupported, subscribed, turnOff, turnOn } from "./pwa/push.js";

const SAVED_SHOWN_MS = 3_000;
const TYPING_MS = 800;

class Status {
  #line = document.querySelector("[data-status]");
  #timer = 0;

  show(text, bad = false) {
    clearTimeout(this.#timer);
    this.#line.textContent = text;
    this.#line.classList.toggle("bad", bad);
    if (!bad) this.#timer = setTimeout(() => (this.#line.textContent = ""), SAVED_SHOWN_MS);
  }
}

// A form that saves itself, one request after the other, so that the last choice wins.
class Saved {
  #form;
  #status;
  #timer = 0;
  #running = Promise.resolve();

  constructor(form, status) {
    this.#form = form;
    this.#status = status;
    for (const button of form.querySelectorAll("button:not([type=button])"))
      button.closest(".actions")?.remove() ?? button.remove();
    form.addEventListener("change", () => this.#save());
    form.addEventListener("input", (event) => event.target.matches("[type=text]") && this.#later());
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#save();
    });
    // Saves a choice made before this script had loaded.
    if ([...form.elements].some((field) => field.checked !== field.defaultChecked)) this.#save();
  }

  #later() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#save(), TYPING_MS);
  }

  #save() {
    clearTimeout(this.#timer);
    this.#running = this.#running.then(() => this.#send());
  }

  async #send() {
    const answer = await postForm(this.#form.action, new FormData(this.#form));
    this.#showErrors(answer.errors ?? {});
    if (answer.saved) {
      this.#status.show(t("Saved"));
      applyAppearance(new FormData(this.#form));
      // The setting changes the text of the whole page.
      if ("reload" in this.#form.dataset) location.reload();
      this.#form.dispatchEvent(new CustomEvent("saved", { bubbles: true }));
    } else {
      this.#status.show(answer.problem ?? t("Not saved"), true);
    }
  }

  #showErrors(errors) {
    for (const field of this.#form.querySelectorAll("input:not([type=hidden])")) {
      const box = field.closest(".field");
      if (!box) continue;
      const [error] = errors[field.name] ?? [];
      box.classList.toggle("invalid", Boolean(error));
      box.querySelector(".field-error")?.remove();
      const help = box.querySelector("small");
      if (help) help.hidden = Boolean(error);
      if (!error) {
        field.removeAttribute("aria-invalid");
        continue;
      }
      const line = document.createElement("p");
      line.className = "field-error";
      line.id = `${field.id}_error`;
      line.textContent = error;
      box.append(line);
      field.setAttribute("aria-invalid", "true");
      field.setAttribute("aria-describedby", [`${field.id}_helptext`, line.id].join(" "));
    }
  }
}

function applyAppearance(data) {
  const theme = data.get("theme");
  if (!theme) return;
  if (theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}

// Explains where each browser has the setting for blocked notifications.
function howToUnblock() {
  const agent = navigator.userAgent;
  if (/Firefox/.test(agent))
    return t(
      "Notifications are blocked. Allow them in the site settings: the icon with the struck-out bubble, left of the address.",
    );
  if (/iPhone|iPad/.test(agent))
    return t("Notifications are blocked. Allow them in the system's Settings, under Notifications.");
  if (/Safari/.test(agent) && !/Chrom|Edg/.test(agent))
    return t("Notifications are blocked. Allow them in the site settings: Safari, Settings, Websites, Notifications.");
  return t("Notifications are blocked. Allow them in the site settings, beside the address, then reload this page.");
}

// The browser's own permission for notifications, and the button to ask for it.
class Permission {
  #row = document.querySelector("[data-permission]");
  #text = this.#row.querySelector("[data-permission-text]");
  #button = this.#row.querySelector("[data-permission-ask]");

  constructor() {
    this.#row.hidden = false;
    this.#button.addEventListener("click", async () => {
      await Notification.requestPermission();
      this.#show();
    });
    this.#show();
  }

  #show() {
    const state = globalThis.isSecureContext && globalThis.Notification ? Notification.permission : "missing";
    this.#button.hidden = state !== "default";
    this.#text.textContent = {
      granted: t("Notifications are shown here while Backchannel is open."),
      default: t("Allow notifications in this browser first."),
      denied: howToUnblock(),
      missing: t("Notifications need https and a browser that supports them."),
    }[state];
  }
}

// The switch for notifications on this device while no page is open.
class Push {
  #row = document.querySelector("[data-push]");
  #text = this.#row.querySelector("[data-push-text]");
  #switch = this.#row.querySelector("[data-push-switch]");

  constructor() {
    if (!pushSupported()) return;
    this.#row.hidden = false;
    this.#switch.addEventListener("change", () => this.#change());
    this.#show();
  }

  async #show() {
    this.#switch.checked = Boolean(await subscribed());
  }

  async #change() {
    this.#switch.disabled = true;
    try {
      if (this.#switch.checked) await turnOn();
      else await turnOff();
      // The list of devices has changed.
      if (this.#switch.checked) location.reload();
    } catch (error) {
      const blocked = Notification.permission === "denied";
      this.#text.textContent = blocked
        ? howToUnblock()
        : error.message || t("This browser's push service cannot be reached.");
    }
    this.#switch.disabled = false;
    await this.#show();
  }
}

// The person's photo: cropped here, then saved immediately.
class Photo {
  #form;
  #status;

  constructor(form, status) {
    this.#form = form;
    this.#status = status;
    form.querySelector("[data-photo-send]").remove();
    form.elements.file.addEventListener("change", () => this.#choose());
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#save({ remove: "1" });
    });
  }

  async #choose() {
    const [chosen] = this.#form.elements.file.files;
    const file = chosen && (await cutPicture(chosen));
    this.#form.elements.file.value = "";
    if (file) await this.#save({ file });
  }

  async #save(facts) {
    const data = new FormData(this.#form);
    data.delete("file");
    for (const [name, value] of Object.entries(facts)) data.set(name, value);
    const answer = await postForm(this.#form.action, data, { large: true });
    if (answer.saved) location.reload();
    else this.#status.show(answer.errors?.file?.[0] ?? answer.problem, true);
  }
}

const status = new Status();
new Photo(document.querySelector("form[data-picture]"), status);
for (const form of document.querySelectorAll("form[data-save]")) new Saved(form, status);
new Permission();
new Push();

const profile = document.querySelector("#profile form[data-save]");
profile.addEventListener("saved", () => {
  const shown = document.querySelector("[data-shown-name]");
  shown.textContent = profile.elements.display_name.value.trim() || shown.dataset.username;
});
