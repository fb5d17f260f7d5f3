// Loss and score over the steps of a training. Elements are made once and changed as numbers come.
//
// Streamlit calls the default export again at each run of the page.

const HEIGHT = 180;
const [LEFT, RIGHT, TOP, BOTTOM] = [46, 18, 10, 36];
const APART = 90; // pixels between two ticks of the step axis

const charts = new WeakMap();

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".curves");
  if (!charts.has(root))
    charts.set(
      root,
      data.charts.map((_, at) => new Chart(root, at ? "score" : "loss")),
    );
  for (const [at, chart] of charts.get(root).entries()) chart.show(data.charts[at], data.steps);
  return () => {
    if (root.isConnected) return; // the clean-up of a call that a later one has overtaken
    for (const chart of charts.get(root) ?? []) chart.leave();
    charts.delete(root);
  };
}

class Chart {
  constructor(root, name) {
    this.caption = document.createElement("span");
    this.told = document.createElement("output");
    const head = document.createElement("figcaption");
    head.append(this.caption, this.told);
    this.svg = shape("svg", { role: "img" });
    this.parts = Object.fromEntries(
      ["grid", "faint", "line", "dots", "here"].map((part) => [part, shape("path", { class: part })]),
    );
    this.labels = shape("g", {});
    this.svg.append(...Object.values(this.parts), this.labels);
    const figure = document.createElement("figure");
    figure.className = name;
    figure.append(head, this.svg);
    root.append(figure);
    this.pointer = null;
    this.svg.onpointermove = (event) => this.point(event.clientX - this.svg.getBoundingClientRect().left);
    this.svg.onpointerleave = () => this.point(null);
    this.watcher = new ResizeObserver(() => this.chart && this.draw());
    this.watcher.observe(this.svg);
  }

  leave() {
    this.watcher.disconnect();
  }

  show(chart, steps) {
    this.chart = chart;
    this.steps = steps;
    this.draw();
  }

  draw() {
    const { chart, parts } = this;
    this.width = this.svg.clientWidth || 400;
    this.svg.setAttribute("viewBox", `0 0 ${this.width} ${HEIGHT}`); // on paper, which may be narrower, nothing is drawn again
    const values = [...chart.line, ...chart.faint].filter((value) => value !== null);
    [this.low, this.high] = chart.ends;
    this.caption.textContent = chart.title;
    parts.line.style.stroke = parts.dots.style.stroke = chart.colour;
    parts.line.setAttribute("d", this.path(chart.line));
    parts.faint.setAttribute("d", this.path(chart.faint));
    parts.dots.setAttribute(
      "d",
      chart.dots ? chart.line.map((value, at) => (value === null ? "" : `M${this.place(at, value)}h0`)).join("") : "",
    );
    this.axes(values.length > 0);
    this.say();
  }

  /** A line through the values, broken where one is no number (null). */
  path(values) {
    const place = (value, at) =>
      value === null ? "" : `${at && values[at - 1] !== null ? "L" : "M"}${this.place(at, value)}`;
    return values.map(place).join("");
  }

  place(at, value) {
    return `${this.x(this.chart.steps[at]).toFixed(1)} ${this.y(value).toFixed(1)}`;
  }

  x(step) {
    return LEFT + (step / this.steps) * (this.width - LEFT - RIGHT);
  }

  y(value) {
    return TOP + ((this.high - value) / (this.high - this.low)) * (HEIGHT - TOP - BOTTOM);
  }

  axes(measured) {
    const [bottom, right] = [HEIGHT - BOTTOM, this.width - RIGHT];
    const up = measured ? ticks(this.low, this.high, 4) : [];
    const across = ticks(0, this.steps, Math.max(2, (right - LEFT) / APART));
    const rows = up.map((value) => `M${LEFT} ${this.y(value).toFixed(1)}H${right}`);
    this.parts.grid.setAttribute("d", `${rows.join("")}M${LEFT} ${bottom}H${right}`);
    this.labels.replaceChildren(
      ...up.map((value) => label(LEFT - 6, this.y(value) + 4, "end", short(value))),
      ...across.map((step) => label(this.x(step), bottom + 14, "middle", step.toLocaleString("en"))),
      label((LEFT + right) / 2, HEIGHT - 4, "middle", "training step"),
    );
  }

  point(x) {
    this.pointer = x;
    this.say();
  }

  /** The numbers under the pointer, or the last ones. */
  say() {
    const { steps, line } = this.chart;
    const wanted =
      this.pointer === null ? Infinity : ((this.pointer - LEFT) / (this.width - LEFT - RIGHT)) * this.steps;
    const at = nearest(steps, wanted);
    const known = at >= 0;
    const said = known ? `${short(line[at])} at step ${steps[at].toLocaleString("en")}` : "";
    if (this.told.textContent !== said) this.told.textContent = said;
    this.svg.setAttribute("aria-label", known ? `${this.chart.title}: ${said}` : `${this.chart.title}: nothing yet`);
    const shown = known && this.pointer !== null;
    this.parts.here.setAttribute("d", shown ? `M${this.x(steps[at])} ${TOP}V${HEIGHT - BOTTOM}` : "");
  }
}

function nearest(steps, wanted) {
  const after = steps.findIndex((step) => step >= wanted);
  if (after < 0) return steps.length - 1;
  return after > 0 && wanted - steps[after - 1] < steps[after] - wanted ? after - 1 : after;
}

/** Round numbers between two others, about `count` of them. */
function ticks(low, high, count) {
  const rough = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((one) => one >= rough);
  const found = [];
  for (let at = Math.ceil(low / step); at * step <= high * (1 + 1e-12); at++)
    found.push(Number((at * step).toPrecision(12)));
  return found;
}

function short(value) {
  if (value === null) return "not a number";
  return Math.abs(value) >= 1e5 || (value && Math.abs(value) < 1e-3)
    ? value.toExponential(1)
    : String(Number(value.toPrecision(4)));
}

function label(x, y, anchor, said) {
  const element = shape("text", { x, y, "text-anchor": anchor });
  element.textContent = said;
  return element;
}

function shape(tag, attributes) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}
