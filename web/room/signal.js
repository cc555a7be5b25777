// @ts-check
// One conversation with the relay over however many sockets it takes. PROTOCOL.md, section 2.

/** @typedef {{participant: string, role: string}} Slot */
/**
 * @typedef {object} Room
 * @property {"waiting"|"live"|"held"|"ended"} state
 * @property {"waiting"|"private"|"admitted"|"removed"} stage
 * @property {boolean} muted
 * @property {(Slot|null)[]} slots
 * @property {boolean} supervisor_here
 * @property {number|null} ends_at_ms
 */
/** @typedef {{participant: string, role: string, stage: string, connected: boolean, muted: boolean, asked_break: boolean}} Seat */
/**
 * @typedef {object} Ears
 * @property {() => Promise<{ticket: string, signal: string}>} ticket  a fresh ticket; throws when there is none to have
 * @property {(resumed: boolean) => void} welcome  joined; when not resumed a new offer is due
 * @property {(sdp: string) => void} answer
 * @property {(room: Room) => void} room
 * @property {(people: Seat[]) => void} people
 * @property {() => void} ended  the visit is over for this page
 * @property {(open: boolean) => void} open  the socket opened or closed
 * @property {(error: unknown) => void} refused  no ticket, or the relay refused it; we try again
 */

const ANSWER_MS = 3000;
const RESUME_MS = 15000;
const PAUSES_MS = [250, 500, 1000, 2000];
const AFTER_REFUSAL_MS = 5000;

/** The relay or the line did not carry out a request. */
export class NotDone extends Error {}

/** Joins, resumes after a lost socket, and pairs requests with their acknowledgements. */
export class Signal {
  /** @param {Ears} ears */
  constructor(ears) {
    this.ears = ears;
    /** @type {WebSocket|null} */
    this.socket = null;
    this.joined = false;
    this.over = false;
    this.refused = false;
    this.tries = 0;
    this.lostAt = -Infinity;
    this.next = 1;
    /** @type {Map<number, {resolve: () => void, reject: (error: Error) => void}>} */
    this.asked = new Map();
  }

  /** Get a ticket and join; keeps trying until the visit ends or `close` is called. */
  async connect() {
    try {
      const { ticket, signal } = await this.ears.ticket();
      if (!this.over) this.#open(ticket, signal);
    } catch (error) {
      this.ears.refused(error);
      this.#again(AFTER_REFUSAL_MS);
    }
  }

  /** Join anew with a fresh connection, because the old one cannot be saved. */
  renew() {
    this.lostAt = -Infinity;
    this.socket?.close();
  }

  /** No more sockets. */
  close() {
    this.over = true;
    this.socket?.close(1000);
  }

  /** @param {object} message */
  send(message) {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message));
  }

  /**
   * Ask for a stop. Resolves when the relay has carried it out; rejects when it refused, went away or said nothing.
   * @param {string} type @param {object} [fields] @returns {Promise<void>}
   */
  request(type, fields = {}) {
    const id = this.next++;
    return new Promise((resolve, reject) => {
      if (!this.joined) return reject(new NotDone("away"));
      this.asked.set(id, { resolve, reject });
      this.send({ type, id, ...fields });
      setTimeout(() => this.#settle(id, new NotDone("no answer")), ANSWER_MS);
      return undefined;
    });
  }

  /** @param {string} ticket @param {string} path */
  #open(ticket, path) {
    const url = new URL(path, location.href);
    url.protocol = url.protocol.replace("http", "ws");
    const socket = new WebSocket(url);
    this.socket = socket;
    this.refused = false;
    const resume = performance.now() - this.lostAt < RESUME_MS;
    socket.onopen = () => this.send({ type: "join", ticket, resume });
    socket.onmessage = ({ data }) => this.#take(JSON.parse(data));
    socket.onclose = () => this.#closed();
  }

  /** @param {any} message */
  #take(message) {
    if (message.type === "welcome") this.#welcome(message.resumed);
    else if (message.type === "answer") this.ears.answer(message.sdp);
    else if (message.type === "room") this.ears.room(message);
    else if (message.type === "people") this.ears.people(message.people);
    else if (message.type === "done") this.#settle(message.id, null);
    else if (message.type === "refused") this.#refuse(message);
    else if (message.type === "ended") this.#end();
  }

  /** @param {boolean} resumed */
  #welcome(resumed) {
    this.joined = true;
    this.tries = 0;
    this.ears.open(true);
    this.ears.welcome(resumed);
  }

  /** @param {{id: number|null, message: string}} message */
  #refuse(message) {
    if (message.id !== null) return this.#settle(message.id, new NotDone(message.message));
    if (this.joined) return undefined;
    this.refused = true;
    this.ears.refused(new NotDone(message.message));
    this.socket?.close();
    return undefined;
  }

  #end() {
    this.over = true;
    this.ears.ended();
  }

  #closed() {
    if (this.joined) this.lostAt = this.lostAt === -Infinity ? performance.now() : this.lostAt;
    for (const id of [...this.asked.keys()]) this.#settle(id, new NotDone("away"));
    this.joined = false;
    this.ears.open(false);
    if (!this.over) this.#again(this.refused ? AFTER_REFUSAL_MS : PAUSES_MS[Math.min(this.tries++, 3)] ?? 2000);
  }

  /** @param {number} pause_ms */
  #again(pause_ms) {
    if (!this.over) setTimeout(() => this.over || this.connect(), pause_ms);
  }

  /** @param {number} id @param {Error|null} error */
  #settle(id, error) {
    const asked = this.asked.get(id);
    this.asked.delete(id);
    if (error) asked?.reject(error);
    else asked?.resolve();
  }
}
