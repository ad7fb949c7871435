/**
 * Which part of the world a map of 720 × 480 shows, in web Mercator, and where a point is on it.
 */
export interface LngLat {
  readonly lng: number
  readonly lat: number
}

/** The middle, and the zoom at which clusters are made: the world is 256 · 2^zoom wide. */
export interface MapView extends LngLat {
  readonly zoom: number
}

const width = 720
const height = 480

/** The nearest view with every point on it, half a cluster away from the edge. */
export const fitting = (points: readonly LngLat[]): MapView => {
  const [xs, ys] = [points.map((one) => mercator(one).x), points.map((one) => mercator(one).y)]
  const [left, right] = [Math.min(...xs), Math.max(...xs)]
  const [top, bottom] = [Math.min(...ys), Math.max(...ys)]
  const middle = unmercator({ x: (left + right) / 2, y: (top + bottom) / 2 })
  for (let zoom = 16; zoom > 2; zoom -= 1) {
    const size = 256 * 2 ** zoom
    if ((right - left) * size < width - 80 && (bottom - top) * size < height - 80) return { ...middle, zoom }
  }
  return { ...middle, zoom: 2 }
}

/** Pixels from the upper left; beyond the map where it is not on it. */
export const toPixels = (point: LngLat, view: MapView): { readonly x: number; readonly y: number } => {
  const size = 256 * 2 ** view.zoom
  const [at, middle] = [mercator(point), mercator(view)]
  return { x: (at.x - middle.x) * size + width / 2, y: (at.y - middle.y) * size + height / 2 }
}

/** Metres from the left edge to the right at the middle's latitude. */
export const metresAcross = ({ lat, zoom }: MapView): number =>
  (40_075_017 * Math.cos((lat * Math.PI) / 180) * width) / (256 * 2 ** zoom)

// internal

/** 0 to 1, the north up. */
const mercator = ({ lng, lat }: LngLat): { readonly x: number; readonly y: number } => {
  const sine = Math.sin((lat * Math.PI) / 180)
  return { x: lng / 360 + 0.5, y: 0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI) }
}

const unmercator = ({ x, y }: { readonly x: number; readonly y: number }): LngLat => ({
  lng: (x - 0.5) * 360,
  lat: (Math.atan(Math.sinh(Math.PI * (1 - 2 * y))) * 180) / Math.PI,
})
