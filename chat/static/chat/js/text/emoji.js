// All emoji: their names, groups and search words in English and German. The tables load on first use.

const TONES = ["", "🏻", "🏼", "🏽", "🏾", "🏿"];
// A search covers both languages, whatever the page's language.
const LANGUAGES = ["en", "de"];

// {named(name), inText(text), own}: finds the emoji for a name between colons. `own`: the server's custom emoji.
export async function loadNames(own) {
  const [{ emoji }] = await Promise.all([table("emoji"), own?.read()]);
  const signs = new Map(emoji.flatMap(([sign, , names]) => names.split(" ").map((name) => [name, sign])));
  const named = (name) => signs.get(name);
  return { own, named, inText: (text) => text.replace(/:([\w+-]{1,32}):/g, (written, name) => named(name) ?? written) };
}

export async function loadEmoji(language) {
  const [{ emoji }, ...words] = await Promise.all([table("emoji"), ...LANGUAGES.map((each) => table(`emoji/${each}`))]);
  return new EmojiTable(emoji, words, Math.max(0, LANGUAGES.indexOf(language)));
}

async function table(name) {
  const answer = await fetch(import.meta.resolve(name));
  if (!answer.ok) throw new Error(`${name}: ${answer.status}`);
  return answer.json();
}

export class EmojiTable {
  // [title, entries]; an entry is {emoji, name, label, toned}.
  groups;
  #all;
  #bySign;

  // `spoken`: the index of the reader's language in `words`.
  constructor(rows, words, spoken) {
    this.#all = rows.map(([emoji, group, names, toned], index) => {
      const [label, ...tags] = words[spoken].words[index].split("; ");
      const others = words.flatMap((each, language) =>
        each.words[index].split("; ").slice(language === spoken ? 1 : 0),
      );
      const said = [label, ...tags, ...others].map(flat);
      return {
        emoji,
        group,
        toned,
        label,
        name: names.split(" ")[0] || flat(label).replace(/\W+/g, "_"),
        names: lined(names.split(" ")),
        first: said[0],
        said: lined(said),
      };
    });
    this.#bySign = new Map(this.#all.map((entry) => [bare(entry.emoji), entry]));
    this.groups = words[spoken].groups.map((title, group) => [
      title,
      this.#all.filter((entry) => entry.group === group),
    ]);
  }

  entryOf(sign) {
    const plain = TONES.slice(1).reduce((text, tone) => text.replaceAll(tone, ""), sign);
    return this.#bySign.get(bare(plain)) ?? { emoji: sign, name: sign, label: sign, toned: "" };
  }

  // Matches at the beginning come before matches inside, names before descriptions.
  find(query, limit) {
    const words = flat(query).trim();
    const name = words.replaceAll(" ", "_");
    const ranked = this.#all.map((entry) => [rank(entry, words, name), entry]).filter(([place]) => place < Infinity);
    return ranked
      .sort(([a], [b]) => a - b)
      .slice(0, limit)
      .map(([, entry]) => entry);
  }
}

// The emoji in the chosen skin tone: 0 for none, 1 to 5 from light to dark.
export const inTone = ({ emoji, toned }, tone) => (toned && tone ? toned.replaceAll(TONES[1], TONES[tone]) : emoji);

// Joins the words to one text: a search of 1,900 emoji with about thirty words each is then a few lookups per emoji.
const lined = (words) => `\n${words.join("\n")}\n`;

function rank({ names, first, said }, words, name) {
  if (names.includes(`\n${name}`)) return names.includes(`\n${name}\n`) ? 0 : 1;
  if (first.startsWith(words)) return 2;
  if (said.includes(`\n${words}\n`)) return 3;
  if (said.includes(`\n${words}`)) return 4;
  if (said.includes(` ${words}`)) return 4;
  if (names.includes(name)) return 5;
  return words.length > 2 && said.includes(words) ? 6 : Infinity;
}

const bare = (sign) => sign.replaceAll("\ufe0f", "");
const flat = (text) =>
  text
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/[^\p{L}\p{N}+-]+/gu, " ");
