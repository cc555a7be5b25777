// @ts-check
// Presses the one button of a page that only carries something on.
import { element } from "./page.js";

element("onward", HTMLFormElement).requestSubmit();
