// The formatting at the beginning of a line, as rules of markdown-it; marks.js has the rules inside a line.

import { SPACES, trimmed } from "./letters.js";

const COLUMNS_MAX = 20;
const SIGNED = /^[-+][ \t]+[$€£¥]?[.,]?\d/;
const NO_QUOTE = /^>[0-9=.:;_<-]/;
export const MARKS_ONLY = new RegExp(`^(?:[-+*>#${SPACES}]|[0-9]{1,9}[.)](?=[${SPACES}]|$))*$`);
export const LANGUAGE = /^[\w+#.-]{0,24}$/;

const lineOf = (state, line) => state.src.slice(state.bMarks[line] + state.tShift[line], state.eMarks[line]);

export function end(state, line, _endLine, silent) {
  if (!silent) return false;
  const written = lineOf(state, line);
  switch (state.parentType) {
    case "paragraph":
      return state.blkIndent > 0 && state.sCount[line] < state.blkIndent;
    case "blockquote":
      return true;
    case "table":
      return !written.includes("|");
    case "list":
      return MARKS_ONLY.test(written) || !isNumber(written);
    default:
      return false;
  }
}

function isNumber(written) {
  if (/^\d{1,2}\.[ \t]+\d{1,2}\.[ \t]/.test(written)) return false;
  const number = /^(\d{1,9})[.)][ \t]+\S/.exec(written)?.[1];
  return !number || (number.length <= 3 && (number === "0" || number[0] !== "0"));
}

export const list = (rule) => (state, start, endLine, silent) => {
  const written = lineOf(state, start);
  if (!/^[-+*\d]/.test(written) || MARKS_ONLY.test(written) || !isNumber(written)) return false;
  if (SIGNED.test(written) && !hasWords(state, start, endLine, written[0])) return false;
  return rule(state, start, endLine, silent);
};

function hasWords(state, start, endLine, mark) {
  for (let line = start + 1; line < endLine; line += 1) {
    const written = lineOf(state, line);
    if (written[0] !== mark || !/^[ \t]/.test(written.slice(1))) return false;
    if (!SIGNED.test(written)) return true;
  }
  return false;
}

export const quote = (rule) => (state, start, endLine, silent) => {
  if (NO_QUOTE.test(lineOf(state, start))) return false;
  for (let line = start; line < endLine; line += 1) {
    const written = lineOf(state, line);
    if (!written.startsWith(">")) return false;
    if (/[^> \t]/.test(written)) return rule(state, start, endLine, silent);
  }
  return false;
};

export const fence = (rule) => (state, start, endLine, silent) => {
  const [, ticks, info] = /^(`{3,})(.*)$/s.exec(lineOf(state, start)) ?? [];
  if (!ticks) return false;
  if (LANGUAGE.test(trimmed(info))) {
    let line = start + 1;
    while (line < endLine && state.isEmpty(line)) line += 1;
    if (line >= endLine || state.sCount[line] < state.blkIndent) return false;
    if (new RegExp(`^\`{${ticks.length},}[ \\t]*$`).test(lineOf(state, line))) return false;
  }
  return rule(state, start, endLine, silent);
};

export const table = (rule) => (state, start, endLine, silent) => {
  if (start + 2 > endLine || !lineOf(state, start).includes("|")) return false;
  if (lineOf(state, start + 1).split("|").length > COLUMNS_MAX + 1) return false;
  return rule(state, start, endLine, silent);
};

export function heading(state, start, _endLine, silent) {
  if (state.sCount[start] - state.blkIndent >= 4) return false;
  const [, marks, written] = /^(#{1,6})[ \t]+(.*)$/s.exec(lineOf(state, start)) ?? [];
  if (!marks || MARKS_ONLY.test(written)) return false;
  if (silent) return true;
  state.line = start + 1;
  state.push("heading_open", `h${marks.length}`, 1);
  const token = state.push("inline", "", 0);
  token.content = trimmed(written);
  token.map = [start, state.line];
  token.children = [];
  state.push("heading_close", `h${marks.length}`, -1);
  return true;
}
