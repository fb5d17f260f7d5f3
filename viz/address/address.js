// Keeps the address bar in step with what the page shows, without filling the browser's history.

export default function ({ data }) {
  const { search } = data;
  if (window.location.search === search) return;
  window.history.replaceState(window.history.state, "", window.location.pathname + search + window.location.hash);
}
