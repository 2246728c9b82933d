/** Files the build copies beside the bundle; the import is their path. */
declare module '*?asset' {
  const path: string;
  export default path;
}
