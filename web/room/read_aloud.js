// @ts-check
// Reads a page aloud where this device itself has a voice for the page's language: the words go nowhere.

import { element } from "./page.js";

const button = element("aloud", HTMLButtonElement);
const speech = globalThis.speechSynthesis;

/** A voice that speaks on this device; one of a distant service would be told what the family is asked. */
function voice() {
  const wanted = primary(document.documentElement.lang);
  return speech.getVoices().find((one) => one.localService && primary(one.lang) === wanted);
}

/** @param {string} tag @returns {string|undefined} */
function primary(tag) {
  return tag.toLowerCase().split(/[-_]/)[0];
}

function offer() {
  button.hidden = voice() === undefined;
}

/** Start from the top, or be silent when it is speaking. */
function press() {
  if (speech.speaking) return speech.cancel();
  const found = voice();
  if (!found) return offer();
  for (const part of document.querySelectorAll("[data-aloud]")) {
    const said = new SpeechSynthesisUtterance(part.textContent?.trim().replace(/\s+/g, " "));
    said.voice = found;
    said.lang = found.lang;
    said.rate = 0.9;
    speech.speak(said);
  }
}

if (speech) {
  offer();
  speech.addEventListener?.("voiceschanged", offer);
  button.addEventListener("click", press);
  addEventListener("pagehide", () => speech.cancel());
}
