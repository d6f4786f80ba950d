// What the page says, in the reader's language. A sentence in English is its own key; what it is in the language of
// the page stands in the catalogue that the import map names (`bin/words` writes it from locale/). Without an entry
// the English stands.

import catalogue, { plural } from "catalogue";

// The reader's own kind of the page's language: dates are written otherwise in en-GB than in en-US.
const lang = document.documentElement.lang || "en";
export const locale = navigator.languages.find((wanted) => wanted.split("-")[0] === lang) ?? lang;

const numbers = new Intl.NumberFormat(locale);
const lists = new Intl.ListFormat(locale, { type: "conjunction" });

// `{name}` stands for `values.name`; numbers are written as the language does.
export const t = (sentence, values) => filled(found(sentence) ?? sentence, values).join("");

// Of two forms the one for `n`; `{n}` is the number.
export function tn(one, many, n, values) {
  const form = found(one)?.[plural(n)] ?? (n === 1 ? one : many);
  return filled(form, { n, ...values }).join("");
}

// With nodes among the values: the parts, in the order of the language.
export const tx = (sentence, values) => filled(found(sentence) ?? sentence, values);

// What the server says no with. It speaks English: a sentence that the catalogue does not have is told by its code.
export function refusalText({ code, message }) {
  if (lang === "en" || found(message)) return t(message);
  return Object.hasOwn(BY_CODE, code) ? BY_CODE[code] : message;
}

export const number = (value) => numbers.format(value);
export const list = (words) => lists.format(words);

const found = (sentence) => (Object.hasOwn(catalogue, sentence) ? catalogue[sentence] : undefined);

function filled(sentence, values = {}) {
  return sentence.split(/\{(\w+)\}/).map((part, at) => {
    if (at % 2 === 0) return part;
    const value = Object.hasOwn(values, part) ? values[part] : `{${part}}`;
    return typeof value === "number" ? number(value) : value;
  });
}

const BY_CODE = {
  invalid: t("Something in it is not as it must be."),
  too_large: t("That is too large."),
  not_found: t("That does not exist, or you may not see it."),
  forbidden: t("You may not do that."),
  muted: t("You are muted in this room for now."),
  banned: t("You are banned from this room."),
  rate_limited: t("That was too often. Wait a little, then try again."),
  conflict: t("That exists already."),
  unavailable: t("The server cannot do that right now. Try again in a moment."),
  server_error: t("The server could not do that."),
};
