// Clicks on a Plotly heatmap, or on the points and bars of a trace whose meta is "pick", told to Python; a cross over the
// cell that is selected; and while the pointer rests on a cell, a fainter one over the same unit and step in all charts.
//
// Streamlit hears clicks on Plotly markers only, never on a heatmap's cells. This component shows nothing of
// its own: it listens to the chart beside it and lays two thin lines over the picture, so that a click
// neither sends the figure again nor loses its zoom.

/** @import { Axis, Call, Click, Plot, Trace } from "./types" */

const MARK = "gatescope-mark";
const LIT = "gatescope-lit";
const NOTHING = { row: null, column: null };
const LOOK = 300; // ms until it is looked again whether the chart was replaced

/** @param {Call<{ chart: string; row: number | null; column: number | null; version: string }>} component */
export default function (component) {
  const { data, setTriggerValue } = component;
  /** @type {HTMLElement & { gatescopeStop?: () => void }} */
  const parentElement = component.parentElement;
  const { chart, row, column, version } = data;
  const place = `.st-key-${CSS.escape(chart)} .js-plotly-plot`;
  /** @type {Plot | null} */
  let known = null;

  /** @type {(plot: Plot, event: Click) => void} */
  const pick = (plot, event) => {
    const point = event.points?.[0];
    if (!point) return;
    const at = point.pointIndex ?? point.pointNumber;
    const [row, column] = Array.isArray(at) ? at : [at, 0];
    if (point.data.type === "heatmap" && point.data.name) {
      const cell = cellUnder(plot, event.event) ?? { column, row, trace: point.data.name };
      setTriggerValue("picked", { ...cell, version });
    } else if (point.data.meta === "pick") {
      setTriggerValue("picked", { column, row, trace: point.data.name || "", version });
    }
  };
  /** @param {Plot} plot */
  const attach = (plot) => {
    if (!plot?._fullLayout || typeof plot.on !== "function") return;
    plot.gatescopePick = (event) => pick(plot, event);
    plot.gatescopeMark = () => mark(plot, { row, column });
    plot.gatescopeColumn = column; // for a picture of it
    if (!plot.gatescopeListens) {
      plot.gatescopeListens = true;
      plot.on("plotly_click", (event) => plot.gatescopePick?.(event));
      plot.on("plotly_hover", light);
      plot.on("plotly_unhover", dim);
      for (const name of ["plotly_afterplot", "plotly_relayout"]) plot.on(name, () => plot.gatescopeMark?.());
    }
    if (plot !== known) plot.gatescopeMark?.();
    known = plot;
  };
  // The chart may come later than we do, and may be replaced, with all that it stands in: look again now and then, and
  // before each click.
  const look = () => {
    const plots = /** @type {NodeListOf<Plot>} */ (document.querySelectorAll(place));
    if (plots.length) attach(plots[plots.length - 1]);
  };
  /** @param {PointerEvent} event */
  const press = (event) => {
    const plot = event.target instanceof Element ? /** @type {Plot | null} */ (event.target.closest(place)) : null;
    if (plot) attach(plot);
  };
  parentElement.gatescopeStop?.(); // with other data we are called again, and only the last call counts
  look();
  const timer = setInterval(look, LOOK);
  document.addEventListener("pointerdown", press, true);
  parentElement.gatescopeStop = () => {
    clearInterval(timer);
    document.removeEventListener("pointerdown", press, true);
  };
  return parentElement.gatescopeStop;
}

/**
 * The axis that a trace calls "x2".
 * @param {Plot} plot
 * @param {string} name
 */
function axisOf(plot, name) {
  return plot._fullLayout[`${name.startsWith("x") ? "x" : "y"}axis${name.slice(1)}`];
}

/**
 * Which cell of which heatmap lies there? Plotly names the one that it last hovered over, at most every 50 ms: a quick
 * hand has left that one when it clicks.
 * @param {Plot} plot
 * @param {MouseEvent | undefined} event
 */
function cellUnder(plot, event) {
  if (!event || !Number.isFinite(event.clientX)) return null;
  const box = plot.getBoundingClientRect();
  for (const trace of plot._fullData) {
    const name = trace._input?.name;
    if (trace.type !== "heatmap" || !name) continue;
    const x = axisOf(plot, trace.xaxis);
    const y = axisOf(plot, trace.yaxis);
    const across = event.clientX - box.left - x._offset;
    const down = event.clientY - box.top - y._offset;
    if (across < 0 || across > x._length || down < 0 || down > y._length) continue;
    /** @type {(place: number, count: number) => number} */
    const within = (place, count) => Math.min(Math.max(Math.round(place), 0), count - 1);
    return { column: within(x.p2l(across), trace.z[0].length), row: within(y.p2l(down), trace.z.length), trace: name };
  }
  return null;
}

/**
 * Light the unit and the step under the pointer in every chart that has them, by their names on its axes.
 * @param {Click} event
 */
function light(event) {
  const point = event.points?.[0];
  if (!point) return;
  const at = point.pointIndex ?? point.pointNumber;
  const [row, column] = Array.isArray(at) ? at : [null, at];
  const step = point.data.x?.[column];
  const unit = row === null ? undefined : point.data.y?.[row];
  for (const other of /** @type {NodeListOf<Plot>} */ (document.querySelectorAll(".js-plotly-plot"))) {
    if (!other._fullData) continue;
    cross(other, LIT, 0.4, (trace) => ({
      column: placeOf(axisOf(other, trace.xaxis), step),
      row: isRows(trace) ? placeOf(axisOf(other, trace.yaxis), unit) : null,
    }));
  }
}

function dim() {
  for (const one of document.querySelectorAll(`.${LIT}`)) one.remove();
}

/**
 * Which category of an axis has that name? None of an axis of numbers.
 * @param {Axis} axis
 * @param {unknown} name
 */
function placeOf(axis, name) {
  const at = name === undefined ? -1 : (axis._categories ?? []).indexOf(String(name));
  return at < 0 ? null : at;
}

/**
 * Is it a heatmap with a row for each unit? A strip of tokens would be struck through.
 * @param {Trace} trace
 */
function isRows(trace) {
  return trace.type === "heatmap" && trace.name && !trace.name.startsWith("trace ") && trace.z.length > 1;
}

/**
 * @param {Plot} plot
 * @param {{ row: number | null; column: number | null }} cell
 */
function mark(plot, { row, column }) {
  const none = row === null || column === null;
  cross(plot, MARK, 0.75, (trace) => (none ? NOTHING : { column, row: isRows(trace) ? row : null }));
}

/**
 * Draw two thin lines over each panel, and remove those of the same class that were there.
 * @param {Plot} plot
 * @param {string} className
 * @param {number} opacity
 * @param {(trace: Trace) => { row: number | null; column: number | null }} cellOf
 */
function cross(plot, className, opacity, cellOf) {
  const canvas = plot.querySelector(".svg-container");
  if (!canvas) return;
  for (const old of canvas.querySelectorAll(`.${className}`)) old.remove();
  const layout = plot._fullLayout;
  const ink = getComputedStyle(plot).getPropertyValue("--st-text-color").trim() || layout.font.color;
  const drawn = new Set();
  /** @type {(left: number, top: number, width: number, height: number) => void} */
  const line = (left, top, width, height) => {
    const place = `left:${left}px;top:${top}px;width:${width}px;height:${height}px`;
    if (drawn.has(place)) return; // by another trace of the panel
    drawn.add(place);
    const element = document.createElement("div");
    element.className = className;
    element.style.cssText = `position:absolute;pointer-events:none;${place};background:${ink};opacity:${opacity}`;
    canvas.appendChild(element);
  };
  for (const trace of plot._fullData) {
    const { row, column } = cellOf(trace);
    const x = axisOf(plot, trace.xaxis);
    const y = axisOf(plot, trace.yaxis);
    if (!x || !y) continue;
    const across = column === null ? -1 : x.l2p(column);
    if (across >= 0 && across <= x._length) line(x._offset + across - 0.5, y._offset, 1, y._length);
    const down = row === null ? -1 : y.l2p(row);
    if (down >= 0 && down <= y._length) line(x._offset, y._offset + down - 0.5, x._length, 1);
  }
}
