/** Files the bundler embeds as text; `tsc` needs to be told what their import yields. */
declare module "*.sql" {
  const text: string;
  export default text;
}
declare module "*.lua" {
  const text: string;
  export default text;
}
