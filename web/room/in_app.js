// @ts-check
// Helps out of a browser that an app opened, before the one device is bound to it: it may have no camera.

const $ = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));

/** Show how to leave; where there is no camera at all, nothing else. @param {string} secret of the link */
export function help(secret) {
  const place = $("in-app");
  const blind = !navigator.mediaDevices;
  place.hidden = false;
  $("press").hidden = true;
  $("here").hidden = blind;
  $("copy").onclick = () => void copy(`${location.origin}/v#${secret}`);
  $("here").onclick = () => {
    place.hidden = true;
    $("press").hidden = false;
  };
}

/** @param {string} link */
async function copy(link) {
  const field = /** @type {HTMLInputElement} */ ($("copied-link"));
  try {
    await navigator.clipboard.writeText(link);
  } catch {
    field.hidden = false;
    field.value = link;
    field.select();
    document.execCommand("copy"); // where the newer way is forbidden, as in many such browsers
  }
  $("copied").hidden = false;
}
