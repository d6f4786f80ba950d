// The composer of one room: the text and its draft, the suggestions for the word at the caret, the keys.
// It touches no DOM: it changes the text through a `TextField`, so that the browser's undo reverts each change.

import { signal } from "@preact/signals";

import { inBrackets } from "../text/field_text.js";

/** @typedef {Pick<import("../text/field_text.js").TextField, "text" | "from" | "to" | "become" | "focus">} Field */

const COUNT_FROM = 0.8;
// After one of these, an inserted sign begins a word; after anything else it needs a space.
const OPENS_WORD = /(?:^|[\s([{"'“„«「（])$/;
const ADDRESS = /^https?:\/\/\S+$/;
const FORMATTING_KEYS = { b: "**", i: "*", e: "`" };
const EMPTY = { text: "", reply_to: null };

export class ComposerModel {
  #slug;
  #drafts;
  #typing;
  #outbox;
  #page;
  // Null while the composer is not on the page: nothing can be written then.
  #field = /** @type {Field} */ (/** @type {unknown} */ (null));

  draft;
  // Why the last command was refused.
  problem = signal("");
  // The suggestions for the word at the caret, see suggest.js, and the index of the option that Enter takes.
  offer = signal(null);
  chosen = signal(0);

  // `page`: functions of the rest of the page:
  // `limit()`, `enterSends()`, `enterIsKey(event)`,
  // `suggestionsFor(text, caret)`, `bring(before)`: a promise of the data they need after that text, null if loaded,
  // `formatting()`: the module, or null while it loads,
  // `files()`: the files in the tray, `takeFiles()`: takes them for the message being sent, `filesComing()`: a promise
  // of picked files that are not in the tray yet, or null,
  // `command(text, replyTo)`: a promise of the refusal or null, `editLast()`, `markRead()`, `sent()`, `alert(text)`.
  constructor({ slug, drafts, typing, outbox, page }) {
    this.#slug = slug;
    this.#drafts = drafts;
    this.#typing = typing;
    this.#outbox = outbox;
    this.#page = page;
    this.draft = signal(this.#kept);
  }

  // `field`: {text, from, to, become(text, from, to), focus()}. Returns a function that detaches it and saves drafts.
  attach(field) {
    this.#field = field;
    return () => {
      this.#field = /** @type {Field} */ (/** @type {unknown} */ (null));
      this.#typing.stopped();
      this.#drafts.saveAll();
    };
  }

  // --- The draft --------------------------------------------------------------------------------------

  // In code points, not UTF-16 units.
  get length() {
    return [...this.draft.value.text].length;
  }

  // The number of characters left, negative above the limit; null while less than 80 % are used.
  get left() {
    const limit = this.#page.limit();
    return this.length > limit * COUNT_FROM ? limit - this.length : null;
  }

  get sendable() {
    const something = this.draft.value.text.trim() !== "" || this.#page.files().length > 0;
    return something && this.length <= this.#page.limit();
  }

  typed(text) {
    this.problem.value = "";
    this.#change({ text });
    this.suggest();
    if (text.trim() && !text.startsWith("/")) this.#typing.typed(this.#slug);
    else this.#typing.stopped();
    this.#page.bring(text.slice(0, this.#field.from))?.then(() => this.#field && this.suggest());
  }

  replyTo(seq) {
    this.#change({ reply_to: seq });
    this.#field.focus();
  }

  dropReply() {
    this.#change({ reply_to: null });
  }

  // Called when the device's storage answers after the page has started: it may hold an earlier draft.
  restored() {
    this.draft.value = this.#kept;
  }

  get #kept() {
    const { text, reply_to } = this.#drafts.get(this.#slug);
    return { text, reply_to };
  }

  // `asked`: the person has already agreed to notify that many people.
  async send(asked = false) {
    const coming = this.#page.filesComing();
    if (coming) {
      // The message waits for the files picked for it. Typing on meanwhile cancels the send: the person sends again.
      const meant = this.draft.peek();
      await coming;
      if (this.draft.peek() !== meant) return;
    }
    if (!this.sendable || (!asked && this.#page.asksFirst?.(this.draft.peek().text, () => this.send(true)))) return;
    const draft = this.draft.peek();
    const { text, reply_to } = draft;
    const isCommand = text.startsWith("/");
    this.offer.value = null;
    this.#typing.sent();
    this.draft.value = EMPTY;
    // Text appears on the screen immediately; only a command may need a module that is still loading.
    if (!isCommand) {
      const files = this.#page.takeFiles();
      this.#outbox.add({ room: this.#slug, message: text, reply_to, ...(files.length && { files }) });
    }
    const refusal = isCommand && (await this.#page.command(text, reply_to));
    if (refusal) {
      this.#takeBack(draft);
      this.problem.value = refusal;
      this.#page.alert(refusal);
    } else {
      if (this.#drafts.get(this.#slug).text === text) this.#drafts.clear(this.#slug, { posted: !isCommand });
      this.#page.sent();
    }
  }

  // `how({message, reply_to, files})`: a promise of the refusal or null. The draft stays until the server accepts it.
  async sendLater(how) {
    const { text, reply_to } = this.draft.peek();
    const refusal = await how({ message: text, reply_to, files: this.#page.files().map(({ id }) => id) });
    if (refusal) return refusal;
    this.draft.value = EMPTY;
    this.#drafts.clear(this.#slug);
    this.#page.takeFiles();
    return null;
  }

  // No typed text is lost: the refused draft comes back in front of what was typed since.
  #takeBack(draft) {
    const since = this.#drafts.get(this.#slug);
    const untouched = since.text === draft.text || !since.text;
    this.#change(untouched ? draft : { ...since, text: `${draft.text}\n${since.text}` });
  }

  #change(change) {
    this.draft.value = { ...this.draft.peek(), ...change };
    this.#drafts.set(this.#slug, this.draft.peek());
  }

  // --- Suggestions ------------------------------------------------------------------------------------

  suggest() {
    const { text, from, to } = this.#field;
    this.offer.value = (from === to && this.#page.suggestionsFor(text, from)) || null;
    this.chosen.value = 0;
  }

  dropOffer() {
    this.offer.value = null;
  }

  // Writes into the field immediately: the next key may come before the next frame. Its `input` event does the rest.
  take(option) {
    const { text, from } = this.#field;
    const begin = this.offer.peek().from;
    this.offer.value = null;
    this.#write(text.slice(0, begin) + option.insert + text.slice(from), begin + option.insert.length);
  }

  // --- Changes of the text ----------------------------------------------------------------------------

  // Inserts text around the selection.
  insert(before, after = "") {
    const { text, from, to } = this.#field;
    const inserted = text.slice(0, from) + before + text.slice(from, to) + after + text.slice(to);
    this.#write(inserted, from + before.length, to + before.length);
  }

  // Inserts a sign that begins a mention, a command or a room name.
  insertSign(sign) {
    const { text, from } = this.#field;
    this.insert(OPENS_WORD.test(text.slice(0, from)) ? sign : ` ${sign}`);
    this.suggest();
  }

  // `how(formatting, text, from, to)` calls text_formatting.js and returns the new text and its selection.
  format(how) {
    const formatting = this.#page.formatting();
    const { text, from, to } = this.#field;
    if (formatting) this.#write(...how(formatting, text, from, to));
  }

  wrap(sign) {
    this.format((formatting, ...selected) => formatting.wrapped(sign, ...selected));
  }

  insertCode() {
    this.format((formatting, ...selected) => formatting.fenced(...selected));
  }

  // Pasting an address over selected words links them. Returns whether it did.
  paste(pasted) {
    const { from, to } = this.#field;
    const address = pasted.trim();
    if (from === to || !ADDRESS.test(address)) return false;
    this.insert("[", `](${inBrackets(address)})`);
    return true;
  }

  #write(text, from, to = from) {
    this.#field.become(text, from, to);
  }

  // --- Keys -------------------------------------------------------------------------------------------

  // Returns whether the key was handled, so that the browser's default action must not run.
  key(event) {
    if (event.isComposing || event.keyCode === 229) return false;
    if (this.offer.peek() && this.#offerKey(event)) return true;
    const sign = (event.ctrlKey || event.metaKey) && !event.altKey && FORMATTING_KEYS[event.key.toLowerCase()];
    if (sign) {
      this.wrap(sign);
      return true;
    }
    if (event.key === "Enter" && this.#sends(event)) {
      this.send();
      return true;
    }
    const { text, reply_to } = this.draft.peek();
    if (event.key === "ArrowUp" && !text) return this.#page.editLast();
    if (event.key === "Escape" && reply_to) this.dropReply();
    else if (event.key === "Escape") this.#page.markRead();
    return false;
  }

  #sends(event) {
    if (event.shiftKey || event.altKey) return false;
    return event.ctrlKey || event.metaKey || (this.#page.enterIsKey(event) && this.#page.enterSends());
  }

  #offerKey(event) {
    const { options } = this.offer.peek();
    const chosen = this.chosen.peek();
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const isEnter = event.key === "Enter";
    // A text that already equals the option is complete: Enter sends it.
    if (isEnter && options[chosen].insert.trim() === this.#field.text.trim()) return false;
    if (step) this.chosen.value = (chosen + step + options.length) % options.length;
    else if (event.key === "Escape") this.dropOffer();
    else if (event.key === "Tab" || (isEnter && !event.shiftKey)) this.take(options[chosen]);
    else return false;
    return true;
  }
}
