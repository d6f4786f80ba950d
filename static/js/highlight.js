// A little colour for code: comments, words of the language, numbers, calls. Good enough for a chat, in one pass.

const KEYWORDS = new Set(
  (
    "and as assert async await break case catch class const continue def default del do elif else enum except export extends false False " +
    "finally fn for from func function global if impl import in interface is lambda let loop match mod module mut new nil None nonlocal not null " +
    "or package pass private protected pub public raise return self static struct super switch this throw trait true True try type typeof use var " +
    "void while with yield select insert update delete where join into values create table index begin commit echo export fi then done esac"
  ).split(" "),
);
const HASH_COMMENTS = new Set(["python", "py", "sh", "bash", "shell", "yaml", "yml", "toml", "ruby", "rb", "conf", "ini", "makefile", "dockerfile"]);
const TOKEN = /(?<comment>#[^\n]*|\/\/[^\n]*|--[^\n]*)|(?<string>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')|(?<number>\b\d[\d_.]*\b)|(?<word>[A-Za-z_]\w*)/gy;
const PLAIN_MAX = 20_000;

// Parts in order: {kind: "" | "k" | "f" | "n" | "cm", text}. Without a language nothing is coloured.
export function highlight(code, language) {
  if (!language || ["text", "txt", "plain", "log"].includes(language) || code.length > PLAIN_MAX) return [{ kind: "", text: code }];
  const parts = [];
  let plain = "";
  const push = (kind, text) => {
    if (plain) parts.push({ kind: "", text: plain });
    plain = "";
    parts.push({ kind, text });
  };
  for (let at = 0; at < code.length; ) {
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(code);
    const text = match?.[0] ?? code[at];
    const kind = match ? kindOf(match.groups, code, at + text.length, language.toLowerCase()) : "";
    if (kind) push(kind, text);
    else plain += text;
    at += text.length;
  }
  if (plain) parts.push({ kind: "", text: plain });
  return parts;
}

function kindOf({ comment, string, number, word }, code, end, language) {
  if (comment) {
    const sign = comment.startsWith("#") ? HASH_COMMENTS.has(language) : comment.startsWith("--") ? language === "sql" : !HASH_COMMENTS.has(language);
    return sign ? "cm" : "";
  }
  if (string || number) return "n";
  if (word && KEYWORDS.has(language === "sql" ? word.toLowerCase() : word) && word !== "self") return "k";
  return word && code[end] === "(" ? "f" : "";
}
