/** What Node has of WebAssembly, as far as it is used here: TypeScript knows it of browsers only. */
declare namespace WebAssembly {
  const Module: new (bytes: Uint8Array) => object;
  const Instance: new (
    module: object,
    imports: Readonly<Record<string, Readonly<Record<string, (value: number) => void>>>>,
  ) => { readonly exports: object };
  interface Memory {
    /** Another one after each `grow`. */
    readonly buffer: ArrayBuffer;
    /** @param pages of 64 KiB */
    grow(pages: number): number;
  }
}
