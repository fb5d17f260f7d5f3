// The cell as textbooks draw it: every pipe as thick, every gauge as full as its number is now.

import { Columns } from "./columns.js";
import { fixed, make, say, shape } from "./format.js";

const WIDTH = 760;
const HEIGHT = 432;
const BELT = 62;
const GAUGE = { top: 206, height: 140, width: 56 };
const BUS = { hidden: 374, token: 412 };
const GATES = { forget: 170, input: 322, candidate: 434, output: 562 }; // x of each gauge's middle
const NODES = { keep: [170, BELT], write: [378, 140], add: [378, BELT], squash: [640, 122], show: [640, 182] };
const COLUMNS = {
  cell_before: [14, 8, 108],
  cell: [734, 8, 108],
  hidden_before: [14, 300, 108],
  hidden: [734, 140, 108],
  forget: [124, GAUGE.top, GAUGE.height],
  input: [276, GAUGE.top, GAUGE.height],
  candidate: [388, GAUGE.top, GAUGE.height],
  output: [516, GAUGE.top, GAUGE.height],
};
const MOST = 16; // pixels: the thickest pipe
const TILE = 6; // characters that fit into the token's tile
const STRONG = 4; // a term of this size draws an arrow of nearly half that thickness

export class Cell {
  constructor(holder, { onUnit }) {
    this.svg = shape("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img" });
    this.pipes = {};
    this.texts = {};
    this.fills = {};
    this.pipe("belt", `M32 ${BELT}H728`, "bed");
    this.drawPipes();
    for (const [gate, x] of Object.entries(GATES)) this.drawGauge(gate, x);
    this.drawChevrons();
    this.drawNodes();
    this.drawLabels();
    this.columns = new Columns(COLUMNS, { width: WIDTH, height: HEIGHT, onUnit });
    this.svg.append(...this.columns.marks);
    holder.replaceChildren(this.svg, ...this.columns.canvases, this.columns.tip);
  }

  pipe(name, path, kind = "pipe") {
    this.pipes[name] = this.svg.appendChild(shape("path", { d: path, class: kind }));
  }

  drawPipes() {
    const [add, squash, show] = [NODES.add, NODES.squash, NODES.show];
    this.pipe("remembered", `M32 ${BELT}H156`);
    this.pipe("kept", `M184 ${BELT}H364`);
    this.pipe("cell", `M392 ${BELT}H728`);
    this.pipe("written", `M${add[0]} 126V76`);
    this.pipe("squashed", `M${squash[0]} ${BELT + 1}V108M${squash[0]} 136V168`);
    this.pipe("said", `M654 ${show[1]}H728`);
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

  /** Which way it flows. */
  drawChevrons() {
    const right = [[92, BELT], [262, BELT], [470, BELT], [704, BELT], [704, NODES.show[1]], [110, BUS.hidden], [110, BUS.token]];
    const up = [...Object.values(GATES).map((x) => [x, 186]), [NODES.add[0], 102]];
    for (const [x, y] of right) this.svg.append(shape("path", { class: "chevron", d: `M${x - 2} ${y - 4}l4 4l-4 4` }));
    for (const [x, y] of up) this.svg.append(shape("path", { class: "chevron", d: `M${x - 4} ${y + 2}l4 -4l4 4` }));
    this.svg.append(shape("path", { class: "chevron", d: `M${NODES.show[0] - 4} 150l4 4l4 -4` }));
  }

  drawGauge(gate, x) {
    const box = { x: x - GAUGE.width / 2, y: GAUGE.top, width: GAUGE.width, height: GAUGE.height, rx: 5 };
    const group = this.svg.appendChild(shape("g", { class: `gauge ${gate}` }));
    this.fills[gate] = shape("rect", { ...box, rx: 0, class: "fill" });
    this.fills[`${gate} level`] = shape("rect", { x: box.x, y: 0, width: box.width, height: 2.5, class: "level" });
    group.append(shape("rect", { ...box, class: "empty" }), this.fills[gate], this.fills[`${gate} level`]);
    group.append(shape("rect", { ...box, class: "edge" }));
    if (gate === "candidate") group.append(shape("path", { class: "zero", d: `M${box.x} ${GAUGE.top + GAUGE.height / 2}h${GAUGE.width}` }));
    const symbol = { forget: "f", input: "i", candidate: "g", output: "o" }[gate];
    group.append(indexed(symbol, "t", { x: x - 15, y: GAUGE.top + 25, class: "symbol" }));
    group.append(text(gate === "candidate" ? "tanh" : "σ", { x: x + (gate === "candidate" ? 13 : 18), y: GAUGE.top + 24, class: "function" }));
    this.texts[gate] = group.appendChild(text("", { x, y: GAUGE.top + 78, class: "number" }));
    group.append(text(gate, { x, y: GAUGE.top + GAUGE.height - 10, class: "name" }));
  }

  drawNodes() {
    const signs = { keep: "×", write: "×", add: "+", squash: "tanh", show: "×" };
    for (const [name, [x, y]] of Object.entries(NODES)) {
      const group = this.svg.appendChild(shape("g", { class: `node ${name}` }));
      group.append(shape("circle", { cx: x, cy: y, r: 14 }), text(signs[name], { x, y: y + (name === "squash" ? 4 : 6) }));
    }
  }

  drawLabels() {
    const label = (name, x, y, anchor, symbol, index) => {
      const holder = shape("text", { x, y, class: `label ${name}`, "text-anchor": anchor });
      if (symbol) holder.append(...subscripted(symbol, index), " = ");
      this.texts[name] = holder.appendChild(shape("tspan", { class: "number" }));
      this.svg.append(holder);
      return holder;
    };
    this.earlier = [
      label("remembered", 34, 34, "start", "c", "t−1"),
      label("recurrent", 34, 364, "start", "h", "t−1"),
    ].map((one) => one.querySelector(".index"));
    label("kept", 274, 34, "middle", "f · c", "");
    label("cell", 560, 34, "middle", "c", "t");
    label("written", 394, 108, "start", "i · g", "");
    label("squashed", 626, 156, "end", "", "");
    label("hidden", 656, 170, "start", "h", "t").classList.add("now");
    const tile = { x: 34, y: BUS.token - 18, width: 38, height: 34, rx: 5, class: "tile" };
    this.texts.token = text("", { x: 53, y: BUS.token + 5, class: "glyph" });
    this.svg.append(shape("rect", tile), this.texts.token, indexed("x", "t", { x: 80, y: BUS.token - 8, class: "label" }));
  }

  /** What is coloured how; called when the theme or the signals change. */
  paint(scales, signals, layer) {
    this.signals = Object.fromEntries(signals.map((signal) => [signal.name, signal]));
    this.reach = this.signals.cell.limits[1];
    this.columns.paint(scales, layer.units);
    for (const index of this.earlier) say(index, layer.reverse ? "t+1" : "t−1");
    this.svg.setAttribute("aria-label", "One LSTM cell: x and h enter, three gates and the candidate act on the cell state, h leaves");
  }

  update(reading, step, unit, token) {
    const now = {};
    for (const name of Object.keys(this.signals)) now[name] = reading.value(name, step, unit);
    const before = reading.columnBefore("cell", step)[unit];
    const kept = now.forget * before;
    const written = now.input * now.candidate;
    const squashed = Math.tanh(now.cell);
    this.thick("remembered", before / this.reach, "cell", before);
    this.thick("kept", kept / this.reach, "cell", kept);
    this.thick("cell", now.cell / this.reach, "cell", now.cell);
    this.thick("written", written, "candidate", written);
    this.thick("squashed", squashed, "cell", squashed);
    this.thick("said", now.hidden, "hidden", now.hidden);
    for (const gate of Object.keys(GATES)) {
      this.thick(gate, now[gate] * 0.6, gate, now[gate]);
      this.level(gate, now[gate]);
      const { input, recurrent } = reading.terms(gate, unit, step);
      this.thick(`${gate} recurrent`, (recurrent / STRONG) * 0.45);
      this.thick(`${gate} token`, (input / STRONG) * 0.45);
      say(this.texts[gate], fixed(now[gate], 2));
    }
    const numbers = { remembered: before, kept, cell: now.cell, written, squashed, hidden: now.hidden };
    for (const [name, value] of Object.entries(numbers)) say(this.texts[name], fixed(value, 2));
    say(this.texts.recurrent, fixed(reading.columnBefore("hidden", step)[unit], 2));
    say(this.texts.token, token.length > TILE ? `${token.slice(0, TILE - 1)}…` : token);
    this.texts.token.classList.toggle("long", token.length > 2);
    this.columns.update(reading, step, unit);
  }

  /** A pipe's thickness by the share of its limit; with a signal, its colour by the sign. */
  thick(name, share, signal, value) {
    const { style } = this.pipes[name];
    style.strokeWidth = (1 + (MOST - 1) * Math.min(Math.abs(share), 1)).toFixed(2);
    style.opacity = (0.35 + 0.65 * Math.min(Math.abs(share) * 3, 1)).toFixed(2);
    if (signal) style.stroke = value < 0 ? this.signals[signal].opposite : this.signals[signal].colour;
  }

  level(gate, value) {
    const signed = gate === "candidate";
    const zero = signed ? GAUGE.top + GAUGE.height / 2 : GAUGE.top + GAUGE.height;
    const height = value * (signed ? GAUGE.height / 2 : GAUGE.height);
    const fill = this.fills[gate];
    fill.setAttribute("y", (height < 0 ? zero : zero - height).toFixed(2));
    fill.setAttribute("height", Math.abs(height).toFixed(2));
    this.fills[`${gate} level`].setAttribute("y", (zero - height - 1.25).toFixed(2));
    const colour = value < 0 ? this.signals[gate].opposite : this.signals[gate].colour;
    fill.style.fill = colour;
    this.fills[`${gate} level`].style.fill = colour;
  }
}

function text(content, attributes) {
  return shape("text", attributes, content);
}

function indexed(symbol, index, attributes) {
  return shape("text", attributes, ...subscripted(symbol, index));
}

function subscripted(symbol, index) {
  const parts = [shape("tspan", { class: "variable" }, symbol)];
  if (index) parts.push(shape("tspan", { class: "index", dy: "0.28em" }, index), shape("tspan", { dy: "-0.2em" }, "\u200a"));
  return parts;
}
