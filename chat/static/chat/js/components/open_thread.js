// Opens a thread in the pane beside its own room.

export function openThread(app, room, thread) {
  if (room !== app.ui.room.value) app.openRoom(room);
  app.pane.open("thread", String(thread));
}
