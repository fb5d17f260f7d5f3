// A unit of a simple recurrent layer: its input and the previous hidden state, summed and squashed.

import { _ } from "../browser/locale.js";
import { Drawing, STRONG } from "./drawing.js";

/** @import { Point } from "./drawing.js" */
/** @import { Reading } from "./reading.js" */
/** @import { ColumnPlace, Now } from "./types" */

const LINE = 200; // y of the way from h to h
const GAUGE = { top: 120, height: 160, width: 64 };
/** @type {Point} */
const SUM = [262, LINE];
const SQUASH = 470; // x of the gauge's middle
const TOKEN = 384;

export class Elman extends Drawing {
  get description() {
    return _("One simple RNN unit: x and the previous h are weighted, summed with a bias and squashed to the new h");
  }

  /** @returns {Record<string, ColumnPlace>} */
  get places() {
    return { hidden_before: [14, LINE - 54, 108], hidden: [734, LINE - 54, 108] };
  }

  draw() {
    this.pipe("belt", `M32 ${LINE}H728`, "bed");
    this.pipe("hidden recurrent", `M32 ${LINE}H${SUM[0] - 14}`, "arrow from-hidden");
    this.pipe("hidden token", `M74 ${TOKEN}H${SUM[0]}V${LINE + 14}`, "arrow from-token");
    this.pipe("bias", `M${SUM[0]} 88V${LINE - 14}`, "arrow from-token");
    this.pipe("sum", `M${SUM[0] + 14} ${LINE}H${SQUASH - GAUGE.width / 2}`);
    this.pipe("hidden", `M${SQUASH + GAUGE.width / 2} ${LINE}H728`);
    this.gauge("hidden", SQUASH, GAUGE);
    this.chevrons({
      right: [
        [86, LINE],
        [360, LINE],
        [640, LINE],
        [130, TOKEN],
      ],
      up: [[SUM[0], 300]],
      down: [[SUM[0], 130]],
    });
    this.node("add", SUM, "+");
    this.label("remembered", 34, LINE - 28, "start", "h", "t−1", "earlier");
    this.label("recurrent", SUM[0] - 22, LINE + 34, "end", "U h", "");
    this.label("read", SUM[0] + 14, 304, "start", "W x", "");
    this.label("constant", SUM[0], 78, "middle", "b", "");
    this.label("total", 350, LINE - 28, "middle", "a", "");
    this.label("output", 612, LINE - 28, "middle", "h", "t");
    this.tile(TOKEN);
  }

  /**
   * @param {Now} now
   * @param {Reading} reading
   * @param {number} step
   * @param {number} unit
   */
  show(now, reading, step, unit) {
    const terms = reading.terms("hidden", unit, step);
    this.fill("hidden", now.hidden, terms);
    this.thick("hidden", now.hidden / this.reach("hidden"), "hidden", now.hidden);
    this.thick("bias", (terms.bias / STRONG) * 0.45);
    this.thick("sum", (terms.sum / STRONG) * 0.45, "hidden", terms.sum);
    this.write({
      remembered: reading.columnBefore("hidden", step)[unit],
      recurrent: terms.recurrent,
      read: terms.input,
      constant: terms.bias,
      total: terms.sum,
      output: now.hidden,
    });
  }
}
