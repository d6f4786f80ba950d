// Takes away what this device keeps under a name, also where another tab holds it: that is emptied, and goes when the tab does.

export async function forgotten(database) {
  try {
    localStorage.removeItem(database);
  } catch {
    // Where it may not be used, nothing is in it.
  }
  try {
    await emptied(database);
    await settled(indexedDB.deleteDatabase(database));
  } catch {
    // Forbidden as well.
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

// Resolves in any case.
const settled = (request) =>
  new Promise((resolve) => {
    request.onsuccess = request.onerror = resolve;
  });
