// Whether a message notifies this person: as chat/reaching.py, tested with tests/conformance/reaching.json. Pure.

const CALLS = ["mention", "direct", "keyword"];

// `said`: {own, text, deleted, direct, mentioned, keyword, followed, in_room, reaction}.
// `place`: {level, muted, blocks, read, present}. `wishes`: {level, threads, reactions, paused, busy, quiet, direct_in_quiet}.
// → {reason, silence}, each null or a word.
export function reach(said, place, wishes) {
  if (said.own || said.deleted || !said.text) return { reason: null, silence: "nothing_said" };
  const level = place.level === "default" ? wishes.level : place.level;
  const reason = reasonOf(said, level, wishes);
  return { reason, silence: silenceOf(reason, level, place, wishes) };
}

function reasonOf(said, level, wishes) {
  if (said.reaction) return wishes.reactions ? "reaction" : null;
  if (said.direct) return "direct";
  if (said.mentioned) return "mention";
  if (said.keyword) return "keyword";
  if (said.followed && wishes.threads) return "thread";
  return level === "all" && said.in_room ? "room" : null;
}

function silenceOf(reason, level, place, wishes) {
  if (place.blocks) return "blocked";
  if (!reason || level === "nothing") return "level";
  if (place.muted && !CALLS.includes(reason)) return "muted";
  if (place.read) return "read";
  if (place.present) return "present";
  if (wishes.paused) return "paused";
  if (wishes.busy) return "busy";
  if (wishes.quiet && !(wishes.direct_in_quiet && reason === "direct")) return "quiet";
  return null;
}

// Whether a notification makes no sound. `silent`: the reasons the person turned off. A keyword counts as a mention.
export const isSilent = (reason, silent) => silent.includes(reason === "keyword" ? "mention" : reason);

const DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

// Whether `now` is in the quiet hours {start, end, days, zone}. `start`, `end`: minutes after midnight; `days`: the
// days on which they begin (0: Monday).
export function isQuiet({ start, end, days, zone }, now) {
  const clock = new Intl.DateTimeFormat("en-GB", {
    timeZone: zone,
    weekday: "short",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  });
  const shown = Object.fromEntries(clock.formatToParts(now).map(({ type, value }) => [type, value]));
  const minute = Number(shown.hour) * 60 + Number(shown.minute);
  const today = DAYS.indexOf(shown.weekday);
  if (start < end) return days.includes(today) && start <= minute && minute < end;
  return (days.includes(today) && minute >= start) || (days.includes((today + 6) % 7) && minute < end);
}

// Whether the text contains one of the keywords as a whole word, ignoring case.
export function hasKeyword(text, keywords) {
  if (!keywords.length) return false;
  const words = keywords.map((word) => word.toLowerCase().replace(/[.*+?^${}()|[\]\\/]/g, "\\$&")).join("|");
  return new RegExp(`(?<![\\p{L}\\p{N}_])(?:${words})(?![\\p{L}\\p{N}_])`, "u").test(text.toLowerCase());
}
