// Deletes what this device keeps under a name. A database that another tab holds open is emptied now, and deleted when
// that tab closes.

export async function forgotten(database) {
  try {
    localStorage.removeItem(database);
  } catch {
    // Blocked storage holds nothing.
  }
  try {
    await emptied(database);
    await settled(indexedDB.deleteDatabase(database));
  } catch {
    // Blocked as well.
  }
}

async function emptied(database) {
  const known = (await indexedDB.databases?.()) ?? [];
  if (!known.some(({ name }) => name === database)) return;
  const opened = indexedDB.open(database);
  await settled(opened);
  const held = opened.result;
  const [table] = held.objectStoreNames;
  if (table) await settled(held.transaction(table, "readwrite").objectStore(table).clear());
  held.close();
}

// Resolves on success and on error.
const settled = (request) =>
  new Promise((resolve) => {
    request.onsuccess = request.onerror = resolve;
  });
