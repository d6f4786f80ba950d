// Types of the modules in the page's import map, as far as checked modules use them.

declare module "@preact/signals" {
  export interface Signal<T> {
    value: T;
    peek(): T;
  }
  // biome-ignore lint/suspicious/noExplicitAny: a signal may begin with null or an empty collection.
  export function signal(value?: any): Signal<any>;
  export function computed<T>(compute: () => T): { readonly value: T; peek(): T };
  export function useComputed<T>(compute: () => T): { readonly value: T };
  export function effect(run: () => unknown): () => void;
  export function batch<T>(run: () => T): T;
  export function untracked<T>(run: () => T): T;
}

declare module "idb-keyval" {
  export type UseStore = <T>(
    mode: IDBTransactionMode,
    callback: (objects: IDBObjectStore) => T | PromiseLike<T>,
  ) => Promise<T>;
  export function createStore(database: string, table: string): UseStore;
  // biome-ignore lint/suspicious/noExplicitAny: values of any kind are kept.
  export function entries(store: UseStore): Promise<[string, any][]>;
  // biome-ignore lint/suspicious/noExplicitAny: values of any kind are kept.
  export function get(key: string, store: UseStore): Promise<any>;
  export function set(key: string, value: unknown, store: UseStore): Promise<void>;
  export function del(key: string, store: UseStore): Promise<void>;
  export function promisifyRequest<T>(asked: IDBRequest<T> | IDBTransaction): Promise<T>;
}

declare module "catalogue" {
  const initial: Record<string, string | string[]>;
  export default initial;
  export const plural: (n: number) => number;
}

declare module "catalogue/deferred" {
  const deferred: Record<string, string | string[]>;
  export default deferred;
}

declare module "catalogue/requested" {
  const requested: Record<string, string | string[]>;
  export default requested;
}

// Their own declarations are larger than the part in use.
declare module "preact";
declare module "preact/hooks";
declare module "htm";
declare module "markdown-it";
declare module "dompurify";
declare module "highlight.js";
