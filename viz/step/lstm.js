// The LSTM cell as textbooks draw it: the cell state along the top, a gauge for each gate and for the candidate.

import { say } from "../browser/format.js";
import { _ } from "../browser/locale.js";
import { squash } from "../live/engine/activations.js";
import { Drawing } from "./drawing.js";
import { written } from "./kinds.js";

/** @import { Point } from "./drawing.js" */
/** @import { Reading } from "./reading.js" */
/** @import { ColumnPlace, Now } from "./types" */

const BELT = 62;
const GAUGE = { top: 206, height: 140, width: 56 };
const BUS = { hidden: 374, token: 412 };
const GATES = { forget: 170, input: 322, candidate: 434, output: 562 }; // x of each gauge's middle
/** @type {Record<string, Point>} */
const NODES = { keep: [170, BELT], write: [378, 140], add: [378, BELT], squash: [640, 122], show: [640, 182] };

export class Lstm extends Drawing {
  get description() {
    return _("One LSTM cell: x and h enter, three gates and the candidate act on the cell state, h leaves");
  }

  /** @returns {Record<string, ColumnPlace>} */
  get places() {
    return {
      cell_before: [14, 8, 108],
      cell: [734, 8, 108],
      hidden_before: [14, 300, 108],
      hidden: [734, 140, 108],
      forget: [124, GAUGE.top, GAUGE.height],
      input: [276, GAUGE.top, GAUGE.height],
      candidate: [388, GAUGE.top, GAUGE.height],
      output: [516, GAUGE.top, GAUGE.height],
    };
  }

  draw() {
    this.pipe("belt", `M32 ${BELT}H728`, "bed");
    this.drawPipes();
    for (const [gate, x] of Object.entries(GATES)) this.gauge(gate, x, GAUGE);
    this.chevrons({
      right: [
        [92, BELT],
        [262, BELT],
        [470, BELT],
        [704, BELT],
        [704, NODES.show[1]],
        [110, BUS.hidden],
        [110, BUS.token],
      ],
      up: [...Object.values(GATES).map((x) => /** @type {Point} */ ([x, 186])), [NODES.add[0], 102]],
      down: [[NODES.show[0], 150]],
    });
    const signs = { keep: "×", write: "×", add: "+", squash: written(this.cell.shown) || "lin", show: "×" };
    for (const [name, sign] of Object.entries(signs)) this.node(name, NODES[name], sign);
    this.drawLabels();
  }

  drawPipes() {
    const [add, squashed, show] = [NODES.add, NODES.squash, NODES.show];
    this.pipe("remembered", `M32 ${BELT}H156`);
    this.pipe("kept", `M184 ${BELT}H364`);
    this.pipe("cell", `M392 ${BELT}H728`);
    this.pipe("written", `M${add[0]} 126V76`);
    this.pipe("squashed", `M${squashed[0]} ${BELT + 1}V108M${squashed[0]} 136V168`);
    this.pipe("hidden", `M654 ${show[1]}H728`);
    this.pipe("forget", `M${GATES.forget} 204V76`);
    this.pipe("input", `M${GATES.input} 204V140H364`);
    this.pipe("candidate", `M${GATES.candidate} 204V140H392`);
    this.pipe("output", `M${GATES.output} 204V${show[1]}H626`);
    this.pipe("hidden bus", `M32 ${BUS.hidden}H${GATES.output - 12}`, "bus from-hidden");
    this.pipe("token bus", `M74 ${BUS.token}H${GATES.output + 12}`, "bus from-token");
    for (const [gate, x] of Object.entries(GATES)) {
      this.pipe(`${gate} recurrent`, `M${x - 12} ${BUS.hidden}V350`, "arrow from-hidden");
      this.pipe(`${gate} token`, `M${x + 12} ${BUS.token}V350`, "arrow from-token");
    }
  }

  drawLabels() {
    this.label("remembered", 34, 34, "start", "c", "t−1", "earlier");
    this.label("recurrent", 34, 364, "start", "h", "t−1", "earlier");
    this.label("kept", 274, 34, "middle", "f · c", "");
    this.label("cell", 560, 34, "middle", "c", "t");
    this.label("written", 394, 108, "start", "i · g", "");
    this.label("squashed", 626, 156, "end", "", "");
    this.label("hidden", 656, 170, "start", "h", "t", "now");
    this.tile(BUS.token);
  }

  /**
   * @param {Now} now
   * @param {Reading} reading
   * @param {number} step
   * @param {number} unit
   */
  show(now, reading, step, unit) {
    const reach = this.reach("cell");
    const before = reading.columnBefore("cell", step)[unit];
    const kept = now.forget * before;
    const written = now.input * now.candidate;
    const squashed = squash(this.cell.shown, now.cell);
    this.thick("remembered", before / reach, "cell", before);
    this.thick("kept", kept / reach, "cell", kept);
    this.thick("cell", now.cell / reach, "cell", now.cell);
    this.thick("written", written / this.reach("candidate"), "candidate", written);
    this.thick("squashed", squashed / this.reach("hidden"), "cell", squashed);
    this.thick("hidden", now.hidden / this.reach("hidden"), "hidden", now.hidden);
    for (const gate of Object.keys(GATES)) this.fill(gate, now[gate], reading.terms(gate, unit, step));
    this.write({ remembered: before, kept, cell: now.cell, written, squashed, hidden: now.hidden });
    say(this.texts.recurrent, this.heard(reading, step, unit));
  }
}
