// What Python gives the live model and its views. For checking alone: no browser gets this file.

import type { Mode, Signal, Stop } from "../browser/types";
import type { Described as Classes } from "./engine/encoders.js";
import type { Config } from "./engine/network.js";
import type { Described as NumbersTyped } from "./engine/numbers.js";
import type { Readout } from "./engine/predictions.js";
import type { LiveModel } from "./model.js";

/** `described` in viz/live/description.py. */
export interface ModelFacts {
  name: string;
  title: string;
  config: Config & { encoder: Classes | NumbersTyped; readout: Readout };
  labels: string[];
  reads: string;
  summary: string;
  look_for: string;
  unit: number | null;
  examples: Record<string, string>;
  obstacle: string;
  nouns: [token: string, tokens: string];
  apart: boolean;
  to_type: string;
  weights: string;
}

/** One text as the model reads it: class numbers, or standardised numbers for each step. */
export interface Read {
  ids: number[];
  values: Float32Array[] | null;
  labels: string[];
  groups: number[];
}

/** `LiveOptions` in viz/live/options.py. */
export interface Options {
  text: string;
  layer: string;
  signals: string[];
  sort: "telling" | "index" | "variability" | "similarity" | "timescale";
  which: "telling" | "all" | "pick";
  units: number[];
  unit: number | null;
  step: number | null;
  zoom: [start: number, stop: number] | null;
  span: [start: number, stop: number] | null;
  before: boolean;
  card: "signals" | "does" | "because";
}

/** What units do, by layer and unit: `shipped_lines` in viz/shared/shipped_lines.py. */
export type Lines = Record<string, Record<number, string>>;

/** `view_of` in viz/live/view.py: what a view is given, by every host the same. */
export interface View {
  models: ModelFacts[]; // the model and, where there is one, itself before training
  options: Options;
  cells: Record<string, Signal[]>;
  themes: Record<Mode, Record<string, string>>;
  probability: Record<Mode, Stop[]>;
  strings: Record<string, string>;
  version?: number; // of the options that the host knows: the last that it was told
  about?: string; // what the host has to say of the text
  spoken?: Record<string, string>; // how characters that cannot be seen are called
  nothing?: string; // what is said of a model without a readout
  fixed?: boolean; // is the text as it is, because no model is there to read another?
  limit?: number; // steps that are read here; more, the host reads
  lines?: Lines; // of the first model
}

/** What a host does for a view. */
export interface Host {
  /** The weights of a model, by content id. */
  weights(id: string): Promise<ArrayBuffer>;
  /** Are they in the page already? */
  has?: (id: string) => boolean;
  /** What reads in place of a model that is made of weights: a recording. */
  model?: (facts: ModelFacts) => Promise<LiveModel>;
  /** The reader rested: links and other pages follow. */
  rest(options: Options, version: number): void;
  /** Where another page shows this, by its name: none where there is no other page. */
  links?: Record<string, (options: Options) => string>;
  /** The reader follows a link to another page, which is to show this. */
  open?: (page: string, options: Options, version: number) => void;
}
