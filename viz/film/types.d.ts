// `Film.header` in viz/film/payload.py, and what is made of it. For checking alone: no browser gets this file.

import type { Pixels } from "../browser/canvas.js";
import type { Scale } from "../browser/colours.js";
import type { Colours, Ends, Part, Signal } from "../browser/types";

export interface Frame {
  step: number;
  loss: number | null;
  score: number | null;
  parts: Record<string, string>;
}

/** A signal whose values may lie beyond where its colours end. */
export interface FilmSignal extends Signal {
  open: boolean;
}

/** Where a token begins and ends among the steps, and how it is written. */
export type TokenLabel = [start: number, stop: number, label: string];

export interface Header extends Colours {
  strings?: Record<string, string>;
  title: string;
  steps: number;
  unit_of_loss: string;
  measure: string;
  at: number;
  note: string;
  units: number[];
  first: number;
  tokens: string[];
  labels: TokenLabel[];
  signals: FilmSignal[];
  losses: Ends;
  frames: Frame[];
}

/** The picture of one signal, and what stands around it. */
export interface Panel {
  signal: FilmSignal;
  scale: Scale;
  pixels: Pixels;
  element: HTMLElement;
  canvas: HTMLCanvasElement;
  frame: HTMLElement;
  rows: HTMLCanvasElement;
  tokens: HTMLCanvasElement;
  low: HTMLElement;
  high: HTMLElement;
  ramp: HTMLElement;
}

export type Found = Record<string, Part>;
