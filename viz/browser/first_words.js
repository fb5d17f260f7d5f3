// Shows the first words, in the theme that Streamlit will choose, until the page has drawn something of its own.
(() => {
  const words = document.getElementById("first-words");
  if (!words) return;

  /** @returns {string} The theme that the link or the reader has chosen; "" for the system's. */
  const chosen = () => {
    const link = new URLSearchParams(location.search);
    for (const theme of link.get("embed") === "true" ? ["light", "dark"] : []) {
      if (link.getAll("embed_options").includes(`${theme}_theme`)) return theme;
    }
    try {
      const kept = JSON.parse(localStorage.getItem(`stActiveTheme-${location.pathname}-v2`) ?? '""');
      const theme = String(kept).toLowerCase();
      return ["light", "dark"].includes(theme) ? theme : "";
    } catch {
      return ""; // a browser that keeps nothing
    }
  };

  const drawn = () => {
    const elements = document.querySelectorAll(
      '[data-testid="stMainBlockContainer"] [data-testid="stElementContainer"]',
    );
    return [...elements].some(
      (one) =>
        one.getBoundingClientRect().height > 0 &&
        !one.closest(".st-key-waiting") && // it says the same
        (one.textContent.trim() || one.matches(":has(input, canvas, svg, img)")),
    );
  };

  // What is drawn is in its place once the app's style sheets have come; it waits for them only so long.
  let frames = 60;
  const ready = () => drawn() && (document.body.matches(':has([data-testid="stHtml"] style)') || frames-- === 0);

  // A frame asks before it is painted: never are both seen, nor none.
  const look = () => (ready() ? words.remove() : requestAnimationFrame(look));

  const theme = chosen();
  if (theme) document.documentElement.style.setProperty("--first-scheme", theme);
  words.hidden = false;
  look();
})();
