// Which steps are shown, and where: one column a step, the same for letters, predictions and every heatmap.

const WIDEST = 30; // pixels of a column: a short text stays where it was typed
const WIDEST_APART = 84; // of a word or a number
const LEGIBLE = 6.6; // pixels of a column whose letter can still be read
const FEWEST = 2; // steps that can be zoomed to

export class StepAxis {
  constructor() {
    this.steps = 0;
    this.width = 0; // pixels
    this.apart = false;
    /** @type {[start: number, stop: number] | null} */
    this.zoom = null;
    /** @type {number | null} */
    this.focus = null; // a step that is shown in any case, unless the reader has zoomed
  }

  /**
   * The steps that are shown: the chosen ones, or as many as have room for their letters: the last, or those around a
   * step that is before them.
   * @returns {[start: number, stop: number]}
   */
  get shown() {
    const { steps, zoom } = this;
    if (zoom) {
      const start = Math.min(Math.max(zoom[0], 0), Math.max(steps - 1, 0));
      return [start, Math.max(Math.min(zoom[1], steps), Math.min(start + 1, steps))];
    }
    const last = Math.max(0, steps - this.most);
    const start = this.focus === null ? last : Math.min(last, Math.max(0, this.focus - Math.floor(this.most / 2)));
    return [start, Math.min(start + this.most, steps)];
  }

  /** How many steps have room for their letters, with one to come. */
  get most() {
    return Math.max(Math.floor(this.width / LEGIBLE) - 1, 10);
  }

  get start() {
    return this.shown[0];
  }

  get stop() {
    return this.shown[1];
  }

  get count() {
    const [start, stop] = this.shown;
    return stop - start;
  }

  /** Is the text's end shown, and with it a column for what comes next? */
  get open() {
    return this.stop === this.steps;
  }

  /** Pixels a column. */
  get column() {
    return Math.min(this.width / Math.max(this.count + (this.open ? 1 : 0), 1), this.apart ? WIDEST_APART : WIDEST);
  }

  get legible() {
    return this.column >= LEGIBLE - 0.6;
  }

  /** @param {number} step */
  left(step) {
    return (step - this.start) * this.column;
  }

  /**
   * The step whose column lies there; beyond the ends the nearest.
   * @param {number} x
   */
  at(x) {
    return Math.min(Math.max(this.start + Math.floor(x / this.column), this.start), this.stop - 1);
  }

  /** @param {number} step */
  has(step) {
    return step >= this.start && step < this.stop;
  }

  /**
   * The zoom that shows these steps; null where they are all that is shown without one.
   * @param {number} start
   * @param {number} stop
   * @returns {[start: number, stop: number] | null}
   */
  within(start, stop) {
    const count = Math.max(Math.min(Math.round(stop - start), this.steps), Math.min(FEWEST, this.steps));
    const first = Math.min(Math.max(Math.round(start), 0), this.steps - count);
    return first === 0 && count === this.steps && count <= this.most ? null : [first, first + count];
  }

  /**
   * Zoom by a factor (above 1: fewer steps) around a step.
   * @param {number} factor
   * @param {number} around
   */
  zoomed(factor, around) {
    const count = this.count / factor;
    const share = (around + 0.5 - this.start) / Math.max(this.count, 1);
    return this.within(around + 0.5 - share * count, around + 0.5 + (1 - share) * count);
  }

  /**
   * Move what is shown by so many steps.
   * @param {number} by
   */
  moved(by) {
    const { start, count, steps } = this;
    const first = Math.min(Math.max(start + by, 0), steps - count);
    return this.within(first, first + count);
  }
}
