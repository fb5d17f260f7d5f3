// Where the reader stands, told to Python: after REST ms in one place, or at once when they go elsewhere.

const REST = 500; // ms
const SENDING = 100; // ms until Streamlit has surely sent what it was given
const AHEAD = 20; // ms by which a place goes ahead of a page

/**
 * What is asked: the place (null while nothing is shown), whether it plays, whether an answer is on its way; and what
 * sends the place.
 * @typedef {{ place: () => [step: number, unit: number] | null, playing: () => boolean, waiting: () => boolean,
 *   tell: () => void }} Stage
 */

export class Resting {
  /**
   * @param {HTMLElement} root
   * @param {Stage} stage
   */
  constructor(root, stage) {
    this.root = root;
    this.stage = stage;
    this.known = ""; // the place that Python knows, in JSON
    this.told = -Infinity; // when
    /** @type {number | undefined} */
    this.timer = undefined;
    this.left = new AbortController();
    const { signal } = this.left;
    root.addEventListener("pointerleave", () => this.soon(0), { signal });
    root.addEventListener("focusout", ({ relatedTarget: to }) => this.inside(to) || this.soon(0), { signal });
    document.addEventListener("click", (event) => this.onClick(event), { signal, capture: true });
  }

  /** @param {[step: number, unit: number]} place */
  knows(place) {
    this.known = JSON.stringify(place);
  }

  /** Not while it plays, and not while an answer is on its way: of two triggers Streamlit may keep the later one alone. */
  soon(after = REST) {
    this.cancel();
    const { playing, waiting } = this.stage;
    if (!playing() && !waiting()) this.timer = setTimeout(() => this.now(), after);
  }

  cancel() {
    clearTimeout(this.timer);
  }

  now() {
    this.cancel();
    const place = this.stage.place();
    if (!place || JSON.stringify(place) === this.known) return;
    this.knows(place);
    this.told = performance.now();
    this.stage.tell();
  }

  /**
   * A link to another page: the place goes first. Streamlit would send it after the page's own request and as of the old
   * page, and so stay on that: the click would be lost.
   * @param {MouseEvent} event
   */
  onClick(event) {
    const link = linkOf(event);
    if (!link || this.inside(link) || this.stage.waiting()) return;
    this.now();
    if (performance.now() - this.told > SENDING) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    setTimeout(() => link.click(), AHEAD);
  }

  /** @param {EventTarget | null} target */
  inside(target) {
    return target instanceof Node && this.root.contains(target);
  }

  leave() {
    this.cancel();
    this.left.abort();
  }
}

/**
 * The link that a reader's click follows in this tab.
 * @param {MouseEvent} event
 */
function linkOf(event) {
  const { target, isTrusted, button } = event;
  if (!isTrusted || button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return null;
  const link = target instanceof Element ? target.closest("a[href]") : null;
  return link instanceof HTMLAnchorElement && link.target !== "_blank" ? link : null;
}
