// The full-size view: a dialog with zoom, arrows and Esc. Focus returns to where it came from.

import { byId } from "./dom.js";

const SWIPE = 60;

/** Shows any image on the wall that has `data-view`. */
export class Viewer {
  constructor(dialog) {
    this.dialog = dialog;
    this.image = byId("viewed");
    this.stage = byId("stage");
    this.shown = null;
    byId("viewer-close").addEventListener("click", () => dialog.close());
    byId("viewer-back").addEventListener("click", () => this.step(-1));
    byId("viewer-on").addEventListener("click", () => this.step(1));
    byId("viewer-zoom").addEventListener("click", () => this.zoom());
    this.image.addEventListener("click", (event) => this.zoom(event));
    this.stage.addEventListener("click", (event) => event.target === this.stage && dialog.close());
    dialog.addEventListener("keydown", (event) => this.key(event));
    dialog.addEventListener("close", () => this.closed());
    this.swiping();
  }

  open(image) {
    this.show(image);
    this.opener = document.activeElement;
    this.dialog.showModal();
    this.stage.focus();
    document.body.classList.add("viewing");
  }

  closed() {
    document.body.classList.remove("viewing");
    this.image.removeAttribute("src");
    this.shown?.closest("button")?.focus();
  }

  show(image) {
    const all = this.all();
    const place = all.indexOf(image);
    this.shown = image;
    this.image.src = image.dataset.view;
    this.image.alt = image.alt;
    this.fit();
    byId("viewer-text").textContent = all.length > 1 ? `${place + 1} / ${all.length}` : "";
    const save = byId("viewer-save");
    save.hidden = !image.dataset.save;
    save.href = image.dataset.save ?? "";
    save.download = image.dataset.name ?? "";
    byId("viewer-back").hidden = place <= 0;
    byId("viewer-on").hidden = place >= all.length - 1;
  }

  step(by) {
    const all = this.all();
    const next = all[all.indexOf(this.shown) + by];
    if (next) this.show(next);
    if (document.activeElement === document.body) this.stage.focus();
  }

  all() {
    return [...document.querySelectorAll("#log img[data-view]")];
  }

  fit() {
    this.dialog.classList.remove("close-up");
    this.named(false);
  }

  /** Between fitting the window and one pixel for one (at least twice), towards the pointer. */
  zoom(event) {
    const near = this.dialog.classList.toggle("close-up");
    this.named(near);
    if (!near) return;
    const { clientWidth, clientHeight } = this.stage;
    const fit = Math.min(clientWidth / this.image.naturalWidth, clientHeight / this.image.naturalHeight);
    const scale = Math.max(1 / devicePixelRatio, fit * 2);
    this.image.style.setProperty("--near-width", `${this.image.naturalWidth * scale}px`);
    const x = event ? event.offsetX / (this.image.naturalWidth * fit) : 0.5;
    const y = event ? event.offsetY / (this.image.naturalHeight * fit) : 0.4;
    this.stage.scrollTo({
      left: this.image.naturalWidth * scale * x - clientWidth / 2,
      top: this.image.naturalHeight * scale * y - clientHeight / 2,
    });
  }

  named(near) {
    byId("viewer-zoom").setAttribute("aria-pressed", String(near));
    byId("viewer-zoom").setAttribute("aria-label", near ? "Zoom out" : "Zoom in");
  }

  key(event) {
    const near = this.dialog.classList.contains("close-up");
    const act = {
      ArrowLeft: () => near || this.step(-1),
      ArrowRight: () => near || this.step(1),
      "+": () => near || this.zoom(),
      "=": () => near || this.zoom(),
      "-": () => near && this.zoom(),
      0: () => near && this.zoom(),
    }[event.key];
    if (!act) return;
    if (act() !== true) event.preventDefault();
  }

  swiping() {
    let from = null;
    this.stage.addEventListener("touchstart", (e) => (from = e.touches.length === 1 ? e.touches[0].clientX : null), { passive: true });
    this.stage.addEventListener("touchend", (e) => {
      if (from === null || this.dialog.classList.contains("close-up")) return;
      const way = e.changedTouches[0].clientX - from;
      if (Math.abs(way) > SWIPE) this.step(way > 0 ? -1 : 1);
    });
  }
}
