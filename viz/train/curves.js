// Loss and score over the training steps. Elements are made once and updated when numbers come.

import { label, nearest, ticks } from "../browser/axes.js";
import { make, say, shape } from "../browser/format.js";
import { _, fill, speak } from "../browser/locale.js";
import { mount } from "../browser/mount.js";

/** @import { Call } from "../browser/types" */
/** @import { ChartData, CurvesData } from "./types" */

const HEIGHT = 132;
const [LEFT, RIGHT, TOP, BOTTOM] = [46, 18, 10, 36];
const APART = 90; // pixels between two ticks of the step axis

export default mount(".curves", (root) => new Curves(root));

class Curves {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.charts = ["loss", "score"].map((name) => new Chart(root, name));
  }

  /** @param {Call<CurvesData>} call */
  receive({ data }) {
    speak(data.strings);
    for (const [at, chart] of this.charts.entries()) chart.show(data.charts[at], data.steps);
  }

  leave() {
    for (const chart of this.charts) chart.leave();
  }
}

class Chart {
  /**
   * @param {HTMLElement} root
   * @param {string} name
   */
  constructor(root, name) {
    this.caption = make("span");
    this.told = make("output");
    this.svg = shape("svg", { role: "img" });
    const drawn = (/** @type {string} */ part) => shape("path", { class: part });
    this.parts = {
      grid: drawn("grid"),
      faint: drawn("faint"),
      line: drawn("line"),
      dots: drawn("dots"),
      here: drawn("here"),
    };
    this.labels = shape("g");
    this.svg.append(...Object.values(this.parts), this.labels);
    root.append(make("figure", { class: name }, make("figcaption", {}, this.caption, this.told), this.svg));
    /** @type {ChartData | null} */
    this.chart = null; // nothing is drawn before there is something to show
    this.steps = 1;
    this.width = 400;
    this.low = 0;
    this.high = 1;
    /** @type {number | null} */
    this.pointer = null;
    this.svg.onpointermove = (event) => {
      const { left, width } = this.svg.getBoundingClientRect();
      this.point(((event.clientX - left) * this.width) / (width || 1)); // also where it is zoomed
    };
    this.svg.onpointerleave = () => this.point(null);
    this.watcher = new ResizeObserver(() => this.chart && this.draw(this.chart));
    this.watcher.observe(this.svg);
  }

  leave() {
    this.watcher.disconnect();
  }

  /**
   * @param {ChartData} chart
   * @param {number} steps
   */
  show(chart, steps) {
    this.chart = chart;
    this.steps = steps;
    this.draw(chart);
  }

  /** @param {ChartData} chart */
  draw(chart) {
    const { parts } = this;
    this.width = this.svg.clientWidth || 400;
    this.svg.setAttribute("viewBox", `0 0 ${this.width} ${HEIGHT}`); // on paper, which may be narrower, nothing is drawn again
    const values = [...chart.line, ...chart.faint].filter((value) => value !== null);
    [this.low, this.high] = chart.ends;
    this.caption.textContent = chart.title;
    parts.line.style.stroke = parts.dots.style.stroke = chart.colour;
    parts.line.setAttribute("d", this.path(chart, chart.line));
    parts.faint.setAttribute("d", this.path(chart, chart.faint));
    parts.dots.setAttribute(
      "d",
      chart.dots
        ? chart.line.map((value, at) => (value === null ? "" : `M${this.place(chart, at, value)}h0`)).join("")
        : "",
    );
    this.axes(values.length > 0);
    this.say(chart);
  }

  /**
   * A line through the values, broken where one is no number (null).
   * @param {ChartData} chart
   * @param {(number | null)[]} values
   */
  path(chart, values) {
    const place = (/** @type {number | null} */ value, /** @type {number} */ at) =>
      value === null ? "" : `${at && values[at - 1] !== null ? "L" : "M"}${this.place(chart, at, value)}`;
    return values.map(place).join("");
  }

  /**
   * @param {ChartData} chart
   * @param {number} at
   * @param {number} value
   */
  place(chart, at, value) {
    return `${this.x(chart.steps[at]).toFixed(1)} ${this.y(value).toFixed(1)}`;
  }

  /** @param {number} step */
  x(step) {
    return LEFT + (step / this.steps) * (this.width - LEFT - RIGHT);
  }

  /** @param {number} value */
  y(value) {
    return TOP + ((this.high - value) / (this.high - this.low)) * (HEIGHT - TOP - BOTTOM);
  }

  /** @param {boolean} measured */
  axes(measured) {
    const [bottom, right] = [HEIGHT - BOTTOM, this.width - RIGHT];
    const up = measured ? ticks(this.low, this.high, 4) : [];
    const across = ticks(0, this.steps, Math.max(2, (right - LEFT) / APART));
    const rows = up.map((value) => `M${LEFT} ${this.y(value).toFixed(1)}H${right}`);
    this.parts.grid.setAttribute("d", `${rows.join("")}M${LEFT} ${bottom}H${right}`);
    this.labels.replaceChildren(
      ...up.map((value) => label(LEFT - 6, this.y(value) + 4, "end", short(value))),
      ...across.map((step) => label(this.x(step), bottom + 14, "middle", step.toLocaleString("en"))),
      label((LEFT + right) / 2, HEIGHT - 4, "middle", _("training step")),
    );
  }

  /** @param {number | null} x */
  point(x) {
    this.pointer = x;
    if (this.chart) this.say(this.chart);
  }

  /**
   * The numbers under the pointer, or the last ones.
   * @param {ChartData} chart
   */
  say({ title, steps, line }) {
    const wanted =
      this.pointer === null ? Infinity : ((this.pointer - LEFT) / (this.width - LEFT - RIGHT)) * this.steps;
    const at = nearest(steps, wanted);
    const known = at >= 0;
    const value = known
      ? fill(_("{value} at step {step}"), { value: short(line[at]), step: steps[at].toLocaleString("en") })
      : "";
    say(this.told, value);
    this.svg.setAttribute("aria-label", known ? `${title}: ${value}` : fill(_("{title}: nothing yet"), { title }));
    const shown = known && this.pointer !== null;
    this.parts.here.setAttribute("d", shown ? `M${this.x(steps[at])} ${TOP}V${HEIGHT - BOTTOM}` : "");
  }
}

/** @param {number | null} value */
function short(value) {
  if (value === null) return _("not a number");
  return Math.abs(value) >= 1e5 || (value && Math.abs(value) < 1e-3)
    ? value.toExponential(1)
    : String(Number(value.toPrecision(4)));
}
