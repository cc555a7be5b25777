// @ts-check
// What every script of the room asks of its page and of the server.

/**
 * The element with this id; the template promises that it is there.
 * @template {HTMLElement} T
 * @param {string} id @param {new () => T} kind @returns {T}
 */
export function element(id, kind) {
  const found = document.getElementById(id);
  if (found instanceof kind) return found;
  throw new Error(`The page has no ${kind.name} called ${id}.`);
}

/** @returns {Record<string, string>} the words the page gave us, from its one catalogue */
export function words() {
  return JSON.parse(element("words", HTMLScriptElement).textContent ?? "{}");
}

/** The server said no, with every reason in words. */
export class Refusal extends Error {
  /** @param {string[]} reasons @param {string} [prove] where to show first that it is oneself */
  constructor(reasons, prove = "") {
    super(reasons.join(" "));
    this.reasons = reasons;
    this.prove = prove;
  }
}

/** What this page came by is no more: its link was replaced. Its pages say so. */
export class Gone extends Error {}

/** @returns {string} the token that proves that this page is ours */
export function csrf() {
  return document.querySelector("meta[name=csrf]")?.getAttribute("content") ?? "";
}

/**
 * Post JSON and return the answer; throws `Refusal` for a 403 or 409, `Gone` for a 410, `Error` for anything else.
 * @param {string} url @param {object} [body] @returns {Promise<any>}
 */
export async function post(url, body = {}) {
  const headers = { "Content-Type": "application/json", "X-CSRF": csrf() };
  const answer = await fetch(url, { method: "POST", headers, body: JSON.stringify(body), credentials: "same-origin" });
  return read(answer);
}

/** @param {string} url @returns {Promise<any>} */
export async function get(url) {
  return read(await fetch(url, { credentials: "same-origin", headers: { Accept: "application/json" } }));
}

/** @param {Response} answer @returns {Promise<any>} */
async function read(answer) {
  if (answer.ok) return answer.json();
  if (answer.status === 410) throw new Gone();
  if (answer.status === 403 || answer.status === 409) {
    const { reasons, prove } = await answer.json().catch(() => ({ reasons: [] }));
    throw new Refusal(Array.isArray(reasons) ? reasons.map(String) : [], typeof prove === "string" ? prove : "");
  }
  throw new Error(`${answer.status}`);
}

/** The hour and minute of `at` in the zone the page names. @param {Date} at */
export function clock(at) {
  const { lang, dataset } = document.documentElement;
  const zone = dataset.zone ? { timeZone: dataset.zone } : {};
  return at.toLocaleTimeString(lang, { hour: "2-digit", minute: "2-digit", hourCycle: "h23", ...zone });
}

/** A text of the catalogue with the place `{name}` filled. @param {string|undefined} text @param {string} name @param {string} value */
export function filled(text, name, value) {
  return (text ?? "").replace(`{${name}}`, () => value);
}

/** Facts about the page that tests and support read. @param {Record<string, string>} facts */
export function say(facts) {
  Object.assign(document.documentElement.dataset, facts);
}

/**
 * Ask before a grave act. Resolves to true only when the person says so; Escape and the other button mean no.
 * @param {HTMLDialogElement} dialog @returns {Promise<boolean>}
 */
export function sure(dialog) {
  return new Promise((resolve) => {
    const yes = /** @type {HTMLButtonElement} */ (dialog.querySelector("[data-yes]"));
    const no = /** @type {HTMLButtonElement} */ (dialog.querySelector("[data-no]"));
    yes.onclick = () => dialog.close("yes");
    no.onclick = () => dialog.close("no");
    dialog.onclose = () => resolve(dialog.returnValue === "yes");
    dialog.returnValue = "no";
    dialog.showModal();
  });
}

/** A number that is rung with one press. @param {string|undefined} word @param {string} number @param {string} look */
export function dial(word, number, look) {
  const line = document.createElement("p");
  const link = document.createElement("a");
  link.className = look;
  link.href = `tel:${number.replace(/[^+\d]/g, "")}`;
  link.textContent = filled(word, "number", number);
  line.append(link);
  return line;
}
