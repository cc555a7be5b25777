// @ts-check
// Camera, microphone and loudspeaker, before the visit. Nothing is sent but one word about each.

import { element, post, words } from "./page.js";
import { ownMedia } from "./peer.js";

const base = element("check", HTMLElement).dataset.base;
const say_in = words();
/** @type {Record<string, string>} the fault by the name getUserMedia gives it */
const FAULTS = {
  NotAllowedError: "blocked", SecurityError: "blocked", NotFoundError: "missing", OverconstrainedError: "missing",
  NotReadableError: "busy", AbortError: "busy", TypeError: "old",
};

/** @param {unknown} error @returns {string} */
function fault(error) {
  return (error instanceof Error || error instanceof DOMException ? FAULTS[error.name] : undefined) ?? "other";
}

/** @param {string} finding */
function tell(finding) {
  const result = element("result", HTMLElement);
  result.textContent = say_in[finding] ?? "";
  result.className = finding === "ok" ? "words--good" : finding === "ask" ? "" : "words--bad";
  document.documentElement.dataset.check = finding;
}

/** @param {string} camera @param {string} microphone */
function report(camera, microphone) {
  const known = (/** @type {string} */ finding) => (finding === "old" ? "other" : finding);
  void post(`${base}/check`, { camera: known(camera), microphone: known(microphone) }).catch(() => undefined);
}

async function turnOn() {
  tell("ask");
  try {
    const own = await ownMedia();
    const camera = own.getVideoTracks().length ? "ok" : "missing";
    show(own, camera);
    report(camera, "ok");
  } catch (error) {
    const found = fault(error);
    tell(found);
    again();
    report(found, found);
  }
}

/** @param {MediaStream} own @param {string} camera */
function show(own, camera) {
  tell(camera);
  element("turn-on", HTMLButtonElement).hidden = true;
  element("no-picture", HTMLElement).hidden = camera === "ok";
  const mirror = element("mirror", HTMLVideoElement);
  mirror.hidden = camera !== "ok";
  mirror.srcObject = own;
  element("works", HTMLElement).hidden = false;
  listen(own);
  addEventListener("pagehide", () => own.getTracks().forEach((track) => track.stop()));
}

function again() {
  element("turn-on", HTMLButtonElement).lastChild?.replaceWith(say_in.again ?? "");
}

/** @param {MediaStream} own */
function listen(own) {
  const context = new AudioContext();
  const ear = context.createAnalyser();
  context.createMediaStreamSource(own).connect(ear);
  const samples = new Float32Array(ear.fftSize);
  const level = element("level", HTMLMeterElement);
  setInterval(() => {
    ear.getFloatTimeDomainData(samples);
    const loudest = samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
    level.value = Math.min(100, Math.round(loudest * 160));
  }, 100);
}

function playSound() {
  const context = new AudioContext();
  [523, 659, 784].forEach((pitch, at) => note(context, pitch, context.currentTime + at * 0.3));
  element("sound-words", HTMLElement).hidden = false;
}

/** @param {AudioContext} context @param {number} pitch in hertz @param {number} at in seconds of the context's clock */
function note(context, pitch, at) {
  const tone = context.createOscillator();
  const volume = context.createGain();
  tone.frequency.value = pitch;
  volume.gain.setValueAtTime(0.25, at);
  volume.gain.exponentialRampToValueAtTime(0.001, at + 0.28);
  tone.connect(volume).connect(context.destination);
  tone.start(at);
  tone.stop(at + 0.3);
}

element("turn-on", HTMLButtonElement).onclick = () => void turnOn();
element("play", HTMLButtonElement).onclick = playSound;
