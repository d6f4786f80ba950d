// Reactions of others to the reader's own messages. Pure.

// The first reaction by someone else that the previous state did not have: {username, emoji}, or null.
export function newReaction(message, before, me) {
  if (!before || message.username !== me || message.deleted) return null;
  for (const [emoji, people] of Object.entries(message.reactions)) {
    const username = people.find((one) => one !== me && !before.reactions[emoji]?.includes(one));
    if (username) return { username, emoji };
  }
  return null;
}

export const reactionsOfOthers = ({ username, reactions }) =>
  Object.values(reactions)
    .flat()
    .filter((one) => one !== username).length;
