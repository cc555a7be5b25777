// @ts-check
// Opens a link on a tap. The secret leaves the address bar.
const secret = location.hash.slice(1);
history.replaceState(null, "", location.pathname);
const $ = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));
const button = $("open");
button.hidden = !secret;
button.onclick = async () => {
  $("old").hidden = true;
  try {
    const { publicKey } = await (await import("./device_key.js")).deviceKey();
    const spki = new Uint8Array(await crypto.subtle.exportKey("spki", publicKey));
    const answer = await fetch("/v/open", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ secret, nonce: button.dataset.nonce, device_key: btoa(String.fromCharCode(...spki)) }),
    });
    const { go, title, text } = await answer.json();
    if (go) return location.assign(go);
    $("title").textContent = title;
    $("text").textContent = text;
    $("press").remove();
  } catch {
    $("old").hidden = false;
  }
};
