// Clicks on a Plotly heatmap, or on the points and bars of a trace whose meta is "pick", told to Python; and a cross over
// the cell that is selected.
//
// Streamlit hears clicks on Plotly markers only, never on a heatmap's cells. This component shows nothing of
// its own: it listens to the chart beside it and lays two thin lines over the picture, so that a click
// neither sends the figure again nor loses its zoom.

const LOOK = 300; // ms until it is looked again whether the chart was replaced

export default function (component) {
  const { data, parentElement, setTriggerValue } = component;
  const { chart, row, column, version } = data;
  const place = `.st-key-${CSS.escape(chart)} .js-plotly-plot`;
  let known = null;

  const pick = (plot, event) => {
    const point = event.points?.[0];
    if (!point) return;
    const at = point.pointIndex ?? point.pointNumber;
    if (point.data.type === "heatmap" && point.data.name) {
      const cell = cellUnder(plot, event.event) ?? { column: at[1], row: at[0], trace: point.data.name };
      setTriggerValue("picked", { ...cell, version });
    } else if (point.data.meta === "pick") {
      setTriggerValue("picked", { column: 0, row: at, trace: point.data.name || "", version });
    }
  };
  const attach = (plot) => {
    if (!plot?._fullLayout || typeof plot.on !== "function") return;
    plot.gatescopePick = (event) => pick(plot, event);
    plot.gatescopeMark = () => mark(plot, { row, column });
    plot.gatescopeColumn = column; // for a picture of it
    if (!plot.gatescopeListens) {
      plot.gatescopeListens = true;
      plot.on("plotly_click", (event) => plot.gatescopePick(event));
      for (const name of ["plotly_afterplot", "plotly_relayout"]) plot.on(name, () => plot.gatescopeMark());
    }
    if (plot !== known) plot.gatescopeMark();
    known = plot;
  };
  // The chart may come later than we do, and may be replaced, with all that it stands in: look again now and then, and
  // before each click.
  const look = () => {
    const plots = document.querySelectorAll(place);
    if (plots.length) attach(plots[plots.length - 1]);
  };
  const press = (event) => {
    const plot = event.target instanceof Element ? event.target.closest(place) : null;
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

// Which cell of which heatmap lies there? Plotly names the one that it last hovered over, at most every 50 ms: a quick
// hand has left that one when it clicks.
function cellUnder(plot, event) {
  if (!event || !Number.isFinite(event.clientX)) return null;
  const layout = plot._fullLayout;
  const box = plot.getBoundingClientRect();
  for (const trace of plot._fullData) {
    const name = trace._input?.name;
    if (trace.type !== "heatmap" || !name) continue;
    const x = layout[trace.xaxis.replace("x", "xaxis")];
    const y = layout[trace.yaxis.replace("y", "yaxis")];
    const across = event.clientX - box.left - x._offset;
    const down = event.clientY - box.top - y._offset;
    if (across < 0 || across > x._length || down < 0 || down > y._length) continue;
    const within = (place, count) => Math.min(Math.max(Math.round(place), 0), count - 1);
    return { column: within(x.p2l(across), trace.z[0].length), row: within(y.p2l(down), trace.z.length), trace: name };
  }
  return null;
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
