// @ts-check
// A family member's or a child's room: waiting, private talk, visit, pause, end. Knows nobody before being let in.

import { signedForTicket } from "./device_key.js";
import { Leg } from "./leg.js";
import { csrf, element, filled, get, Gone, post, Refusal, say, sure, words } from "./page.js";
import { ownMedia } from "./peer.js";
import { Tiles } from "./tiles.js";

/** @typedef {{stage: string, people: Record<string, {name: string, role: string}>, ends_at_ms: number|null, starts_at_ms: number, now_ms: number, go: string|null}} State */

const STATE_MS = 2000;
const LATE_MS = 60_000;
const PATIENCE_MS = 4000;
const place = element("main", HTMLElement).dataset;
const say_in = words();
const started = performance.now();
/** @param {string} id */
const optional = (id) => /** @type {HTMLButtonElement|null} */ (document.getElementById(id));
const tiles = new Tiles(element("tiles", HTMLElement), () => (element("hear", HTMLButtonElement).hidden = false));

/** @type {Leg|null} */
let leg = null;
/** @type {State["people"]} */
let people = {};
/** @type {string[]} */
let reasons = [];
let ahead_ms = 0;
let asked_break = false;
let gone = false;
let has_been_in = false;
let has_met = false; // somebody else of the family has been here: nobody is announced after that
let well_at = performance.now();

/** @returns {Promise<{ticket: string, signal: string}>} */
async function ticket() {
  const { nonce } = await post(`${place.base}/nonce`);
  const signature = await signedForTicket(place.invitation ?? "", nonce);
  return post(`${place.base}/ticket`, { nonce, signature });
}

/** What the page shows: the visit, or one of the covers. @returns {"visit"|"private"|"held"|"waiting"} */
function view() {
  const room = leg?.room;
  if (!room || room.stage === "waiting") return "waiting";
  if (room.stage === "private") return "private";
  if (room.state === "live" && !asked_break) return "visit";
  return room.state === "waiting" ? "waiting" : "held";
}

function draw() {
  if (leg?.room.state === "held") asked_break = false;
  if (leg?.room.stage === "removed" || leg?.room.state === "ended") return leave(place.thanks);
  if (leg?.room.stage === "admitted") has_been_in = true;
  const shown = view();
  const open = shown === "visit" || shown === "private";
  tiles.show(leg?.peer ?? null, leg?.room.slots ?? [], (id) => people[id]?.name ?? "", open);
  drawCover(shown, open);
  drawTop(shown);
  for (const id of ["microphone", "camera", "break"]) hide(id, !open);
  element("self", HTMLElement).hidden = !open;
  return undefined;
}

/** @param {string} shown @param {boolean} open */
function drawCover(shown, open) {
  element("cover", HTMLElement).hidden = open;
  element("waiting-mirror", HTMLElement).hidden = !(shown === "waiting" && leg);
  const late = shown === "waiting" && performance.now() - started > LATE_MS;
  put("cover-title", shown === "held" ? say_in.held_title : say_in.waiting_title);
  put("cover-words", shown === "held" ? say_in.held : late ? say_in.late : say_in.waiting);
  const list = element("reasons", HTMLElement);
  list.hidden = reasons.length === 0;
  list.replaceChildren(...reasons.map((reason) => Object.assign(document.createElement("li"), { textContent: reason })));
}

/** @param {string} shown */
function drawTop(shown) {
  const room = leg?.room;
  if (!leg || (leg.online && leg.connected)) well_at = performance.now();
  const lost = performance.now() - well_at > PATIENCE_MS;
  const alone = shown === "visit" && !room?.slots.some((slot) => slot && slot.role !== "supervisor");
  if (shown === "visit" && !alone) has_met = true;
  const talking = shown === "private" ? say_in[has_been_in ? "aside" : "private"] : "";
  const line = lost ? say_in.lost : talking || (room?.muted ? say_in.muted : alone && !has_met ? say_in.alone : "");
  element("line", HTMLElement).hidden = !line;
  put("line", line);
  element("watched", HTMLElement).hidden = !room?.supervisor_here || shown === "held";
  drawTime(shown === "visit" || shown === "held");
}

/** Time left until the planned end; the room itself stays open a little longer for goodbyes. @param {boolean} shown */
function drawTime(shown) {
  element("time", HTMLElement).hidden = !shown;
  const ends_at_ms = Date.parse(place.ends ?? "");
  const left_ms = Math.max(0, ends_at_ms - (Date.now() + ahead_ms));
  const whole_ms = Math.max(1, ends_at_ms - Date.parse(place.starts ?? ""));
  element("time-bar", HTMLProgressElement).value = Math.min(100, (100 * left_ms) / whole_ms);
  put("time-words", filled(say_in.minutes, "minutes", String(Math.ceil(left_ms / 60_000))));
}

/** @param {string} id @param {string|undefined} text */
function put(id, text) {
  const found = element(id, HTMLElement);
  if (found.textContent !== (text ?? "")) found.textContent = text ?? "";
}

/** @param {string} id @param {boolean} hidden */
function hide(id, hidden) {
  const button = optional(id);
  if (button) button.hidden = hidden;
}

/** Names, the clock, and whether the visit is over, from the server. */
async function look() {
  try {
    const asked = Date.now();
    /** @type {State} */
    const state = await get(`${place.base}/state`);
    people = state.people;
    ahead_ms = state.now_ms - (asked + Date.now()) / 2;
    if (state.stage === "over" || state.stage === "removed") return leave(state.go ?? place.thanks);
  } catch (error) {
    // Anything else says the socket, when the line is weak; the next look comes soon.
    if (error instanceof Gone) return leave(`${place.base}/`);
  }
  draw();
  return undefined;
}

/** @param {unknown} error */
function refused(error) {
  reasons = error instanceof Refusal ? [say_in.refused ?? "", ...error.reasons] : [];
  draw();
}

/** Camera off, then on to the next page. @param {string|undefined} url */
function leave(url) {
  if (gone) return;
  gone = true;
  leg?.close();
  say({ state: "ended" });
  location.assign(url ?? "/v");
}

async function takeBreak() {
  asked_break = true;
  draw();
  try {
    await leg?.signal.request("break");
  } catch {
    asked_break = false;
    put("line", say_in.failed);
    draw();
  }
}

async function goodbye() {
  if (!(await sure(element("sure-leave", HTMLDialogElement)))) return;
  await leg?.signal.request("leave").catch(() => undefined);
  leave(place.thanks);
}

async function withdraw() {
  if (!(await sure(element("sure-withdraw", HTMLDialogElement)))) return;
  gone = true; // the relay's "ended" must not lead elsewhere before the server knows
  for (const track of leg?.own.getTracks() ?? []) track.stop();
  await leg?.signal.request("withdraw").catch(() => undefined);
  const body = new URLSearchParams({ csrf: csrf() });
  await fetch(`${place.base}/withdraw`, { method: "POST", headers: { "X-CSRF": csrf() }, body }).catch(() => undefined);
  leg?.close();
  location.assign(`${place.base}/withdraw`);
}

/** @param {string} id @param {() => MediaStreamTrack|undefined} track */
function toggles(id, track) {
  const button = optional(id);
  button?.addEventListener("click", () => {
    const own = track();
    if (!own) return;
    own.enabled = !own.enabled;
    button.ariaPressed = String(!own.enabled);
  });
}

/** @param {MediaStream} own */
function mirror(own) {
  element("own", HTMLVideoElement).srcObject = own;
  element("waiting-own", HTMLVideoElement).srcObject = own;
}

async function begin() {
  const again = element("again", HTMLButtonElement);
  again.hidden = true;
  reasons = [];
  try {
    const own = await ownMedia();
    mirror(own);
    leg = new Leg(own, { ticket, changed: joined, people: () => undefined, ended: () => leave(place.thanks), refused });
  } catch {
    reasons = [say_in.camera ?? ""];
    again.hidden = false;
  }
  draw();
}

function joined() {
  if (leg?.online) reasons = [];
  draw();
}

function keepAwake() {
  if (document.visibilityState === "visible") void navigator.wakeLock?.request("screen").catch(() => undefined);
}

element("again", HTMLButtonElement).onclick = () => void begin();
element("hear", HTMLButtonElement).onclick = () => {
  element("hear", HTMLButtonElement).hidden = true;
  tiles.hear();
};
element("leave", HTMLButtonElement).onclick = () => void goodbye();
optional("break")?.addEventListener("click", () => void takeBreak());
optional("withdraw")?.addEventListener("click", () => void withdraw());
toggles("microphone", () => leg?.own.getAudioTracks()[0]);
toggles("camera", () => leg?.own.getVideoTracks()[0]);
document.addEventListener("visibilitychange", keepAwake);
addEventListener("pagehide", () => leg?.close());
say({ stage: "waiting", state: "waiting", connected: "false" });
keepAwake();
void begin();
void look();
setInterval(() => void look(), STATE_MS);
