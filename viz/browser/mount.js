// How Streamlit and a component meet.

import { part } from "./format.js";

/** @import { Call } from "./types" */

/**
 * What a component's module exports. Streamlit calls it again at each run of the page, with the same element: what
 * `make` made of that gets each call, and leaves with it.
 * @template Data
 * @param {string} selector
 * @param {(root: HTMLElement) => { receive(call: Call<Data>): void; leave(): void }} make
 * @returns {(call: Call<Data>) => () => void}
 */
export function mount(selector, make) {
  /** @type {WeakMap<HTMLElement, ReturnType<typeof make>>} */
  const shown = new WeakMap();
  return (call) => {
    const root = part(call.parentElement, selector, HTMLElement);
    const here = shown.get(root) ?? make(root);
    shown.set(root, here);
    here.receive(call);
    return () => {
      if (root.isConnected) return; // the clean-up of a call that a later one has overtaken
      shown.get(root)?.leave();
      shown.delete(root);
    };
  };
}
