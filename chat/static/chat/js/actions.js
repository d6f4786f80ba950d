// The actions of a person, one method each. A refusal appears in a toast unless the caller shows it itself.

import { html } from "./components/html.js";
import { refusalText, t } from "./i18n/i18n.js";
import { getJson, patchJson, postJson, putJson } from "./net/api.js";
import { Saving } from "./saving.js";
import { doneSentence, undoOf } from "./text/moderation.js";

export class Actions {
  #app;

  constructor(app) {
    this.#app = app;
    this.saving = new Saving(app, (command) => this.#request(command));
  }

  // Runs a slash command; returns the reason if it fails. `where`: {thread, in_room}; `place` names the tray.
  async command(room, text, replyTo, { place = room, ...where } = {}) {
    const { readInput } = await this.#app.lazy.suggestions.fetch();
    const input = readInput(text, room);
    if (input.problem) return input.problem;
    if (input.known?.name === "clear") return this.#askToClear(input.frame, room);
    if (["kick", "ban"].includes(input.known?.name ?? "")) return this.askToRemove(input.frame);
    if (input.known?.name === "leave") return this.leave(room);
    if (input.frame) return this.#run(input.frame, room);
    const files = this.#app.attachments.trays.take(place);
    this.#app.outbox.add({ room, message: input.text, reply_to: replyTo, files, ...where });
    return null;
  }

  // A typing error must not delete a room's history: the person types the room's name first.
  #askToClear(frame, room) {
    const name = this.#app.titleOf(room);
    const run = (form) => {
      const typed = form.get("name").trim().replace(/^#/, "");
      if (![room, this.#app.factsOf(room).title].includes(typed)) {
        return t("That is not the name of this room.");
      }
      return this.#request(frame);
    };
    this.#app.ui.openDialog(({ ClearRoom }) => html`<${ClearRoom} name=${name} run=${run} />`);
    return null;
  }

  // An autocompleted name may be the wrong person: a dialog shows it once more.
  askToRemove(frame) {
    const { command, room } = frame;
    const username = this.#spelled(frame.username);
    const run = (reason, minutes) => this.moderate(room, command, { ...(minutes && { minutes }), username, reason });
    const names = { name: this.#app.store.nameOf(username), room: this.#app.titleOf(room) };
    this.#app.ui.openDialog(({ Removal }) => html`<${Removal} frame=${frame} ...${names} run=${run} />`);
    return null;
  }

  edit(room, seq, message) {
    return this.#request({ type: "edit_message", room, seq, message });
  }

  remove(room, seq) {
    return this.#request({ type: "delete_message", room, seq });
  }

  react(room, seq, emoji, on) {
    return this.#request({ type: "react", room, seq, emoji, on });
  }

  removePreview(room, seq, url) {
    return this.#request({ type: "remove_preview", room, seq, url });
  }

  pin(room, seq, on) {
    return this.#request({ type: "pin", room, seq, on });
  }

  // Moves a pin directly below another message's pin, or, with null, to the top.
  movePin(room, seq, below) {
    return this.#request({ type: "pin_move", room, seq, below });
  }

  followThread(room, thread, on) {
    return this.#request({ type: "follow", room, thread, on });
  }

  toggleReaction(message, emoji) {
    const mine = message.reactions[emoji]?.includes(this.#app.store.me.value.username) ?? false;
    return this.react(message.room, message.seq, emoji, !mine);
  }

  async join(room) {
    if (await this.#request({ type: "join_room", room })) this.#app.openRoom(room);
  }

  // Asks the only owner for a new owner first: without one the server would choose, or refuse.
  async leave(room) {
    const { archived, role } = this.#app.factsOf(room);
    const found = role === "owner" && !archived && (await this.members(room));
    const me = this.#app.store.me.value.username;
    if (!found || found.users.some((member) => member.role === "owner" && member.username !== me))
      return this.#leave(room);
    const name = this.#app.titleOf(room);
    const run = (form) => this.#leaveBehind(room, form.get("heir"));
    this.#app.ui.openDialog(({ LeaveRoom }) => html`<${LeaveRoom} slug=${room} name=${name} run=${run} />`);
    return null;
  }

  // Without an heir the room is archived. Returns the refusal's sentence, if any.
  async #leaveBehind(room, heir) {
    // An heir who has left since would be added again.
    const found = heir && (await this.members(room));
    if (found && !found.users.some((member) => member.username === heir)) {
      return t("{name} is not in this room any more. Choose somebody else.", { name: this.#app.store.nameOf(heir) });
    }
    try {
      if (heir) await putJson(`rooms/${room}/members/${encodeURIComponent(heir)}`, { role: "owner" });
      else await patchJson(`rooms/${room}`, { archived: true });
    } catch (refusal) {
      return refusalText(refusal);
    }
    return this.#leave(room);
  }

  async #leave(room) {
    const name = this.#app.titleOf(room);
    const { kind, role } = this.#app.factsOf(room);
    // Undo joins as a plain member: it cannot restore a role, nor access to a private room.
    const back = kind === "public" && role === "member" ? { label: t("Undo"), run: () => this.join(room) } : null;
    if (await this.#request({ type: "leave_room", room })) this.#app.ui.toast(t("Left {room}", { room: name }), back);
  }

  members(room) {
    return this.#app.session.request({ type: "command", command: "users", room }).catch(() => null);
  }

  // Shows a toast with what was done, and an undo button where possible.
  async moderate(room, command, fields) {
    const frame = { type: "command", room, command, ...fields };
    const answer = await this.#request(frame);
    if (answer) this.#did(frame);
    return answer;
  }

  // The first message of a room at or after a date; null when there is none.
  async firstOf(room, date) {
    const frame = { type: "history", room, at: date.toISOString(), limit: 2 };
    const page = await this.#told(this.#app.session.request(frame, { aside: true }));
    return page?.messages.find(({ timestamp }) => Date.parse(timestamp) >= date.getTime()) ?? null;
  }

  async readAll() {
    if (await this.#request({ type: "read_all" })) this.#app.ui.toast(t("All rooms are marked as read"));
  }

  // Resolves to the server's response, or to null after a toast with the refusal.
  ask(frame) {
    return this.#request(frame);
  }

  roomFacts(room) {
    return this.#told(getJson(`rooms/${room}`));
  }

  updateRoom(room, facts) {
    return this.#request({ type: "room_update", room, ...facts });
  }

  async setRole(room, username, role) {
    await this.#request({ type: "role", room, username, role });
    this.members(room);
  }

  askToClear(room) {
    return this.#askToClear({ type: "command", command: "clear", room }, room);
  }

  async block(username, on) {
    if (!(await this.#request({ type: "block", username, on }))) return;
    const { store, ui } = this.#app;
    const blocked = new Set(store.blocked.value);
    if (on) blocked.add(username);
    else blocked.delete(username);
    store.blocked.value = blocked;
    const name = store.nameOf(username);
    ui.toast(
      on ? t("{name} cannot write to you directly any more", { name }) : t("{name} is not blocked any more", { name }),
    );
  }

  // The server does not send a status change to the socket that made it.
  showOwnStatus({ presence, ...status }) {
    this.#app.store.apply({ type: "status", presence, ...status });
  }

  setTopic(room, topic) {
    return this.#request({ type: "command", room, command: "topic", topic });
  }

  // `choice`: {notify: "default" | "all" | "mentions" | "nothing"}, {muted}, or both.
  notifyAbout(room, choice) {
    return this.#told(patchJson(`rooms/${room}/me`, choice));
  }

  // Returns whether the person is now in the room.
  async invite(room, { username }) {
    if (!(await this.#told(putJson(`rooms/${room}/members/${encodeURIComponent(username)}`, {})))) return false;
    this.#app.ui.toast(
      t("Added {name} to {room}", { name: this.#app.store.nameOf(username), room: this.#app.titleOf(room) }),
    );
    return true;
  }

  async giveRole(room, username, role) {
    const before = this.#app.store.members.value.get(room)?.find((member) => member.username === username)?.role;
    if (!(await this.#told(putJson(`rooms/${room}/members/${encodeURIComponent(username)}`, { role })))) return;
    this.members(room);
    const name = this.#app.store.nameOf(username);
    const said =
      role === "moderator" ? t("{name} is a moderator now", { name }) : t("{name} is a member now", { name });
    this.#app.ui.toast(
      said,
      before && before !== role ? { label: t("Undo"), run: () => this.giveRole(room, username, before) } : null,
    );
  }

  // Throws the refusal: the dialog shows it beside the field.
  async createRoom({ slug, title, topic, isPrivate }) {
    const made = await postJson("rooms", {
      ...(slug && { room: slug }),
      title,
      topic,
      kind: isPrivate ? "private" : "public",
    });
    this.#app.openRoom(made.room);
  }

  publicRooms() {
    return getJson("rooms?scope=public").then((body) => body.rooms);
  }

  people(query) {
    return getJson(`people?q=${encodeURIComponent(query)}`).then((body) => body.people);
  }

  // The direct room with a person, if there is one already.
  directRoom(username) {
    return [...this.#app.store.rooms.value.values()].find(
      (room) => room.kind === "direct" && room.username === username,
    );
  }

  // `to`: a username, or several. The first message creates the room.
  async writeTo(to, message) {
    const type = Array.isArray(to) ? "group_message" : "private_message";
    const answer = await this.#request({ type, to, message });
    if (answer) this.#app.openRoom(answer.room);
    return Boolean(answer);
  }

  #did(frame) {
    const { store, ui } = this.#app;
    const username = this.#spelled(frame.username);
    const said = doneSentence(frame, username && store.nameOf(username), this.#app.titleOf(frame.room));
    const [command, label] = undoOf(frame.command) ?? [];
    if (said) ui.toast(said, command ? { label, run: () => this.moderate(frame.room, command, { username }) } : null);
    if (username) this.members(frame.room);
  }

  // The username with the upper and lower case of its owner's spelling.
  #spelled(written) {
    return (
      [...this.#app.store.names.value.keys()].find((known) => known.toLowerCase() === written?.toLowerCase()) ?? written
    );
  }

  async #told(call) {
    try {
      return await call;
    } catch (refusal) {
      this.#app.ui.toast(refusalText(refusal));
      return null;
    }
  }

  // Resolves to the response, or to null after a toast with the refusal.
  #request(frame) {
    return this.#told(this.#app.session.request(frame));
  }

  async #run(frame, room) {
    try {
      const answer = await this.#app.session.request(frame);
      if (frame.type === "join_room") this.#app.openRoom(frame.room);
      else if (frame.type === "private_message") this.#app.openRoom(answer.room ?? room);
      else if (frame.type === "broadcast") this.#app.ui.toast(t("Announcement sent to everyone online"));
      else if (frame.type === "command") this.#did(frame);
      return null;
    } catch (refusal) {
      return refusalText(refusal);
    }
  }
}
