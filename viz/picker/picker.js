// Clicks on a Plotly heatmap, or on the points and bars of a trace whose meta is "pick", told to Python; and a cross over
// the cell that is selected.
//
// Streamlit hears clicks on Plotly markers only, never on a heatmap's cells. This component shows nothing of
// its own: it listens to the chart beside it and lays two thin lines over the picture, so that a click
// neither sends the figure again nor loses its zoom.

const PATIENCE = 20000; // ms until a chart that never appears is given up

export default function (component) {
  const { data, setTriggerValue } = component;
  const { chart, row, column, version } = data;
  const holder = document.querySelector(`.st-key-${CSS.escape(chart)}`);
  if (!holder) return undefined;
  let alive = true;

  const attach = () => {
    const plot = holder.querySelector(".js-plotly-plot");
    if (!plot || !plot._fullLayout || typeof plot.on !== "function") return null;
    plot.gatescopePick = (event) => {
      const point = event.points && event.points[0];
      if (!point) return;
      const at = point.pointIndex ?? point.pointNumber;
      if (point.data.type === "heatmap" && point.data.name) {
        setTriggerValue("picked", { column: at[1], row: at[0], trace: point.data.name, version });
      } else if (point.data.meta === "pick") {
        setTriggerValue("picked", { column: 0, row: at, trace: point.data.name || "", version });
      }
    };
    plot.gatescopeMark = () => mark(plot, { row, column });
    if (!plot.gatescopeListens) {
      plot.gatescopeListens = true;
      plot.on("plotly_click", (event) => plot.gatescopePick(event));
      for (const name of ["plotly_afterplot", "plotly_relayout"]) plot.on(name, () => plot.gatescopeMark());
    }
    return plot;
  };

  // The chart may come later than we do, and may be replaced: look again before each click.
  holder.onpointerdown = attach;
  const began = performance.now();
  const wait = () => {
    if (!alive) return;
    const plot = attach();
    if (plot) plot.gatescopeMark();
    else if (performance.now() - began < PATIENCE) setTimeout(wait, 60);
  };
  wait();
  return () => {
    alive = false;
  };
}

function mark(plot, { row, column }) {
  const canvas = plot.querySelector(".svg-container");
  if (!canvas) return;
  for (const old of canvas.querySelectorAll(".gatescope-mark")) old.remove();
  if (column === null || row === null) return;
  const layout = plot._fullLayout;
  const ink = getComputedStyle(plot).getPropertyValue("--st-text-color").trim() || layout.font.color;
  const line = (left, top, width, height) => {
    const element = document.createElement("div");
    element.className = "gatescope-mark";
    element.style.cssText =
      `position:absolute;pointer-events:none;left:${left}px;top:${top}px;` +
      `width:${width}px;height:${height}px;background:${ink};opacity:.75`;
    canvas.appendChild(element);
  };
  for (const trace of plot._fullData) {
    const x = layout[trace.xaxis.replace("x", "xaxis")];
    const y = layout[trace.yaxis.replace("y", "yaxis")];
    const across = x.l2p(column);
    if (across >= 0 && across <= x._length) line(x._offset + across - 0.5, y._offset, 1, y._length);
    if (trace.type !== "heatmap" || !trace.name || trace.name.startsWith("trace ")) continue;
    if (trace.z.length === 1) continue; // a strip of tokens would be struck through
    const down = y.l2p(row);
    if (down >= 0 && down <= y._length) line(x._offset, y._offset + down - 0.5, x._length, 1);
  }
}
