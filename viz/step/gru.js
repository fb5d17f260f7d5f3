// The GRU cell: the hidden state runs along the top; one gate updates it, the other hides it from the candidate.

import { _ } from "../browser/locale.js";
import { Drawing, STRONG } from "./drawing.js";

/** @import { Point } from "./drawing.js" */
/** @import { Reading } from "./reading.js" */
/** @import { ColumnPlace, Now } from "./types" */

const BELT = 62;
const GAUGE = { top: 196, height: 130, width: 56 };
const BUS = { hidden: 388, token: 416 };
const GATES = { update: 196, reset: 376, candidate: 574 }; // x of each gauge's middle
const REPLACE = 124; // y of the pipe that carries 1 - z
/** @type {Record<string, Point>} */
const NODES = {
  keep: [GATES.update, BELT],
  rest: [GATES.reset, REPLACE],
  write: [GATES.candidate, REPLACE],
  add: [GATES.candidate, BELT],
  hold: [GATES.candidate - 12, 357],
};
const HOLD = 11; // radius of the node where the reset gate holds the past back

export class Gru extends Drawing {
  get description() {
    return _(
      "One GRU cell: x and h enter; the reset gate limits how much of h reaches the candidate; the update gate mixes the old h and the candidate into the new h",
    );
  }

  /** @returns {Record<string, ColumnPlace>} */
  get places() {
    return {
      hidden_before: [14, 8, 108],
      hidden: [734, 8, 108],
      update: [GATES.update - 46, GAUGE.top, GAUGE.height],
      reset: [GATES.reset - 46, GAUGE.top, GAUGE.height],
      candidate: [GATES.candidate - 46, GAUGE.top, GAUGE.height],
    };
  }

  draw() {
    this.pipe("belt", `M32 ${BELT}H728`, "bed");
    this.drawPipes();
    for (const [gate, x] of Object.entries(GATES)) this.gauge(gate, x, GAUGE);
    this.chevrons({
      right: [
        [92, BELT],
        [380, BELT],
        [700, BELT],
        [286, REPLACE],
        [470, REPLACE],
        [110, BUS.hidden],
        [110, BUS.token],
        [530, NODES.hold[1]],
      ],
      up: [
        [GATES.update, 176],
        [GATES.candidate, 166],
        [GATES.candidate, 96],
      ],
      down: [[482, 260]],
    });
    const signs = { keep: "×", rest: "1−", write: "×", add: "+" };
    for (const [name, sign] of Object.entries(signs)) this.node(name, NODES[name], sign);
    this.node("hold", NODES.hold, "×", HOLD);
    this.label("remembered", 34, 34, "start", "h", "t−1", "earlier");
    this.label("kept", 385, 34, "middle", "z · h", "");
    this.label("hidden", 650, 34, "middle", "h", "t");
    this.label("rest", 480, REPLACE + 26, "middle", "1 − z", "");
    this.label("written", GATES.candidate - 18, 100, "end", "(1 − z) · n", "");
    this.tile(BUS.token - 4);
  }

  drawPipes() {
    const [hold, bottom] = [NODES.hold, GAUGE.top + GAUGE.height + 4];
    this.pipe("remembered", `M32 ${BELT}H${NODES.keep[0] - 14}`);
    this.pipe("kept", `M${NODES.keep[0] + 14} ${BELT}H${NODES.add[0] - 14}`);
    this.pipe("hidden", `M${NODES.add[0] + 14} ${BELT}H728`);
    this.pipe("written", `M${NODES.add[0]} ${REPLACE - 14}V${BELT + 14}`);
    this.pipe("update", `M${GATES.update} ${GAUGE.top - 2}V${BELT + 14}`);
    this.pipe("taken", `M${GATES.update} ${REPLACE}H${NODES.rest[0] - 14}`);
    this.pipe("rest", `M${NODES.rest[0] + 14} ${REPLACE}H${NODES.write[0] - 14}`);
    this.pipe("candidate", `M${GATES.candidate} ${GAUGE.top - 2}V${REPLACE + 14}`);
    this.pipe("reset", `M${GATES.reset} ${GAUGE.top - 2}V172H482V${hold[1]}H${hold[0] - HOLD}`);
    this.pipe("hidden bus", `M60 ${BELT}V${BUS.hidden}H${hold[0]}`, "bus from-hidden");
    this.pipe("token bus", `M74 ${BUS.token}H${GATES.candidate + 12}`, "bus from-token");
    for (const [gate, x] of Object.entries(GATES)) {
      const from = gate === "candidate" ? hold[1] - HOLD : BUS.hidden;
      this.pipe(`${gate} recurrent`, `M${x - 12} ${from}V${bottom}`, "arrow from-hidden");
      this.pipe(`${gate} token`, `M${x + 12} ${BUS.token}V${bottom}`, "arrow from-token");
    }
    this.pipe("heard", `M${hold[0]} ${BUS.hidden}V${hold[1] + HOLD}`, "arrow from-hidden");
  }

  /**
   * @param {Now} now
   * @param {Reading} reading
   * @param {number} step
   * @param {number} unit
   */
  show(now, reading, step, unit) {
    const reach = this.reach("hidden");
    const before = reading.columnBefore("hidden", step)[unit];
    const [kept, rest] = [now.update * before, 1 - now.update];
    const written = rest * now.candidate;
    this.thick("remembered", before / reach, "hidden", before);
    this.thick("kept", kept / reach, "hidden", kept);
    this.thick("hidden", now.hidden / reach, "hidden", now.hidden);
    this.thick("written", written / this.reach("candidate"), "candidate", written);
    for (const gate of ["update", "reset"]) this.fill(gate, now[gate], reading.terms(gate, unit, step));
    this.thick("taken", now.update * 0.6, "update", now.update);
    this.thick("rest", rest * 0.6, "update", rest);
    const heard = reading.terms("candidate", unit, step);
    const past =
      heard.reset === undefined ? heard.recurrent : heard.reset * (heard.recurrent + (heard.recurrentBias ?? 0));
    this.fill("candidate", now.candidate, { input: heard.input, recurrent: past });
    this.thick("heard", (heard.recurrent / STRONG) * 0.45);
    this.write({ remembered: before, kept, hidden: now.hidden, rest, written });
  }
}
