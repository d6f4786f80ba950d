// Conveniences of the sign-in pages. The pages work without them.

import { closeShown } from "./pwa/shown.js";
import { forgotten } from "./state/forgotten.js";
import { copyText } from "./text/clipboard.js";

const SPINNER_AFTER_MS = 300;
// Another tab may hold a database open: it is emptied, and deleted when that tab closes.
const FORGET_WITHIN_MS = 500;

class Gate {
  #form;
  #button;
  #timer = 0;
  #sent = false;

  constructor(form) {
    this.#form = form;
    this.#button = form.querySelector("button.primary, button:not([type=button])");
    form.addEventListener("submit", (event) => this.#submit(event));
    // The back button may restore the page as it was left.
    window.addEventListener("pageshow", () => this.#rest());
    for (const toggle of form.querySelectorAll("[data-reveal]")) revealer(toggle);
    if (form.dataset.forget) form.addEventListener("submit", (event) => this.#forget(event), { once: true });
    // No one is signed in: visible notifications are for the previous person, whose session may have ended elsewhere.
    if ("arriving" in form.dataset) closeShown();
    if (form.dataset.usernameCheck) new UsernameCheck(form);
    form.querySelector("[aria-invalid=true]")?.focus();
  }

  #submit(event) {
    if (this.#sent) {
      event.preventDefault();
      return;
    }
    this.#sent = true;
    this.#button = event.submitter ?? this.#button;
    this.#timer = setTimeout(() => {
      this.#button.classList.add("busy");
      this.#button.setAttribute("aria-busy", "true");
    }, SPINNER_AFTER_MS);
  }

  // Signing out deletes the person's data from the device.
  async #forget(event) {
    event.preventDefault();
    const { forget } = this.#form.dataset;
    await Promise.race([
      Promise.all([forgotten(forget), forgotten(`${forget}-files`), closeShown()]),
      new Promise((resolve) => setTimeout(resolve, FORGET_WITHIN_MS)),
    ]);
    this.#sent = false;
    this.#form.requestSubmit(event.submitter);
  }

  #rest() {
    clearTimeout(this.#timer);
    this.#sent = false;
    this.#button.classList.remove("busy");
    this.#button.removeAttribute("aria-busy");
  }
}

function revealer(toggle) {
  const field = document.getElementById(toggle.getAttribute("aria-controls"));
  const show = (shown) => {
    field.type = shown ? "text" : "password";
    toggle.textContent = shown ? toggle.dataset.hide : toggle.dataset.show;
    toggle.setAttribute("aria-pressed", String(shown));
  };
  toggle.hidden = false;
  toggle.addEventListener("click", () => {
    show(field.type === "password");
    field.focus();
  });
  // Browsers remember the input of text fields.
  field.form.addEventListener("submit", () => show(false));
}

// Reports a taken or invalid username when the field loses the focus, before the person fills in the rest.
class UsernameCheck {
  #form;
  #field;
  #asked = "";
  #proposed = "";

  constructor(form) {
    this.#form = form;
    this.#field = form.elements.username;
    this.#field.addEventListener("blur", () => this.#ask());
    const name = form.elements.display_name;
    name.addEventListener("input", () => this.#propose(name.value));
    name.addEventListener("blur", () => this.#ask());
  }

  // Proposes a username until the person has typed their own.
  #propose(name) {
    if (this.#field.value !== this.#proposed) return;
    this.#field.value = this.#proposed = usernameFrom(name);
    this.#asked = "";
    this.#show("");
  }

  async #ask() {
    const username = this.#field.value.trim();
    if (!username || username === this.#asked) return;
    this.#asked = username;
    const proposed = this.#field.value === this.#proposed;
    const query = new URLSearchParams({
      username,
      invitation: this.#form.elements.invitation?.value ?? "",
      ...(proposed && { proposed: 1 }),
    });
    try {
      const answer = await fetch(`${this.#form.dataset.usernameCheck}?${query}`);
      const { error, free } = answer.ok ? await answer.json() : {};
      if (!answer.ok || username !== this.#field.value.trim()) return;
      if (free) this.#field.value = this.#proposed = this.#asked = free;
      this.#show(free ? "" : error);
    } catch {
      // Without a response, submitting the form reports the error.
    }
  }

  #show(error) {
    const box = this.#field.closest(".field");
    const id = `${this.#field.id}_error`;
    let line = document.getElementById(id);
    box.classList.toggle("invalid", Boolean(error));
    // The error replaces the help text.
    const help = box.querySelector("small");
    if (help) help.hidden = Boolean(error);
    this.#field.toggleAttribute("aria-invalid", Boolean(error));
    if (!error) {
      line?.remove();
      this.#describe(id, false);
      return;
    }
    this.#field.setAttribute("aria-invalid", "true");
    if (!line) {
      line = document.getElementById("error-line").content.firstElementChild.cloneNode(true);
      line.id = id;
      box.append(line);
    }
    line.querySelector("span").textContent = error;
    this.#describe(id, true);
  }

  #describe(id, present) {
    const ids = new Set((this.#field.getAttribute("aria-describedby") ?? "").split(" ").filter(Boolean));
    if (present) ids.add(id);
    else ids.delete(id);
    this.#field.setAttribute("aria-describedby", [...ids].join(" "));
  }
}

// Letters that Unicode normalization does not decompose.
const LETTERS = { ß: "ss", æ: "ae", œ: "oe", ø: "o", ł: "l", đ: "d", ð: "d", þ: "th", ı: "i" };
const USERNAME_MAX = 32;

// "Petra Lang" -> "petra.lang"; empty if no character of the name is allowed in a username.
function usernameFrom(name) {
  return name
    .toLowerCase()
    .replace(/[ßæœøłđðþı]/g, (letter) => LETTERS[letter])
    .normalize("NFKD")
    .replace(/\p{M}|['’]/gu, "")
    .replace(/[^a-z0-9_-]+/g, ".")
    .slice(0, USERNAME_MAX)
    .replace(/^[.-]+|[.-]+$/g, "");
}

function copier(button) {
  const field = document.getElementById(button.dataset.copy);
  button.hidden = false;
  field.addEventListener("focus", () => field.select());
  const done = () => {
    button.textContent = button.dataset.done;
  };
  // Where the browser refuses, the selected text can still be copied by hand.
  button.addEventListener("click", () => copyText(field.value).then(done, () => field.select()));
}

for (const form of document.querySelectorAll("form[data-gate]")) new Gate(form);
for (const button of document.querySelectorAll("[data-copy]")) copier(button);
