// @ts-check
// Emergency: where everybody is and whom to ring, on one press. Why is asked afterwards, and never stands in the way.

import { dial, element, post, Refusal } from "./page.js";

/** @typedef {{name: string, place: string, call_back: string, emergency: string}} Place */

/** The dialog of the emergency details. */
export class Places {
  /** @param {string} base @param {Record<string, string>} words */
  constructor(base, words) {
    this.base = base;
    this.words = words;
    this.dialog = element("places", HTMLDialogElement);
    this.reason = element("why-opened", HTMLTextAreaElement);
    element("why-save", HTMLButtonElement).onclick = () => void this.#keep();
    element("places-later", HTMLButtonElement).onclick = () => this.dialog.close();
    this.dialog.onclose = () => {
      element("places-list", HTMLElement).replaceChildren();
      element("places-none", HTMLElement).hidden = true;
    };
  }

  get open() {
    return this.dialog.open;
  }

  /** Ask for the places and show them; they stay on the page no longer than the dialog does. */
  async show() {
    const { places } = /** @type {{places: Place[]}} */ (await post(`${this.base}/emergency`));
    element("places-list", HTMLElement).replaceChildren(...places.map((place) => this.#shown(place)));
    element("places-none", HTMLElement).hidden = places.length > 0;
    this.ask();
  }

  /** Ask why, without opening anything anew. */
  ask() {
    this.reason.setCustomValidity("");
    if (!this.dialog.open) this.dialog.showModal();
  }

  /** @param {Place} place */
  #shown(place) {
    const box = document.createElement("section");
    const name = document.createElement("h3");
    name.textContent = place.name;
    const where = document.createElement("p");
    where.className = "places__where";
    where.textContent = place.place;
    const numbers = [dial(this.words.dial, place.emergency, "big"), dial(this.words.ring, place.call_back, "big big--plain")];
    box.append(name, where, ...numbers);
    return box;
  }

  async #keep() {
    try {
      await post(`${this.base}/emergency/reason`, { text: this.reason.value.trim() });
      this.reason.value = "";
      this.dialog.close();
    } catch (error) {
      const said = error instanceof Refusal ? error.reasons.join(" ") : "";
      this.reason.setCustomValidity(said || (this.words.reason_missing ?? ""));
      this.reason.reportValidity();
      this.reason.oninput = () => this.reason.setCustomValidity("");
    }
  }
}
