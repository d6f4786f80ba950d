// A socket that reconnects. It decides when to retry and when it must not; it does not interpret frames.

const BACKOFF_FIRST_MS = 500;
const BACKOFF_MAX_MS = 30_000;
const CONNECT_TIMEOUT_MS = 10_000;
// Browsers do not expose the server's protocol pings: after silence the page pings, and without a reply it disconnects.
const SILENCE_BEFORE_PING_MS = 25_000;
const SILENCE_AFTER_PING_MS = 10_000;
const SILENCE_WHILE_OFFLINE_MS = 2_500;
const RESTART_SPREAD_MS = 5_000;
const FLOODING_PAUSE_MS = 60_000;

const ENDED = new Map([
  [4001, "signed_out"],
  [4009, "crowded"],
  [4010, "signed_out"],
]);

export class Socket {
  #url;
  #handlers;
  #random;
  /** @type {?WebSocket} */
  #socket = null;
  #attempt = 0;
  #retryTimer = 0;
  #connectTimer = 0;
  #silenceTimer = 0;

  // `handlers`: frames([object]), closed({ended}), where `ended` is the reason why there is no retry, or null.
  constructor(url, handlers, random = Math.random) {
    this.#url = url;
    this.#handlers = handlers;
    this.#random = random;
  }

  start() {
    addEventListener("online", () => this.tryNow());
    addEventListener("focus", () => this.tryNow());
    document.addEventListener("visibilitychange", () => document.hidden || this.tryNow());
    // A lost network does not mean that a server on this machine is unreachable: ping it before giving up.
    addEventListener("offline", () => this.isOpen && this.#ping(SILENCE_WHILE_OFFLINE_MS));
    addEventListener("pageshow", (event) => event.persisted && this.tryNow());
    this.#connect();
  }

  get isOpen() {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  // Returns false if the frame could not be handed to the network.
  send(frame) {
    if (!this.#socket || !this.isOpen) return false;
    this.#socket.send(JSON.stringify(frame));
    return true;
  }

  tryNow() {
    if (this.#socket) return;
    this.#attempt = 0;
    this.#connect();
  }

  // The session works again: the next lost connection starts with the shortest wait.
  settled() {
    this.#attempt = 0;
  }

  #connect() {
    clearTimeout(this.#retryTimer);
    const socket = new WebSocket(this.#url, ["chat.v1.batch"]);
    this.#socket = socket;
    this.#connectTimer = setTimeout(() => this.#lose(socket, 0), CONNECT_TIMEOUT_MS);
    socket.addEventListener("open", () => {
      if (socket !== this.#socket) return;
      clearTimeout(this.#connectTimer);
      this.#heard();
    });
    socket.addEventListener("message", (event) => {
      if (socket !== this.#socket) return;
      this.#heard();
      const told = JSON.parse(event.data);
      this.#handlers.frames(Array.isArray(told) ? told : [told]);
    });
    socket.addEventListener("close", (event) => this.#lose(socket, event.code));
  }

  #lose(socket, code) {
    if (socket !== this.#socket) return;
    this.#socket = null;
    clearTimeout(this.#connectTimer);
    clearTimeout(this.#silenceTimer);
    socket.close();
    const ended = ENDED.get(code) ?? null;
    this.#handlers.closed({ ended });
    if (!ended) this.#retryTimer = setTimeout(() => this.#connect(), this.#delay(code));
  }

  #delay(code) {
    if (code === 4008) return 0;
    if (code === 1012) return this.#random() * RESTART_SPREAD_MS;
    if (code === 4029) return FLOODING_PAUSE_MS;
    const longest = Math.min(BACKOFF_MAX_MS, BACKOFF_FIRST_MS * 2 ** this.#attempt);
    this.#attempt += 1;
    return this.#random() * longest;
  }

  #heard() {
    clearTimeout(this.#silenceTimer);
    this.#silenceTimer = setTimeout(() => this.#ping(), SILENCE_BEFORE_PING_MS);
  }

  #ping(wait = SILENCE_AFTER_PING_MS) {
    const socket = this.#socket;
    clearTimeout(this.#silenceTimer);
    this.#silenceTimer = setTimeout(() => this.#lose(socket, 0), wait);
    this.send({ type: "ping" });
  }
}
