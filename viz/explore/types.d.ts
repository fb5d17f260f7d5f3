// What Python gives the view of a pattern. For checking alone: no browser gets this file.

import type { Mode, Stop } from "../browser/types";

/** Tokens with the share of the pattern's units that are on at each; `length` of them, after `before`, are framed. */
interface Framed {
  tokens: string[];
  share: number[];
  before: number;
  length: number;
}

/** The marked steps of the reader's text. */
export interface Marked extends Framed {
  rows: { label: string; colour: string; on: boolean[] }[];
  more: number; // units that have no row
}

/** A place of the longer text. */
export interface Place extends Framed {
  begins: boolean; // where a document does
  ends: boolean;
  score: number;
  p: number;
  fdr: number;
  count: number; // of places that read the same
  href: string; // "" where it cannot be opened as a text
}

/** What viz/explore/pattern_view.py sends. */
export interface PatternData {
  id: string;
  themes: Record<Mode, Record<string, string>>;
  share: Record<Mode, Stop[]>; // the colours of a share from 0 to 1
  marked: Marked;
  said: string;
  next: [token: string, count: number][];
  places: Place[];
  apart: boolean;
  strings: Record<string, string>;
}
