// Facts about a room's entry for its reader.

// The notification level of a room; "default" stands for the person's choice for all rooms.
export const levelOf = (room) => room.notify_level ?? "default";
export const unreadOf = (room) => room.unread;
export const mentionsOf = (room) => room.mentionsBefore + room.mentioned.length;
// A conversation is between certain people and named after them.
export const isConversation = ({ kind }) => kind === "direct" || kind === "group";
// The number of calls: mentions, also in threads, and every unread message of a conversation.
export const callsOf = (room) => (isConversation(room) ? unreadOf(room) : mentionsOf(room)) + room.callsInThreads;
// Whether this person hid the conversation; its next message shows it again.
export const isHidden = ({ hidden_seq, seq }) => hidden_seq !== undefined && seq <= hidden_seq;
