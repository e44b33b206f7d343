// XML values for scripts (ECMA-357), as far as flows use them: literals come translated (see e4x.py).
//
// An XML value is a proxy around a node, a list a proxy around an array of nodes. A list may be called: `x.length` are
// the children of that name and `x.length()` is the method, and only the call tells which was meant.
(function (global) {
  "use strict";

  const text = String;
  const inside = new WeakMap(); // proxy -> {list, nodes, owner, key}
  const NAME = "[A-Za-z_\\u00c0-\\uffff][\\w.\\-\\u00b7-\\uffff]*";

  // ------------------------------------------------------------ nodes

  const element = (uri, prefix, local) => ({ uri, prefix, local, declared: {}, attributes: [], children: [], parent: null });
  const isElement = (node) => typeof node !== "string" && node.local !== undefined;

  function copy(node) {
    if (typeof node === "string") return node;
    const twin = element(node.uri, node.prefix, node.local);
    twin.declared = { ...node.declared };
    twin.attributes = node.attributes.map((each) => ({ ...each }));
    twin.children = node.children.map(copy);
    for (const child of twin.children) if (isElement(child)) child.parent = twin;
    return twin;
  }

  function adopt(parent, node) {
    const own = copy(node);
    if (isElement(own)) own.parent = parent;
    return own;
  }

  const ENTITIES = { lt: "<", gt: ">", amp: "&", quot: '"', apos: "'" };

  function plain(given) {
    return given.replace(/&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi, (whole, hex, decimal, name) => {
      if (hex || decimal) return String.fromCodePoint(hex ? parseInt(hex, 16) : Number(decimal));
      if (ENTITIES[name] === undefined) throw new SyntaxError("XML has the unknown entity " + whole);
      return ENTITIES[name];
    });
  }

  function escaped(given) {
    return text(given).replace(/[&<>]/g, (char) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;" })[char]);
  }

  function quoted(given) {
    return '"' + escaped(given).replace(/"/g, "&quot;") + '"';
  }

  const TOKEN = new RegExp(
    "<!--[\\s\\S]*?-->|<\\?[\\s\\S]*?\\?>|<!\\[CDATA\\[([\\s\\S]*?)\\]\\]>|</\\s*(" + NAME + "(?::" + NAME + ")?)\\s*>|" +
    "<(" + NAME + "(?::" + NAME + ")?)((?:\\s+[^\\s=<>/]+\\s*=\\s*(?:\"[^\"]*\"|'[^']*'))*)\\s*(/?)>|([^<]+)", "y");
  const ATTRIBUTE = /([^\s=]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g;

  function parse(source) {
    // The nodes at the top of a text; white space between elements is left out, as ECMA-357 has it by default.
    const root = { children: [], declared: { xml: "http://www.w3.org/XML/1998/namespace", "": "" }, parent: null };
    let open = root;
    TOKEN.lastIndex = 0;
    while (TOKEN.lastIndex < source.length) {
      const at = TOKEN.lastIndex;
      const match = TOKEN.exec(source);
      if (match === null) throw new SyntaxError("not XML at: " + source.slice(at, at + 40));
      const [, cdata, close, tag, attributes, empty, characters] = match;
      if (cdata !== undefined) open.children.push(cdata);
      else if (characters !== undefined) {
        if (characters.trim() !== "") open.children.push(plain(characters));
      } else if (close !== undefined) {
        if (open === root || open.written !== close) throw new SyntaxError("not XML: </" + close + "> closes nothing");
        open = open.parent;
      } else if (tag !== undefined) {
        const node = start(tag, attributes, open);
        open.children.push(node);
        if (empty === "") open = node;
      }
    }
    if (open !== root) throw new SyntaxError("not XML: <" + open.written + "> is not closed");
    for (const node of root.children) if (isElement(node)) node.parent = null;
    return root.children;
  }

  function start(tag, attributes, parent) {
    const node = element("", "", tag);
    node.parent = parent;
    node.written = tag;
    const pairs = [...attributes.matchAll(ATTRIBUTE)].map((match) => [match[1], plain(match[2] ?? match[3])]);
    for (const [name, value] of pairs) {
      if (name === "xmlns") node.declared[""] = value;
      else if (name.startsWith("xmlns:")) node.declared[name.slice(6)] = value;
    }
    [node.prefix, node.local, node.uri] = resolve(tag, node, true);
    for (const [name, value] of pairs) {
      if (name === "xmlns" || name.startsWith("xmlns:")) continue;
      const [prefix, local, uri] = resolve(name, node, false);
      node.attributes.push({ prefix, local, uri, value });
    }
    return node;
  }

  function resolve(name, node, byDefault) {
    const colon = name.indexOf(":");
    const prefix = colon < 0 ? "" : name.slice(0, colon);
    if (colon < 0 && !byDefault) return ["", name, ""];
    for (let each = node; each !== null; each = each.parent) {
      if (Object.hasOwn(each.declared, prefix)) return [prefix, name.slice(colon + 1), each.declared[prefix]];
    }
    if (prefix !== "") throw new SyntaxError("XML uses the prefix '" + prefix + "' without a declaration");
    return ["", name, ""];
  }

  function write(node, scope) {
    if (typeof node === "string") return escaped(node);
    const own = { ...node.declared };
    for (const { prefix, uri } of [node, ...node.attributes.filter((each) => each.prefix !== "")]) {
      if (prefix !== "xml" && (own[prefix] ?? scope[prefix] ?? "") !== uri) own[prefix] = uri;
    }
    const inner = { ...scope };
    let out = "<" + qualified(node);
    for (const [prefix, uri] of Object.entries(own)) {
      if ((scope[prefix] ?? "") === uri) continue;
      out += prefix === "" ? " xmlns=" + quoted(uri) : " xmlns:" + prefix + "=" + quoted(uri);
      inner[prefix] = uri;
    }
    for (const each of node.attributes) out += " " + qualified(each) + "=" + quoted(each.value);
    if (node.children.length === 0) return out + "/>";
    return out + ">" + node.children.map((each) => write(each, inner)).join("") + "</" + qualified(node) + ">";
  }

  const qualified = ({ prefix, local }) => (prefix === "" ? local : prefix + ":" + local);

  function textOf(node) {
    return typeof node === "string" ? node : node.children.map(textOf).join("");
  }

  const isSimple = (node) => typeof node === "string" || !node.children.some(isElement);
  const stringOf = (node) => (isSimple(node) ? textOf(node) : write(node, {}));

  // ------------------------------------------------------------ names

  function matcher(key) {
    // `*`, `name` (no namespace), `{uri}name`, `*::name` as the translator writes it: `{*}name`.
    if (key === "*") return () => true;
    const match = /^\{(.*)\}(.*)$/s.exec(key);
    const [uri, local] = match === null ? ["", key] : [match[1], match[2]];
    return (each) => typeof each !== "string" && (local === "*" || each.local === local) && (uri === "*" || each.uri === uri);
  }

  function childrenOf(node, key) {
    if (typeof node === "string") return [];
    if (key[0] !== "@") return node.children.filter(matcher(key));
    return node.attributes.filter(matcher(key.slice(1))).map((each) => each.value);
  }

  function descendantsOf(node, key) {
    if (typeof node === "string") return [];
    const own = childrenOf(node, key);
    return [...own, ...node.children.filter(isElement).flatMap((each) => descendantsOf(each, key))];
  }

  // ------------------------------------------------------------ values

  function list(nodes, owner = null, key = null) {
    return wrap({ list: true, nodes, owner, key });
  }

  function single(node) {
    return wrap({ list: false, nodes: [node], owner: null, key: null });
  }

  function wrap(state) {
    const target = () => undefined;
    const proxy = new Proxy(target, handler(state));
    inside.set(proxy, state);
    return proxy;
  }

  const isXml = (value) => (typeof value === "function" || typeof value === "object") && value !== null && inside.has(value);
  const nodesOf = (value) => inside.get(value).nodes;
  const INDEX = /^\d+$/;

  const METHODS = {
    toString: (state) => (METHODS.hasSimpleContent(state) ? state.nodes.map(textOf).join("") : METHODS.toXMLString(state)),
    toXMLString: (state) => state.nodes.map((node) => write(node, {})).join(""),
    valueOf: (state, self) => self,
    toJSON: (state) => METHODS.toString(state),
    length: (state) => state.nodes.length,
    text: (state) => list(state.nodes.flatMap((node) => (typeof node === "string" ? [] : node.children.filter((each) => typeof each === "string")))),
    children: (state) => list(state.nodes.flatMap((node) => childrenOf(node, "*"))),
    child: (state, self, key) => (INDEX.test(text(key)) ? list([METHODS.children(state)].flatMap(nodesOf).slice(Number(key), Number(key) + 1)) : take(state, text(key))),
    elements: (state, self, key = "{*}*") => take(state, text(key)),
    attribute: (state, self, key) => take(state, "@" + text(key)),
    attributes: (state) => take(state, "@{*}*"),
    descendants: (state, self, key = "*") => list(state.nodes.flatMap((node) => descendantsOf(node, text(key)))),
    name: (state) => (isElement(state.nodes[0]) ? qualified(state.nodes[0]) : null),
    localName: (state) => (isElement(state.nodes[0]) ? state.nodes[0].local : null),
    namespace: (state) => new Namespace(state.nodes[0].uri),
    parent: (state) => (state.nodes[0].parent ? single(state.nodes[0].parent) : null),
    copy: (state) => wrap({ ...state, nodes: state.nodes.map(copy) }),
    hasSimpleContent: ({ nodes }) => (nodes.length === 1 ? isSimple(nodes[0]) : !nodes.some(isElement)),
    hasComplexContent: (state) => !METHODS.hasSimpleContent(state),
    contains: (state, self, other) => state.nodes.some((node) => stringOf(node) === text(other)),
    appendChild: (state, self, value) => (one(state).children.push(...adopted(one(state), value)), self),
    prependChild: (state, self, value) => (one(state).children.unshift(...adopted(one(state), value)), self),
    setChildren: (state, self, value) => ((one(state).children = adopted(one(state), value)), self),
    getText: (state) => METHODS.toString(state),
    normalize: (state, self) => self,
  };
  const PLAIN_METHODS = ["toString", "toXMLString", "valueOf", "toJSON", "appendChild", "prependChild", "getText"];

  function one(state) {
    if (state.nodes.length !== 1 || !isElement(state.nodes[0])) throw new TypeError("this XML is not one element");
    return state.nodes[0];
  }

  function adopted(parent, value) {
    if (isXml(value)) return nodesOf(value).map((node) => adopt(parent, node));
    return value === null || value === undefined || text(value) === "" ? [] : [text(value)];
  }

  function take(state, key) {
    return list(state.nodes.flatMap((node) => childrenOf(node, key)), state, key);
  }

  function put(state, key, value) {
    if (state.nodes.length === 0 && state.owner !== null) {
      put(state.owner, state.key, ""); // the element that is not there yet
      state.nodes = state.owner.nodes.flatMap((node) => childrenOf(node, state.key));
    }
    const parent = one(state);
    if (key[0] === "@") return putAttribute(parent, key.slice(1), text(value));
    const found = childrenOf(parent, key);
    const local = key.replace(/^\{.*\}/s, "");
    let fresh;
    if (isXml(value)) fresh = adopted(parent, value);
    else {
      const node = isElement(found[0] ?? "") ? found[0] : element(/^\{([^*]*)\}/s.exec(key)?.[1] ?? "", "", local);
      node.children = adopted(node, value);
      node.parent = parent;
      fresh = [node];
    }
    const at = found.length === 0 ? parent.children.length : parent.children.indexOf(found[0]);
    parent.children.splice(at, 0, ...fresh.filter((each) => each !== found[0]));
    parent.children = parent.children.filter((each) => !found.includes(each) || fresh.includes(each));
  }

  function putAttribute(node, name, value) {
    const found = node.attributes.find(matcher(name));
    if (found === undefined) node.attributes.push({ prefix: "", local: name, uri: "", value });
    else found.value = value;
  }

  function putAt(state, index, value) {
    const node = state.nodes[index];
    if (node === undefined) {
      const before = list(state.nodes);
      if (state.owner === null) throw new TypeError("this list of XML cannot grow");
      return put(state.owner, state.key, add(before, isXml(value) ? value : new XML("<" + state.key + ">" + escaped(value) + "</" + state.key + ">")));
    }
    if (typeof node === "string") throw new TypeError("text of XML cannot be assigned here");
    if (!isXml(value)) return void (node.children = adopted(node, value));
    if (node.parent === null) throw new TypeError("the root of XML cannot be replaced");
    const fresh = adopted(node.parent, value);
    node.parent.children.splice(node.parent.children.indexOf(node), 1, ...fresh);
    state.nodes.splice(index, 1, ...fresh);
  }

  function remove(state, key) {
    for (const node of state.nodes.filter(isElement)) {
      if (key[0] === "@") node.attributes = node.attributes.filter((each) => !matcher(key.slice(1))(each));
      else node.children = node.children.filter((each) => !matcher(key)(each));
    }
  }

  function removeAt(state, index) {
    const node = state.nodes[index];
    if (node?.parent) node.parent.children.splice(node.parent.children.indexOf(node), 1);
    state.nodes.splice(index, 1);
  }

  function handler(state) {
    return {
      get(target, key, self) {
        if (key === Symbol.toPrimitive) return () => METHODS.toString(state);
        if (key === Symbol.iterator) return () => state.nodes.map(single)[Symbol.iterator]();
        if (typeof key === "symbol") return undefined;
        if (PLAIN_METHODS.includes(key)) return (...args) => METHODS[key](state, self, ...args);
        if (INDEX.test(key)) {
          const node = state.nodes[key];
          return node === undefined ? undefined : single(node);
        }
        return take(state, key);
      },
      set(target, key, value) {
        if (INDEX.test(text(key))) putAt(state, Number(key), value);
        else put(state, text(key), value);
        return true;
      },
      deleteProperty(target, key) {
        if (INDEX.test(text(key))) removeAt(state, Number(key));
        else remove(state, text(key));
        return true;
      },
      has: (target, key) => typeof key === "string" && (INDEX.test(key) ? key in state.nodes : nodesOf(take(state, key)).length > 0),
      ownKeys: () => state.nodes.map((node, index) => text(index)),
      getOwnPropertyDescriptor(target, key) {
        return INDEX.test(text(key)) && state.nodes[key] !== undefined
          ? { value: single(state.nodes[key]), enumerable: true, configurable: true, writable: true } : undefined;
      },
      apply(target, self, args) {
        const method = state.owner !== null && Object.hasOwn(METHODS, state.key) ? METHODS[state.key] : undefined;
        if (method === undefined) throw new TypeError("XML has no method '" + state.key + "'");
        return method(state.owner, wrap(state.owner), ...args);
      },
    };
  }

  // ------------------------------------------------------------ what scripts and translations call

  class Namespace {
    constructor(uri) {
      this.uri = text(uri ?? "");
    }
    toString() {
      return this.uri;
    }
  }

  function XML(value) {
    if (isXml(value)) {
      if (nodesOf(value).length !== 1) throw new TypeError("XML is made of one element, not of " + nodesOf(value).length);
      return single(copy(nodesOf(value)[0]));
    }
    const nodes = parse(text(value ?? "").trim());
    if (nodes.length > 1) throw new SyntaxError("XML has one root element");
    return single(nodes[0] ?? "");
  }

  function XMLList(value) {
    return list(isXml(value) ? nodesOf(value).slice() : parse(text(value ?? "")));
  }

  function add(left, right) {
    if (!isXml(left) || !isXml(right)) return left + right;
    const { owner, key } = inside.get(left);
    return list([...nodesOf(left), ...nodesOf(right)], owner, key);
  }

  Object.assign(XML, {
    isXml,
    add,
    literal: (source) => XML(source),
    list: (source) => XMLList(source),
    content: (value) => (isXml(value) ? inside.get(value).nodes.map((node) => write(node, {})).join("") : escaped(value ?? "")),
    attribute: (value) => quoted(value ?? ""),
    descendants: (value, key) => METHODS.descendants(inside.get(value), value, key),
    // `for each` goes through the values of any object.
    each: (value) => (isXml(value) ? nodesOf(value).map(single) : Object.values(value ?? {})),
    qualified: (namespace, local) => "{" + text(namespace) + "}" + local,
    ignoreWhitespace: true,
    prettyPrinting: false,
    settings: () => ({}),
    setSettings: () => undefined,
  });

  for (const [name, value] of Object.entries({ XML, XMLList, Namespace })) {
    Object.defineProperty(global, name, { value, writable: true, configurable: true });
  }
})(globalThis);
