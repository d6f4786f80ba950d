// Mentions, links to rooms and emoji names: @name, #room, :code:.

import { isOf, isWord, signAt, signBefore } from "./letters.js";

const MENTION = /@([A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,30}[A-Za-z0-9_])?)/y;
const ROOM = /#([A-Za-z0-9_-]{1,64})(?![A-Za-z0-9_-])/y;
const SHORTCODE = /:([a-z0-9_+-]{1,32}):/y;

export function call(state, silent) {
  const { src, pos } = state;
  return isOf("@#:", src[pos]) && (!state.linkLevel || src[pos] === ":") && mayCall(src, pos) && callAt(state, silent);
}

export function callAfterBackslash(state, silent) {
  const { src, pos } = state;
  return !state.linkLevel && mayCall(src.slice(0, pos - 1) + src.slice(pos), pos - 1) && callAt(state, silent);
}

function mayCall(src, pos) {
  let at = pos;
  while (at && isOf("_*~", src[at - 1])) at -= 1;
  const before = signBefore(src, at);
  if (before === "/" && src[pos] === "@")
    return /(?:^|\s)@[A-Za-z0-9_.-]{1,32}\/$/.test(src.slice(Math.max(0, at - 40), at));
  return !(before && isWord(before)) && !isOf("@/.#&\\", before);
}

function callAt(state, silent) {
  const { src, pos } = state;
  const pattern = { "@": MENTION, "#": ROOM, ":": SHORTCODE }[src[pos]];
  pattern.lastIndex = pos;
  const match = pattern.exec(src);
  if (!match || pos + match[0].length > state.posMax) return false;
  const after = signAt(src, pos + match[0].length);
  if (src[pos] === "@") {
    const name = namesOf(match[1], after).find((each) => state.env.named.has(each.toLowerCase()));
    if (!name) return false;
    if (!silent) state.push("mention", "", 0).content = name;
    state.pos += 1 + name.length;
    return true;
  }
  if (after && isWord(after)) return false;
  const sign = src[pos] === ":" && state.env.emoji(match[1]);
  const own = src[pos] === ":" && !sign;
  if (own && !state.env.own.has(match[1])) return false;
  if (!silent && sign) state.pending += sign;
  else if (!silent && own) state.push("own_emoji", "", 0).content = match[1];
  else if (!silent) state.push("room", "", 0).content = match[1];
  state.pos += match[0].length;
  return true;
}

function namesOf(written, after) {
  if (after && (isWord(after) || isOf("_@", after))) return [];
  const shorter = written.replace(/_+$/, "");
  return shorter && shorter !== written ? [written, shorter] : [written];
}
