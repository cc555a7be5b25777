// @ts-check
// Somebody has not come: whom to ring now, on which number, and what came of it. One number at a
// time; whoever else is to be rung is named, and their number is shown on a press in place of it.

import { dial, element, get } from "./page.js";

/** @typedef {{key: string, title: string, why: string}} Asked  part of GET state */
/** @typedef {Asked & {participant: string|null, number_id: string|null, number: string, mind: string[], results: {value: string, text: string}[]}} Call */

/** The card that asks for one call. */
export class Ringing {
  /** @param {string} base @param {Record<string, string>} words @param {(said: object) => Promise<boolean>} keep */
  constructor(base, words, keep) {
    this.base = base;
    this.words = words;
    this.keep = keep;
    this.card = element("ringing", HTMLElement);
    this.shown = "";
    this.drawn = ""; // the call whose number was shown, until somebody says what came of it
    this.chosen = ""; // whom the supervisor wants to ring before whoever is due first
    this.listed = "";
    /** @type {Asked[]} */
    this.due = [];
    element("ringing-not", HTMLButtonElement).onclick = () => this.#close();
  }

  /**
   * Show the call that is due first, or the one that was chosen, and name the others; its number is asked for once, for asking is written down.
   *
   * Whoever was shown a number may be on the phone: their card stays until they say what came of it, or that they did
   * not ring, also where nobody is to be rung any more. The number goes at once.
   * @param {Asked[]} due
   */
  show(due) {
    this.due = due;
    if (this.drawn) {
      const now = due.find((one) => one.key === this.drawn);
      if (now) element("ringing-why", HTMLElement).textContent = now.why;
      else element("ringing-number", HTMLElement).replaceChildren();
      element("ringing-over", HTMLElement).hidden = !!now;
      this.#name(now ? due.filter((one) => one !== now) : []);
      return;
    }
    const asked = due.find((one) => one.key === this.chosen) ?? due[0];
    const key = asked?.key ?? "";
    if (asked) element("ringing-why", HTMLElement).textContent = asked.why;
    if (key === this.shown) return;
    this.shown = key;
    this.card.hidden = true;
    if (asked) void this.#open(key);
  }

  /** @param {string} key */
  async #open(key) {
    try {
      const { call } = /** @type {{call: Call|null}} */ (await get(`${this.base}/call?key=${encodeURIComponent(key)}`));
      if (this.shown === key && call?.key === key) this.#draw(call);
      else if (this.shown === key) this.shown = "";
    } catch {
      if (this.shown === key) this.shown = ""; // the next look asks anew
    }
  }

  /** @param {Call} call */
  #draw(call) {
    element("ringing-title", HTMLElement).textContent = call.title;
    element("ringing-why", HTMLElement).textContent = call.why;
    element("ringing-number", HTMLElement).replaceChildren(dial(this.words.call, call.number, "big"));
    element("ringing-mind", HTMLElement).replaceChildren(...call.mind.map((text) => line(text)));
    element("ringing-results", HTMLElement).replaceChildren(...call.results.map((one) => this.#button(call, one)));
    element("ringing-over", HTMLElement).hidden = true;
    this.drawn = call.key;
    this.card.hidden = false;
    this.show(this.due);
  }

  /** Name who else is to be rung. @param {Asked[]} others */
  #name(others) {
    const listed = others.map((one) => one.key).join(" ");
    if (listed === this.listed) return; // a button that is made anew loses the finger on it
    this.listed = listed;
    element("ringing-also", HTMLElement).hidden = !others.length;
    element("ringing-others", HTMLElement).replaceChildren(...others.map((one) => this.#other(one)));
  }

  /** @param {Asked} call */
  #other(call) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = call.title;
    button.onclick = () => {
      this.#close(call.key);
    };
    return button;
  }

  #close(chosen = "") {
    this.drawn = this.shown = "";
    this.chosen = chosen;
    this.#name([]);
    this.card.hidden = true;
    element("ringing-number", HTMLElement).replaceChildren(); // a number stays no longer than it is needed
    this.show(this.due);
  }

  /** @param {Call} call @param {{value: string, text: string}} result */
  #button(call, result) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = result.text;
    button.dataset.result = result.value;
    button.onclick = async () => {
      button.disabled = true;
      const kept = await this.keep({ participant: call.participant, number: call.number_id, result: result.value });
      button.disabled = false;
      if (kept && this.drawn === call.key) this.#close();
    };
    return button;
  }
}

/** @param {string} text */
function line(text) {
  const item = document.createElement("li");
  item.textContent = text;
  return item;
}
