// Uploads bytes to the server: small files in one request, others in parts that can resume after an interruption
// (tus 1.0.0, https://tus.io/protocols/resumable-upload).

import { chatPath } from "./addresses.js";
import { csrfHeaders } from "./api.js";

export const PART_BYTES = 4 * 1024 * 1024;
const FILES = chatPath("api/v1/files");
const UPLOADS = chatPath("api/v1/uploads/");
const TUS = { "Tus-Resumable": "1.0.0" };
// Status codes after which a retry may work: the connection or the server was away or busy.
const PASSING = new Set([0, 401, 408, 409, 423, 429, 460]);
const FULL = 507;

// A request that got an error response, or no response (`status` 0).
export class Broken extends Error {
  /** @param {{status: number, body?: {message?: string, code?: string, retry_after?: number}}} answer */
  constructor({ status, body = {} }) {
    super(body.message ?? `status ${status}`);
    this.status = status;
    this.code = body.code ?? "";
    this.passing = PASSING.has(status) || (status >= 500 && status !== FULL);
    this.after = (body.retry_after ?? 0) * 1000;
  }
}

// XMLHttpRequest reports upload progress; fetch does not. Resolves to {status, header(name), body}.
export function request(
  method,
  url,
  { headers = {}, body = null, progress = (_) => {}, signal } = /** @type {any} */ ({}),
) {
  return new Promise((resolve, reject) => {
    const call = new XMLHttpRequest();
    call.open(method, url);
    for (const [name, value] of Object.entries({ ...csrfHeaders(), ...headers })) call.setRequestHeader(name, value);
    call.upload.onprogress = (event) => progress(event.loaded);
    call.onload = () =>
      resolve({ status: call.status, header: (name) => call.getResponseHeader(name), body: parsed(call) });
    call.onerror = () => reject(new Broken({ status: 0 }));
    call.onabort = () => reject(new DOMException("", "AbortError"));
    signal?.addEventListener("abort", () => call.abort());
    call.send(body);
  });
}

function parsed(call) {
  try {
    return JSON.parse(call.responseText);
  } catch {
    return {};
  }
}

// Uploads `blob` and returns the file's id. `file`: {name, type, description?, upload?}. `begun(url)` gets the address
// at which the upload can resume.
export async function sendFile(file, blob, { call = request, progress, begun, signal }) {
  if (blob.size <= PART_BYTES) return await sendWhole(file, blob, { call, progress, signal });
  return await sendParts(file, blob, { call, progress, begun, signal });
}

async function sendWhole({ name, description = "" }, blob, { call, progress, signal }) {
  const form = new FormData();
  form.set("description", description);
  form.set("file", blob, name);
  const answer = good(await call("POST", FILES, { body: form, progress, signal }));
  return answer.body.id;
}

// The same in parts, whatever the size.
export async function sendParts(file, blob, { call, progress, begun, signal }) {
  let url = file.upload;
  let offset = url ? await offsetOf(url, call, signal) : null;
  if (offset === null) {
    url = await begin(file, blob.size, call, signal);
    begun(url);
    offset = 0;
  }
  progress(offset);
  while (offset < blob.size) {
    const from = offset;
    const headers = { ...TUS, "Upload-Offset": String(from), "Content-Type": "application/offset+octet-stream" };
    const body = blob.slice(from, from + PART_BYTES);
    const said = (sent) => progress(Math.min(from + sent, blob.size));
    const answer = good(await call("PATCH", url, { headers, body, progress: said, signal }));
    offset = Number(answer.header("Upload-Offset"));
    progress(offset);
  }
  return idOf(url);
}

// The number of bytes that the server has; null if it no longer knows the upload.
export async function offsetOf(url, call, signal = undefined) {
  const answer = await call("HEAD", url, { headers: TUS, signal });
  if (answer.status === 404 || answer.status === 410) return null;
  return Number(good(answer).header("Upload-Offset"));
}

async function begin({ name, type, description = "", purpose }, size, call, signal) {
  const facts = { filename: name, filetype: type, description, purpose };
  const metadata = Object.entries(facts)
    .filter(([, value]) => value)
    .map(([key, value]) => `${key} ${base64(value)}`);
  const headers = { ...TUS, "Upload-Length": String(size), "Upload-Metadata": metadata.join(",") };
  const answer = good(await call("POST", UPLOADS, { headers, signal }));
  return new URL(answer.header("Location"), location.href).pathname;
}

export const discard = (id, call = request) => call("DELETE", UPLOADS + id, { headers: TUS }).catch(() => {});

// Sends what a person has changed about an uploaded file.
export async function describe(id, { name, description, plain }, call = request) {
  const headers = { "Content-Type": "application/json" };
  const body = JSON.stringify({ name, description, ...(plain && { preview: false }) });
  good(await call("PATCH", `${FILES}/${id}`, { headers, body }));
}

const idOf = (url) => url.split("/").filter(Boolean).at(-1);
const base64 = (text) => btoa(String.fromCodePoint(...new TextEncoder().encode(text)));

function good(answer) {
  if (answer.status < 200 || answer.status >= 300) throw new Broken(answer);
  return answer;
}
