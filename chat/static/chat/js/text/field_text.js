// Changing a field's text as if it had been typed, so that the browser's undo takes it back.

// `text` is what the field becomes, of which `from` to `to` is selected then. Only what differs is replaced.
export function become(field, text, from, to = from) {
  const { value } = field;
  field.focus();
  if (value !== text) {
    const { start, end, added } = replacement(value, text);
    field.setSelectionRange(start, end);
    // Deprecated, and still the only way that browsers remember. It says false where it does nothing.
    const typed = added ? document.execCommand("insertText", false, added) : document.execCommand("delete");
    if (!typed || field.value !== text) {
      field.value = text;
      field.dispatchEvent(new InputEvent("input", { bubbles: true, inputType: "insertText" }));
    }
  }
  field.setSelectionRange(from, to);
}

// The shortest change that makes `before` to `after`: `added` in place of what is from `start` to `end`.
export function replacement(before, after) {
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  while (start < shorter && before[start] === after[start]) start += 1;
  let same = 0;
  while (same < shorter - start && before.at(-1 - same) === after.at(-1 - same)) same += 1;
  return { start, end: before.length - same, added: after.slice(start, after.length - same) };
}

// A field of the page, as what is written in it is known to the models.
export class TextField {
  #element;

  constructor(element) {
    this.#element = element;
  }

  get text() {
    return this.#element.value;
  }

  // What is selected; both are the place of the caret when nothing is.
  get from() {
    return this.#element.selectionStart;
  }

  get to() {
    return this.#element.selectionEnd;
  }

  become(text, from, to) {
    become(this.#element, text, from, to);
  }

  focus() {
    this.#element.focus();
  }
}

// An address in the round brackets of a link: brackets without a partner would end it.
export function inBrackets(address) {
  let open = 0;
  for (const sign of address) {
    if (sign === "(") open += 1;
    if (sign === ")") open -= 1;
    if (open < 0) break;
  }
  const encoded = address.replace(/[<>\\]/g, encodeURIComponent);
  return open === 0 ? encoded : encoded.replaceAll("(", "%28").replaceAll(")", "%29");
}
