// Scrolls to what a click promised, where that is outside of the window, and frames it for a moment.

/** @import { Call } from "./types" */

const PATIENCE = 10_000; // ms until it must be there
const LOOK = 100; // ms: that long it must have kept its place
const FRAMED = 2500; // ms
const ROOM = 8; // pixels around it

let last = 0; // number of the click that was answered

/** @param {Call<{ place: string; framed: boolean; number: number }>} call */
export default function ({ data }) {
  if (data.number === last) return; // Streamlit calls again at each run
  last = data.number;
  show(data.place, data.framed);
}

/**
 * @param {string} place its key
 * @param {boolean} framed
 */
async function show(place, framed) {
  const left = new AbortController(); // whoever scrolls meanwhile goes where they like
  for (const name of ["wheel", "touchmove", "keydown"])
    addEventListener(name, () => left.abort(), { signal: left.signal, passive: true });
  const element = await there(`.st-key-${CSS.escape(place)}`, left.signal);
  if (!element || left.signal.aborted) return;
  left.abort();
  const { top, bottom } = element.getBoundingClientRect();
  const by = distance(top, bottom, below(), innerHeight);
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  if (by) document.querySelector('[data-testid="stMain"]')?.scrollBy({ top: by, behavior: calm ? "auto" : "smooth" });
  if (framed) frame(element);
}

/**
 * How far must a window be scrolled for all between these two places, or where that is too high its beginning, to be between
 * `from` and `to`?
 * @param {number} top
 * @param {number} bottom
 * @param {number} from
 * @param {number} to
 */
export function distance(top, bottom, from, to) {
  if (top >= from && bottom <= to) return 0;
  const start = top - from - ROOM;
  return top < from || bottom - top > to - from - 2 * ROOM ? start : Math.min(start, bottom - to + ROOM);
}

/** Where the page's own head ends. */
function below() {
  return document.querySelector('[data-testid="stHeader"]')?.getBoundingClientRect().bottom ?? 0;
}

/**
 * Once the page has run and the place has stopped moving; null where it does not come.
 * @param {string} selector
 * @param {AbortSignal} left
 * @returns {Promise<HTMLElement | null>}
 */
async function there(selector, left) {
  const end = performance.now() + PATIENCE;
  let before = "";
  while (performance.now() < end && !left.aborted) {
    await new Promise((resolve) => setTimeout(resolve, LOOK));
    const element = /** @type {HTMLElement | null} */ (document.querySelector(selector));
    const state = document.querySelector(".stApp")?.getAttribute("data-test-script-state");
    const { top = 0, height = 0 } = element?.getBoundingClientRect() ?? {};
    const now = `${state} ${top} ${height}`;
    if (element && height && state === "notRunning" && now === before) return element;
    before = now;
  }
  return null;
}

/** @param {HTMLElement} element */
function frame(element) {
  const { color } = getComputedStyle(element);
  const line = { outline: `2px solid ${color}`, outlineOffset: "2px" };
  element.animate([line, { ...line, offset: 0.7 }, { ...line, outlineColor: "transparent" }], FRAMED);
}
