// @ts-check
// The media of one leg: one offer with fixed lines, made once. What stands in a slot is said by the socket, never here.

/** Pairs of receive lines in every offer, whatever the number of people. */
export const SLOTS = 5;
const PICTURE = { width: { ideal: 640 }, height: { ideal: 360 }, frameRate: { ideal: 24, max: 30 }, facingMode: "user" };
const SOUND = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };
const MOST_BITS_PER_SECOND = 600_000;

/**
 * This device's sound and picture; sound alone where there is no camera. Throws what getUserMedia throws.
 * @returns {Promise<MediaStream>}
 */
export async function ownMedia() {
  try {
    return await navigator.mediaDevices.getUserMedia({ audio: SOUND, video: PICTURE });
  } catch (error) {
    if (!(error instanceof DOMException) || error.name !== "NotFoundError") throw error;
    return navigator.mediaDevices.getUserMedia({ audio: SOUND });
  }
}

/** One leg. */
export class Peer {
  /**
   * @param {MediaStream} own
   * @param {(state: RTCPeerConnectionState) => void} changed
   */
  constructor(own, changed) {
    this.pc = new RTCPeerConnection({ bundlePolicy: "max-bundle", iceServers: [] });
    this.pc.onconnectionstatechange = () => changed(this.pc.connectionState);
    this.#sendOwn(own);
    /** @type {{stream: MediaStream, video: RTCRtpReceiver}[]} */
    this.slots = Array.from({ length: SLOTS }, () => this.#receive());
  }

  /** @returns {Promise<string>} the one offer; candidates are left out, the relay learns where we are from our checks */
  async offer() {
    await this.pc.setLocalDescription(await this.pc.createOffer());
    return this.pc.localDescription?.sdp ?? "";
  }

  /** @param {string} sdp */
  async accept(sdp) {
    await this.pc.setRemoteDescription({ type: "answer", sdp });
  }

  /**
   * Pictures decoded so far, by slot.
   * @param {number[]} slots @returns {Promise<Map<number, number>>}
   */
  async frames(slots) {
    const report = await this.pc.getStats();
    /** @type {Map<string, number>} */
    const byTrack = new Map();
    report.forEach((entry) => {
      if (entry.type === "inbound-rtp" && entry.kind === "video") byTrack.set(entry.trackIdentifier, entry.framesDecoded);
    });
    return new Map(slots.map((slot) => [slot, byTrack.get(this.slots[slot]?.video.track.id ?? "") ?? 0]));
  }

  /** Let go of everything. */
  close() {
    this.pc.onconnectionstatechange = null;
    this.pc.close();
  }

  /** @param {MediaStream} own */
  #sendOwn(own) {
    const [sound] = own.getAudioTracks();
    const [picture] = own.getVideoTracks();
    this.pc.addTransceiver(sound ?? "audio", { direction: "sendonly", streams: [own] });
    const sendEncodings = [{ maxBitrate: MOST_BITS_PER_SECOND }];
    this.pc.addTransceiver(picture ?? "video", { direction: "sendonly", streams: [own], sendEncodings });
  }

  #receive() {
    const audio = this.pc.addTransceiver("audio", { direction: "recvonly" }).receiver;
    const video = this.pc.addTransceiver("video", { direction: "recvonly" }).receiver;
    return { stream: new MediaStream([audio.track, video.track]), video };
  }
}
