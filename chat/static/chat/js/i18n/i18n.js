// Translates the page's sentences with the catalogue in the import map; a sentence without an entry stays English.
// Loads the sentences of the first paint; `i18n_deferred.js` adds the others.

import initial, { plural } from "catalogue";

const catalogue = { ...initial };
export const learn = (deferred) => Object.assign(catalogue, deferred);

// The reader's regional variant of the page's language: en-GB and en-US write dates differently.
const lang = document.documentElement.lang || "en";
export const locale = navigator.languages.find((wanted) => wanted.split("-")[0] === lang) ?? lang;

// Right-to-left text would swap places with the text beside it in a sentence, so it is isolated.
const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;

// Calls `make()` on first use: the first paint does not need most of a language's formats.
export function once(make) {
  let made;
  return () => {
    made ??= make();
    return made;
  };
}

export const numbers = once(() => new Intl.NumberFormat(locale));
const lists = once(() => new Intl.ListFormat(locale, { type: "conjunction" }));

// `{name}` stands for `values.name`; numbers are formatted for the language.
export const t = (sentence, values) => filled(found(sentence) ?? sentence, values).join("");

// Chooses the plural form for `n`; `{n}` is the number.
export const tn = (one, many, n, values) => filled(formOf(one, many, n), { n, ...values }).join("");

// For nodes among the values: returns the parts, in the word order of the language.
export const tx = (sentence, values) => filled(found(sentence) ?? sentence, values);
export const txn = (one, many, n, values) => filled(formOf(one, many, n), { n, ...values });

// The server's refusals are English: without a catalogue entry for the sentence, the code's entry is used.
export const refusalText = ({ code, message }) => found(message) ?? found(`code:${code}`) ?? message;

export const list = (words) => lists().format(words);

const found = (sentence) => (Object.hasOwn(catalogue, sentence) ? catalogue[sentence] : undefined);
const formOf = (one, many, n) => found(one)?.[plural(n)] ?? (n === 1 ? one : many);

function filled(sentence, values = {}) {
  return sentence.split(/\{(\w+)\}/).map((part, at) => {
    if (at % 2 === 0) return part;
    const value = Object.hasOwn(values, part) ? values[part] : `{${part}}`;
    if (typeof value === "number") return numbers().format(value);
    return typeof value === "string" && RIGHT_TO_LEFT.test(value) ? `\u2068${value}\u2069` : value;
  });
}
