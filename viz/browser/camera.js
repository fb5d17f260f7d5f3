// Adds a caption, and the line of the chosen step, to a chart while Plotly's camera takes its picture.

/** @import { Call, Plot } from "./types" */

/** @param {Call<{ caption: object; room: number }>} call */
export default function ({ data }) {
  window.gatescopeCaption = data;
  freeFingers();
  if (window.gatescopeCamera) return;
  window.gatescopeCamera = true;
  // Before Plotly hears of the click. It copies the layout at once, and draws the picture from its copy.
  document.addEventListener("click", (event) => event.target instanceof Element && prepare(event.target), true);
}

/**
 * A finger on a chart scrolls the page, and a tap selects, as a click does: Plotly would hold it to draw a frame to zoom
 * into, and the page could not be left. It hears the clicks that a browser makes of taps.
 */
function freeFingers() {
  if (window.gatescopeFingers) return;
  window.gatescopeFingers = true;
  const keep = (/** @type {TouchEvent} */ event) => {
    if (event.target instanceof Element && event.target.closest(".js-plotly-plot .draglayer")) event.stopPropagation();
  };
  for (const name of /** @type {const} */ (["touchstart", "touchmove", "touchend"]))
    document.addEventListener(name, keep, { capture: true, passive: true });
}

/** @param {Element} target */
function prepare(target) {
  const button = target.closest('.modebar-btn[data-title^="Download plot"]');
  const plot = /** @type {Plot | null | undefined} */ (button?.closest(".js-plotly-plot"));
  if (!plot?.layout || !window.gatescopeCaption) return;
  const { caption, room } = window.gatescopeCaption;
  const { layout } = plot;
  const full = plot._fullLayout;
  const had = { annotations: layout.annotations, shapes: layout.shapes, margin: layout.margin };
  const bottom = full.margin.b;
  layout.annotations = [...(had.annotations ?? []), { ...caption, yshift: -bottom }];
  layout.shapes = [...(had.shapes ?? []), ...marks(plot)];
  layout.margin = { ...had.margin, b: bottom + room };
  setTimeout(() => Object.assign(layout, had), 0);
}

/**
 * A line at the column that is marked on the page, in each column of panels.
 * @param {Plot} plot
 */
function marks(plot) {
  const column = plot.gatescopeColumn ?? null;
  if (column === null) return [];
  const line = { color: plot._fullLayout.font.color, width: 1, dash: "dot" };
  const axes = new Set(plot._fullData.filter((trace) => trace.type === "heatmap").map((trace) => trace.xaxis));
  const { xaxis, xaxis2 } = plot._fullLayout;
  if (axes.has("x") && axes.has("x2") && xaxis._offset === xaxis2._offset) axes.delete("x2"); // one axis with ticks above and below
  return [...axes].map((xref) => ({ type: "line", x0: column, x1: column, y0: 0, y1: 1, xref, yref: "paper", line }));
}
