// @ts-check
// Opens a link on a tap. The secret leaves the address bar, and is posted, never part of an address.
const secret = location.hash.slice(1);
history.replaceState(null, "", location.pathname);
const $ = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));
const button = $("open");
button.hidden = !secret;
const form = /** @type {HTMLFormElement} */ ($("post"));
const post = (/** @type {string} */ action) => {
  form.action = action;
  form.secret.value = secret;
  form.submit();
};
button.onclick = async () => {
  $("old").hidden = true;
  try {
    const device_key = await (await import("./device_key.js")).publicKey();
    const answer = await fetch("/v/open", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ secret, nonce: button.dataset.nonce, device_key }),
    });
    const { go, title, text, post: action } = await answer.json();
    if (go) return location.assign(go);
    if (action && !title) return post(action);
    $("title").textContent = title;
    $("text").textContent = text;
    $("press").remove();
    $("answer").hidden = !action;
    $("answer").onclick = () => post(action);
  } catch {
    $("old").hidden = false;
  }
};
if (secret && ($("in-app").dataset.app || !navigator.mediaDevices)) import("./in_app.js").then((m) => m.help(secret));
