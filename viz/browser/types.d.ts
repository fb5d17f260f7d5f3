// What Python and Streamlit give a component, and what they are told. For checking alone: no browser gets this file.

/** One call of a component by Streamlit. */
export interface Call<Data> {
  data: Data;
  parentElement: HTMLElement;
  setTriggerValue(name: string, value: unknown): void;
}

export type Mode = "light" | "dark";
export type Stop = [position: number, colour: string];
export type Ends = [low: number, high: number];

/** `described` in viz/theme.py. */
export interface Signal {
  name: string;
  title: string;
  symbol: string;
  colour: string;
  meaning: string;
  gate: boolean;
  limits: Ends;
  scale: Record<Mode, Stop[]>;
}

/** The part of a header that says how signals are coloured. */
export interface Colours {
  signals: Signal[];
  themes: Record<Mode, Record<string, string>>;
}

export type Numbers = Float32Array | Int32Array | Uint8Array | Uint16Array;

/** The facts of every part; each kind of part has more of its own. */
export interface Facts {
  shapes: Record<string, number[]>;
}

/** `Part` in viz/browser/parts.py. */
export interface Part<Kind extends Facts = Facts> {
  facts: Kind;
  arrays: Record<string, Numbers>;
  bytes: number;
}

/** An Arrow table of one column. */
export interface Table {
  getChildAt(column: number): { toArray(): Numbers };
}

/** `message` in viz/browser/parts.py: beside these two it has a Table for every array, "part/array". */
export interface Message<Header = unknown> {
  header: Header;
  facts: Record<string, Facts>;
  [table: `${string}/${string}`]: Table;
}

/** What is used of an axis of Plotly's. */
export interface Axis {
  _offset: number;
  _length: number;
  p2l(pixel: number): number;
  l2p(value: number): number;
  _categories?: string[];
}

export interface Trace {
  type: string;
  name: string;
  meta?: unknown;
  xaxis: string;
  yaxis: string;
  x?: ArrayLike<unknown>;
  y?: ArrayLike<unknown>;
  z: { length: number; [row: number]: { length: number } };
  _input?: { name?: string };
}

export interface Point {
  data: Trace;
  pointIndex?: number | [row: number, column: number];
  pointNumber: number | [row: number, column: number];
}

export interface Click {
  points?: Point[];
  event?: MouseEvent;
}

interface Layout {
  annotations?: object[];
  shapes?: object[];
  margin?: object;
  xaxis2?: { side?: string };
}

/** What is used of a chart of Plotly's, and what is left in it. */
export interface Plot extends HTMLElement {
  layout?: Layout;
  _fullLayout: { margin: { b: number }; font: { color: string }; [axis: `${"x" | "y"}axis${string}`]: Axis };
  _fullData: Trace[];
  on(event: string, handler: (event: Click) => void): void;
  gatescopePick?: (event: Click) => void;
  gatescopeMark?: () => void;
  gatescopeColumn?: number | null;
  gatescopeListens?: boolean;
}

declare global {
  interface Window {
    gatescopeCaption?: { caption: object; room: number };
    gatescopeCamera?: boolean;
    gatescopeFingers?: boolean;
  }
}
