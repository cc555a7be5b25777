// @ts-check
// What a family page and the visit supervisor's page share: own media, one socket, one connection, the others' tiles.

import { Peer } from "./peer.js";
import { say } from "./page.js";
import { Signal } from "./signal.js";

/** @typedef {import("./signal.js").Room} Room */
/** @typedef {import("./signal.js").Seat} Seat */
/**
 * @typedef {object} Page
 * @property {() => Promise<{ticket: string, signal: string}>} ticket
 * @property {() => void} changed  something of the leg changed; draw again
 * @property {(people: Seat[]) => void} people
 * @property {() => void} ended
 * @property {(error: unknown) => void} refused
 */

const COUNT_MS = 100;
/** @type {Room} */
export const NOTHING = { state: "waiting", stage: "waiting", muted: false, slots: [], supervisor_here: false, ends_at_ms: null };

/** This page's part of the visit. */
export class Leg {
  /** @param {MediaStream} own @param {Page} page */
  constructor(own, page) {
    this.own = own;
    this.page = page;
    /** @type {Peer|null} */
    this.peer = null;
    /** @type {Room} */
    this.room = NOTHING;
    this.online = false;
    this.connected = false;
    this.signal = new Signal({
      ticket: page.ticket,
      welcome: (resumed) => this.#welcome(resumed),
      answer: (sdp) => void this.peer?.accept(sdp).catch(() => this.signal.renew()),
      room: (room) => this.#take(room),
      people: page.people,
      ended: () => this.#end(),
      open: (open) => this.#opened(open),
      refused: page.refused,
    });
    this.counting = setInterval(() => void this.#count(), COUNT_MS);
    void this.signal.connect();
  }

  /** Camera off, connection closed, no more sockets. */
  close() {
    clearInterval(this.counting);
    this.signal.close();
    this.peer?.close();
    for (const track of this.own.getTracks()) track.stop();
  }

  /** @param {boolean} resumed */
  #welcome(resumed) {
    if (resumed && this.peer) return;
    this.peer?.close();
    this.room = NOTHING;
    const peer = new Peer(this.own, (state) => this.#media(peer, state));
    this.peer = peer;
    void peer.offer().then((sdp) => this.signal.send({ type: "offer", sdp }));
    this.page.changed();
  }

  /** @param {Peer} peer @param {RTCPeerConnectionState} state */
  #media(peer, state) {
    if (peer !== this.peer) return;
    this.connected = state === "connected";
    say({ connected: String(this.connected) });
    if (state === "failed") this.signal.renew();
    this.page.changed();
  }

  /** @param {Room} room */
  #take(room) {
    this.room = room;
    say({ stage: room.stage, state: room.state });
    this.page.changed();
  }

  /** @param {boolean} open */
  #opened(open) {
    this.online = open;
    say({ online: String(open) });
    this.page.changed();
  }

  #end() {
    say({ state: "ended" });
    this.page.ended();
  }

  async #count() {
    const { peer } = this;
    if (!peer || !this.connected) return;
    const taken = this.room.slots.flatMap((slot, at) => (slot ? [at] : []));
    if (!taken.length) return;
    const frames = await peer.frames(taken);
    say({ frames: JSON.stringify(Object.fromEntries(taken.map((at) => [this.room.slots[at]?.participant, frames.get(at)]))) });
  }
}
