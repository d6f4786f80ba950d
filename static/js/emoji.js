// The emoji offered by the picker and by `:name`. A choice, not a table of all: the keyboard has the rest.

import { t } from "./words.js";

export const GROUPS = [
  [t("Smileys"), "😀 grinning|😄 smile|🙂 slight_smile|😉 wink|😍 heart_eyes|🤔 thinking|😅 sweat_smile|😂 joy|😭 sob|😴 sleeping|😎 sunglasses|🤯 mind_blown|🥳 party|😬 grimacing|🫡 salute|🫠 melting|😊 blush|😇 innocent|🙃 upside_down|😢 cry|😡 angry|😱 scream|🤗 hug|🙄 eye_roll|😌 relieved|🤩 star_struck|😐 neutral|🤒 sick"],
  [t("People"), "👍 thumbs_up|👎 thumbs_down|👏 clap|🙌 raised_hands|🙏 thanks|👋 wave|🤝 handshake|💪 muscle|👌 ok_hand|✌️ victory|🤞 fingers_crossed|👉 point_right|👀 eyes|🧠 brain|🤷 shrug|🙋 raising_hand"],
  [t("Signs"), "✅ check|❌ cross|❤️ heart|💔 broken_heart|🔥 fire|⭐ star|✨ sparkles|💯 hundred|🎉 celebration|🎂 cake|🏆 trophy|💡 idea|⚠️ warning|🚨 alarm|❓ question|❗ exclamation|➕ plus|➖ minus|🔁 repeat|⏳ hourglass"],
  [t("Things"), "🚀 rocket|🚢 ship|🐛 bug|🔧 wrench|🔒 lock|🔑 key|📌 pin|📎 paperclip|📝 memo|📈 chart_up|📉 chart_down|📦 package|💻 laptop|📱 phone|☕ coffee|🍕 pizza|🍺 beer|🌱 seedling|🌍 earth|☀️ sun|🌧️ rain|🐧 penguin|🐍 snake|🦀 crab|🐙 octopus|🐳 whale|🎵 music|🏖️ beach"],
].map(([title, list]) => [title, list.split("|").map((entry) => ({ emoji: entry.slice(0, entry.indexOf(" ")), name: entry.slice(entry.indexOf(" ") + 1) }))]);

const ALL = GROUPS.flatMap(([, list]) => list);
const NAMED = new Map(ALL.map(({ emoji, name }) => [name, emoji]));

export const nameOfEmoji = (emoji) => ALL.find((entry) => entry.emoji === emoji)?.name.replaceAll("_", " ") ?? emoji;

// What `:name:` stands for.
export const emojiNamed = (name) => NAMED.get(name);

export function findEmoji(query, limit) {
  const words = query.toLowerCase().replaceAll(" ", "_");
  const starts = ALL.filter((entry) => entry.name.startsWith(words));
  const holds = ALL.filter((entry) => !entry.name.startsWith(words) && entry.name.includes(words));
  return [...starts, ...holds].slice(0, limit);
}
