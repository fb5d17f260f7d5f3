// What Python gives the view of a unit. For checking alone: no browser gets this file.

import type { Colours, Signal } from "../browser/types";

/** A label or a unit's number, and how hard it pushes. */
export type Push = [label: string | number, push: number];

/** A text that Explore opens: the marked steps of it, and the one at which a passage has its middle. */
export interface Place {
  text: string;
  span: [start: number, stop: number];
  step: number;
}

/** A place of a corpus, and the tokens around it with the values of a signal; without a text where no model reads it so. */
export interface Passage extends Partial<Place> {
  tokens: string[];
  values: (number | null)[];
  at: number;
  value: number;
  begins: boolean; // where a document does
  ends: boolean;
}

export interface Group {
  title: string;
  passages: Passage[];
}

interface Named {
  symbol: string;
  title: string;
  colour: string;
}

/** `unit_facts` in viz/units/unit_facts.py. */
export interface Unit {
  unit: number;
  layer: string;
  signal: string;
  lists: { fifths: Group[]; top: Group[]; bottom: Group[] } | null; // null while the text is read
  histogram: { count: number[]; low: number; high: number } | null;
  saturation: (Named & { below: number; above: number })[];
  features: { title: string; score: string; interval: string; chance: string; untrained: string; kept: boolean }[];
  output: { promoted: Push[]; suppressed: Push[]; reason: string };
  gates: {
    signal: Signal;
    tokens_up: Push[];
    tokens_down: Push[];
    units_up: Push[];
    units_down: Push[];
    reason: string;
  }[];
  lines: [name: string, words: string][];
  nearest: [unit: number, correlation: number][];
  training: { steps: number[]; gates: (Named & { means: number[] })[] } | null;
}

/** What viz/units/unit_view.py sends. */
export interface Data extends Colours {
  id: string;
  unit: Unit;
  apart: boolean;
  text: string;
  name: string; // of the model, as a link has it
  model: string;
  strings: Record<string, string>;
  facts: Record<string, unknown>;
}
