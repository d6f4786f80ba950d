import assert from "node:assert/strict";
import { test } from "node:test";

import { Broken, PART_BYTES, sendFile } from "../../chat/static/chat/js/net/transfer.js";
import { Uploads } from "../../chat/static/chat/js/net/uploads.js";
import { attachTo, sorted } from "../../chat/static/chat/js/state/attaching.js";
import { Trays } from "../../chat/static/chat/js/state/trays.js";
import { settled } from "./stage.mjs";

globalThis.location = { href: "http://chat.example/rooms/garden/" };

// A server that takes files; `breaks` says before which of its answers the connection is lost.
class Server {
  files = new Map();
  calls = [];
  breaks = new Set();
  answers = [];

  call = async (method, url, { headers = {}, body = null, progress = (_) => {}, signal } = {}) => {
    this.calls.push(`${method} ${url}${headers["Upload-Offset"] ? ` ${headers["Upload-Offset"]}` : ""}`);
    if (signal?.aborted) throw new DOMException("", "AbortError");
    const answer = this.answers.shift() ?? (await this.#answer(method, url, headers, body));
    progress(body?.size ?? 0);
    if (this.breaks.delete(this.calls.length)) throw new Broken({ status: 0 });
    return { header: (name) => answer.headers?.[name], body: {}, ...answer };
  };

  async #answer(method, url, headers, body) {
    if (method === "POST" && url === "/api/v1/files") {
      this.form = body;
      return { status: 201, body: { id: "small" } };
    }
    if (method === "POST") {
      const id = `big${this.files.size + 1}`;
      this.files.set(`/api/v1/uploads/${id}`, {
        length: Number(headers["Upload-Length"]),
        parts: [],
        metadata: headers["Upload-Metadata"],
      });
      return { status: 201, headers: { Location: `/api/v1/uploads/${id}` } };
    }
    const file = this.files.get(url);
    if (!file) return { status: 404 };
    const offset = () => file.parts.reduce((sum, { size }) => sum + size, 0);
    if (method === "PATCH") {
      if (Number(headers["Upload-Offset"]) !== offset()) return { status: 409 };
      file.parts.push(body);
    }
    return { status: method === "HEAD" ? 200 : 204, headers: { "Upload-Offset": String(offset()) } };
  }

  async textOf(url) {
    return await new Blob(this.files.get(url).parts).text();
  }
}

const text = (length) =>
  Array.from({ length: Math.ceil(length / 8) }, (_, at) => String(at).padStart(8, "0"))
    .join("")
    .slice(0, length);
const nothing = { progress: () => {}, begun: () => {} };

// --- One file -----------------------------------------------------------------------------------------

test("a small file goes in one request, with its description", async () => {
  const server = new Server();
  const id = await sendFile({ name: "cat.png", type: "image/png", description: "A cat" }, new Blob(["miau"]), {
    call: server.call,
    ...nothing,
  });
  assert.equal(id, "small");
  assert.deepEqual(server.calls, ["POST /api/v1/files"]);
  assert.equal(server.form.get("description"), "A cat");
  assert.equal(server.form.get("file").name, "cat.png");
});

test("a large file goes in parts and says how far it is; its name may be in any script", async () => {
  const server = new Server();
  const bytes = text(PART_BYTES * 2 + 5);
  const said = [];
  const begun = [];
  const options = { call: server.call, progress: (sent) => said.push(sent), begun: (url) => begun.push(url) };
  const id = await sendFile({ name: "Büro 日本.bin", type: "" }, new Blob([bytes]), options);
  assert.equal(id, "big1");
  assert.deepEqual(begun, ["/api/v1/uploads/big1"]);
  assert.equal(await server.textOf("/api/v1/uploads/big1"), bytes);
  assert.deepEqual([...new Set(said)], [0, PART_BYTES, PART_BYTES * 2, bytes.length]);
  const [, name] = server.files.get("/api/v1/uploads/big1").metadata.split(" ");
  assert.equal(Buffer.from(name, "base64").toString(), "Büro 日本.bin");
});

test("what was broken off goes on where the server has it, and begins anew where it has nothing", async () => {
  const server = new Server();
  const bytes = text(PART_BYTES * 2 + 5);
  const blob = new Blob([bytes]);
  const file = { name: "a.bin", type: "" };
  // The second part arrives, its answer does not.
  server.breaks.add(3);
  const options = { call: server.call, progress: () => {}, begun: (url) => (file.upload = url) };
  await assert.rejects(sendFile(file, blob, options), (problem) => problem.passing);
  assert.equal(await sendFile(file, blob, options), "big1");
  assert.equal(await server.textOf(file.upload), bytes);
  server.files.clear();
  assert.equal(await sendFile(file, blob, options), "big1");
  assert.equal(server.files.size, 1);
});

test("a refusal is for good, but for those that a moment mends", () => {
  const passing = [0, 401, 409, 423, 429, 460, 500, 502, 503].filter((status) => !new Broken({ status }).passing);
  const final = [400, 403, 404, 413, 415, 422, 507].filter((status) => new Broken({ status }).passing);
  assert.deepEqual([passing, final], [[], []]);
});

// --- All of them --------------------------------------------------------------------------------------

class Locks {
  held = new Map();
  async request(name, act) {
    const before = this.held.get(name) ?? Promise.resolve();
    const run = before.then(act);
    this.held.set(
      name,
      run.catch(() => {}),
    );
    return await run;
  }
}

// A page of a browser with some files; pages share what the device keeps, and the locks.
class Desk {
  failed = [];
  sending = [];
  dropped = [];

  constructor(device = { files: new Map(), locks: new Locks() }) {
    this.device = device;
    this.uploads = new Uploads({
      blobs: {
        get: async (key) => this.device.files.get(key)?.blob ?? null,
        remove: (key) => this.dropped.push(`blob ${key}`),
      },
      page: {
        find: (key) => this.device.files.get(key) ?? null,
        change: (key, change) => Object.assign(this.device.files.get(key), change),
        failed: (key) => this.failed.push(key),
      },
      locks: device.locks,
      send: (file, _blob, options) =>
        new Promise((resolve, reject) => {
          options.signal.addEventListener("abort", () => reject(new DOMException("", "AbortError")));
          this.sending.push({ file, ...options, resolve, reject });
        }),
      drop: (id) => this.dropped.push(id),
      tell: async (id, facts) => this.dropped.push([id, facts]),
    });
  }

  add(key, more = {}) {
    this.device.files.set(key, { key, name: `${key}.png`, size: 100, blob: new Blob(["x"]), ...more });
    this.uploads.begin(key);
  }

  stateOf(key) {
    return this.uploads.of(this.device.files.get(key)).state;
  }
}

test("two files are on their way at a time, each once, and a done one has its id", async () => {
  const desk = new Desk();
  for (const key of ["a", "b", "c"]) desk.add(key);
  desk.uploads.begin("a");
  await settled();
  assert.deepEqual(
    desk.sending.map(({ file }) => file.key),
    ["a", "b"],
  );
  assert.equal(desk.stateOf("c"), "waiting");
  desk.sending[0].progress(40);
  assert.equal(desk.uploads.share([...desk.device.files.values()].slice(0, 2)), 0.2);
  desk.sending[0].resolve("A");
  await settled();
  assert.equal(desk.device.files.get("a").id, "A");
  assert.equal(desk.stateOf("a"), "done");
  assert.deepEqual(
    desk.sending.map(({ file }) => file.key),
    ["a", "b", "c"],
  );
});

test("a lost connection pauses, and its return goes on at once", async () => {
  const desk = new Desk();
  desk.add("a");
  await settled();
  desk.sending[0].begun("/api/v1/uploads/A");
  desk.sending[0].reject(new Broken({ status: 0 }));
  await settled();
  assert.equal(desk.stateOf("a"), "paused");
  assert.deepEqual(desk.failed, []);
  desk.uploads.tryNow();
  await settled();
  assert.equal(desk.sending[1].file.upload, "/api/v1/uploads/A");
});

test("a refusal fails the file with its reason, and a retry begins anew", async () => {
  const desk = new Desk();
  desk.add("a", { upload: "/api/v1/uploads/A" });
  await settled();
  desk.sending[0].reject(
    new Broken({ status: 415, body: { code: "unsupported", message: "This picture cannot be read." } }),
  );
  await settled();
  assert.equal(desk.stateOf("a"), "failed");
  assert.equal(desk.uploads.of(desk.device.files.get("a")).reason, "This picture cannot be read.");
  assert.deepEqual(desk.failed, ["a"]);
  desk.uploads.begin("a");
  await settled();
  assert.equal(desk.sending[1].file.upload, undefined);
});

test("what the device has lost fails, and is not asked of the server", async () => {
  const desk = new Desk();
  desk.add("a", { blob: null });
  await settled();
  assert.equal(desk.stateOf("a"), "failed");
  assert.equal(desk.sending.length, 0);
});

test("a removed file stops, and the server is told", async () => {
  const desk = new Desk();
  desk.add("a", { upload: "/api/v1/uploads/A" });
  await settled();
  desk.uploads.cancel("a");
  desk.device.files.delete("a");
  await settled();
  assert.deepEqual(desk.dropped, ["A", "blob a"]);
  assert.equal(desk.sending[0].signal.aborted, true);
  desk.add("b");
  await settled();
  assert.equal(desk.sending[1].file.key, "b");
});

test("of two pages one sends, and the other finds it done", async () => {
  const one = new Desk();
  const two = new Desk(one.device);
  one.add("a");
  await settled();
  two.uploads.begin("a");
  await settled();
  assert.equal(two.sending.length, 0);
  one.sending[0].resolve("A");
  for (let turn = 0; turn < 5; turn += 1) await settled();
  assert.equal(two.sending.length, 0);
  assert.equal(two.stateOf("a"), "done");
});

test("a name that is changed later is told of what has arrived, and begins anew with what has not", async () => {
  const desk = new Desk();
  desk.add("a", { id: "A" });
  desk.device.files.get("a").name = "new.png";
  desk.uploads.describe("a");
  assert.equal(desk.device.files.get("a").id, undefined, "its message waits");
  desk.device.files.get("a").name = "newer.png";
  desk.uploads.describe("a");
  for (let turn = 0; turn < 5; turn += 1) await settled();
  assert.equal(desk.device.files.get("a").id, "A");
  assert.equal(desk.dropped.pop()[1].name, "newer.png");
  assert.deepEqual(desk.dropped, [["A", { name: "new.png", description: undefined, plain: undefined }]]);
  desk.add("b");
  await settled();
  desk.device.files.get("b").name = "new.png";
  desk.uploads.describe("b");
  await settled();
  await settled();
  assert.equal(desk.sending[0].signal.aborted, true);
  assert.equal(desk.sending[1].file.name, "new.png");
});

test("a picture that goes as a file is told so before its message may take it", async () => {
  const desk = new Desk();
  desk.add("a", { plain: true });
  await settled();
  desk.sending[0].resolve("A");
  for (let turn = 0; turn < 5; turn += 1) await settled();
  assert.deepEqual(desk.dropped, [["A", { name: "a.png", description: undefined, plain: true }]]);
  assert.equal(desk.stateOf("a"), "done");
  desk.device.files.get("a").plain = false;
  desk.uploads.describe("a");
  await settled();
  assert.equal(desk.sending.length, 2, "with its preview it is sent anew");
});

// --- What may be attached -----------------------------------------------------------------------------

test("too large, empty and too many are refused before the tray, each in a sentence", () => {
  const file = (name, size) => ({ name, size });
  const given = [
    file("film.mov", 312 * 1024 ** 2),
    file("nothing.txt", 0),
    file("a.png", 10),
    file("b.png", 10),
    file("c.png", 10),
  ];
  const { fitting, texts } = sorted(given, 1, { max: 25 * 1024 ** 2, per_message: 3 });
  assert.deepEqual(
    fitting.map(({ name }) => name),
    ["a.png", "b.png"],
  );
  assert.deepEqual(texts, [
    "film.mov is 312 MB. The limit is 25 MB.",
    "nothing.txt is empty.",
    "Only 3 files fit in one message.",
  ]);
});

test("all that was chosen stands in the tray at once, and goes with a message that is sent at once", async () => {
  const storage = { set: () => {}, remove: () => {}, withPrefix: () => [], onJoin: () => {} };
  const trays = new Trays({ storage });
  const held = new Map();
  const begun = [];
  const page = {
    trays,
    limits: { max: 0, per_message: 10 },
    blobs: { hold: (key, blob) => held.set(key, blob), put: async (key, blob) => held.set(key, blob) },
    uploads: { begin: (key) => begun.push(key) },
    change: () => {},
  };
  const chosen = ["a.txt", "b.txt"].map((name) => new File(["x"], name));
  const attached = attachTo("garden", chosen, page);
  const files = trays.take("garden");
  assert.deepEqual(
    files.map(({ name }) => name),
    ["a.txt", "b.txt"],
  );
  assert.deepEqual(
    [...held.keys()],
    files.map(({ key }) => key),
  );
  await attached;
  assert.deepEqual(begun, [...held.keys()]);
});

test("a tray is of its room, survives a reload, and is empty after its message", () => {
  const kept = new Map();
  const storage = {
    set: (key, value) => kept.set(key, value),
    remove: (key) => kept.delete(key),
    withPrefix: (prefix) => [...kept].map(([key, value]) => [key.slice(prefix.length), value]),
    onJoin: () => {},
  };
  const trays = new Trays({ storage });
  trays.put("garden", [{ key: "a" }, { key: "b" }]);
  trays.change("a", { id: "A" });
  assert.deepEqual(new Trays({ storage }).of("garden"), [{ key: "a", id: "A" }, { key: "b" }]);
  assert.deepEqual(trays.of("attic"), []);
  trays.remove("garden", "b");
  assert.deepEqual(trays.take("garden"), [{ key: "a", id: "A" }]);
  assert.equal(kept.size, 0);
});
