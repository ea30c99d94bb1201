/**
 * Monaco and Radix write styles into the page: `<style>` elements, and `style` attributes inside HTML. Under
 * `style-src 'self'` a browser ignores both, so each is done here in the way that it takes from a script: as an adopted
 * stylesheet, and through `element.style`. Loaded before anything else; to be tried anew with every version of Monaco.
 */

type Place = Document | ShadowRoot;

/** What stands in for a `<style>`, which no browser would take: what is written into it goes to an adopted sheet. */
function adopted(style: HTMLElement): HTMLElement {
  const sheet = new CSSStyleSheet();
  let text = "";
  const write = (css: string) => {
    text = css;
    sheet.replaceSync(css);
  };
  const append = <T extends Node>(node: T): T => {
    write(text + (node.textContent ?? ""));
    return node;
  };
  style.hidden = true;
  Object.defineProperties(style, {
    type: { get: () => "text/css", set: () => undefined },
    sheet: { get: () => sheet },
    textContent: { get: () => text, set: write },
    innerHTML: { get: () => text, set: write },
    innerText: { get: () => text, set: write },
    appendChild: { value: append },
    insertBefore: { value: append },
    remove: {
      value: () => {
        leave(style.getRootNode() as Place, sheet);
        Element.prototype.remove.call(style);
      },
    },
  });
  sheets.set(style, sheet);
  join(document, sheet);
  return style;
}

const sheets = new WeakMap<Node, CSSStyleSheet>();

function join(place: Place, sheet: CSSStyleSheet): void {
  place.adoptedStyleSheets = [...place.adoptedStyleSheets, sheet];
}

function leave(place: Place, sheet: CSSStyleSheet): void {
  for (const one of new Set([place, document])) {
    if ("adoptedStyleSheets" in one)
      one.adoptedStyleSheets = one.adoptedStyleSheets.filter((other) => other !== sheet);
  }
}

const KEPT = "data-adopted-style";
const TAG = /<[a-z](?:"[^"]*"|'[^']*'|[^'">])*>/gi;
const IN_TAG = /("[^"]*"|'[^']*')|\sstyle(?=\s*=)/gi;

/** The same HTML, its `style` attributes by another name: a browser looks at them as soon as it reads them. */
export function renamed(html: string): string {
  return html.replace(TAG, (tag) => tag.replace(IN_TAG, (found, quoted) => (quoted ? found : ` ${KEPT}`)));
}

/** Put HTML somewhere as nodes, and give each its `style` by script. */
function placed(html: string, place: (nodes: DocumentFragment) => void): void {
  const inert = document.createElement("template");
  setInner.call(inert, renamed(html));
  for (const element of inert.content.querySelectorAll<HTMLElement>(`[${KEPT}]`)) {
    element.style.cssText = element.getAttribute(KEPT) ?? "";
    element.removeAttribute(KEPT);
  }
  place(inert.content);
}

const inner = Object.getOwnPropertyDescriptor(Element.prototype, "innerHTML") as PropertyDescriptor;
const setInner = inner.set as (this: Element, html: string) => void;
const styled = (html: string) => /\sstyle\s*=/i.test(html);

const adjacent: Record<InsertPosition, (element: Element, nodes: DocumentFragment) => void> = {
  beforebegin: (element, nodes) => element.before(nodes),
  afterbegin: (element, nodes) => element.prepend(nodes),
  beforeend: (element, nodes) => element.append(nodes),
  afterend: (element, nodes) => element.after(nodes),
};

export function install(): void {
  const create = Document.prototype.createElement;
  Document.prototype.createElement = function (
    this: Document,
    name: string,
    options?: ElementCreationOptions,
  ) {
    if (this !== document || name.toLowerCase() !== "style") return create.call(this, name, options);
    return adopted(create.call(this, "adopted-style") as HTMLElement);
  } as typeof create;

  const intoShadow = ShadowRoot.prototype.appendChild;
  ShadowRoot.prototype.appendChild = function <T extends Node>(this: ShadowRoot, node: T): T {
    const sheet = sheets.get(node);
    if (sheet) join(this, sheet);
    return intoShadow.call(this, node) as T;
  };

  const set = Element.prototype.setAttribute;
  Element.prototype.setAttribute = function (name: string, value: string) {
    if (name === "style" && "style" in this) (this as HTMLElement).style.cssText = value;
    else set.call(this, name, value);
  };

  Object.defineProperty(Element.prototype, "innerHTML", {
    ...inner,
    set(this: Element, html: unknown) {
      const text = String(html ?? "");
      if (this instanceof HTMLTemplateElement || !styled(text)) setInner.call(this, text);
      else placed(text, (nodes) => this.replaceChildren(nodes));
    },
  });

  const insert = Element.prototype.insertAdjacentHTML;
  Element.prototype.insertAdjacentHTML = function (where: InsertPosition, html: string) {
    const text = String(html);
    if (!styled(text)) insert.call(this, where, text);
    else placed(text, (nodes) => adjacent[where.toLowerCase() as InsertPosition](this, nodes));
  };
}

if (typeof CSSStyleSheet === "function" && "replaceSync" in CSSStyleSheet.prototype) install();
