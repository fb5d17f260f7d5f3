// `charts_of` in viz/train/curves.py. For checking alone: no browser gets this file.

import type { Ends } from "../browser/types";

export interface ChartData {
  title: string;
  colour: string;
  steps: number[];
  line: (number | null)[];
  faint: (number | null)[];
  ends: Ends;
  dots: boolean;
}

export interface CurvesData {
  steps: number;
  charts: ChartData[];
  strings?: Record<string, string>;
}
