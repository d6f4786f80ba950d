// The emoji offered by the picker and by `:name`. A choice, not a table of all: the keyboard has the rest.

import { t } from "./words.js";

export const GROUPS = [
  [t("Smileys"), "😀 grinning|😄 smile|🙂 slight_smile|😉 wink|😍 heart_eyes|🤔 thinking|😅 sweat_smile|😂 joy|😭 sob|😴 sleeping|😎 sunglasses|🤯 mind_blown|🥳 party|😬 grimacing|🫡 salute|🫠 melting|😊 blush|😇 innocent|🙃 upside_down|😢 cry|😡 angry|😱 scream|🤗 hug|🙄 eye_roll|😌 relieved|🤩 star_struck|😐 neutral|🤒 sick"],
  [t("People"), "👍 thumbs_up|👎 thumbs_down|👏 clap|🙌 raised_hands|🙏 thanks|👋 wave|🤝 handshake|💪 muscle|👌 ok_hand|✌️ victory|🤞 fingers_crossed|👉 point_right|👀 eyes|🧠 brain|🤷 shrug|🙋 raising_hand"],
  [t("Signs"), "✅ check|❌ cross|❤️ heart|💔 broken_heart|🔥 fire|⭐ star|✨ sparkles|💯 hundred|🎉 celebration|🎂 cake|🏆 trophy|💡 idea|⚠️ warning|🚨 alarm|❓ question|❗ exclamation|➕ plus|➖ minus|🔁 repeat|⏳ hourglass"],
  [t("Things"), "🚀 rocket|🚢 ship|🐛 bug|🔧 wrench|🔒 lock|🔑 key|📌 pin|📎 paperclip|📝 memo|📈 chart_up|📉 chart_down|📦 package|💻 laptop|📱 phone|☕ coffee|🍕 pizza|🍺 beer|🌱 seedling|🌍 earth|☀️ sun|🌧️ rain|🐧 penguin|🐍 snake|🦀 crab|🐙 octopus|🐳 whale|🎵 music|🏖️ beach"],
].map(([title, list]) => [title, list.split("|").map((entry) => ({ emoji: entry.slice(0, entry.indexOf(" ")), name: entry.slice(entry.indexOf(" ") + 1) }))]);

// Names that people know from elsewhere.
const ALIASES = {
  thumbs_up: "+1 thumbsup like",
  thumbs_down: "-1 thumbsdown",
  slight_smile: "slightly_smiling_face",
  smile: "smiley",
  thinking: "thinking_face",
  joy: "laughing lol",
  mind_blown: "exploding_head",
  party: "partying_face",
  salute: "saluting_face",
  melting: "melting_face",
  upside_down: "upside_down_face",
  angry: "rage",
  hug: "hugging_face hugs",
  eye_roll: "roll_eyes rolling_eyes face_with_rolling_eyes",
  star_struck: "starstruck",
  neutral: "neutral_face",
  sick: "face_with_thermometer",
  clap: "applause",
  thanks: "pray folded_hands",
  muscle: "flexed_biceps",
  victory: "v",
  fingers_crossed: "crossed_fingers",
  check: "white_check_mark heavy_check_mark",
  cross: "x",
  heart: "red_heart",
  hundred: "100",
  celebration: "tada",
  cake: "birthday",
  idea: "bulb",
  alarm: "rotating_light",
  plus: "heavy_plus_sign",
  minus: "heavy_minus_sign",
  repeat: "arrows_counterclockwise",
  hourglass: "hourglass_flowing_sand",
  pin: "pushpin",
  memo: "pencil",
  chart_up: "chart_with_upwards_trend",
  chart_down: "chart_with_downwards_trend",
  phone: "iphone",
  earth: "earth_africa",
  sun: "sunny",
  rain: "cloud_with_rain",
  music: "musical_note",
  beach: "beach_with_umbrella",
};

const ALL = GROUPS.flatMap(([, list]) => list);
const NAMED = new Map(ALL.map(({ emoji, name }) => [name, emoji]));
for (const [name, others] of Object.entries(ALIASES)) for (const other of others.split(" ")) NAMED.set(other, NAMED.get(name));

const namesOf = ({ name }) => [name, ...(ALIASES[name]?.split(" ") ?? [])];

export const nameOfEmoji = (emoji) => ALL.find((entry) => entry.emoji === emoji)?.name.replaceAll("_", " ") ?? emoji;

// What `:name:` stands for.
export const emojiNamed = (name) => NAMED.get(name);

// The text with its emoji by name as signs; for texts that are nothing else.
export const withEmoji = (text) => text.replace(/:([\w+-]{1,32}):/g, (written, name) => NAMED.get(name) ?? written);

export function findEmoji(query, limit) {
  const words = query.toLowerCase().replaceAll(" ", "_");
  const begins = (entry) => namesOf(entry).some((name) => name.startsWith(words));
  const starts = ALL.filter(begins);
  const holds = ALL.filter((entry) => !begins(entry) && namesOf(entry).some((name) => name.includes(words)));
  return [...starts, ...holds].slice(0, limit);
}
