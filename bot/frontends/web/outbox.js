// Turns on their way: kept until the studio has answered them, sent again under the same id.

const KEY = "northlight.out.";

/** Keeps words and taps in this browser until they are acknowledged. */
export class Outbox {
  constructor(link, on) {
    this.link = link;
    this.on = on;
    this.items = new Map();
    this.uploading = false;
    for (const item of stored()) this.items.set(item.client_id, item);
  }

  /** Add a turn ({kind, text | choice | photos}) and send it as soon as possible. */
  add(turn) {
    const item = { ...turn, client_id: crypto.randomUUID?.() ?? fallbackId(), at: Date.now() };
    this.items.set(item.client_id, item);
    if (!item.photos) remember(item);
    this.on.added(item);
    this.flush();
    return item;
  }

  /** The studio has answered this turn. */
  settle(id) {
    const item = this.items.get(id);
    forget(id);
    if (!item) return;
    this.items.delete(id);
    this.on.settled(item);
    this.flush();
  }

  /** The connection is new: whatever was sent on the old one may be lost. */
  again() {
    for (const item of this.items.values()) item.sent = false;
    this.flush();
  }

  flush() {
    for (const item of this.items.values()) {
      if (item.kind === "choice") this.push(item, { kind: "choice", choice: item.choice });
    }
    for (const item of this.items.values()) {
      if (item.kind === "photo") {
        this.upload(item);
        return; // what was written after a photo arrives after it
      }
      if (item.kind === "text") this.push(item, { kind: "text", text: item.text });
    }
  }

  push(item, frame) {
    if (item.sent) return;
    item.sent = this.link.send({ ...frame, client_id: item.client_id });
  }

  upload(item) {
    if (this.uploading || !this.link.up) return;
    this.uploading = true;
    const form = new FormData();
    form.append("text", item.text);
    form.append("client_id", item.client_id);
    for (const photo of item.photos) form.append("photo", photo, photo.name || "photo");
    const request = new XMLHttpRequest();
    request.upload.addEventListener("progress", (e) => e.lengthComputable && this.on.progress(item, e.loaded / e.total));
    request.addEventListener("loadend", () => this.uploaded(item, request));
    request.open("POST", "/photo");
    request.send(form);
  }

  uploaded(item, request) {
    this.uploading = false;
    if (request.status === 0 || request.status >= 500) {
      setTimeout(() => this.flush(), 3000); // the same id again: the studio knows it
      return;
    }
    if (request.status >= 400) this.on.refused(item, parsed(request.responseText));
    this.settle(item.client_id);
  }
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function stored() {
  const items = [];
  for (const key of Object.keys(localStorage).filter((k) => k.startsWith(KEY))) {
    const item = parsed(localStorage.getItem(key));
    if (item?.client_id) items.push({ ...item, sent: false });
  }
  return items.sort((a, b) => a.at - b.at);
}

function remember(item) {
  try {
    localStorage.setItem(KEY + item.client_id, JSON.stringify(item));
  } catch {
    // a full or forbidden store only means that a reload forgets what was not yet sent
  }
}

function forget(id) {
  localStorage.removeItem(KEY + id);
}

// randomUUID exists on secure origins only, and a phone on the same network is not one
function fallbackId() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((b) => b.toString(16).padStart(2, "0")).join("");
}
