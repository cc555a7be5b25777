// @ts-check
// The pictures of the others. A cover takes sound and picture away at once, whatever still arrives.

/** @typedef {import("./signal.js").Room} Room */
/** @typedef {import("./peer.js").Peer} Peer */

/** One figure per occupied slot, in the order of the slots. */
export class Tiles {
  /** @param {HTMLElement} box @param {() => void} silent  called when the browser will not play sound without a tap */
  constructor(box, silent) {
    this.box = box;
    this.silent = silent;
    /** @type {Map<number, HTMLElement>} */
    this.figures = new Map();
  }

  /**
   * Show who is in which slot; `shown` false blanks everything.
   * @param {Peer|null} peer @param {Room["slots"]} slots @param {(participant: string) => string} name @param {boolean} shown
   */
  show(peer, slots, name, shown) {
    slots.forEach((slot, at) => {
      if (slot && peer && shown) this.#fill(at, slot.participant, name(slot.participant), peer);
      else this.#empty(at);
      this.figures.get(at)?.classList.toggle("tile--supervisor", slot?.role === "supervisor");
    });
  }

  /** Try again to play what the browser held back. */
  hear() {
    for (const video of this.box.querySelectorAll("video")) video.play().catch(this.silent);
  }

  /** @param {number} at @param {string} participant @param {string} name @param {Peer} peer */
  #fill(at, participant, name, peer) {
    const figure = this.figures.get(at) ?? this.#add(at);
    figure.dataset.participant = participant;
    text(figure, "figcaption", name);
    text(figure, ".face", name.slice(0, 1));
    const video = figure.querySelector("video");
    const stream = peer.slots[at]?.stream ?? null;
    if (!video || video.srcObject === stream) return;
    video.setAttribute("aria-label", name);
    video.srcObject = stream;
    video.play().catch((error) => error.name === "NotAllowedError" && this.silent());
  }

  /** @param {number} at @returns {HTMLElement} */
  #add(at) {
    const figure = document.createElement("figure");
    figure.className = "tile";
    const face = document.createElement("span");
    face.className = "face face--2";
    face.ariaHidden = "true";
    const video = document.createElement("video");
    video.playsInline = true;
    figure.append(face, video, document.createElement("figcaption"));
    this.figures.set(at, figure);
    this.box.append(figure);
    return figure;
  }

  /** @param {number} at */
  #empty(at) {
    const figure = this.figures.get(at);
    const video = figure?.querySelector("video");
    if (video) video.srcObject = null;
    figure?.remove();
    this.figures.delete(at);
  }
}

/** @param {HTMLElement} within @param {string} selector @param {string} words */
function text(within, selector, words) {
  const found = within.querySelector(selector);
  if (found && found.textContent !== words) found.textContent = words;
}
