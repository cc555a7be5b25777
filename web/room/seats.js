// @ts-check
// The list of people beside the supervisor's pictures: who waits, who is in, and what may be done for each.

import { clock, filled } from "./page.js";

/**
 * @typedef {object} Person  one row of GET state
 * @property {string} participant
 * @property {string} name
 * @property {string} relation
 * @property {string} role
 * @property {string} stage
 * @property {number|null} waiting_since_ms
 * @property {string|null} leg
 * @property {boolean} alone  whether only the supervisor hears and sees them, or would if their line had not gone
 * @property {boolean} alone_there  whether the relay keeps everybody else from hearing and seeing them at this moment
 * @property {boolean} aside  whether that is a talk with somebody who was let in before
 * @property {boolean} asked_break
 * @property {boolean} may_undo  whether goodbye was said to them a moment ago, and may be taken back
 * @property {boolean} asked_back  whether it was taken back, and they are not here yet
 * @property {string|null} checked
 * @property {string|null} company  who else is in the room, as they say
 * @property {string} stays_out  a child of this device who must not be in the picture, by name
 * @property {boolean} identity
 * @property {boolean} question  whether a question was agreed with them
 * @property {boolean} photo  whether the agency keeps a photo of them
 * @property {boolean} located  whether it is written down where they were when they came first
 * @property {string} emergency  what is dialled for help where they are thought to be
 * @property {string} new_link  where a link in place of a lost one is made for them; empty where none is of use
 * @property {boolean} muted
 */
/** @typedef {{method: string, company_seen: boolean, still_there: boolean, place: string, call_back: string, emergency: string}} Said  what the supervisor says at the door */
/** @typedef {(act: string, participant: string, said: Said) => void} Act */
/** @typedef {{value: string, text: string}} Method */

/** @type {Said} */
const NOTHING_SAID = { method: "", company_seen: false, still_there: false, place: "", call_back: "", emergency: "" };

/** Draws one seat per person and reports presses. */
export class Seats {
  /** @param {HTMLElement} box @param {Record<string, string>} words @param {Method[]} methods @param {Act} act */
  constructor(box, words, methods, act) {
    this.box = box;
    this.words = words;
    this.methods = methods;
    this.act = act;
    /** @type {Map<string, {drawn: string, seat: HTMLElement}>} */
    this.seats = new Map();
  }

  /** A seat is drawn anew only when something about its person changed, so that focus and choices stay. @param {Person[]} people */
  show(people) {
    if (!people.length) this.box.replaceChildren(made("p", "soft", this.words.nobody));
    if (people.length && !this.seats.size) this.box.replaceChildren();
    for (const person of people) this.#show(person);
    for (const [id, { seat }] of this.seats) {
      if (people.some((person) => person.participant === id)) continue;
      seat.remove();
      this.seats.delete(id);
    }
  }

  /** @param {Person} person */
  #show(person) {
    const drawn = JSON.stringify(person);
    const known = this.seats.get(person.participant);
    if (known?.drawn === drawn) return;
    const seat = known?.seat ?? this.box.appendChild(made("div", "seat"));
    const focused = seat.contains(document.activeElement) ? /** @type {HTMLElement} */ (document.activeElement).dataset.act : "";
    seat.dataset.participant = person.participant;
    seat.dataset.stage = person.stage;
    const typed = said_in(seat);
    seat.replaceChildren(this.#facts(person), this.#actions(person));
    for (const field of fields_of(seat)) keep(field, typed.get(field.dataset.act));
    if (focused) /** @type {HTMLElement|null} */ (seat.querySelector(`[data-act="${focused}"]`))?.focus();
    this.seats.set(person.participant, { drawn, seat });
  }

  /** @param {Person} person */
  #facts(person) {
    const facts = made("p", "");
    facts.append(made("b", "", person.name), ` (${person.relation})`, document.createElement("br"));
    const aside = person.aside && person.stage === "private";
    // Only what the relay has carried out is said: until then the others may still hear an answer.
    const private_now = person.alone_there ? "stage_aside" : "stage_soon";
    const key = aside ? private_now : person.asked_back ? "stage_asked_back" : `stage_${person.stage}`;
    const stage = this.words[key] ?? person.stage;
    const since = person.stage === "waiting" && person.waiting_since_ms ? ` ${this.#since(person.waiting_since_ms)}` : "";
    const muted = person.muted ? `, ${this.words.muted}` : "";
    const device = this.words[`device_${person.checked ?? "none"}`] ?? "";
    facts.append(made("span", "", stage + since + muted), made("span", "soft", ` · ${device}`));
    if (person.stage !== "admitted" || (person.company && person.company !== "nobody")) {
      const look = person.company && person.company !== "nobody" ? "seat__company seat__company--others" : "seat__company";
      facts.append(made("span", look, this.words[`company_${person.company ?? "none"}`]));
    }
    if (aside && person.alone_there) facts.append(made("span", "seat__company", this.words.aside_hint));
    if (person.stays_out) {
      facts.append(made("span", "seat__company seat__company--others", filled(this.words.stays_out, "name", person.stays_out)));
    }
    return facts;
  }

  /** @param {number} at_ms */
  #since(at_ms) {
    return filled(this.words.since, "time", clock(new Date(at_ms)));
  }

  /** @param {Person} person */
  #actions(person) {
    const row = made("div", "seat__do");
    if (person.stage === "waiting") row.append(this.#button("look", person, "first"));
    const at_door = person.stage === "private" && !person.aside;
    if (at_door && person.question) row.append(this.#button("question", person));
    if (at_door && person.photo) row.append(this.#button("photo", person));
    if (person.stage === "private" || (person.stage === "waiting" && person.identity)) this.#admission(row, person);
    if (person.alone) row.append(this.#button("unlook", person));
    if (person.stage === "admitted") row.append(this.#button("alone", person, person.asked_break ? "first" : ""));
    if (person.stage === "admitted" || person.aside) row.append(this.#button(person.muted ? "unmute" : "mute", person));
    if (person.stage === "admitted" || (person.aside && person.stage === "private")) row.append(this.#button("goodbye", person));
    if (person.asked_back) row.append(this.#button("goodbye", person));
    if (person.may_undo) row.append(this.#button("undo", person));
    if (person.leg && person.stage !== "removed") row.append(this.#button("remove", person, "hard"));
    if (person.new_link) row.append(this.#newLink(person));
    return row;
  }

  /** @param {HTMLElement} row @param {Person} person */
  #admission(row, person) {
    const choice = document.createElement("select");
    choice.dataset.act = "method";
    choice.ariaLabel = `${this.words.method} (${person.name})`;
    for (const { value, text } of this.methods) choice.add(new Option(text, value));
    const [seen, box] = ticked("seen", this.words.seen);
    row.append(choice);
    const [still, there] = ticked("still", this.words.still_there);
    if (person.located) row.append(still);
    const where = person.aside && person.located ? [] : this.#whereabouts(person); // they never left
    row.append(...where.map((field) => field.parentElement ?? field), seen);
    const [place, call_back, emergency] = where;
    const said = () => ({
      method: choice.value,
      company_seen: box.checked,
      still_there: there.checked,
      place: place?.value ?? "",
      call_back: call_back?.value ?? "",
      emergency: emergency?.value ?? "",
    });
    row.append(this.#button("admit", person, person.stage === "private" ? "first" : "", said, person.aside ? "readmit" : "admit"));
  }

  /** Where they are, how they are rung back, and whom to ring for help there. @param {Person} person */
  #whereabouts(person) {
    return ["place", "call_back", "emergency"].map((name) => {
      const field = document.createElement("input");
      field.type = name === "place" ? "text" : "tel";
      field.dataset.act = name;
      field.autocomplete = "off";
      field.maxLength = name === "place" ? 300 : 40;
      if (name === "place") field.placeholder = this.words.place_words ?? "";
      if (name === "emergency") field.value = person.emergency;
      made("label", "seat__where", this.words[name]).append(field);
      return field;
    });
  }

  /** Beside the room and not in its place: whoever watches goes on watching. @param {Person} person */
  #newLink(person) {
    const link = /** @type {HTMLAnchorElement} */ (made("a", "seat__link", this.words.new_link));
    link.href = person.new_link;
    link.target = "_blank";
    link.rel = "noopener";
    link.dataset.act = "new_link";
    link.append(made("span", "govuk-visually-hidden", ` ${person.name}`));
    link.onclick = (event) => {
      if (open(person.new_link, "_blank", "popup,width=520,height=820")) event.preventDefault();
    };
    return link;
  }

  /** @param {string} act @param {Person} person @param {string} [look] @param {() => Said} [said] @param {string} [words] */
  #button(act, person, look = "", said = () => NOTHING_SAID, words = act) {
    const button = /** @type {HTMLButtonElement} */ (made("button", look, this.words[words]));
    button.type = "button";
    button.dataset.act = act;
    button.append(made("span", "govuk-visually-hidden", ` ${person.name}`));
    button.onclick = () => this.act(act, person.participant, said());
    return button;
  }
}

/** A box to tick, in its label. @param {string} act @param {string|undefined} words @returns {[HTMLElement, HTMLInputElement]} */
function ticked(act, words) {
  const label = made("label", "seat__seen", words);
  const box = document.createElement("input");
  box.type = "checkbox";
  box.dataset.act = act;
  label.prepend(box);
  return [label, box];
}

/** @param {HTMLElement} seat @returns {(HTMLInputElement|HTMLSelectElement)[]} */
function fields_of(seat) {
  return [...seat.querySelectorAll("input, select")].map((field) => /** @type {HTMLInputElement|HTMLSelectElement} */ (field));
}

/** What the supervisor has said so far: a seat that is drawn anew loses nothing of it. @param {HTMLElement} seat @returns {Map<string|undefined, string|boolean>} */
function said_in(seat) {
  return new Map(fields_of(seat).map((field) => [field.dataset.act, field.type === "checkbox" && field instanceof HTMLInputElement ? field.checked : field.value]));
}

/** @param {HTMLInputElement|HTMLSelectElement} field @param {string|boolean|undefined} said */
function keep(field, said) {
  if (typeof said === "string") field.value = said;
  if (typeof said === "boolean" && field instanceof HTMLInputElement) field.checked = said;
}

/** @param {string} kind @param {string} look @param {string} [text] @returns {HTMLElement} */
function made(kind, look, text) {
  const element = document.createElement(kind);
  if (look) element.className = look;
  if (text) element.textContent = text;
  return element;
}
