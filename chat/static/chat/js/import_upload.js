// Uploads an archive to import: in parts, can be paused, and resumes after a reload once the file is chosen again.
// The browser does not keep its bytes: it may have 20 GB.

import "./i18n/i18n_requested.js";

import { refusalText, t } from "./i18n/i18n.js";
import { sizeText } from "./i18n/sizes.js";
import "./import_people.js";
import { discard, offsetOf, request, sendParts } from "./net/transfer.js";

const KEPT = "import-upload";
const AGAIN_FIRST_MS = 1_000;
const AGAIN_MAX_MS = 30_000;
// The percentage between two announcements of the progress.
const SAID_EACH = 25;

class ImportUpload {
  #form;
  #field;
  #box;
  #key;
  #file = /** @type {?File} */ (null);
  // {name, size, modified, url} of the started upload, also of an earlier page.
  #begun = read();
  #stop = /** @type {?AbortController} */ (null);
  // Whether the form was submitted and waits for the last byte.
  #sends = false;
  #said = 0;

  constructor(form) {
    this.#form = form;
    this.#field = form.elements.file;
    this.#box = form.querySelector("[data-upload]");
    this.#key = form.elements.upload;
    // The form submits the id of the upload instead of the file.
    this.#field.removeAttribute("name");
    this.#field.addEventListener("change", () => this.#choose());
    this.#part("pause").addEventListener("click", () => (this.#stop ? this.#pause() : this.#goOn()));
    this.#part("remove").addEventListener("click", () => this.#remove());
    form.addEventListener("submit", (event) => this.#submit(event));
    if (this.#begun) this.#find().catch(() => this.#show(t("The server could not be reached. Try again in a moment.")));
  }

  // Finds the upload that an earlier page has started.
  async #find() {
    const offset = await offsetOf(this.#begun.url, request);
    if (offset === null) return this.#forget();
    if (offset === this.#begun.size) return this.#done();
    this.#progress(offset);
    this.#show(t("Choose {name} again to go on with its upload.", { name: this.#begun.name }));
  }

  async #choose() {
    const [file] = this.#field.files;
    if (!file) return;
    const other = this.#begun && !same(this.#begun, file);
    const problem = other
      ? t("{name} is partly uploaded. Choose it again to go on, or remove it first.", { name: this.#begun.name })
      : this.#refused(file);
    this.#error(problem);
    if (problem) {
      this.#field.value = "";
      return;
    }
    this.#file = file;
    if (!this.#key.value) await this.#run();
  }

  #refused({ name, size }) {
    const { most, endings } = this.#form.dataset;
    if (!endings.split(" ").some((ending) => name.toLowerCase().endsWith(ending)))
      return t("{name} is no export of a chat. It can be one of {endings}.", { name, endings });
    if (!size) return t("{name} is empty.", { name });
    if (Number(most) && size > Number(most))
      return t("{name} is {size}. The limit is {limit}.", { name, size: sizeText(size), limit: sizeText(most) });
    return "";
  }

  async #run() {
    const file = /** @type {File} */ (this.#file);
    this.#begun ??= { name: file.name, size: file.size, modified: file.lastModified, url: "" };
    const stop = new AbortController();
    this.#stop = stop;
    for (let tries = 0; !stop.signal.aborted; tries += 1) {
      this.#show(t("Uploading {name}", { name: file.name }));
      try {
        await this.#send(file, stop.signal);
        return this.#done();
      } catch (problem) {
        if (stop.signal.aborted) return;
        if (!problem.passing) return this.#fail(problem);
        this.#show(t("The server could not be reached. The upload goes on when it is back."));
        await wait(problem.after || Math.min(AGAIN_FIRST_MS * 2 ** tries, AGAIN_MAX_MS), stop.signal);
      }
    }
  }

  async #send(file, signal) {
    const facts = { name: file.name, purpose: "import", upload: this.#begun.url };
    const begun = (url) => {
      this.#begun.url = url;
      write(this.#begun);
    };
    const progress = (sent) => signal.aborted || this.#progress(sent);
    await sendParts(facts, file, { call: request, progress, begun, signal });
  }

  #pause() {
    this.#stop?.abort();
    this.#stop = null;
    this.#show(t("Paused"));
  }

  #goOn() {
    if (this.#file) this.#run();
    else this.#field.click();
  }

  #remove() {
    this.#stop?.abort();
    const id = this.#begun?.url.split("/").filter(Boolean).at(-1);
    if (id) discard(id);
    this.#forget();
    this.#error("");
    this.#field.focus();
  }

  #done() {
    this.#stop = null;
    this.#key.value = this.#begun.url.split("/").filter(Boolean).at(-1);
    this.#progress(this.#begun.size);
    this.#show(t("{name} is uploaded.", { name: this.#begun.name }));
    if (this.#sends) this.#form.requestSubmit();
  }

  #fail(problem) {
    this.#forget();
    this.#error(problem.code ? refusalText(problem) : problem.message);
  }

  #forget() {
    this.#begun = this.#file = this.#stop = null;
    this.#sends = false;
    this.#said = 0;
    this.#key.value = this.#field.value = "";
    this.#box.hidden = true;
    write(null);
  }

  // A form without an archive names a path on the server. The upload is remembered until the server has taken it:
  // another part of the form may be refused.
  #submit(event) {
    if (!this.#begun || this.#key.value) return;
    event.preventDefault();
    this.#sends = true;
    if (!this.#stop) this.#goOn();
  }

  #progress(sent) {
    const { size } = this.#begun;
    this.#part("bar").value = size ? sent / size : 0;
    const share = Math.floor((100 * sent) / size);
    this.#part("sent").textContent = t("{sent} of {size}", { sent: sizeText(sent), size: sizeText(size) });
    if (share < this.#said + SAID_EACH) return;
    this.#said = share - (share % SAID_EACH);
    this.#part("said").textContent = t("{percent} % are uploaded.", { percent: this.#said });
  }

  #show(sentence) {
    this.#box.hidden = false;
    this.#part("state").textContent = sentence;
    const pause = this.#part("pause");
    pause.hidden = Boolean(this.#key.value);
    pause.textContent = this.#stop ? t("Pause") : t("Continue");
  }

  #error(sentence) {
    const line = this.#form.querySelector("[data-upload-error]");
    line.textContent = sentence;
    line.hidden = !sentence;
    this.#field.toggleAttribute("aria-invalid", Boolean(sentence));
  }

  #part(name) {
    return this.#box.querySelector(`[data-upload-${name}]`);
  }
}

const same = ({ name, size, modified }, file) =>
  name === file.name && size === file.size && modified === file.lastModified;

function read() {
  try {
    return JSON.parse(localStorage.getItem(KEPT) ?? "null");
  } catch {
    return null;
  }
}

function write(begun) {
  try {
    if (begun) localStorage.setItem(KEPT, JSON.stringify(begun));
    else localStorage.removeItem(KEPT);
  } catch {
    // Blocked: after a reload the upload starts from scratch.
  }
}

function wait(delay, signal) {
  return new Promise((/** @type {(value?: any) => void} */ resolve) => {
    const timer = setTimeout(resolve, delay);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

for (const form of document.querySelectorAll("form[data-import]")) new ImportUpload(form);
