// The wall: every entry at its place, newer ones below; a known place is drawn over.

import { advance, draw, heard, tick } from "./cards.js";
import { byId, h } from "./dom.js";

const NEAR = 180;
const HEAD = 84; // pixels under the page's head
const LOOK_BACK = 40;

/** The conversation on the page. `on` has: tap(choice), view(image). */
export class Wall {
  constructor(log, on) {
    this.log = log;
    this.posted = new Map();
    this.waiting = new Map();
    this.numbers = new Map();
    this.id = null;
    this.highest = 0;
    this.unread = 0;
    this.replaying = true;
    this.following = true;
    this.lastTop = 0;
    this.entries = h("div", { class: "entries" });
    this.outgoing = h("div", { class: "outgoing" });
    log.append(this.entries, this.outgoing);
    this.at = { tap: on.tap, view: on.view, number: (render) => this.number(render), hangs: (render) => this.numbers.has(render) };
    log.addEventListener("click", (event) => {
      const image = event.target.closest(".frame")?.querySelector("img");
      if (image) on.view(image);
    });
    // A picture that comes late, and a desk that grows, push what is waited for out of view.
    log.addEventListener("load", () => this.stay(), true);
    new ResizeObserver(() => this.stay()).observe(byId("composer"));
    byId("latest").addEventListener("click", () => this.toEnd());
    addEventListener("scroll", () => this.scrolled(), { passive: true });
    document.addEventListener("visibilitychange", () => document.hidden || this.read());
    setInterval(() => this.count(), 1000);
  }

  isOther(id, last) {
    return this.id !== null && (id !== this.id || last < this.highest);
  }

  /** What is older than `first` has been forgotten by the studio, and so by the wall. */
  begin(first) {
    for (const { seq, element } of [...this.posted.values()]) {
      if (seq >= first) continue;
      element.remove();
      this.posted.delete(seq);
    }
  }

  clear() {
    this.posted.clear();
    this.numbers.clear();
    this.entries.replaceChildren();
    this.highest = 0;
  }

  /** A replay begins: no scrolling about, no announcements, until it has come through. */
  ready(id) {
    this.id = id;
    this.calm();
  }

  calm() {
    clearTimeout(this.calming);
    this.calming = setTimeout(() => {
      if (!this.replaying) return;
      this.replaying = false;
      this.log.setAttribute("aria-busy", "false");
      byId("opening").hidden = false;
      this.invite();
      if (document.body.classList.contains("begun")) this.toEnd("instant");
    }, 120);
  }

  /** Where a reconnecting page should be replayed from: before anything that may still change. */
  settledUpTo() {
    const open = [...this.posted.values()].filter((p) => ["waiting", "working"].includes(p.entry.state));
    return Math.max(0, Math.min(this.highest - LOOK_BACK, ...open.map((p) => p.seq - 1)));
  }

  post({ seq, entry }) {
    const known = seq ? this.posted.get(seq) : undefined;
    const json = JSON.stringify(entry);
    if (known?.json === json) return;
    const follows = known ? this.nearEnd() : this.following;
    if (known) this.redraw(known, entry);
    else this.add(seq, entry);
    if (seq) {
      const element = known?.element ?? this.entries.querySelector(`[data-seq="${seq}"]`);
      this.posted.set(seq, { seq, entry, json, element });
      this.highest = Math.max(this.highest, seq);
    }
    this.tidy();
    if (this.replaying) this.calm();
    else if (!known) this.noticed(entry, follows);
    else if (follows) this.toEnd("instant");
  }

  add(seq, entry) {
    if (entry.type === "heard") this.matched(entry);
    const element = draw(entry, this.at);
    element.dataset.seq = seq || `${this.highest}.5`;
    const after = [...this.entries.children].findLast((e) => Number(e.dataset.seq) <= (seq || Infinity));
    if (after) after.after(element);
    else this.entries.prepend(element);
  }

  redraw(known, entry) {
    const card = known.element.querySelector(".shooting");
    if (entry.type === "progress" && card) {
      if (known.entry.text !== entry.text && !this.replaying) byId("spoken").textContent = entry.text;
      advance(card, entry);
      return;
    }
    const fresh = draw(entry, this.at);
    if (entry.type === "say" && known.entry.more) {
      // Words that grow stay where they are, and are read aloud once, when they are whole.
      known.element.replaceChildren(...fresh.childNodes);
      known.element.setAttribute("aria-busy", String(entry.more));
      return;
    }
    fresh.dataset.seq = known.seq;
    known.element.replaceWith(fresh);
    known.element = fresh;
  }

  /** Only the newest brief is open; taps of answered questions step back but stay. */
  tidy() {
    const spoken = [...this.entries.children].filter((e) => !e.matches(".progress"));
    const last = spoken.at(-1);
    for (const element of this.entries.querySelectorAll(".say, .ask, .apology")) {
      element.classList.toggle("earlier", element !== last);
    }
    const briefs = [...this.entries.querySelectorAll(".brief")];
    for (const card of briefs.slice(0, -1)) if (!card.dataset.closed) {
      card.open = false;
      card.dataset.closed = "yes";
    }
    this.invite();
  }

  invite() {
    const begun = this.waiting.size || this.entries.querySelector(".heard");
    byId("prompts").hidden = Boolean(begun) || this.replaying;
    document.body.classList.toggle("begun", Boolean(begun));
  }

  number(render) {
    if (!this.numbers.has(render)) this.numbers.set(render, this.numbers.size + 1);
    return this.numbers.get(render);
  }

  // --- what is on its way -------------------------------------------------------------------

  pending(item) {
    const photos = (item.photos ?? []).map((photo) => URL.createObjectURL(photo));
    const line = h("p", { class: "sending" }, "Sending…");
    const shown = photos.length ? photos.map((url, i) => heard(i ? "" : item.text, url)) : heard(item.text);
    const element = h("article", { class: "entry heard pending" }, shown, line);
    this.waiting.set(item.client_id, { item, element, photos, line });
    this.outgoing.append(element);
    this.invite();
    this.toEnd();
  }

  uploading(id, fraction) {
    const { line, element } = this.waiting.get(id) ?? {};
    if (!line) return;
    element.style.setProperty("--sent", fraction);
    line.textContent = fraction < 1 ? `Sending… ${Math.round(fraction * 100)} %` : "Looking at it…";
  }

  arrived(id) {
    const found = this.waiting.get(id);
    if (!found) return;
    found.element.remove();
    for (const url of found.photos) URL.revokeObjectURL(url);
    this.waiting.delete(id);
  }

  matched(entry) {
    for (const [id, { item }] of this.waiting) {
      if (Boolean(item.photos) !== Boolean(entry.photo) || item.text.trim() !== entry.text.trim()) continue;
      this.arrived(id);
      return;
    }
  }

  /** The tap was answered; true when it was one that takes things away. */
  released(choice) {
    const buttons = [...this.log.querySelectorAll(`[data-choice="${CSS.escape(choice)}"]`)];
    for (const button of buttons) button.removeAttribute("aria-disabled");
    return buttons.some((button) => button.matches(".danger"));
  }

  // --- where we look ------------------------------------------------------------------------

  noticed(entry, follows) {
    if (entry.type !== "heard" && document.hidden) {
      this.unread += 1;
      document.title = `(${this.unread}) Northlight`;
    }
    if (follows || entry.type === "heard") this.toEnd();
    else this.offerLatest();
  }

  nearEnd() {
    return document.documentElement.scrollHeight - scrollY - innerHeight < NEAR;
  }

  toEnd(behavior) {
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches ? "instant" : "smooth";
    const last = this.entries.lastElementChild;
    const tall = last?.matches(".gallery") && !this.waiting.size ? last : null;
    const end = document.documentElement.scrollHeight - innerHeight;
    const top = tall ? tall.getBoundingClientRect().top + scrollY - HEAD : end;
    scrollTo({ top: Math.min(end, top), behavior: behavior ?? calm });
    byId("latest").hidden = true;
    this.following = true;
  }

  /** Whoever was at the end is kept there; a gallery is looked at from its top, or further down. */
  stay() {
    if (!this.following || this.replaying || !this.posted.size) return;
    const last = this.entries.lastElementChild;
    const seen = last?.matches(".gallery") && last.getBoundingClientRect().top <= HEAD;
    if (!seen) this.toEnd("instant");
  }

  offerLatest() {
    byId("latest-text").textContent = "New below";
    byId("latest").hidden = false;
  }

  /** Whoever scrolls up wants to stay there; whoever comes back down wants what is new. */
  scrolled() {
    if (scrollY < this.lastTop - 4) this.following = false;
    if (this.nearEnd()) this.following = true;
    this.lastTop = scrollY;
    const away = document.documentElement.scrollHeight - scrollY - innerHeight > innerHeight;
    if (this.nearEnd()) byId("latest").hidden = true;
    else if (away && byId("latest").hidden) {
      byId("latest-text").textContent = "Latest";
      byId("latest").hidden = false;
    }
  }

  read() {
    this.unread = 0;
    document.title = "Northlight";
  }

  count() {
    for (const card of this.entries.querySelectorAll(".shooting")) if (card.dataset.until) tick(card);
  }
}
