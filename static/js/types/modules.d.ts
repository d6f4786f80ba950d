// What the import map of the page names, as far as checked modules use it.

declare module "@preact/signals" {
  export interface Signal<T> {
    value: T;
    peek(): T;
  }
  // biome-ignore lint/suspicious/noExplicitAny: a signal may begin with null or an empty collection.
  export function signal(value?: any): Signal<any>;
  export function computed<T>(compute: () => T): { readonly value: T; peek(): T };
  export function effect(run: () => unknown): () => void;
  export function batch<T>(run: () => T): T;
  export function untracked<T>(run: () => T): T;
}

declare module "catalogue" {
  const initial: Record<string, string | string[]>;
  export default initial;
  export const plural: (n: number) => number;
}
