// Writing, choosing, pasting and dropping. Enter sends, Shift+Enter breaks the line.

import { byId, h, icon } from "./dom.js";

const ALBUM = 10; // photos the studio takes at once

const IDEAS = [
  "LinkedIn headshot, woman in her 30s, navy blazer",
  "Actor headshot of a man in his 50s, soft Rembrandt light, charcoal backdrop",
  "Black and white, film noir, hard light from the left",
  "Put me on a dark canvas backdrop",
];

/** The place to write. Calls `send({kind, text, photos?})` for each turn. */
export class Composer {
  constructor(send) {
    this.send = send;
    this.photos = [];
    this.words = byId("words");
    byId("composer").addEventListener("submit", (event) => {
      event.preventDefault();
      this.submit();
    });
    this.words.addEventListener("keydown", (event) => this.key(event));
    this.words.addEventListener("input", () => this.grow());
    byId("pick").addEventListener("click", () => byId("file").click());
    byId("file").addEventListener("change", (event) => {
      this.stage(event.target.files);
      event.target.value = "";
    });
    document.addEventListener("paste", (event) => this.stage(event.clipboardData?.files ?? [], event));
    this.dropping();
    this.ideas();
    this.grow();
  }

  key(event) {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    this.submit();
  }

  submit() {
    const text = this.words.value;
    if (!text.trim() && !this.photos.length) return;
    const photos = this.photos.splice(0);
    if (!photos.length) this.send({ kind: "text", text });
    while (photos.length) {
      const album = photos.splice(0, ALBUM);
      this.send({ kind: "photo", photos: album, text: photos.length ? "" : text });
    }
    this.words.value = "";
    this.grow();
    this.show();
    this.words.focus();
  }

  grow() {
    this.words.style.setProperty("height", "auto");
    this.words.style.setProperty("height", `${Math.min(this.words.scrollHeight, innerHeight * 0.4)}px`);
    byId("send").classList.toggle("idle", !this.words.value.trim() && !this.photos.length);
  }

  /** Put files beside the words; whether they are photos is for the studio to say. */
  stage(files, event) {
    if (!files.length) return;
    event?.preventDefault();
    this.photos.push(...files);
    this.show();
    this.words.focus();
  }

  show() {
    const list = byId("staged");
    for (const image of list.querySelectorAll("img")) URL.revokeObjectURL(image.src);
    list.replaceChildren(...this.photos.map((photo) => this.chip(photo)));
    list.hidden = !this.photos.length;
    this.words.placeholder = this.photos.length ? "Words to go with it" : "Describe your portrait";
    this.grow();
  }

  chip(photo) {
    const image = h("img", { src: URL.createObjectURL(photo), alt: "" });
    image.addEventListener("error", () => image.remove());
    const away = h("button", { type: "button", "aria-label": `Remove ${photo.name || "photo"}` }, icon("m7 7 10 10M17 7 7 17"));
    away.addEventListener("click", () => {
      this.photos.splice(this.photos.indexOf(photo), 1);
      this.show();
      this.words.focus();
    });
    return h("li", {}, image, h("span", {}, photo.name || "Photo"), away);
  }

  dropping() {
    const veil = byId("veil");
    let depth = 0;
    const files = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
    const lift = (by) => {
      depth = Math.max(0, by === 0 ? 0 : depth + by);
      veil.hidden = depth === 0;
    };
    addEventListener("dragenter", (event) => files(event) && lift(1));
    addEventListener("dragleave", (event) => files(event) && lift(-1));
    addEventListener("dragover", (event) => files(event) && event.preventDefault());
    addEventListener("drop", (event) => {
      if (!files(event)) return;
      event.preventDefault();
      lift(0);
      this.stage(event.dataTransfer.files);
    });
  }

  ideas() {
    const fill = (idea) => {
      this.words.value = idea;
      this.grow();
      this.words.focus();
      this.words.setSelectionRange(idea.length, idea.length);
    };
    byId("prompts").append(...IDEAS.map((idea) => h("button", { type: "button", class: "idea", onclick: () => fill(idea) }, idea)));
  }
}
