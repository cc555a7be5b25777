// @ts-check
// This device's key: made once, kept by the browser, never readable. A copied cookie is worth nothing without it.

const PLACE = "device-key";

/** @param {IDBRequest<any> | IDBOpenDBRequest} request @returns {Promise<any>} */
function answered(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/** @returns {Promise<IDBDatabase>} */
function opened() {
  const request = indexedDB.open("contact-service", 1);
  request.onupgradeneeded = () => request.result.createObjectStore(PLACE);
  return answered(request);
}

/**
 * The pair of this browser, made on first use: ECDSA on P-256, the private half not extractable.
 * @returns {Promise<CryptoKeyPair>}
 */
export async function deviceKey() {
  const database = await opened();
  try {
    const kept = await answered(database.transaction(PLACE).objectStore(PLACE).get(PLACE));
    if (kept) return kept;
    const made = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, false, ["sign", "verify"]);
    await answered(database.transaction(PLACE, "readwrite").objectStore(PLACE).put(made, PLACE));
    return made;
  } finally {
    database.close();
  }
}

/** The public half of this browser's key, as the server keeps it: base64 of its SubjectPublicKeyInfo. */
export async function publicKey() {
  const spki = await crypto.subtle.exportKey("spki", (await deviceKey()).publicKey);
  return btoa(String.fromCharCode(...new Uint8Array(spki)));
}

/**
 * The signature that proves to the ticket desk that this device asks: base64 of r and s (IEEE P1363), SHA-256.
 * @param {string} invitation @param {string} nonce @returns {Promise<string>}
 */
export async function signedForTicket(invitation, nonce) {
  const text = new TextEncoder().encode(`contact-service/ticket/1\n${invitation}\n${nonce}`);
  const { privateKey } = await deviceKey();
  const signature = await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, privateKey, text);
  return btoa(String.fromCharCode(...new Uint8Array(signature)));
}
