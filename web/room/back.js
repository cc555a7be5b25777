// @ts-check
// After a kind goodbye: asks for some minutes whether one may come back after all, and says so with one button.

import { element, get, Gone } from "./page.js";

const ASK_MS = 3000;
const SLACK_MS = 10_000; // what was said in the last moment is heard too
const back = element("back", HTMLElement);
const over = element("over", HTMLElement);
const until = performance.now() + 1000 * Number(back.dataset.seconds) + SLACK_MS;
const asking = setInterval(() => void look(), ASK_MS);

async function look() {
  try {
    const { stage } = await get(`${back.dataset.base}/state`);
    show(stage !== "over" && stage !== "removed");
  } catch (error) {
    // A weak line is asked again; a link that is no more leads nowhere.
    if (error instanceof Gone) {
      show(false);
      clearInterval(asking);
    }
  }
  if (back.hidden && performance.now() > until) clearInterval(asking);
}

/** @param {boolean} open */
function show(open) {
  if (back.hidden === !open) return;
  back.hidden = !open;
  over.hidden = open;
}
