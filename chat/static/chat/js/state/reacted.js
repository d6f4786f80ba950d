// What others have put on one's own message. Pure.

// The first reaction of somebody else that the state before had not: {username, emoji}, or null.
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
