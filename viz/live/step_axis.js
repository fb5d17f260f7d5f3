// Which steps are shown, and where: one column a step, the same for letters, predictions and every heatmap.

const WIDEST = 30; // pixels of a column: a short text stays where it was typed
const WIDEST_APART = 84; // of a word or a number
const LEGIBLE = 6.6; // pixels of a column whose letter can still be read
const FEWEST = 2; // steps that can be zoomed to

/**
 * What decides which steps are shown.
 * @typedef {{ steps: number, width: number, apart: boolean, type?: number, zoom: [start: number, stop: number] | null,
 *   focus: number | null }} Given `width` in pixels; `type`: how much larger than usual letters are; `focus`: a step that is shown in any case, unless the reader has zoomed
 */

export class StepAxis {
  constructor() {
    this.steps = 0;
    this.start = 0;
    this.stop = 0;
    this.count = 0;
    this.open = true; // is the text's end shown, and with it a column for what comes next?
    this.column = WIDEST; // pixels a column
    this.legible = true;
    this.most = 0; // steps that have room for their letters, with one to come
    this.width = 0;
    this.type = 1;
  }

  /** @param {Given} given */
  settle({ steps, width, apart, zoom, focus, type = 1 }) {
    this.steps = steps;
    this.width = width;
    this.type = type;
    this.most = Math.max(Math.floor(width / (LEGIBLE * type)) - 1, 10);
    [this.start, this.stop] = zoom ? this.within(...zoom) : this.fitting(focus);
    this.count = this.stop - this.start;
    this.open = this.stop === steps;
    this.column = Math.min(
      width / Math.max(this.count + (this.open ? 1 : 0), 1),
      type * (apart ? WIDEST_APART : WIDEST),
    );
    this.legible = this.column >= LEGIBLE - 0.6;
  }

  /**
   * As many steps as have room for their letters: the last, or those around a step that is before them.
   * @param {number | null} focus
   * @returns {[start: number, stop: number]}
   */
  fitting(focus) {
    const last = Math.max(0, this.steps - this.most);
    const start = focus === null ? last : Math.min(last, Math.max(0, focus - Math.floor(this.most / 2)));
    return [start, Math.min(start + this.most, this.steps)];
  }

  /** @returns {[start: number, stop: number]} */
  get shown() {
    return [this.start, this.stop];
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
   * The nearest steps that there are.
   * @param {number} start
   * @param {number} stop
   * @returns {[start: number, stop: number]}
   */
  within(start, stop) {
    const count = Math.max(Math.min(Math.round(stop - start), this.steps), Math.min(FEWEST, this.steps));
    const first = Math.min(Math.max(Math.round(start), 0), this.steps - count);
    return [first, first + count];
  }

  /**
   * The zoom that shows these steps; null where they are all that is shown without one.
   * @param {number} start
   * @param {number} stop
   */
  zoomTo(start, stop) {
    const zoom = this.within(start, stop);
    return zoom[0] === 0 && zoom[1] === this.steps && this.steps <= this.most ? null : zoom;
  }

  /**
   * Zoom by a factor (above 1: fewer steps) around a step.
   * @param {number} factor
   * @param {number} around
   */
  zoomed(factor, around) {
    const count = this.count / factor;
    const share = (around + 0.5 - this.start) / Math.max(this.count, 1);
    return this.zoomTo(around + 0.5 - share * count, around + 0.5 + (1 - share) * count);
  }

  /**
   * Move what is shown by so many steps.
   * @param {number} by
   */
  moved(by) {
    const { start, count, steps } = this;
    const first = Math.min(Math.max(start + by, 0), steps - count);
    return this.zoomTo(first, first + count);
  }
}
