// @ts-check
// Makes a passkey on the page "Your sign-in", and signs in with one. What comes of it is decided by the server.
import { Refusal, element, post } from "./page.js";

/** @param {ArrayBuffer | null} bytes @returns {string | null} unpadded base64url */
function text(bytes) {
  if (bytes === null) return null;
  const letters = btoa(String.fromCharCode(...new Uint8Array(bytes)));
  return letters.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** @param {string} letters unpadded base64url @returns {ArrayBuffer} */
function bytes(letters) {
  const plain = atob(letters.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (one) => one.charCodeAt(0)).buffer;
}

/** @param {Credential | null} made @returns {PublicKeyCredential} */
function given(made) {
  if (made instanceof PublicKeyCredential) return made;
  throw new Error("The browser gave no passkey.");
}

/** @param {string} password @param {string} name @returns {Promise<string[]>} recovery codes, if there were none */
async function make(password, name) {
  const asked = await post("/w/account/passkeys/ask", { password });
  const publicKey = {
    ...asked,
    challenge: bytes(asked.challenge),
    user: { ...asked.user, id: bytes(asked.user.id) },
    excludeCredentials: (asked.excludeCredentials ?? []).map((/** @type {{ id: string }} */ one) => ({
      ...one,
      id: bytes(one.id),
    })),
  };
  const made = given(await navigator.credentials.create({ publicKey }));
  const response = /** @type {AuthenticatorAttestationResponse} */ (made.response);
  const passkey = {
    id: made.id,
    rawId: text(made.rawId),
    type: made.type,
    response: { clientDataJSON: text(response.clientDataJSON), attestationObject: text(response.attestationObject) },
  };
  return (await post("/w/account/passkeys", { name, passkey })).codes;
}

/** @param {string} asking @returns {Promise<object>} what a passkey signed of what `asking` asks */
async function sign(asking) {
  const asked = await post(asking);
  const publicKey = { ...asked, challenge: bytes(asked.challenge), allowCredentials: [] };
  const found = given(await navigator.credentials.get({ publicKey }));
  const response = /** @type {AuthenticatorAssertionResponse} */ (found.response);
  return {
    id: found.id,
    rawId: text(found.rawId),
    type: found.type,
    response: {
      clientDataJSON: text(response.clientDataJSON),
      authenticatorData: text(response.authenticatorData),
      signature: text(response.signature),
      userHandle: text(response.userHandle),
    },
  };
}

/** @returns {Promise<string>} where to go */
async function signIn() {
  return (await post("/w/sign-in/passkey", { passkey: await sign("/w/sign-in/passkey/ask") })).go;
}

/** @param {unknown} error */
function say(error) {
  const told = element("passkey-problem", HTMLElement);
  told.textContent = error instanceof Refusal ? error.message : (told.dataset["failed"] ?? "");
  told.hidden = false;
}

/** @param {string[]} codes */
function showCodes(codes) {
  const list = element("passkey-codes", HTMLUListElement);
  list.replaceChildren(
    ...codes.map((code) => {
      const line = document.createElement("li");
      line.textContent = code;
      return line;
    }),
  );
  element("passkey-made", HTMLElement).hidden = false;
  element("passkey-form", HTMLFormElement).hidden = true;
  element("passkey-made", HTMLElement).focus();
}

const form = document.getElementById("passkey-form");
if (form instanceof HTMLFormElement) {
  form.hidden = !("PublicKeyCredential" in window);
  form.onsubmit = async (event) => {
    event.preventDefault();
    element("passkey-problem", HTMLElement).hidden = true;
    try {
      const codes = await make(
        element("password-passkey", HTMLInputElement).value,
        element("passkey-name", HTMLInputElement).value,
      );
      if (codes.length) showCodes(codes);
      else location.assign("/w/account");
    } catch (error) {
      if (error instanceof Refusal && error.prove) location.assign(error.prove);
      else say(error);
    }
  };
}

const button = document.getElementById("passkey-sign-in");
if (button instanceof HTMLButtonElement) {
  button.hidden = !("PublicKeyCredential" in window);
  button.onclick = async () => {
    element("passkey-problem", HTMLElement).hidden = true;
    try {
      location.assign(await signIn());
    } catch (error) {
      say(error);
    }
  };
}

const proving = document.getElementById("passkey-prove");
if (proving instanceof HTMLButtonElement) {
  proving.onclick = async () => {
    element("passkey-problem", HTMLElement).hidden = true;
    try {
      await post("/w/prove/passkey", { passkey: await sign("/w/prove/passkey/ask") });
      const back = proving.dataset["back"];
      if (back) location.assign(back);
      else element("held", HTMLFormElement).requestSubmit();
    } catch (error) {
      say(error);
    }
  };
}
