// Copies text, also over plain http, where browsers have no clipboard API.

// Rejects when the browser refuses.
export async function copyText(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const fill = (event) => {
    event.preventDefault();
    event.clipboardData.setData("text/plain", text);
  };
  // The command needs a selection, and outside an open modal dialog nothing can be selected.
  const marked = document.createElement("span");
  marked.className = "visually-hidden";
  marked.textContent = text;
  (document.querySelector("dialog[open]") ?? document.body).append(marked);
  const selection = getSelection();
  const before = selection?.rangeCount ? selection.getRangeAt(0) : null;
  selection?.selectAllChildren(marked);
  addEventListener("copy", fill, true);
  const copied = document.execCommand("copy");
  removeEventListener("copy", fill, true);
  marked.remove();
  selection?.removeAllRanges();
  if (before) selection?.addRange(before);
  if (!copied) throw new DOMException("The browser refused to copy.", "NotAllowedError");
}
