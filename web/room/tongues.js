// @ts-check
// In another language the opener is another page: the secret goes along in the fragment, which no server sees. It is read before the opener
// takes it out of the address bar; until then no language is there to press, for a tap would leave the secret behind.
for (const tongues of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(".tongues"))) {
  for (const link of tongues.querySelectorAll("a")) link.hash = location.hash;
  tongues.hidden = false;
}
