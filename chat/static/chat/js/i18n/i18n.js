// What the page says, in its language: by the catalogue that the import map names, and in English without an entry.
// Loads the sentences of the first paint; `i18n_deferred.js` adds the others.

import initial, { plural } from "catalogue";

const catalogue = { ...initial };
export const learn = (deferred) => Object.assign(catalogue, deferred);

// The reader's own kind of the page's language: dates are written otherwise in en-GB than in en-US.
const lang = document.documentElement.lang || "en";
export const locale = navigator.languages.find((wanted) => wanted.split("-")[0] === lang) ?? lang;

// What people typed from right to left, and what stands beside it in a sentence, would change places: it is isolated.
const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;

// `make()` when it is first needed, which most of a language's formats are not at the first paint.
export function once(make) {
  let made;
  return () => {
    made ??= make();
    return made;
  };
}

export const numbers = once(() => new Intl.NumberFormat(locale));
const lists = once(() => new Intl.ListFormat(locale, { type: "conjunction" }));

// `{name}` stands for `values.name`; numbers are written as the language does.
export const t = (sentence, values) => filled(found(sentence) ?? sentence, values).join("");

// Of two forms the one for `n`; `{n}` is the number.
export const tn = (one, many, n, values) => filled(formOf(one, many, n), { n, ...values }).join("");

// With nodes among the values: the parts, in the order of the language.
export const tx = (sentence, values) => filled(found(sentence) ?? sentence, values);
export const txn = (one, many, n, values) => filled(formOf(one, many, n), { n, ...values });

// The server refuses in English: what the catalogue has no sentence for is told by its code.
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
