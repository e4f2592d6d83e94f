/** What the types of playwright-core name of a browser's own. The project is compiled without these types: it runs in Node. */
declare global {
  interface Node {
    readonly nodeType: number;
  }
  interface HTMLElement extends Node {
    readonly tagName: string;
  }
  interface SVGElement extends Node {
    readonly tagName: string;
  }
  type HTMLElementTagNameMap = Record<string, HTMLElement>;
}

export {};
