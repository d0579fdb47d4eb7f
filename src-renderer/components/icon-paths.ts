// The lines of the icons, in a square of 16.

export const paths = {
  close: 'M4 4l8 8M12 4l-8 8',
  download: 'M8 2v8M4.5 6.8 8 10.2l3.5-3.4M2.5 13.5h11',
  enlarge: 'M9.5 2.5h4v4M6.5 13.5h-4v-4M13.5 2.5 9.3 6.7M2.5 13.5l4.2-4.2',
  fold: 'M3.5 6l4.5 4.5L12.5 6',
  grip: 'M6 3.5v.1M10 3.5v.1M6 8v.1M10 8v.1M6 12.5v.1M10 12.5v.1',
  help: 'M5.6 5.8a2.4 2.4 0 1 1 3.6 2.1c-.8.5-1.2.9-1.2 1.9M8 12.6v.1',
  images: 'M2.5 3.5h4v4h-4zM9.5 3.5h4v4h-4zM2.5 9.5h4v4h-4zM9.5 9.5h4v4h-4z',
  left: 'M10 3.5 5.5 8l4.5 4.5',
  right: 'M6 3.5 10.5 8 6 12.5',
  picture: 'M2.5 2.5v11h11M4.5 10l3-4 2.5 2 3.5-4.5',
  settings: 'M2 4.5h6.2M11.8 4.5H14M10 2.7v3.6M2 8h1.8M7.4 8H14M5.6 6.2v3.6M2 11.5h5.2M10.8 11.5H14M9 9.7v3.6',
  shrink: 'M13.5 6.5h-4v-4M2.5 9.5h4v4M9.5 6.5l4.2-4.2M6.5 9.5l-4.2 4.2',
  table: 'M2.5 3.5h11v9h-11zM2.5 6.5h11M2.5 9.5h11M6.5 3.5v9',
  unfold: 'M6 3.5 10.5 8 6 12.5',
} as const
export type IconName = keyof typeof paths
