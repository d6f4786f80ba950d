// Syntax highlighting with highlight.js and its common languages.

import DOMPurify from "dompurify";
import hljs from "highlight.js";

const CODE_MAX = 20_000;
const ALLOWED = {
  ALLOWED_TAGS: ["span"],
  ALLOWED_ATTR: ["class"],
  ALLOW_DATA_ATTR: false,
  ALLOW_ARIA_ATTR: false,
  RETURN_DOM_FRAGMENT: true,
};

// Returns nodes: a string or {className, children}. Code in an unknown language stays plain.
export function highlight(code, language) {
  if (code.length > CODE_MAX || !hljs.getLanguage(language)) return [code];
  const { value } = hljs.highlight(code, { language, ignoreIllegals: true });
  return nodesOf(DOMPurify.sanitize(value, ALLOWED));
}

const nodesOf = (parent) =>
  [...parent.childNodes].map((node) =>
    node.nodeType === Node.ELEMENT_NODE ? { className: node.className, children: nodesOf(node) } : node.data,
  );
