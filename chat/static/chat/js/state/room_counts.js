// What a room's entry says to its reader.

// What a room notifies of: "default" is what the person chose for all their rooms.
export const levelOf = (room) => room.notify_level ?? "default";
export const unreadOf = (room) => room.unread;
export const mentionsOf = (room) => room.mentionsBefore + room.mentioned.length;
// With certain people, who are its name.
export const isConversation = ({ kind }) => kind === "direct" || kind === "group";
// What asks for this person by name: mentions, also in threads, and everything said to them alone.
export const callsOf = (room) => (isConversation(room) ? unreadOf(room) : mentionsOf(room)) + room.callsInThreads;
// A conversation that this person hid, until its next message.
export const isHidden = ({ hidden_seq, seq }) => hidden_seq !== undefined && seq <= hidden_seq;
