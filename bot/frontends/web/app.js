// Wires the page: link <-> outbox <-> wall, composer, viewer.

import { Composer } from "./composer.js";
import { byId } from "./dom.js";
import { Link } from "./link.js";
import { Outbox } from "./outbox.js";
import { startTheme } from "./look.js";
import { Viewer } from "./viewer.js";
import { Wall } from "./wall.js";

const viewer = new Viewer(byId("viewer"));
const wall = new Wall(byId("log"), {
  tap: (choice) => outbox.add({ kind: "choice", choice }),
  view: (image) => viewer.open(image),
});
const link = new Link({
  up: () => {
    banner(null);
    outbox.again();
  },
  down: banner,
  after: () => wall.settledUpTo(),
  frame: hear,
});
const outbox = new Outbox(link, {
  added: (item) => item.kind === "choice" || wall.pending(item),
  settled,
  progress: (item, fraction) => wall.uploading(item.client_id, fraction),
  refused: (item, posted) => posted && wall.post(posted),
});
new Composer((turn) => outbox.add(turn));

function settled(item) {
  if (item.kind !== "choice") return wall.arrived(item.client_id);
  const removing = wall.released(item.choice);
  if (removing) link.hello(0); // what was taken down elsewhere comes down here
  return undefined;
}

function hear(frame) {
  if (frame.ready !== undefined) {
    if (wall.isOther(frame.ready, frame.last)) {
      wall.clear();
      if (frame.last) link.hello(0);
    }
    if (frame.first) wall.begin(frame.first);
    wall.ready(frame.ready);
  } else if (frame.ack !== undefined) outbox.settle(frame.ack);
  else wall.post(frame);
}

let counting = 0;
function banner(seconds) {
  clearInterval(counting);
  byId("banner").hidden = seconds === null;
  document.body.classList.toggle("away", seconds !== null);
  if (seconds === null) return;
  const until = Date.now() + seconds * 1000;
  const tick = () => {
    const left = Math.ceil((until - Date.now()) / 1000);
    byId("banner-text").textContent = left > 1 ? `Reconnecting in ${left} s…` : "Reconnecting…";
  };
  tick();
  counting = setInterval(tick, 500);
}

byId("banner-now").addEventListener("click", () => link.now());
for (const item of outbox.items.values()) if (item.kind !== "choice") wall.pending(item);
startTheme(byId("theme"));
link.now();
