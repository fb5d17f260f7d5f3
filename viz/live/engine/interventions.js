// Signals clamped at a value, while the equations go on with it: lstm_core/interventions.py.

/** @import { Edit } from "./direction.js" */

/**
 * `Intervention` in lstm_core/interventions.py: `units` null for all, `stop` null for the end of the text.
 * @typedef {{ layer: string, signal: string, value: number, units: number[] | null, start: number, stop: number | null }}
 *   Intervention
 */

/**
 * What clamps the signals of each layer; of two on the same signal the later one counts.
 * @param {Intervention[]} interventions
 * @returns {(layer: string) => Edit | undefined}
 */
export function editsOf(interventions) {
  return (layer) => {
    const own = interventions.filter((one) => one.layer === layer);
    if (!own.length) return undefined;
    return (signal, step, values) => {
      for (const one of own) {
        if (one.signal !== signal || step < one.start || (one.stop !== null && step >= one.stop)) continue;
        if (one.units === null) values.fill(one.value);
        else for (const unit of one.units) values[unit] = one.value;
      }
    };
  };
}
