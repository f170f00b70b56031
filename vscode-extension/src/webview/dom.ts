/** A few helpers to build elements; no markup is ever parsed. */

type Child = Node | string | undefined | false;
type Properties<K extends keyof HTMLElementTagNameMap> = Partial<
  Omit<HTMLElementTagNameMap[K], "style" | "dataset" | "children" | "attributes">
> & {
  attributes?: Record<string, string>;
};

export function h<K extends keyof HTMLElementTagNameMap>(
  name: K,
  properties: Properties<K> = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(name);
  const { attributes, ...rest } = properties;
  Object.assign(element, rest);
  for (const [key, value] of Object.entries(attributes ?? {})) element.setAttribute(key, value);
  element.append(...children.filter((child): child is Node | string => Boolean(child)));
  return element;
}

export function byId<T extends HTMLElement>(id: string): T {
  const element = document.getElementById(id);
  if (!element) throw new Error(`no element ${id}`);
  return element as T;
}

export interface Host<Out> {
  postMessage(message: Out): void;
}

declare function acquireVsCodeApi(): Host<unknown>;

/** The way to the extension, and what comes from there. */
export function connect<In, Out>(receive: (message: In) => void): Host<Out> {
  const host = acquireVsCodeApi() as Host<Out>;
  window.addEventListener("message", (event: MessageEvent<In>) => receive(event.data));
  return host;
}

export function number(value: number): string {
  return value.toLocaleString("en-US");
}
