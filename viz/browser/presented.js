// Is the page presented on a projector? viz/share/share_bar.js says so, with a class and as a change of the window.

export function presented() {
  return document.documentElement.classList.contains("presenting");
}
