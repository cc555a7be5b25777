// @ts-check
// Opens a visit by a code that was read out. The code is posted, never part of an address.

import { publicKey } from "./device_key.js";

const $ = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));
const form = /** @type {HTMLFormElement} */ ($("form"));
const field = /** @type {HTMLInputElement} */ ($("code"));
const button = /** @type {HTMLButtonElement} */ ($("open"));
button.hidden = false;

form.onsubmit = (/** @type {SubmitEvent} */ event) => {
  event.preventDefault();
  void send();
};

async function send() {
  $("old").hidden = true;
  button.disabled = true;
  try {
    const answer = await fetch("/v/code", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ code: field.value, nonce: form.dataset.nonce, device_key: await publicKey() }),
    });
    const { go, title, text } = await answer.json();
    if (go) return location.assign(go);
    if (!title) throw new Error();
    $("wrong").hidden = false;
    $("wrong-title").textContent = title;
    $("wrong-text").textContent = text;
    field.focus();
  } catch {
    $("old").hidden = false;
  }
  button.disabled = false;
  return undefined;
}
