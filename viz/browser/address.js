// Keeps the address bar in step with what the page shows, without filling the browser's history. Parameters that are
// not ours (`embed`, `embed_options`, whatever a site that shows the page adds) stay as they are.

/** @import { Call } from "./types" */

/** @type {string | null} */
let path = null; // of the page that was shown last
/** @type {string[]} */
let kept = []; // its parameters that are not ours

/** @param {Call<{ ours: string[]; written: string }>} call */
export default function ({ data }) {
  const { ours, written } = data;
  const { pathname, search, hash } = window.location;
  // Within a page the address is right; to another page Streamlit takes no more than what it knows itself.
  const there = others(search, ours);
  kept = pathname === path ? there : together(kept, there);
  path = pathname;
  const wanted = joined(kept, written);
  if (search !== wanted) window.history.replaceState(window.history.state, "", pathname + wanted + hash);
}

/**
 * The parameters of an address that are not `ours`, each as it is written there.
 * @param {string} search
 * @param {string[]} ours
 */
export function others(search, ours) {
  const names = new Set(ours);
  return search
    .replace(/^\?/, "")
    .split("&")
    .filter((pair) => pair && !names.has(nameOf(pair)));
}

/**
 * What was kept, then what is new: as often as in the one that has it oftener.
 * @param {string[]} before
 * @param {string[]} now
 */
export function together(before, now) {
  const left = [...before];
  const added = now.filter((pair) => {
    const place = left.indexOf(pair);
    if (place < 0) return true;
    left.splice(place, 1);
    return false;
  });
  return [...before, ...added];
}

/**
 * An address's search: what is kept, then what is ours, already written as in an address.
 * @param {string[]} kept
 * @param {string} written
 */
export function joined(kept, written) {
  const pairs = written ? [...kept, written] : kept;
  return pairs.length ? `?${pairs.join("&")}` : "";
}

/** @param {string} pair */
function nameOf(pair) {
  const written = pair.split("=", 1)[0].replaceAll("+", " ");
  try {
    return decodeURIComponent(written);
  } catch {
    return written; // no UTF-8, so none of ours
  }
}
