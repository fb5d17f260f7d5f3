// Pictures of numbers: a canvas with a pixel a number, stretched by CSS, so that another picture is one putImageData.

/**
 * What one draws with on a canvas.
 * @param {HTMLCanvasElement} canvas
 */
export function pen(canvas) {
  const context = canvas.getContext("2d");
  if (!context) throw new Error("this browser draws on no canvas");
  return context;
}

/** The pixels of a canvas, row by row: each a colour of a scale, packed. */
export class Pixels {
  /**
   * @param {HTMLCanvasElement} canvas
   * @param {number} width
   * @param {number} height
   */
  constructor(canvas, width, height) {
    canvas.width = width;
    canvas.height = height;
    this.context = pen(canvas);
    this.image = this.context.createImageData(width, height);
    this.colours = new Uint32Array(this.image.data.buffer);
  }

  paint() {
    this.context.putImageData(this.image, 0, 0);
  }
}
