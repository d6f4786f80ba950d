// <backchannel-room>: the conversation that the server has put into the page, kept live.
// Without this script it is a list and a form, which work as well.

import { newId } from "../js/net/new_id.js";
import { lineOf } from "./line.js";

// Changes that arrive together are asked for together.
const GATHER_MS = 60;
const NEAR_END_PX = 80;

class BackchannelRoom extends HTMLElement {
  #line;
  #list;
  #log;
  #status;
  #form;
  #from = 0;
  #timer = 0;
  #asking = Promise.resolve();

  connectedCallback() {
    this.#list = this.querySelector("ol");
    if (!this.#list) return;
    this.#log = this.#list.parentElement;
    this.#status = this.querySelector("[role=status]");
    this.#form = this.querySelector("form");
    this.#form?.addEventListener("submit", this.#submit);
    this.#form?.addEventListener("keydown", this.#keydown);
    this.#log.scrollTop = this.#log.scrollHeight;
    this.#line = lineOf(this.getAttribute("base"));
    this.#line.join(this.slug, this);
  }

  disconnectedCallback() {
    clearTimeout(this.#timer);
    this.#form?.removeEventListener("submit", this.#submit);
    this.#form?.removeEventListener("keydown", this.#keydown);
    this.#line?.leave(this.slug, this);
  }

  get slug() {
    return this.getAttribute("room");
  }

  // --- What the line says --------------------------------------------------------------------

  // The connection is there, for the first time or again.
  refresh() {
    this.toggleAttribute("data-live", true);
    this.#say("");
    this.changed(Number(this.#list.firstElementChild?.dataset.seq ?? 1));
  }

  changed(seq) {
    const first = Number(this.#list.firstElementChild?.dataset.seq ?? 1);
    if (seq < first) return;
    this.#from = this.#from ? Math.min(this.#from, seq) : seq;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => (this.#asking = this.#asking.then(() => this.#ask())), GATHER_MS);
  }

  lost() {
    this.toggleAttribute("data-live", false);
    this.#say(this.dataset.offline);
  }

  ended() {
    this.#say(this.dataset.ended);
  }

  left() {
    location.reload();
  }

  // --- Inside --------------------------------------------------------------------------------

  async #ask() {
    const from = this.#from;
    this.#from = 0;
    if (!from) return;
    try {
      const answer = await fetch(`${this.getAttribute("rows")}?from=${from}`, { credentials: "same-origin" });
      const text = await answer.text();
      if (answer.ok) this.#show(text);
      else this.#say(answer.status === 403 ? text : this.dataset.offline);
    } catch {
      // The line says when the server is there again.
      this.lost();
    }
  }

  #show(text) {
    const list = this.#list;
    const log = this.#log;
    const atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < NEAR_END_PX;
    const rows = new DOMParser().parseFromString(`<ol>${text}</ol>`, "text/html").querySelectorAll("li");
    for (const row of rows) {
      const before = list.querySelector(`[data-seq="${Number(row.dataset.seq)}"]`);
      if (!before) list.append(row);
      else if (!before.isEqualNode(row)) before.replaceWith(row);
    }
    const last = Number(list.lastElementChild?.dataset.seq ?? 0);
    if (atEnd) log.scrollTop = log.scrollHeight;
    if (last && !document.hidden) this.#line.read(this.slug, last);
    // An answer has as many as fit; the rest is asked for.
    if (rows.length >= 50) this.changed(Number(rows[rows.length - 1].dataset.seq) + 1);
  }

  #keydown = (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    this.#form.requestSubmit();
  };

  #submit = async (event) => {
    event.preventDefault();
    const field = this.#form.elements.message;
    const text = field.value;
    if (!text.trim()) return;
    field.value = "";
    this.#say(this.dataset.sending);
    try {
      await this.#line.post(this.slug, text, newId());
      this.#say("");
    } catch (refusal) {
      // As it was typed, in front of what has been typed since.
      field.value = field.value ? `${text}\n${field.value}` : text;
      this.#say(refusal.message);
    }
  };

  #say(text) {
    this.#status.textContent = text;
  }
}

customElements.define("backchannel-room", BackchannelRoom);
