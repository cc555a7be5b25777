// @ts-check
// What the agency holds to tell who somebody is, the agreed question and the photo: shown on a press, and only while
// one is alone with them.

import { element, filled, get } from "./page.js";

/** @typedef {import("./seats.js").Person} Person */

/** The card with the question or the photo. */
export class Asking {
  /** @param {string} base @param {Record<string, string>} words */
  constructor(base, words) {
    this.base = base;
    this.words = words;
    this.card = element("asking", HTMLElement);
    this.whom = "";
    element("asking-hide", HTMLButtonElement).onclick = () => this.#hide();
  }

  /** Ask for it and show it. @param {string} participant @param {string} name */
  async show(participant, name) {
    const { asked } = /** @type {{asked: {question: string, answer: string}|null}} */ (await get(`${this.base}/question/${participant}`));
    if (!asked) return;
    this.#open(participant, filled(this.words.asking, "name", name), true);
    element("asking-question", HTMLElement).textContent = asked.question;
    element("asking-answer", HTMLElement).textContent = asked.answer;
  }

  /** Ask for the photo and show it. @param {string} participant @param {string} name */
  async compare(participant, name) {
    const { photo } = /** @type {{photo: string|null}} */ (await get(`${this.base}/photo/${participant}`));
    if (!photo) return;
    this.#open(participant, filled(this.words.comparing, "name", name), false);
    const shown = element("asking-photo", HTMLImageElement);
    shown.src = photo;
    shown.hidden = false;
  }

  /** @param {string} participant @param {string} title @param {boolean} asks  or else compares */
  #open(participant, title, asks) {
    this.#hide();
    this.whom = participant;
    element("asking-title", HTMLElement).textContent = title;
    element("asking-answers", HTMLElement).hidden = !asks;
    element("asking-compare", HTMLElement).hidden = asks;
    this.card.hidden = false;
  }

  /** It goes with the look at whom it is about. @param {Person[]} people */
  keepTo(people) {
    const alone = people.some((one) => one.participant === this.whom && one.stage === "private");
    if (this.whom && !alone) this.#hide();
  }

  #hide() {
    this.whom = "";
    this.card.hidden = true;
    for (const id of ["asking-question", "asking-answer"]) element(id, HTMLElement).textContent = "";
    const shown = element("asking-photo", HTMLImageElement);
    shown.removeAttribute("src");
    shown.hidden = true;
  }
}
