// Where the reader stands, told to Python: after REST ms in one place, or at once when they go elsewhere.

const REST = 500; // ms
const PATIENCE = 1000; // ms that a link waits for Python to have taken the place

/**
 * What is asked: the place, as JSON has it (null while nothing is shown), whether it plays, whether an answer is on its way, whether that
 * is a text which the model generates. What is done: send the place; ask for nothing more.
 * @typedef {{ place: () => unknown, playing: () => boolean, waiting: () => boolean,
 *   writing: () => boolean, tell: () => void, stop: () => void }} Stage
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
    this.open = false; // was a place told that Python has not taken yet?
    /** @type {HTMLElement | null} */
    this.next = null; // the link that waits for that
    /** @type {Record<"resting" | "patience", number | undefined>} */
    this.timers = { resting: undefined, patience: undefined };
    this.left = new AbortController();
    const { signal } = this.left;
    root.addEventListener("pointerleave", () => this.soon(0), { signal });
    root.addEventListener("focusout", ({ relatedTarget: to }) => this.inside(to) || this.soon(0), { signal });
    document.addEventListener("click", (event) => this.onClick(event), { signal, capture: true });
  }

  /** @param {unknown} place */
  knows(place) {
    this.known = JSON.stringify(place);
  }

  /** Not while it plays, and not while an answer is on its way: of two triggers Streamlit may keep the later one alone. */
  soon(after = REST) {
    this.cancel();
    const { playing, waiting } = this.stage;
    if (!playing() && !waiting()) this.timers.resting = setTimeout(() => this.now(), after);
  }

  cancel() {
    clearTimeout(this.timers.resting);
  }

  now() {
    this.cancel();
    const place = this.stage.place();
    if (!place || JSON.stringify(place) === this.known) return;
    this.knows(place);
    this.open = true;
    this.stage.tell();
  }

  /** A run of the page has taken what was told. */
  taken() {
    this.open = false;
    this.follow();
  }

  /**
   * A link to another page: the place goes first. Of a place and a page that arrive together Streamlit takes the later,
   * which is the place, as of the old page: the click would be lost. Or it takes the page, and the place is lost.
   * @param {MouseEvent} event
   */
  onClick(event) {
    const link = linkOf(event);
    if (!link || this.inside(link) || this.stage.writing()) return;
    this.now();
    this.stage.stop();
    this.cancel();
    if (!this.open) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    this.next = link;
    clearTimeout(this.timers.patience);
    this.timers.patience = setTimeout(() => this.follow(), PATIENCE);
  }

  follow() {
    clearTimeout(this.timers.patience);
    const link = this.next;
    this.next = null;
    link?.click();
  }

  /** @param {EventTarget | null} target */
  inside(target) {
    return target instanceof Node && this.root.contains(target);
  }

  leave() {
    for (const timer of Object.values(this.timers)) clearTimeout(timer);
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
