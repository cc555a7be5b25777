// @ts-check
// The visit supervisor's room. Stops go to the relay first and are shown only when it has carried them out; what
// opens something goes to the server, which decides. The heartbeat comes from this page's own thread: a frozen page is
// no supervision.

import { Asking } from "./asking.js";
import { Leg } from "./leg.js";
import { clock, element, filled, get, post, Refusal, say, sure, words } from "./page.js";
import { ownMedia } from "./peer.js";
import { Places } from "./places.js";
import { Ringing } from "./ringing.js";
import { Seats } from "./seats.js";
import { Tiles } from "./tiles.js";

/** @typedef {import("./seats.js").Person} Person */
/** @typedef {import("./signal.js").Seat} Seat */
/**
 * @typedef {object} State  GET state
 * @property {string} visit_state
 * @property {number} version
 * @property {string|null} hold_reason
 * @property {Person[]} people
 * @property {number|null} ends_at_ms
 * @property {number} planned_end_ms
 * @property {number} now_ms
 * @property {import("./ringing.js").Asked[]} calls  whom to ring now, where somebody has not come
 * @property {boolean} unexplained  whether emergency details were opened and nobody said why yet
 */

const SECOND_MS = 1000;
const OVER = ["ended", "missed", "failed", "recorded", "signed_off", "cancelled"];
const { base, record, participant } = element("main", HTMLElement).dataset;
const say_in = words();
const methods = JSON.parse(element("methods", HTMLScriptElement).textContent ?? "[]");
const tiles = new Tiles(element("tiles", HTMLElement), () => (element("hear", HTMLButtonElement).hidden = false));
const seats = new Seats(element("people", HTMLElement), say_in, methods, (act, who, said) => void acts[act]?.(who, said));

const places = new Places(base ?? "", say_in);
const asking = new Asking(base ?? "", say_in);
const ringing = new Ringing(base ?? "", say_in, (said) => ask("call", said));

/** @type {Leg|null} */
let leg = null;
/** @type {State|null} */
let state = null;
/** @type {Seat[]} */
let seen = [];
let problem = "";
let gone = false;

/** What each button of a seat does. @type {Record<string, (who: string, said: import("./seats.js").Said) => Promise<unknown>>} */
const acts = {
  look: (who) => ask("look", { participant: who }),
  alone: (who) => ask("alone", { participant: who }),
  unlook: (who) => ask("unlook", { participant: who }),
  question: async (who) => void (await showing(() => asking.show(who, name(who)))),
  photo: async (who) => void (await showing(() => asking.compare(who, name(who)))),
  admit: (who, said) => ask("admit", { participant: who, ...said }),
  unmute: (who) => ask("unmute", { participant: who }),
  mute: (who) => stop("mute", { participant: who }),
  goodbye: async (who) => {
    element("goodbye-words", HTMLElement).textContent = filled(others_stay(who) ? say_in.saying_goodbye : say_in.last_goodbye, "name", name(who));
    if (await sure(element("sure-goodbye", HTMLDialogElement))) await ask("goodbye", { participant: who });
  },
  undo: async (who) => {
    element("undo-words", HTMLElement).textContent = filled(say_in.undoing, "name", name(who));
    if (await sure(element("sure-undo", HTMLDialogElement))) await ask("goodbye/undo", { participant: who });
  },
  remove: async (who) => {
    element("remove-words", HTMLElement).textContent = filled(say_in.removing, "name", name(who));
    if (await sure(element("sure-remove", HTMLDialogElement))) await stop("remove", { participant: who });
  },
};

/** @param {string} who */
function name(who) {
  return state?.people.find((person) => person.participant === who)?.name ?? "";
}

/** Ask the server for something; its reasons are shown. @param {string} what @param {object} [body] */
async function ask(what, body = {}) {
  const done = await showing(() => post(`${base}/${what}`, body));
  await look();
  return done;
}

/** Ask the relay for a stop. @param {string} type @param {object} [fields] */
async function stop(type, fields = {}) {
  await showing(() => leg?.signal.request(type, fields) ?? Promise.reject(new Error("away")));
}

/** @param {() => Promise<unknown>} act @returns {Promise<boolean>} whether it was done; if not, the page says why */
async function showing(act) {
  try {
    await act();
    problem = "";
  } catch (error) {
    const reasons = error instanceof Refusal && error.reasons.length ? error.reasons.join(" ") : say_in.not_done;
    problem = reasons ?? "";
  }
  draw();
  return problem === "";
}

function draw() {
  const room = leg?.room;
  const lost = !leg?.online;
  const flows = room?.state === "live" || seen.some((seat) => seat.stage === "private");
  const visible = Boolean(room?.slots.some(Boolean)) && flows && !lost;
  tiles.show(leg?.peer ?? null, room?.slots ?? [], name, visible);
  drawCover(lost ? "lost" : room?.state === "held" ? "held" : "waiting", visible);
  drawBar(lost);
  put("alert", problem || warning());
  asking.keepTo(state?.people ?? []);
  ringing.show(state?.calls ?? []);
  if (state) seats.show(state.people.filter((person) => person.role !== "supervisor").map(withMedia));
}

/** A person as the server knows them, with what the relay sees at this moment. @param {Person} person @returns {Person} */
function withMedia(person) {
  const seat = seen.find((one) => one.participant === person.participant);
  return { ...person, muted: seat?.muted ?? false, alone_there: seat?.stage === "private" };
}

/** Whether anybody of the family stays when ``who`` goes home. @param {string} who */
function others_stay(who) {
  return (state?.people ?? []).some((person) => person.role !== "supervisor" && person.leg && person.participant !== who);
}

/** @param {string} view @param {boolean} visible */
function drawCover(view, visible) {
  element("cover", HTMLElement).hidden = visible;
  element("cover-wait", HTMLElement).hidden = view !== "waiting";
  element("cover-hold", HTMLElement).hidden = view === "waiting";
  put("cover-title", say_in[`cover_${view}`]);
  put("cover-words", say_in[`cover_${view}_words`]);
}

/** @param {boolean} lost */
function drawBar(lost) {
  const alone = seen.some((seat) => seat.stage === "private");
  const shown = lost ? "lost" : alone ? "alone_now" : leg?.room.state ?? "joining";
  put("state-chip", say_in[shown]);
  // While one talks alone, everybody else is held by that, and nothing has to be resumed after it.
  const held = !alone && (leg?.room.state === "held" || state?.visit_state === "held" || state?.visit_state === "supervisor_lost");
  element("hold", HTMLButtonElement).hidden = held;
  element("resume", HTMLButtonElement).hidden = !held;
  if (!state) return;
  element("say-why", HTMLButtonElement).hidden = !state.unexplained;
  const left = Math.ceil((state.planned_end_ms - state.now_ms) / 60_000);
  put("clock", left > 0 ? filled(say_in.minutes, "minutes", String(left)) : say_in.over);
}

/** What the visit supervisor must know now. */
function warning() {
  const held = leg?.room.state === "held";
  const alone = seen.some((seat) => seat.stage === "private"); // what to ask stands on the card of that person then
  const asked = held && !alone && seen.find((seat) => seat.asked_break);
  if (asked) return filled(say_in.break, "name", name(asked.participant));
  const why = state?.hold_reason === "break" ? "break_asked" : state?.hold_reason; // whoever asked has gone since
  const reason = held && !alone && why;
  if (reason && say_in[reason]) return say_in[reason] ?? "";
  return (state?.unexplained && !places.open && say_in.unexplained) || "";
}

/** @param {string} id @param {string|undefined} text */
function put(id, text) {
  const found = element(id, HTMLElement);
  if (found.textContent !== (text ?? "")) found.textContent = text ?? "";
}

async function look() {
  try {
    state = /** @type {State} */ (await get(`${base}/state`));
  } catch (error) {
    if (error instanceof Refusal) problem = error.reasons.join(" ");
  }
  if (state && OVER.includes(state.visit_state)) return leave();
  draw();
  return undefined;
}

function leave() {
  if (gone) return;
  gone = true;
  leg?.close();
  location.assign(record ?? "/w/today");
}

/** Once the end is written down, the next look goes on to the record. */
async function end() {
  if (!(await sure(element("sure-end", HTMLDialogElement)))) return;
  const reason = element("end-reason", HTMLSelectElement).value;
  const by_relay = () => leg?.signal.request("end", { reason }) ?? Promise.reject(new Error("away"));
  const done = await showing(() => by_relay().catch(() => post(`${base}/end`, { reason })));
  if (done) await look();
}

/** @param {SubmitEvent} event */
async function note(event) {
  event.preventDefault();
  const box = element("note", HTMLTextAreaElement);
  const text = box.value.trim();
  if (!text) return;
  try {
    await post(`${base}/note`, { text });
    box.value = "";
    addNote(text);
  } catch (error) {
    problem = error instanceof Refusal ? error.reasons.join(" ") : say_in.unsaved ?? "";
    draw();
  }
}

/** @param {string} text */
function addNote(text) {
  const line = document.createElement("li");
  const time = document.createElement("time");
  const now = new Date();
  time.dateTime = now.toISOString();
  time.textContent = clock(now);
  const told = document.createElement("span");
  told.textContent = text;
  line.append(time, told);
  element("notes", HTMLElement).append(line);
}

/** Hold at once; nothing is asked first. */
function hold() {
  void stop("hold", { reason: "pause" });
}

async function begin() {
  element("again", HTMLButtonElement).hidden = true;
  try {
    const own = await ownMedia();
    element("own", HTMLVideoElement).srcObject = own;
    leg = new Leg(own, {
      ticket: () => post(`${base}/ticket`),
      changed: draw,
      people: (people) => {
        seen = people;
        draw();
      },
      ended: () => void look(),
      refused: (error) => {
        problem = error instanceof Refusal ? error.reasons.join(" ") : "";
        draw();
      },
    });
  } catch {
    problem = say_in.camera ?? "";
    element("again", HTMLButtonElement).hidden = false;
  }
  draw();
}

element("hold", HTMLButtonElement).onclick = hold;
element("resume", HTMLButtonElement).onclick = () => void ask("resume");
element("end", HTMLButtonElement).onclick = () => void end();
element("emergency", HTMLButtonElement).onclick = () => void showing(() => places.show());
element("say-why", HTMLButtonElement).onclick = () => places.ask();
element("again", HTMLButtonElement).onclick = () => void begin();
element("hear", HTMLButtonElement).onclick = () => {
  element("hear", HTMLButtonElement).hidden = true;
  tiles.hear();
};
element("note-form", HTMLFormElement).onsubmit = (event) => void note(event);
addEventListener("keydown", (event) => {
  if (event.altKey && event.key.toLowerCase() === "p") hold();
});
addEventListener("pagehide", () => leg?.close());
say({ stage: "waiting", state: "waiting", connected: "false", participant: participant ?? "" });
void begin();
void look();
setInterval(() => void look(), SECOND_MS);
setInterval(() => leg?.signal.send({ type: "heartbeat" }), SECOND_MS);
