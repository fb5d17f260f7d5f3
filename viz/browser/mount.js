// How Streamlit and a component meet.

/**
 * What a component's module exports. Streamlit calls it again at each run of the page, with the same element: what
 * `make` made of that gets each call, and leaves with it.
 */
export function mount(selector, make) {
  const shown = new WeakMap();
  return (component) => {
    const root = component.parentElement.querySelector(selector);
    if (!shown.has(root)) shown.set(root, make(root));
    shown.get(root).receive(component);
    return () => {
      if (root.isConnected) return; // the clean-up of a call that a later one has overtaken
      shown.get(root)?.leave();
      shown.delete(root);
    };
  };
}
