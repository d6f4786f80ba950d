// Changes a field's text as if it had been typed, so that the browser's undo reverts it.

// `text`: the new text of the field, in which `from` to `to` is selected afterwards. Only the difference is replaced.
export function become(field, text, from, to = from) {
  const { value } = field;
  field.focus();
  if (value !== text) {
    const { start, end, added } = replacement(value, text);
    field.setSelectionRange(start, end);
    // Deprecated, but the only way that the browser's undo supports. It returns false where it does nothing.
    const typed = added ? document.execCommand("insertText", false, added) : document.execCommand("delete");
    if (!typed || field.value !== text) {
      field.value = text;
      field.dispatchEvent(new InputEvent("input", { bubbles: true, inputType: "insertText" }));
    }
  }
  field.setSelectionRange(from, to);
}

// The shortest change from `before` to `after`: `added` replaces the text from `start` to `end`.
export function replacement(before, after) {
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  while (start < shorter && before[start] === after[start]) start += 1;
  let same = 0;
  while (same < shorter - start && before.at(-1 - same) === after.at(-1 - same)) same += 1;
  return { start, end: before.length - same, added: after.slice(start, after.length - same) };
}

// A text field of the page, as the models see it.
export class TextField {
  #element;

  constructor(element) {
    this.#element = element;
  }

  get text() {
    return this.#element.value;
  }

  // The selection; both are the position of the caret if nothing is selected.
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

// An address for the round brackets of a link: unbalanced brackets would end it.
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
