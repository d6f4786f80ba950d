// Changing a field's text as if it had been typed, so that the browser's undo takes it back.

// `text` is what the field becomes, of which `from` to `to` is selected then. Only what differs is replaced.
export function become(field, text, from, to = from) {
  const { value } = field;
  const shorter = Math.min(value.length, text.length);
  let start = 0;
  while (start < shorter && value[start] === text[start]) start += 1;
  let same = 0;
  while (same < shorter - start && value[value.length - 1 - same] === text[text.length - 1 - same]) same += 1;
  field.focus();
  if (value !== text) {
    field.setSelectionRange(start, value.length - same);
    const added = text.slice(start, text.length - same);
    // Deprecated, and still the only way that browsers remember. It says false where it does nothing.
    const typed = added ? document.execCommand("insertText", false, added) : document.execCommand("delete");
    if (!typed || field.value !== text) {
      field.value = text;
      field.dispatchEvent(new InputEvent("input", { bubbles: true, inputType: "insertText" }));
    }
  }
  field.setSelectionRange(from, to);
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
