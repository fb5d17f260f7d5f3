// Of a very long text the browser holds a window of steps: here another is asked for, and waited for.

const STILL = 100; // ms until the reader's hand is still
const PATIENCE = 10000; // ms until a window that does not come is no longer waited for

export class WindowRequest {
  /**
   * @param {HTMLElement} root
   * @param {(step: number) => void} ask
   */
  constructor(root, ask) {
    this.root = root;
    this.ask = ask;
    this.waiting = false;
    /** @type {number | undefined} */
    this.wanted = undefined; // the step to go to when its window comes
    /** @type {number | undefined} */
    this.asking = undefined;
    /** @type {number | undefined} */
    this.hoping = undefined;
  }

  /**
   * Ask for the window around a step, to go there when it comes: once the reader's hand is still.
   * @param {number} step
   */
  around(step) {
    if (this.waiting && step === this.wanted) return;
    this.settle();
    this.wanted = step;
    this.waiting = true;
    this.root.classList.add("loading");
    this.asking = setTimeout(() => this.ask(step), STILL);
    this.hoping = setTimeout(() => {
      this.waiting = false;
      this.root.classList.remove("loading");
    }, PATIENCE);
  }

  /** Wait for no window any more. */
  settle() {
    for (const timer of [this.asking, this.hoping]) clearTimeout(timer);
    if (this.waiting) this.root.classList.remove("loading");
    this.wanted = undefined;
    this.waiting = false;
  }
}
