// Written by `manage.py wiretypes` from chat/protocol/; do not edit.

/** A file of a message. `type` is the media type found in its bytes; `width` and `height` are in pixels as shown, `duration` in seconds; `thumbs` are addresses by the longer side, `placeholder` a tiny picture as a `data:` one. */
export interface FileFacts {
  id: string;
  name: string;
  size: number;
  type: string;
  url: string;
  width?: number;
  height?: number;
  duration?: number;
  thumbs?: Record<string, string>;
  placeholder?: string;
  description?: string;
}

/** A member in a list. */
export interface UserEntry {
  username: string;
  display_name: string;
  role: string;
  online: boolean;
  typing: boolean;
  show_username?: boolean;
  muted?: boolean;
  user_id?: number;
  below?: boolean;
  presence?: "online" | "away" | "busy" | "offline";
  status?: Status;
  picture?: string;
}

/** A room of a reader. An owner may have 10,000: each takes 0.8 KB, and took 3.4 KB as a model. */
export interface RoomEntry {
  room: string;
  title: string;
  topic: string;
  kind: string;
  role: string;
  seq: number;
  rev: number;
  read_seq: number;
  unread: number;
  mentions: number;
  mentioned?: number[];
  notify: string;
  notify_level?: string;
  muted?: boolean;
  quiet_until?: string;
  hidden_seq?: number;
  starred?: boolean;
  section?: string;
  archived: boolean;
  people?: string[];
  username?: string;
  user_id?: number;
  show_username?: boolean;
  muted_until?: string;
  posting?: string;
  slow_seconds?: number;
  picture?: string;
  pinning?: string;
  calling?: string;
  adding?: string;
  edit_history?: string;
  replies?: string;
  pins?: number[];
  address?: string;
  emoji?: string;
}

/** A ban that is in effect. `until` null: permanently. */
export interface BanEntry {
  id: number;
  username: string;
  display_name: string;
  show_username?: boolean;
  by: string;
  at: string;
  until: string | null;
  reason: string;
}

/** What a moderator did. `username`: to this person; "" where it was about the room. */
export interface AuditItem {
  id: number;
  at: string;
  by: string;
  action: string;
  username: string;
  reason: string;
  detail: Record<string, unknown>;
}

/** What a person says of their day. `until`: its end, or null. */
export interface Status {
  emoji: string;
  text: string;
  until: string | null;
}

/** A report: the copy of the message, and what became of it ("" while it is open). */
export interface ReportItem {
  id: number;
  room: string;
  seq: number;
  at: string;
  by: string;
  author: string;
  message: string;
  reason: string;
  context: Record<string, unknown>[];
  outcome: string;
  handled_by: string;
  handled_at: string | null;
}

/** The answer to a command that was executed. */
export interface Ack {
  request_id?: string;
  type: "ack";
  room?: string;
  seq?: number;
  rev?: number;
  timestamp?: string;
}

/** An announcement of the staff to all connected people. */
export interface Announcement {
  type: "announcement";
  message: string;
  username: string;
  timestamp: string;
}

/** The record of moderation of a room, the newest first, in pages as `Bans`. */
export interface Audit {
  request_id?: string;
  type: "audit";
  room: string;
  entries: AuditItem[];
  has_older: boolean;
}

/** The first event of a socket: who the reader is, limits and permissions. */
export interface Authenticated {
  type: "authenticated";
  user_id: number;
  username: string;
  display_name: string;
  staff: boolean;
  epoch: string;
  server_time: string;
  limits: Record<string, number>;
  may?: Record<string, Record<string, string[]>>;
  status?: Status;
  presence?: string;
  blocked?: string[];
  drafts?: boolean;
  scheduled?: boolean;
  saved?: number;
}

/** Bans of a room, the newest first. The `id` of the last as `before` gives the page after it. */
export interface Bans {
  request_id?: string;
  type: "bans";
  room: string;
  bans: BanEntry[];
  has_older: boolean;
}

/** The usernames of all people whom the reader blocks. */
export interface Blocks {
  type: "blocks";
  people: string[];
}

/** Messages with `seq` < `before_seq` are hidden. */
export interface Cleared {
  type: "cleared";
  room: string;
  before_seq: number;
  rev: number;
}

/** A draft of the reader as it was written on another device; without text it was sent or deleted. */
export interface Draft {
  type: "draft";
  room: string;
  thread: number | null;
  text: string;
  at: string;
}

/** All drafts of the reader, the newest first. */
export interface Drafts {
  request_id?: string;
  type: "drafts";
  drafts: DraftItem[];
}

/** The emoji that was shown as `name` until now has these facts, or is new; null: it was deleted. */
export interface EmojiChanged {
  type: "emoji_changed";
  name: string;
  emoji: CustomEmoji | null;
}

/** A command was refused, and why. */
export interface Error {
  request_id?: string;
  type: "error";
  code: string;
  message: string;
  client_id?: string;
  retry_after?: number;
  fields?: Record<string, string>;
}

/** All groups of people, by their handles. */
export interface Groups {
  request_id?: string;
  type: "groups";
  groups: PeopleGroupItem[];
}

/** A page of messages in `seq` order. */
export interface History {
  request_id?: string;
  type: "history";
  room: string;
  messages: Message[];
  has_older: boolean;
  has_newer: boolean;
  before?: number;
  after?: number;
  thread?: number;
  part?: Thread;
  root?: Message;
}

/** A page of it, the newest first. The `id` of the last item begins the page after it. */
export interface Inbox {
  request_id?: string;
  type: "inbox";
  kind: string;
  items: InboxItem[];
  has_older: boolean;
}

/** A room was entered: its facts, and the reader's own marks. */
export interface JoinedRoom {
  request_id?: string;
  type: "joined_room";
  room: string;
  title: string;
  topic: string;
  kind: string;
  role: string;
  seq: number;
  rev: number;
  read_seq: number;
  members_online: number;
  description?: string;
  posting?: string;
  slow_seconds?: number;
  keep_days?: number;
  picture?: string;
  pinning?: string;
  calling?: string;
  adding?: string;
  edit_history?: string;
  replies?: string;
  pins?: number[];
  address?: string;
  emoji?: string;
  unread?: number;
  mentions?: number;
  mentioned?: number[];
}

/** The reader is no longer in this room. */
export interface LeftRoom {
  request_id?: string;
  type: "left_room";
  room: string;
  reason: "left" | "kicked" | "banned" | "archived";
  why?: string;
  until?: string;
}

/** The complete state of a message. It replaces the known state of (room, seq), unless that has a higher rev. */
export interface Message {
  type: "message";
  room: string;
  seq: number;
  rev: number;
  kind: string;
  message: string;
  username: string;
  user_id: number;
  author: string;
  display_name: string;
  timestamp: string;
  client_id: string | null;
  reply_to: number | null;
  edited_at: string | null;
  deleted: boolean;
  deleted_by: string | null;
  reactions: Record<string, string[]>;
  mentions: string[];
  files: FileFacts[];
  previews: PreviewFacts[];
  pinned: Pinned | null;
  thread: number | null;
  in_room: boolean;
  replies: Replies | null;
  show_username?: boolean;
  forwarded?: Forwarded;
  imported?: string;
  system?: Record<string, unknown>;
  was_system?: boolean;
}

/** A page of them by name. `next` begins the following page; null at the end. `may_add`: whether the reader may add some. */
export interface OwnEmoji {
  request_id?: string;
  type: "emoji";
  emoji: CustomEmoji[];
  next: string | null;
  may_add: boolean;
}

/** The names of a person, also for earlier messages, their status or their picture have changed. */
export interface Person {
  type: "person";
  user_id: number;
  username: string;
  display_name: string;
  show_username?: boolean;
  status?: Status;
  picture?: string;
}

/** The pinned messages of a room, in their order. */
export interface Pins {
  request_id?: string;
  type: "pins";
  room: string;
  messages: Message[];
}

/** The answer to a ping. */
export interface Pong {
  request_id?: string;
  type: "pong";
  timestamp: string;
}

/** The answer to a message that was posted. All fields are sent, also a `client_id` that is null. */
export interface PostedAck {
  request_id?: string;
  type: "ack";
  client_id: string | null;
  room: string;
  seq: number;
  rev: number;
  timestamp: string;
  duplicate: boolean;
  outside?: string[];
}

/** The presence of people, by username. */
export interface Presence {
  type: "presence";
  users: Record<string, "online" | "away" | "busy" | "offline">;
}

/** The reader's read mark moved, on another socket. */
export interface Read {
  type: "read";
  room: string;
  seq: number;
  unread?: boolean;
}

/** The reports of a room, the newest first, in pages as `Bans`. */
export interface Reports {
  request_id?: string;
  type: "reports";
  room: string;
  reports: ReportItem[];
  has_older: boolean;
}

/** To moderators: how many reports of a room are open. */
export interface ReportsOpen {
  type: "report";
  room: string;
  open: number;
}

/** Every change after the given rev up to `rev`, in `rev` order; when `complete` is false, load the history instead. */
export interface Resumed {
  request_id?: string;
  type: "resumed";
  room: string;
  complete: boolean;
  messages: (Message | Cleared | RoomFacts)[];
  rev: number;
}

/** The title, topic, description, kind and state of the room, and who may write how often. */
export interface RoomFacts {
  type: "room";
  room: string;
  rev: number;
  title: string;
  topic: string;
  kind: string;
  archived: boolean;
  description: string;
  posting: string;
  slow_seconds: number;
  keep_days: number | null;
  picture: string;
  previews: boolean;
  pinning: string;
  calling: string;
  adding: string;
  edit_history: string;
  replies: string;
  pins: number[];
  address: string;
  emoji: string;
}

/** The rooms of the reader. */
export interface Rooms {
  type: "rooms";
  rooms: RoomEntry[];
  more?: boolean;
}

/** The person saved a message on another socket, changed that, or ended it; or a reminder is due. */
export interface Saved {
  type: "saved";
  room: string;
  seq: number;
  on: boolean;
  done: boolean;
  remind_at: string | null;
  reminded?: boolean;
  message?: Message;
}

/** A page of the person's saved messages, those saved last first. `next`: the `before` of the following page. `places`: the `seq` of all that are to do, by room. */
export interface SavedMessages {
  request_id?: string;
  type: "saved_messages";
  saved: SavedItem[];
  next: number | null;
  places: Record<string, number[]>;
}

/** A scheduled message as it is now; `state` may also be `sent` (as `seq`) or `cancelled`: then it is gone. */
export interface Scheduled {
  request_id?: string;
  type: "scheduled";
  id: number;
  room: string;
  message: string;
  reply_to: number | null;
  thread: number | null;
  in_room: boolean;
  files: FileFacts[];
  at: string;
  zone: string;
  fold: number;
  due: string;
  state: string;
  code: string;
  problem: string;
  seq: number | null;
}

/** All scheduled messages of the reader, the next one first. */
export interface Schedules {
  request_id?: string;
  type: "schedules";
  schedules: ScheduledItem[];
}

/** The messages that were found, the newest first. `next` is the `after` of the following page. */
export interface Search {
  request_id?: string;
  type: "search";
  results: SearchResult[];
  next: string | null;
  indexed_until?: string;
  warnings?: string[];
}

/** The reader's own status and presence, set on another device. */
export interface StatusChanged {
  type: "status";
  emoji: string;
  text: string;
  until: string | null;
  presence: string;
}

/** The reader's part in a thread: it replaces the part that was known. */
export interface Thread {
  type: "thread";
  room: string;
  thread: number;
  read_seq: number;
  unread: number;
  mentions: number;
  hidden_mentions: number;
  following: boolean;
}

/** A page of threads, the newest activity first. `next`: the `before` of the following page. */
export interface Threads {
  request_id?: string;
  type: "threads";
  threads: ThreadEntry[];
  next: string | null;
  unread: number;
  mentions: number;
  hidden_mentions: Record<string, number>;
}

/** A member started or stopped typing. */
export interface Typing {
  type: "typing";
  room: string;
  username: string;
  is_typing: boolean;
  thread?: number;
}

/** A member came online. */
export interface UserJoined {
  type: "user_joined";
  room: string;
  username: string;
}

/** A member went offline. */
export interface UserLeft {
  type: "user_left";
  room: string;
  username: string;
}

/** The members of a room. */
export interface Users {
  request_id?: string;
  type: "users";
  room: string;
  users: UserEntry[];
}

/** The texts of a message, the oldest first; the last one is its text now. */
export interface Versions {
  request_id?: string;
  type: "versions";
  room: string;
  seq: number;
  versions: Version[];
  more?: boolean;
}

export type ServerEvent =
  | Ack
  | Announcement
  | Audit
  | Authenticated
  | Bans
  | Blocks
  | Cleared
  | Draft
  | Drafts
  | EmojiChanged
  | Error
  | Groups
  | History
  | Inbox
  | JoinedRoom
  | LeftRoom
  | Message
  | OwnEmoji
  | Person
  | Pins
  | Pong
  | PostedAck
  | Presence
  | Read
  | Reports
  | ReportsOpen
  | Resumed
  | RoomFacts
  | Rooms
  | Saved
  | SavedMessages
  | Scheduled
  | Schedules
  | Search
  | StatusChanged
  | Thread
  | Threads
  | Typing
  | UserJoined
  | UserLeft
  | Users
  | Versions;

/** List what moderators did in a room, the newest first. */
export interface AuditCommand {
  request_id?: string | null;
  room?: string | null;
  type: "audit";
  before?: number | null;
}

/** Ban a member, for some minutes or permanently. */
export interface BanCommand {
  request_id?: string | null;
  room?: string | null;
  type: "command";
  command: "ban";
  username: string;
  minutes?: number | null;
  reason?: string;
}

/** List the bans of a room, the newest first. */
export interface BansCommand {
  request_id?: string | null;
  room?: string | null;
  type: "bans";
  before?: number | null;
}

/** Block a person, or end it. */
export interface BlockCommand {
  request_id?: string | null;
  type: "block";
  username: string;
  on: boolean;
}

/** Send an announcement to all connected people (staff). */
export interface BroadcastCommand {
  request_id?: string | null;
  type: "broadcast";
  message: string;
}

/** Delete a scheduled message. */
export interface CancelScheduleCommand {
  request_id?: string | null;
  type: "schedule_cancel";
  id: number;
}

/** Change the text or the time of a scheduled message; what is left out stays. */
export interface ChangeScheduleCommand {
  request_id?: string | null;
  type: "schedule_change";
  id: number;
  message?: string | null;
  at?: string | null;
  zone?: string | null;
  fold?: number | null;
}

/** Post a message. */
export interface ChatMessageCommand {
  request_id?: string | null;
  room?: string | null;
  files?: string[];
  message: string;
  thread?: number | null;
  in_room?: boolean | null;
  type: "chat_message" | "room_message";
  client_id?: string | null;
  reply_to?: number | null;
}

/** Hide all messages so far. */
export interface ClearCommand {
  request_id?: string | null;
  room?: string | null;
  type: "command";
  command: "clear";
}

/** End a report. */
export interface CloseReportCommand {
  request_id?: string | null;
  room?: string | null;
  type: "report_close";
  id: number;
  outcome: "deleted" | "muted" | "banned" | "dismissed";
}

/** Delete the content of a message. */
export interface DeleteMessageCommand {
  request_id?: string | null;
  room?: string | null;
  type: "delete_message";
  seq: number;
}

/** Keep what was begun in a room or thread for the person's other devices; an empty text deletes it. */
export interface DraftCommand {
  request_id?: string | null;
  room?: string | null;
  type: "draft";
  thread?: number | null;
  text: string;
  at?: string | null;
}

/** List all drafts. */
export interface DraftsCommand {
  request_id?: string | null;
  type: "drafts";
}

/** Replace the text of a message. */
export interface EditMessageCommand {
  request_id?: string | null;
  room?: string | null;
  type: "edit_message";
  seq: number;
  message: string;
}

/** Follow a thread, or end it. */
export interface FollowCommand {
  request_id?: string | null;
  room?: string | null;
  type: "follow";
  thread: number;
  on: boolean;
}

/** Post the text and the files of a message to another room, or in a thread of it. */
export interface ForwardCommand {
  request_id?: string | null;
  room?: string | null;
  seq: number;
  message?: string;
  client_id?: string | null;
  thread?: number | null;
  in_room?: boolean | null;
  type: "forward";
  to_room: string;
}

/** Post the text and the files of a message to one person; the direct room is created with the first message. */
export interface ForwardPrivateCommand {
  request_id?: string | null;
  room?: string | null;
  seq: number;
  message?: string;
  client_id?: string | null;
  type: "forward_private";
  to: string;
}

/** Post a message to the group conversation of exactly these people, created with the first. */
export interface GroupMessageCommand {
  request_id?: string | null;
  files?: string[];
  message: string;
  type: "group_message";
  to: string[];
  client_id?: string | null;
}

/** List the groups of people that a message can mention by one name. */
export interface GroupsCommand {
  request_id?: string | null;
  type: "groups";
}

/** Read a page of messages. */
export interface HistoryCommand {
  request_id?: string | null;
  room?: string | null;
  type: "history";
  before?: number | null;
  after?: number | null;
  around?: number | null;
  at?: string | null;
  limit?: number | null;
  thread?: number | null;
  all?: boolean;
}

/** List the messages that name the reader, or the reactions to the reader's messages, the newest first. */
export interface InboxCommand {
  request_id?: string | null;
  type: "inbox";
  kind?: "mentions" | "reactions";
  before?: number | null;
  limit?: number | null;
}

/** Enter a room; become a member of a public one. */
export interface JoinRoomCommand {
  request_id?: string | null;
  type: "join_room";
  room: string;
}

/** Remove a member. */
export interface KickCommand {
  request_id?: string | null;
  room?: string | null;
  type: "command";
  command: "kick";
  username: string;
  reason?: string;
}

/** End the membership. */
export interface LeaveRoomCommand {
  request_id?: string | null;
  room?: string | null;
  type: "leave_room";
}

/** Mark a message, and those after it, as unread. */
export interface MarkUnreadCommand {
  request_id?: string | null;
  room?: string | null;
  type: "mark_unread";
  seq: number;
}

/** Mute a member for some minutes. */
export interface MuteCommand {
  request_id?: string | null;
  room?: string | null;
  type: "command";
  command: "mute";
  username: string;
  minutes: number;
  reason?: string;
}

/** List the emoji of the server's own, by name; `after`: `next` of the page before. */
export interface OwnEmojiCommand {
  request_id?: string | null;
  type: "emoji";
  after?: string | null;
}

/** Pin a message to the room, or end that. */
export interface PinCommand {
  request_id?: string | null;
  room?: string | null;
  type: "pin";
  seq: number;
  on: boolean;
}

/** Put a pinned message directly below another one, or first. */
export interface PinMoveCommand {
  request_id?: string | null;
  room?: string | null;
  type: "pin_move";
  seq: number;
  below?: number | null;
}

/** Check that the connection is alive. */
export interface PingCommand {
  request_id?: string | null;
  type: "ping";
}

/** List the pinned messages of a room, in their order. */
export interface PinsCommand {
  request_id?: string | null;
  room?: string | null;
  type: "pins";
}

/** Post a message to one person; the direct room is created with the first. */
export interface PrivateMessageCommand {
  request_id?: string | null;
  files?: string[];
  message: string;
  type: "private_message";
  to: string;
  client_id?: string | null;
}

/** Add or remove a reaction. */
export interface ReactCommand {
  request_id?: string | null;
  room?: string | null;
  type: "react";
  seq: number;
  emoji: string;
  on: boolean;
}

/** Move the read mark forward. */
export interface ReadCommand {
  request_id?: string | null;
  room?: string | null;
  type: "read";
  seq: number;
}

/** Mark all rooms as read, to their last messages. */
export interface ReadAllCommand {
  request_id?: string | null;
  type: "read_all";
}

/** Remove the preview of an address from a message, or all of them. */
export interface RemovePreviewCommand {
  request_id?: string | null;
  room?: string | null;
  type: "remove_preview";
  seq: number;
  url?: string | null;
}

/** Report a message to those who moderate the room. */
export interface ReportCommand {
  request_id?: string | null;
  room?: string | null;
  type: "report";
  seq: number;
  reason: string;
}

/** List the open reports of a room, the newest first; `closed`: those that were handled. */
export interface ReportsCommand {
  request_id?: string | null;
  room?: string | null;
  type: "reports";
  before?: number | null;
  closed?: boolean;
}

/** Read what changed since the last connection, by room and `rev`. */
export interface ResumeCommand {
  request_id?: string | null;
  type: "resume";
  epoch: string;
  rooms: Record<string, number>;
}

/** Change the room's facts that are given. `keep_days` null or 0: messages are kept for ever. */
export interface RoomUpdateCommand {
  request_id?: string | null;
  room?: string | null;
  type: "room_update";
  title?: string | null;
  topic?: string | null;
  description?: string | null;
  kind?: "public" | "private" | null;
  archived?: boolean | null;
  posting?: "everyone" | "moderators" | null;
  pinning?: "everyone" | "moderators" | null;
  calling?: "everyone" | "moderators" | null;
  adding?: "everyone" | "moderators" | null;
  edit_history?: "off" | "moderators" | "members" | null;
  replies?: "room" | "thread" | null;
  slow_seconds?: number | null;
  keep_days?: number | null;
  previews?: boolean | null;
  address?: string | null;
  emoji?: string | null;
}

/** Save a message, or end that. Fields that are left out stay; `remind_at` null: no reminder. */
export interface SaveCommand {
  request_id?: string | null;
  room?: string | null;
  type: "save";
  seq: number;
  on: boolean;
  done?: boolean;
  remind_at?: string | null;
  tz?: string;
}

/** List the person's saved messages, those saved last first. */
export interface SavedMessagesCommand {
  request_id?: string | null;
  type: "saved_messages";
  done?: boolean;
  before?: number | null;
  limit?: number | null;
}

/** Post a message when the clocks of a time zone show a time. */
export interface ScheduleCommand {
  request_id?: string | null;
  room?: string | null;
  thread?: number | null;
  in_room?: boolean | null;
  type: "schedule";
  files?: string[];
  message: string;
  reply_to?: number | null;
  at: string;
  zone: string;
  fold?: number | null;
}

/** List all scheduled messages. */
export interface SchedulesCommand {
  request_id?: string | null;
  type: "schedules";
}

/** Find messages by their text, author, room and day. */
export interface SearchCommand {
  request_id?: string | null;
  type: "search";
  query: string;
  limit?: number | null;
  after?: string | null;
  tz?: string;
  public?: boolean;
  order?: "newest" | "best";
}

/** Post a scheduled message now. */
export interface SendScheduledCommand {
  request_id?: string | null;
  type: "schedule_send";
  id: number;
}

/** Give a member another role. */
export interface SetRoleCommand {
  request_id?: string | null;
  room?: string | null;
  type: "role";
  username: string;
  role: "owner" | "moderator" | "member";
}

/** Change the person's own status and presence; fields that are left out stay. Null or "" takes a value away. */
export interface SetStatusCommand {
  request_id?: string | null;
  type: "status";
  emoji?: string | null;
  text?: string | null;
  until?: string | null;
  presence?: "auto" | "away" | "busy";
}

/** Move the read mark of a thread forward. */
export interface ThreadReadCommand {
  request_id?: string | null;
  room?: string | null;
  type: "thread_read";
  thread: number;
  seq: number;
}

/** List the reader's threads, the newest activity first; with `room`, only those of this room. */
export interface ThreadsCommand {
  request_id?: string | null;
  room?: string | null;
  type: "threads";
  filter?: "following" | "unread" | "all";
  before?: string | null;
  limit?: number | null;
}

/** Set the topic. */
export interface TopicCommand {
  request_id?: string | null;
  room?: string | null;
  type: "command";
  command: "topic";
  topic: string;
}

/** Start or stop typing. */
export interface TypingCommand {
  request_id?: string | null;
  room?: string | null;
  type: "typing";
  is_typing: boolean;
  thread?: number | null;
}

/** Lift a ban. */
export interface UnbanCommand {
  request_id?: string | null;
  room?: string | null;
  type: "command";
  command: "unban";
  username: string;
}

/** End a mute. */
export interface UnmuteCommand {
  request_id?: string | null;
  room?: string | null;
  type: "command";
  command: "unmute";
  username: string;
}

/** List the members of a room. */
export interface UsersCommand {
  request_id?: string | null;
  room?: string | null;
  type: "command";
  command: "users";
}

/** Read the earlier texts of a message. */
export interface VersionsCommand {
  request_id?: string | null;
  room?: string | null;
  type: "versions";
  seq: number;
}

export type ClientCommand =
  | AuditCommand
  | BanCommand
  | BansCommand
  | BlockCommand
  | BroadcastCommand
  | CancelScheduleCommand
  | ChangeScheduleCommand
  | ChatMessageCommand
  | ClearCommand
  | CloseReportCommand
  | DeleteMessageCommand
  | DraftCommand
  | DraftsCommand
  | EditMessageCommand
  | FollowCommand
  | ForwardCommand
  | ForwardPrivateCommand
  | GroupMessageCommand
  | GroupsCommand
  | HistoryCommand
  | InboxCommand
  | JoinRoomCommand
  | KickCommand
  | LeaveRoomCommand
  | MarkUnreadCommand
  | MuteCommand
  | OwnEmojiCommand
  | PinCommand
  | PinMoveCommand
  | PingCommand
  | PinsCommand
  | PrivateMessageCommand
  | ReactCommand
  | ReadCommand
  | ReadAllCommand
  | RemovePreviewCommand
  | ReportCommand
  | ReportsCommand
  | ResumeCommand
  | RoomUpdateCommand
  | SaveCommand
  | SavedMessagesCommand
  | ScheduleCommand
  | SchedulesCommand
  | SearchCommand
  | SendScheduledCommand
  | SetRoleCommand
  | SetStatusCommand
  | ThreadReadCommand
  | ThreadsCommand
  | TopicCommand
  | TypingCommand
  | UnbanCommand
  | UnmuteCommand
  | UsersCommand
  | VersionsCommand;
