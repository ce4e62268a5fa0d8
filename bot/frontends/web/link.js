// The socket: says hello, replays what was missed, backs off, and comes back.

const FIRST_WAIT = 500;
const LONGEST_WAIT = 15000;
const ANSWER_WITHIN = 8000;

const zone = () => Intl.DateTimeFormat().resolvedOptions().timeZone ?? "";

/** A connection that keeps itself alive. `on` has: up, down(seconds), frame(object), after(). */
export class Link {
  constructor(on) {
    this.on = on;
    this.socket = null;
    this.up = false;
    this.failures = 0;
    this.timer = 0;
    this.watchdog = 0;
    addEventListener("online", () => this.now());
    addEventListener("pageshow", (event) => event.persisted && this.now());
    document.addEventListener("visibilitychange", () => document.hidden || this.probe());
  }

  /** Connect at once, whatever the back-off says. */
  now() {
    clearTimeout(this.timer);
    if (this.up) return this.probe();
    if (this.socket?.readyState === WebSocket.CONNECTING) return undefined;
    return this.open();
  }

  /** Send a frame; false when there is no connection to send it on. */
  send(frame) {
    if (!this.up) return false;
    this.socket.send(JSON.stringify(frame));
    return true;
  }

  /** Ask for a sign of life; a connection that stays silent is dropped and made anew. */
  probe() {
    if (!this.up) return this.now();
    this.hello();
    return undefined;
  }

  /** Ask for everything after a place (by default: what may be missing). */
  hello(after = this.on.after()) {
    if (!this.socket || this.socket.readyState !== WebSocket.OPEN) return;
    clearTimeout(this.watchdog);
    this.watchdog = setTimeout(() => this.lost(this.socket), ANSWER_WITHIN);
    this.socket.send(JSON.stringify({ kind: "hello", after, zone: zone(), language: navigator.language }));
  }

  open() {
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const socket = new WebSocket(`${scheme}://${location.host}/ws`);
    this.socket = socket;
    socket.addEventListener("open", () => socket === this.socket && this.hello());
    socket.addEventListener("message", (event) => socket === this.socket && this.hear(event.data));
    socket.addEventListener("close", () => this.lost(socket));
  }

  hear(data) {
    const frame = JSON.parse(data);
    if (frame.ready !== undefined) clearTimeout(this.watchdog);
    this.on.frame(frame);
    if (frame.ready === undefined || this.up) return;
    this.up = true;
    this.failures = 0;
    this.on.up();
  }

  lost(socket) {
    if (socket !== this.socket) return;
    this.socket = null;
    this.up = false;
    clearTimeout(this.watchdog);
    socket.close();
    const wait = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** this.failures) * (0.7 + 0.6 * Math.random());
    this.failures += 1;
    this.on.down(wait / 1000);
    this.timer = setTimeout(() => this.now(), wait);
  }
}
