// Written by bin/words from locale/de/LC_MESSAGES/djangojs.po.

export default {
  "Filter {n} member": ["", ""],
  "Filter {n} room": ["", ""],
  "Reconnected. {n} message sent.": ["", ""],
  "Rooms, {n} mention": ["", ""],
  "You are offline. {n} message will send when the connection returns.": ["", ""],
  "{n} member": ["", ""],
  "{n} member, {online} online": ["", ""],
  "{n} mention": ["", ""],
  "{n} message is not sent yet and will be dropped from this device.": ["", ""],
  "{n} new": ["", ""],
  "{n} new message": ["", ""],
  "{n} new since {time}": ["", ""],
};
export const plural = (n) => Number((n != 1));
