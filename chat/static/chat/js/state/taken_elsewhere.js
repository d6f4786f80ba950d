// Types of events that the store holds nothing of: other parts of the page take them.

export const TAKEN_ELSEWHERE = {
  ack: null,
  audit: null,
  bans: null,
  draft: null,
  drafts: null,
  emoji: null,
  emoji_changed: null,
  error: null,
  inbox: null,
  pins: null,
  versions: null,
  pong: null,
  reports: null,
  saved_messages: null,
  scheduled: null,
  schedules: null,
  search: null,
  typing: null,
  user_joined: null,
  user_left: null,
};
