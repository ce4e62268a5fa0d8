// One element per kind of entry. What the studio says arrives as text and stays text.

import { duration, h, icon } from "./dom.js";

const SAVE = "M12 4v11m-5-5 5 5 5-5M5 20h14";
const LOCKED = "M7 11V8a5 5 0 0 1 10 0v3M5.5 11h13v9h-13z";
const OPEN = "M7 11V8a5 5 0 0 1 9.6-2M5.5 11h13v9h-13z";
const SOURCES = { said: "you said", assumed: "I assumed", locked: "locked" };
const BIG = 3;
const FILES = { png: ["Full size", "lossless PNG"], jpg: ["Print file", "JPEG"], pdf: ["Print file", "PDF"], zip: ["All frames", "ZIP"] };

/** Draw an entry. `at` has: tap(choice), view(image), number(render), hangs(render). */
export function draw(entry, at) {
  const busy = entry.more ? { "aria-busy": "true" } : {};
  return h("article", { class: `entry ${entry.type}`, ...busy }, DRAWN[entry.type]?.(entry, at) ?? []);
}

const DRAWN = {
  heard: (entry) => heard(entry.text, entry.photo && `/media/${entry.photo}`),
  say: (entry, at) => [prose(entry.text), choices(entry.choices, at)],
  ask: (entry, at) => [prose(entry.text), entry.brief && brief(entry.brief, at), choices(entry.choices, at)],
  apology: (entry, at) => [
    prose(entry.text),
    entry.error_id ? h("p", { class: "error-id" }, `Reference ${entry.error_id}`) : null,
    choices(entry.choices, at),
  ],
  progress: (entry, at) => progress(entry, at),
  gallery: (entry, at) => [prose(entry.text), ...pictures(entry, at), choices(entry.choices, at)],
};

/** The person's own words and photo. */
export function heard(text, photo) {
  const image = photo && h("img", { src: photo, alt: "Your photo", class: "own", "data-view": photo });
  return [
    h("span", { class: "unseen" }, "You: "),
    image ? h("button", { type: "button", class: "frame", "aria-label": "Look at your photo" }, image) : null,
    text ? h("p", { class: "bubble" }, text) : null,
  ];
}

function prose(text) {
  const parts = (text ?? "").split(/\n{2,}/).filter(Boolean);
  return parts.map((part) => h("p", { class: "prose" }, part));
}

/** The taps. A tapped one waits for the studio's answer; the studio alone decides what it does. */
function choices(offered, at) {
  if (!offered?.length) return null;
  const buttons = offered.map((choice) => tappable(choice.id, { class: `choice ${choice.style}` }, at, choice.label));
  return h("div", { class: "choices", role: "group", "aria-label": "Answers" }, buttons);
}

/** A button that taps a choice once and then waits. */
function tappable(id, props, at, ...inside) {
  const button = h("button", { type: "button", ...props, "data-choice": id }, ...inside);
  button.addEventListener("click", () => {
    if (button.getAttribute("aria-disabled") === "true") return;
    button.setAttribute("aria-disabled", "true");
    button.classList.add("tapped");
    at.tap(id);
  });
  return button;
}

function brief(card, at) {
  return h(
    "details",
    { class: "brief", open: true },
    h("summary", {}, h("span", { class: "title" }, card.title)),
    h("dl", { class: "lines" }, card.lines.map((field) => line(field, at))),
    card.plan ? lightPlan(card.plan) : null,
    card.notes.map((note) => h("p", { class: "note" }, note)),
  );
}

function line(field, at) {
  const marks = [h("span", { class: `mark ${field.source}` }, SOURCES[field.source])];
  if (!field.honoured) marks.push(h("span", { class: "mark not" }, "not in this studio"));
  return h(
    "div",
    { class: `line ${field.source}${field.honoured ? "" : " missing"}` },
    h("dt", {}, field.label),
    h(
      "dd",
      {},
      value(field, at),
      h("span", { class: "marks" }, marks, lock(field, at)),
      field.quote && field.quote.toLowerCase() !== String(field.value).toLowerCase() ? h("q", {}, field.quote) : null,
      !field.honoured && field.note ? h("span", { class: "why" }, field.note) : null,
    ),
  );
}

function value(field, at) {
  const swatch = field.swatch ? h("i", { class: "swatch", style: { "--swatch": field.swatch } }) : null;
  if (!field.edit) return h("span", { class: "value" }, swatch, field.value);
  const said = `${field.label}: ${field.value}. Change it`;
  return tappable(field.edit, { class: "value", "aria-label": said }, at, swatch, field.value);
}

function lock(field, at) {
  if (!field.lock) return null;
  const held = field.source === "locked";
  const said = `${held ? "Unlock" : "Lock"} ${field.label.toLowerCase()}`;
  return tappable(field.lock, { class: "lock", "aria-label": said, "aria-pressed": String(held), title: said }, at, icon(held ? LOCKED : OPEN));
}

/** The drawn light, as the vector where there is one, to look at and to keep. */
function lightPlan(plan) {
  const src = `/media/${plan.vector || plan.preview}`;
  const image = h("img", { src, alt: plan.alt, width: plan.width, height: plan.height, decoding: "async", "data-view": src });
  image.addEventListener("error", () => gone(image));
  const keep = [plan.vector, plan.full].filter(Boolean).map((blob) => {
    const kind = blob.split(".").pop();
    const link = { class: "keep", href: `/media/${blob}`, download: `northlight-light-plan.${kind}` };
    return h("a", { ...link, "aria-label": `Download the light plan, ${kind.toUpperCase()}` }, icon(SAVE), kind.toUpperCase());
  });
  return h(
    "figure",
    { class: "plan" },
    h("button", { type: "button", class: "frame", "aria-label": "Look closer at the light plan" }, image),
    h("figcaption", {}, h("span", { class: "caption" }, plan.caption), keep),
  );
}

function progress(entry, at) {
  const bar = h("div", { class: "bar", role: "progressbar", "aria-label": "The shot", "aria-valuemin": 0, "aria-valuemax": 100 }, h("i"));
  const card = h(
    "div",
    { class: "shooting", "aria-live": "off" },
    h("div", { class: "plate", "aria-hidden": "true" }, h("i")),
    h("div", { class: "state" }, h("p", { class: "step" }), bar, h("p", { class: "left" }), choices(entry.choices, at)),
  );
  advance(card, entry);
  return card;
}

/** Show newer progress in the card that is already there. */
export function advance(card, entry) {
  const going = entry.state === "waiting" || entry.state === "working";
  const percent = Math.round(100 * Math.min(1, Math.max(0, entry.fraction)));
  const bar = card.querySelector(".bar");
  card.dataset.state = entry.state;
  card.style.setProperty("--done", entry.state === "done" ? 1 : percent / 100);
  card.querySelector(".step").textContent = entry.text;
  if (entry.state === "waiting") bar.removeAttribute("aria-valuenow");
  else bar.setAttribute("aria-valuenow", percent);
  bar.setAttribute("aria-valuetext", entry.text);
  card.dataset.until = going && entry.remaining_s !== null ? Date.now() + entry.remaining_s * 1000 : "";
  card.dataset.ahead = going && entry.position ? entry.position : "";
  if (!going) card.querySelector(".choices")?.remove();
  firstLook(card, going ? entry.preview : null);
  tick(card);
}

/** The first look at the picture takes the empty plate's place while the rest is made. */
function firstLook(card, blob) {
  const plate = card.querySelector(".plate");
  const src = blob ? `/media/${blob}` : "";
  const old = plate.querySelector("img");
  if ((old?.getAttribute("src") ?? "") === src) return;
  old?.remove();
  card.classList.toggle("seen", Boolean(blob));
  if (!blob) return;
  const image = h("img", { src, alt: "" });
  image.addEventListener("error", () => (image.remove(), card.classList.remove("seen")));
  plate.append(image);
}

/** Count the estimate down between two reports. */
export function tick(card) {
  const { until, ahead } = card.dataset;
  const parts = [];
  if (ahead) parts.push(`${ahead} ahead of you`);
  if (until) parts.push(Number(until) > Date.now() ? `${duration((until - Date.now()) / 1000)} left` : "almost there");
  card.querySelector(".left").textContent = parts.join(" · ");
}

/** What is there to be looked at; of what hangs on the wall already, only its file. */
function pictures(entry, at) {
  const hangs = (made) => entry.carry === "file" && made.render && at.hangs(made.render);
  const files = entry.pictures.filter(hangs);
  const fresh = entry.pictures.filter((made) => !hangs(made));
  return [
    fresh.length ? h("div", { class: `pictures n${Math.min(fresh.length, BIG)}` }, fresh.map((p) => picture(p, at))) : null,
    files.length ? h("div", { class: "files" }, files.map((made) => saves(made, at.number(made.render)))) : null,
  ];
}

/** Everything a picture can be kept as. */
function saves(made, number) {
  const kind = made.full.split(".").pop();
  const [label, what] = FILES[kind];
  const both = kind === "png" || kind === "zip";
  return [save(made.full, number, kind, label, what), both ? save(made.preview, number, "jpg", "JPEG", "JPEG") : null];
}

/** A picture that only explains something: to be looked at, not to be saved. */
function shown(made) {
  const src = `/media/${made.vector || made.preview}`;
  const image = h("img", { src, alt: made.alt, width: made.width || null, height: made.height || null, decoding: "async", "data-view": src });
  image.addEventListener("error", () => gone(image));
  const ratio = made.width && made.height ? made.width / made.height : null;
  return h(
    "figure",
    { class: "shown", style: ratio ? { "--ratio": ratio } : {} },
    h("button", { type: "button", class: "frame", "aria-label": `Look closer: ${made.alt}` }, image),
  );
}

function picture(made, at) {
  if (!made.render) return shown(made);
  const kind = made.full.split(".").pop();
  const number = at.number(made.render);
  const image = h("img", {
    src: `/media/${made.preview}`,
    alt: made.alt,
    width: made.width,
    height: made.height,
    loading: "lazy",
    decoding: "async",
    "data-view": `/media/${made.preview}`,
    "data-save": `/media/${made.full}?download=${number}`,
    "data-name": `northlight-${number}.${kind}`,
  });
  image.addEventListener("error", () => gone(image));
  return h(
    "figure",
    { class: kind === "zip" ? "sheet" : null, style: { "--ratio": made.width / made.height } },
    h("button", { type: "button", class: "frame", "aria-label": `Look at picture ${number} in full` }, image),
    h(
      "figcaption",
      {},
      made.caption ? h("span", { class: "caption" }, made.caption) : null,
      h("span", { class: "size" }, `${made.width} × ${made.height}`),
      saves(made, number),
    ),
  );
}

/** A picture that was deleted leaves its place, not a broken image. */
function gone(image) {
  delete image.dataset.view;
  image.closest("figure").classList.add("gone");
  image.closest("button").disabled = true;
}

function save(blob, number, kind, label, what) {
  const link = { class: "save", href: `/media/${blob}?download=${number}`, download: `northlight-${number}.${kind}` };
  return h("a", { ...link, "aria-label": `Download picture ${number}: ${label === what ? what : `${label}, ${what}`}` }, icon(SAVE), label);
}
