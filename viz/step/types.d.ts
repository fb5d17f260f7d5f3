// `header` in viz/step/stage.py and the parts of viz/step/payload.py. For checking alone: no browser gets this file.

import type { Pixels } from "../browser/canvas.js";
import type { Scale } from "../browser/colours.js";
import type { Colours, Facts, Part, Signal } from "../browser/types";
import type { Activation } from "../live/engine/activations.js";
import type { Cell as Equations } from "../live/engine/direction.js";
import type { Foreseen } from "../live/foreseen.js";
import type { Because } from "../live/stage.js";
import type { Options, View } from "../live/types";
import type { Arithmetic } from "./arithmetic.js";
import type { Drawing } from "./drawing.js";
import type { Miniature } from "./miniature.js";
import type { Prediction } from "./prediction.js";
import type { Reading } from "./reading.js";

export type { Activation };
export type CellType = Equations["type"];

/** The equations of a layer, and what else it has. */
export interface Cell extends Equations {
  peephole: boolean;
  projection: number;
  given_on: boolean;
}

export interface Layer {
  number: number;
  reverse: boolean;
  units: number;
  cell: Cell;
}

/** What Python sends for "Let it write". */
export interface WritingOffer {
  obstacle: string;
  temperature: number;
  seed: number;
  limits: { portion: number; temperature: number; seed: number };
  tokens: string;
}

/** How the model is to generate text. */
export interface Draw {
  temperature: number;
  seed: number;
}

export interface Header extends Colours {
  passage: string;
  sides: { title: string; weights: string; recording: string; was?: string }[];
  layer: Layer;
  steps: number;
  own: number;
  window: [start: number, stop: number];
  unit: number;
  step: number | null;
  card?: Options["card"]; // not of what is read here
  writing: WritingOffer;
  nouns: [token: string, tokens: string];
  strings: Record<string, string>;
  revision?: number; // of what else is shown: signals that are held
  about?: About; // not of what is read here
  typed?: number; // the step at which the reader has just typed, where this is of that
}

/** `header` in viz/step/live.py: what a browser gets that reads by itself; facts of models, words and colours by their ids. */
export interface SentHeader extends Omit<LiveHeader, "view" | "spoken" | "nothing"> {
  models: string[];
  dressing: string;
  options: Options;
  version: number;
  limit: number;
  lines?: string; // the id of what the first model's units do
  linked?: boolean; // do units have a page?
}

/** What there is to say of the units of the layer that is shown. */
export interface About {
  model: string;
  layer: string;
  lines: Record<number, string>;
  linked: boolean;
}

export interface LiveHeader {
  view: View;
  known: string | null;
  notes: string[];
  example: boolean;
  spoken: Record<string, string>;
  nothing: string;
  writing: WritingOffer;
}

export interface PassageFacts extends Facts {
  tokens: string[];
  pieces: Record<number, [piece: number, pieces: number]>;
  own: number;
  spoken: Record<string, string>;
  apart: boolean;
}

export interface WeightsFacts extends Facts {
  gates: string[];
}

/** `prediction_part`: the predictions, by kind. */
export type PredictionFacts =
  | { kind: "next" | "legal" | "labels"; likeliest: number; labels: Record<number, string> | string[] }
  | { kind: "values"; ahead: boolean; names: string[]; digits: number[] }
  | { kind: "nothing"; why: string };

export type RecordingFacts = Facts & { start: number; stop: number } & PredictionFacts;

/** What a Reading is made of. */
export interface Read extends Layer {
  title: string;
  weights: Part<WeightsFacts>;
  recording: Part<RecordingFacts> & { readAt?: (step: number) => Float32Array; foreseen?: Foreseen; because?: Because };
}

/** A term of a gate's pre-activation that has a place in an equation. */
export type Term = "input" | "recurrent" | "bias" | "peephole" | "recurrentBias";

/** A gate's pre-activation, in parts; `reset` holds back recurrent + recurrentBias where it is there. */
export interface Terms {
  input: number;
  recurrent: number;
  bias: number;
  sum: number;
  peephole?: number;
  reset?: number;
  recurrentBias?: number;
}

export interface Push {
  unit: number;
  hidden: number;
  weight: number;
  push: number;
}

/** A token that may come next, or a label. */
export interface Expected {
  label: string;
  class: number;
  chance: number;
  before: number;
  fallen: boolean;
}

/** A number that the model outputs. */
export interface Amount {
  name: string;
  digits: number;
  value: number;
  before: number;
  came: number;
}

/** The number of a term in an equation, with its sign and its bar. */
export interface TermPlace {
  term: Term;
  number: HTMLElement;
  sign: HTMLElement | null;
  bar: HTMLElement;
}

/** Left, top and height of a column of pixels in a drawing. */
export type ColumnPlace = [left: number, top: number, tall: number];

export interface Column {
  name: string;
  signal: string;
  canvas: HTMLCanvasElement;
  mark: SVGPathElement;
  top: number;
  tall: number;
}

export interface PaintedColumn extends Column {
  source: string;
  scale: Scale;
  pixels: Pixels;
}

/** Signals of the selected unit at one step, by name. */
export type Now = Record<string, number>;

/** What the parts of a side tell the stage. */
export interface Told {
  onUnit: (unit: number) => void;
  onStep: (step: number) => void;
  onWhy: (asked: boolean) => void;
  onHold?: (signal: string, value: number | null) => void;
}

/** One model on the stage. */
export interface Side {
  article: HTMLElement;
  title: HTMLElement;
  cell: Drawing;
  arithmetic: Arithmetic;
  prediction: Prediction;
  miniature: Miniature;
}

/** One that reads. */
export interface ReadingSide extends Side {
  reading: Reading;
  was: Reading | null; // the same where nothing is held; null if nothing is
}

/** A small picture of one signal. */
export interface MiniaturePanel {
  signal: Signal;
  canvas: HTMLCanvasElement;
  cursor: HTMLElement;
  row: HTMLElement;
  panel: HTMLElement;
}

/** What one moves on. */
export interface Stage {
  step: number;
  unit: number;
  steps: number;
  units: number;
  reverse: boolean;
  waiting: boolean;
  go(step: number): void;
  choose(unit: number): void;
  resting: { soon(): void };
}
