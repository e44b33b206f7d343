// The world of a script: `mc`, the harmless parts of Java that scripts use, and nothing of the host.
//
// A run is a function from JSON to JSON. What the script reads comes in with the call; what it asks for and was not
// given is noted in `needs`, and the host runs it again with that; what it changes leaves as a list of `effects`.
// Everything here is frozen, and globals that a script made are removed after each run: nothing is left for the next.
(function (global) {
  "use strict";

  const { parse, stringify } = JSON;
  const evaluate = global.eval;
  const text = String;

  class Missing extends Error {}
  let run = null; // the state of the current run

  function need(kind, name) {
    run.needs.push(name === undefined ? [kind] : [kind, name]);
    throw new Missing("not here yet");
  }

  function given(kind, name) {
    const table = run.given[kind];
    if (table === undefined || !Object.hasOwn(table, name)) need(kind, name);
    return table[name];
  }

  function whole(kind) {
    if (!Object.hasOwn(run.given, kind)) need(kind);
    return run.given[kind];
  }

  function effect(...parts) {
    run.effects.push(parts);
  }

  // ------------------------------------------------------------ values

  function isXml(value) {
    return global.XML !== undefined && global.XML.isXml(value);
  }

  function inward(value) {
    // How the host marks an XML element.
    if (value !== null && typeof value === "object" && typeof value["\u0000xml"] === "string") {
      return global.XML === undefined ? value["\u0000xml"] : new global.XML(value["\u0000xml"]);
    }
    return value;
  }

  function outward(value) {
    if (isXml(value)) return { "\u0000xml": value.toXMLString() }; // which is a function too
    if (value === undefined || value === null || typeof value === "function") return null;
    if (typeof value === "bigint") return text(value);
    if (value instanceof Date || value instanceof JavaDate) return text(value);
    return value;
  }

  // ------------------------------------------------------------ mc

  const SCOPES = ["default", "synapse", "axis2", "axis2-client", "transport", "operation"];

  function scopeOf(scope) {
    return scope === undefined || scope === null ? "default" : text(scope);
  }

  class EndpointReference {
    constructor(address) {
      this.address = address;
    }
    getAddress() {
      return this.address;
    }
    toString() {
      return text(this.address);
    }
  }

  function address(reference) {
    if (reference === null || reference === undefined) return null;
    return reference instanceof EndpointReference ? reference.address : text(reference);
  }

  class Registry {
    getResource(key) {
      const path = text(key);
      const own = run.resources;
      return path in own ? own[path] : given("resource", path);
    }
    newResource(path, isDirectory) {
      if (isDirectory !== true && !(text(path) in run.resources)) this.updateResource(path, "");
    }
    updateResource(path, content) {
      run.resources[text(path)] = text(content);
      effect("resource", text(path), text(content));
    }
    delete(path) {
      run.resources[text(path)] = null;
      effect("unresource", text(path));
    }
    getRegistryEntry(path) {
      const value = this.getResource(path);
      return { getValue: () => value, getKey: () => text(path), toString: () => text(value) };
    }
    lookup(path) {
      return this.getResource(path);
    }
  }

  class Configuration {
    getRegistry() {
      return registry;
    }
    getEntry(key) {
      return mc.getEntry(key);
    }
    getEntryDefinition(key) {
      return registry.getRegistryEntry(key);
    }
    getLocalRegistryEntry(key) {
      return mc.getEntry(key);
    }
  }

  const registry = Object.freeze(new Registry());
  const configuration = Object.freeze(new Configuration());

  class Nodes {
    constructor(items) {
      this.items = items.map((each) => new ModelElement(each));
    }
    get(index) {
      if (this.items[index] === undefined) throw new RangeError("Index: " + index + ", Size: " + this.items.length);
      return this.items[index];
    }
    size() {
      return this.items.length;
    }
    isEmpty() {
      return this.items.length === 0;
    }
  }

  class ModelElement {
    constructor(given) {
      this.given = given;
    }
    getText() {
      return this.given.text;
    }
    getLocalName() {
      return this.given.name;
    }
    toString() {
      return this.given.xml;
    }
  }

  class BodyElement extends ModelElement {
    detach() {
      effect("empty");
      return this;
    }
  }

  const envelope = Object.freeze({
    getBody: () => Object.freeze({
      getFirstElement() {
        const first = whole("body");
        return first === null ? null : new BodyElement(first);
      },
      toString: () => text(whole("envelope")),
    }),
    toString: () => text(whole("envelope")),
  });

  class MessageContext {
    getProperty(key) {
      const name = text(key);
      const own = run.properties;
      if (Object.hasOwn(own, name)) return own[name];
      return (own[name] = inward(given("property", name)));
    }
    setProperty(key, value, scope) {
      const where = scopeOf(scope);
      const name = text(key);
      if (!SCOPES.includes(where)) return; // the reference ignores other scopes
      if (where === "default" || where === "synapse") {
        if (value === null || value === undefined) return;
        run.properties[name] = value;
      }
      effect("set", where, name, outward(value));
    }
    removeProperty(key, scope) {
      const where = scopeOf(scope);
      if (where === "default" || where === "synapse") run.properties[text(key)] = null;
      effect("remove", where, text(key));
    }
    getPropertyKeySet() {
      return new JavaSet(whole("properties"));
    }
    getVariable(key) {
      const name = text(key);
      const own = run.variables;
      if (Object.hasOwn(own, name)) return own[name];
      return (own[name] = inward(given("variable", name)));
    }
    setVariable(key, value) {
      run.variables[text(key)] = value;
      effect("variable", text(key), outward(value));
    }
    getVariableKeySet() {
      return new JavaSet(whole("variables"));
    }
    getEntry(key) {
      return inward(given("entry", text(key)));
    }
    getLocalEntry(key) {
      return this.getEntry(key);
    }
    getPayloadJSON() {
      if (run.json === undefined) {
        const given = whole("json");
        run.json = given === null ? {} : exact(given);
      }
      return run.json;
    }
    setPayloadJSON(value) {
      if (value === null || value === undefined) value = {};
      if (value instanceof JavaString) value = text(value);
      if (typeof value === "string") {
        run.json = parse(value);
        effect("json-text", value);
      } else {
        run.json = value;
        effect("json", value);
      }
    }
    getJsonText() {
      return stringify(this.getPayloadJSON());
    }
    setJsonText(unused, value) {
      this.setPayloadJSON(value);
      return true;
    }
    jsonObject() {
      return this.getPayloadJSON();
    }
    setJsonObject(unused, value) {
      run.json = value;
      return true;
    }
    getPayloadText() {
      return whole("text");
    }
    getPayloadXML() {
      if (run.xml === undefined) {
        const given = whole("xml");
        run.xml = given === null ? null : global.XML === undefined ? given : new global.XML(given);
      }
      return run.xml;
    }
    setPayloadXML(value) {
      if (value === null || value === undefined) throw new TypeError("setPayloadXML needs XML");
      run.xml = value;
      effect("xml", isXml(value) ? value.toXMLString() : text(value));
    }
    getEnvelopeXML() {
      const given = whole("envelope");
      return global.XML === undefined ? given : new global.XML(given);
    }
    getEnvelope() {
      return envelope;
    }
    getXpathResult(expression) {
      return { selectNodes: () => new Nodes(given("xpath", text(expression))) };
    }
    parseXml(value) {
      return global.XML === undefined ? text(value) : new global.XML(text(value));
    }
    addHeader(mustUnderstand, content) {
      effect("header", Boolean(mustUnderstand), isXml(content) ? content.toXMLString() : text(content));
    }
    getConfiguration() {
      return configuration;
    }
    getServiceLog() {
      return console;
    }
  }

  const mc = {};
  for (const name of Object.getOwnPropertyNames(MessageContext.prototype)) {
    if (name !== "constructor") mc[name] = MessageContext.prototype[name];
  }

  for (const name of ["To", "From", "ReplyTo", "FaultTo"]) {
    const key = name[0].toLowerCase() + name.slice(1);
    mc["get" + name] = function () {
      const value = whole("head")[key];
      return value === null ? null : new EndpointReference(value);
    };
    mc["set" + name] = function (reference) {
      if (Object.hasOwn(run.given, "head")) run.given.head[key] = address(reference);
      effect("address", name, address(reference));
    };
  }
  for (const [name, key] of [["MessageID", "messageId"], ["WSAMessageID", "messageId"], ["WSAAction", "action"], ["SoapAction", "action"]]) {
    mc["get" + name] = () => whole("head")[key];
  }
  for (const name of ["WSAAction", "SoapAction"]) mc["set" + name] = (value) => effect("action", text(value));
  for (const [name, key] of [["isResponse", "response"], ["isFaultResponse", "fault"], ["isSOAP11", "soap11"], ["isDoingPOX", "pox"], ["isDoingGET", "get"]]) {
    mc[name] = () => whole("head")[key];
  }
  mc.isDoingMTOM = mc.isDoingSWA = () => false;
  mc.setResponse = (value) => effect("response", Boolean(value));
  for (const name of ["setDoingPOX", "setDoingGET", "setDoingMTOM", "setDoingSWA", "setFaultResponse", "setTracingState"]) {
    mc[name] = () => undefined; // switches of Axis2 without a meaning here
  }
  mc.toString = () => "mc";

  // ------------------------------------------------------------ numbers that a double cannot tell apart

  class ExactNumber extends Number {
    constructor(literal) {
      super(literal);
      Object.defineProperty(this, "literal", { value: literal });
    }
    toString() {
      return this.literal;
    }
    toJSON() {
      return JSON.rawJSON(this.literal);
    }
  }

  const NUMBER = /^-?[0-9]+(?:[.][0-9]+)?(?:[eE][-+]?[0-9]+)?$/;

  function exact(value, seen = new Map()) {
    if (!run.given.twins || value === null || typeof value !== "object") return value;
    const literal = value["\u0000n"];
    if (typeof literal === "string" && NUMBER.test(literal)) { // else a client has sent the mark
      if (!seen.has(literal)) seen.set(literal, new ExactNumber(literal));
      return seen.get(literal);
    }
    for (const key of Object.keys(value)) value[key] = exact(value[key], seen);
    return value;
  }

  // ------------------------------------------------------------ Java

  class JavaString {
    constructor(value) {
      this.value = text(value);
    }
    length() {
      return this.value.length;
    }
    replace(old, fresh) {
      return this.value.split(text(old)).join(text(fresh));
    }
    replaceAll(pattern, fresh) {
      return this.value.replace(new RegExp(pattern, "g"), text(fresh));
    }
    toString() {
      return this.value;
    }
    toJSON() {
      return this.value;
    }
  }
  const javaStringMethods = {
    equals(other) {
      return other !== null && other !== undefined && text(this) === text(other);
    },
    equalsIgnoreCase(other) {
      return text(this).toLowerCase() === text(other).toLowerCase();
    },
    contains(part) {
      return text(this).includes(text(part));
    },
    isEmpty() {
      return text(this) === "";
    },
    matches(pattern) {
      return new RegExp("^(?:" + pattern + ")$").test(text(this));
    },
  };
  for (const [name, value] of Object.entries(javaStringMethods)) {
    for (const owner of [String.prototype, JavaString.prototype]) {
      Object.defineProperty(owner, name, { value, writable: true, configurable: true });
    }
  }
  for (const name of ["charAt", "charCodeAt", "concat", "endsWith", "indexOf", "lastIndexOf", "split", "startsWith", "substring", "toLowerCase", "toUpperCase", "trim"]) {
    JavaString.prototype[name] = function (...args) {
      return String.prototype[name].apply(this.value, args);
    };
  }

  class JavaNumber {
    constructor(value) {
      this.value = Number(value);
    }
    equals(other) {
      return Number(other) === this.value;
    }
    valueOf() {
      return this.value;
    }
    intValue() {
      return Math.trunc(this.value);
    }
    doubleValue() {
      return this.value;
    }
    toString() {
      return text(this.value);
    }
    toJSON() {
      return this.value;
    }
  }
  class JavaDouble extends JavaNumber {
    toString() {
      return Number.isInteger(this.value) && Math.abs(this.value) < 1e7 ? this.value.toFixed(1) : text(this.value);
    }
  }

  class JavaSet {
    constructor(items) {
      this.items = items;
    }
    toArray() {
      return this.items.slice();
    }
    contains(item) {
      return this.items.includes(item);
    }
    size() {
      return this.items.length;
    }
    iterator() {
      let index = 0;
      return { hasNext: () => index < this.items.length, next: () => this.items[index++] };
    }
    [Symbol.iterator]() {
      return this.items.values();
    }
    toString() {
      return "[" + this.items.join(", ") + "]";
    }
  }

  const MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];
  const DAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

  function millis(value) {
    return value instanceof JavaDate || value instanceof Date ? value.getTime() : Number(value);
  }

  class JavaDateClass {
    constructor(value) {
      this.time = value === undefined ? Date.now() : millis(value);
    }
    getTime() {
      return this.time;
    }
    setTime(value) {
      this.time = millis(value);
    }
    before(other) {
      return this.time < millis(other);
    }
    after(other) {
      return this.time > millis(other);
    }
    equals(other) {
      return this.time === millis(other);
    }
    compareTo(other) {
      return Math.sign(this.time - millis(other));
    }
    valueOf() {
      return this.time;
    }
    toString() {
      return new SimpleDateFormat("EEE MMM dd HH:mm:ss zzz yyyy").format(this);
    }
  }
  for (const name of ["getFullYear", "getMonth", "getDate", "getDay", "getHours", "getMinutes", "getSeconds"]) {
    JavaDateClass.prototype[name] = function () {
      return new Date(this.time)[name]();
    };
  }
  // Rhino takes `java.util.Date()` without `new`.
  const JavaDate = new Proxy(JavaDateClass, { apply: (target, self, args) => new target(...args) });

  const pad = (number, width) => text(number).padStart(width, "0");

  function zone(offset, colon) {
    const minutes = Math.abs(offset);
    return (offset < 0 ? "-" : "+") + pad(Math.floor(minutes / 60), 2) + (colon ? ":" : "") + pad(minutes % 60, 2);
  }

  class SimpleDateFormat {
    constructor(pattern) {
      this.pattern = pattern === undefined ? "M/d/yy h:mm a" : text(pattern);
      this.utc = false;
    }
    static getInstance() {
      return new SimpleDateFormat();
    }
    setTimeZone(zone) {
      this.utc = zone.id === "UTC" || zone.id === "GMT";
    }
    setLenient() {}
    tokens() {
      return [...this.pattern.matchAll(/'((?:[^']|'')*)'|([A-Za-z])\2*|[^A-Za-z']+/g)].map((match) => {
        if (match[1] !== undefined) return { literal: match[1] === "" ? "'" : match[1].replaceAll("''", "'") };
        return match[2] === undefined ? { literal: match[0] } : { field: match[2], width: match[0].length };
      });
    }
    format(value) {
      const time = millis(value);
      // The fields of a zone are those of UTC, shifted.
      const offset = this.utc ? 0 : -new Date(time).getTimezoneOffset();
      const date = new Date(time + offset * 60000);
      return this.tokens().map((token) => token.literal ?? this.field(token, date, offset)).join("");
    }
    field({ field, width }, date, offset) {
      const month = date.getUTCMonth();
      const hours = date.getUTCHours();
      switch (field) {
        case "y": case "Y": return width === 2 ? pad(date.getUTCFullYear() % 100, 2) : pad(date.getUTCFullYear(), width);
        case "M": return width > 3 ? MONTHS[month] : width === 3 ? MONTHS[month].slice(0, 3) : pad(month + 1, width);
        case "d": return pad(date.getUTCDate(), width);
        case "H": return pad(hours, width);
        case "k": return pad(hours || 24, width);
        case "h": return pad(hours % 12 || 12, width);
        case "K": return pad(hours % 12, width);
        case "m": return pad(date.getUTCMinutes(), width);
        case "s": return pad(date.getUTCSeconds(), width);
        case "S": return pad(date.getUTCMilliseconds(), width);
        case "a": return hours < 12 ? "AM" : "PM";
        case "E": return width > 3 ? DAYS[date.getUTCDay()] : DAYS[date.getUTCDay()].slice(0, 3);
        case "u": return text(date.getUTCDay() || 7);
        case "z": return offset === 0 ? "UTC" : "GMT" + zone(offset, true);
        case "Z": return zone(offset, false);
        case "X": return offset === 0 ? "Z" : width === 1 ? zone(offset, false).slice(0, 3) : zone(offset, width === 3);
      }
      throw new Error("Illegal pattern character '" + field + "'");
    }
    parse(value) {
      const given = text(value);
      const parts = { y: 1970, M: 0, d: 1, H: 0, m: 0, s: 0, S: 0, pm: null, zone: this.utc ? 0 : null };
      let at = 0;
      for (const token of this.tokens()) {
        const [pattern, take] = token.literal === undefined ? parser(token) : [token.literal.replace(/[^\w\s]/g, "\\$&"), null];
        const match = new RegExp(pattern, "iy");
        match.lastIndex = at;
        const found = match.exec(given);
        if (found === null) throw new Error('Unparseable date: "' + given + '"');
        at = match.lastIndex;
        if (take !== null) take(parts, found[0]);
      }
      const hours = parts.pm === null ? parts.H : (parts.H % 12) + (parts.pm ? 12 : 0);
      const fields = [parts.y, parts.M, parts.d, hours, parts.m, parts.s, parts.S];
      return new JavaDateClass(parts.zone === null ? new Date(...fields).getTime() : Date.UTC(...fields) - parts.zone * 60000);
    }
  }

  function parser({ field, width }) {
    const number = (key, shift = 0) => ["\\d{1," + Math.max(width, key === "y" ? 4 : 2) + "}", (parts, found) => (parts[key] = Number(found) + shift)];
    switch (field) {
      case "y": case "Y":
        return ["\\d{1,4}", (parts, found) => (parts.y = found.length <= 2 ? 2000 + Number(found) : Number(found))];
      case "M":
        if (width < 3) return number("M", -1);
        return ["[a-z]+", (parts, found) => (parts.M = MONTHS.findIndex((name) => name.slice(0, 3).toLowerCase() === found.slice(0, 3).toLowerCase()))];
      case "d": return number("d");
      case "H": case "h": case "k": case "K": return number("H");
      case "m": return number("m");
      case "s": return number("s");
      case "S": return ["\\d{1,9}", (parts, found) => (parts.S = Number(found))];
      case "a": return ["am|pm", (parts, found) => (parts.pm = found.toLowerCase() === "pm")];
      case "E": return ["[a-z]+", () => undefined];
      case "z": case "Z": case "X":
        return ["z|utc|gmt|[+-]\\d\\d(?::?\\d\\d)?", (parts, found) => (parts.zone = offsetOf(found))];
    }
    throw new Error("Illegal pattern character '" + field + "'");
  }

  function offsetOf(found) {
    const match = /^([+-])(\d\d):?(\d\d)?$/.exec(found);
    return match === null ? 0 : (match[1] === "-" ? -1 : 1) * (Number(match[2]) * 60 + Number(match[3] ?? 0));
  }

  const CALENDAR = { YEAR: 1, MONTH: 2, DATE: 5, DAY_OF_MONTH: 5, DAY_OF_WEEK: 7, HOUR: 10, HOUR_OF_DAY: 11, MINUTE: 12, SECOND: 13, MILLISECOND: 14 };
  const SETTERS = { 1: "FullYear", 2: "Month", 5: "Date", 10: "Hours", 11: "Hours", 12: "Minutes", 13: "Seconds", 14: "Milliseconds" };
  class Calendar {
    constructor() {
      this.date = new Date();
    }
    static getInstance() {
      return new Calendar();
    }
    setTime(value) {
      this.date = new Date(millis(value));
    }
    setTimeInMillis(value) {
      this.date = new Date(Number(value));
    }
    getTime() {
      return new JavaDateClass(this.date.getTime());
    }
    getTimeInMillis() {
      return this.date.getTime();
    }
    get(field) {
      if (field === 7) return this.date.getDay() + 1;
      const value = this.date["get" + SETTERS[field]]();
      return field === 10 ? value % 12 : value;
    }
    set(field, value) {
      this.date["set" + SETTERS[field]](Number(value));
    }
    add(field, amount) {
      this.set(field === 10 ? 11 : field, this.date["get" + SETTERS[field]]() + Number(amount));
    }
    before(other) {
      return this.date < other.date;
    }
    after(other) {
      return this.date > other.date;
    }
    equals(other) {
      return this.date.getTime() === other.date.getTime();
    }
  }
  Object.assign(Calendar, CALENDAR);
  DAYS.forEach((name, index) => (Calendar[name.toUpperCase()] = index + 1));

  function randomUuid() {
    const hex = () => Math.floor(Math.random() * 16).toString(16);
    return "xxxxxxxx-xxxx-4xxx-8xxx-xxxxxxxxxxxx".replace(/x/g, hex);
  }

  class Thread {
    static sleep(time) {
      effect("sleep", Number(time));
    }
  }

  class Entry {
    constructor(key) {
      this.key = text(key);
    }
    getKey() {
      return this.key;
    }
    toString() {
      return this.key;
    }
  }

  const JAVA = {
    "java.lang.String": JavaString,
    "java.lang.Double": Object.assign(JavaDouble, { parseDouble: Number, valueOf: (value) => new JavaDouble(value) }),
    "java.lang.Float": class extends JavaDouble { static parseFloat(value) { return Number(value); } },
    "java.lang.Integer": class extends JavaNumber {
      static parseInt(value, radix) { return javaInteger(value, radix); }
      static valueOf(value) { return javaInteger(value); }
      static toString(value) { return text(value); }
    },
    "java.lang.Long": class extends JavaNumber {
      static parseLong(value) { return javaInteger(value); }
      static valueOf(value) { return javaInteger(value); }
    },
    "java.lang.System": { currentTimeMillis: () => Date.now() },
    "java.lang.Thread": Thread,
    "java.util.Date": JavaDate,
    "java.util.Calendar": Calendar,
    "java.util.UUID": { randomUUID: randomUuid },
    "java.util.TimeZone": { getTimeZone: (id) => ({ id: text(id) }) },
    "java.text.SimpleDateFormat": SimpleDateFormat,
    "org.apache.synapse.config.Entry": Entry,
  };

  function javaInteger(value, radix = 10) {
    const given = text(value).trim();
    if (!/^[+-]?[0-9a-z]+$/i.test(given) || Number.isNaN(parseInt(given, radix))) {
      throw new Error('java.lang.NumberFormatException: For input string: "' + given + '"');
    }
    return parseInt(given, radix);
  }

  function javaPackage(path) {
    if (Object.hasOwn(JAVA, path)) return JAVA[path];
    const refuse = () => {
      throw new Error(path + " is Java, which scripts do not have here; write it in JavaScript");
    };
    return new Proxy(function () {}, {
      get: (target, name) => (typeof name === "symbol" ? undefined : name === "toString" ? () => "[JavaPackage " + path + "]" : javaPackage(path + "." + name)),
      set: refuse,
      apply: refuse,
      construct: refuse,
    });
  }

  const console = Object.freeze(Object.fromEntries(
    ["log", "info", "debug", "warn", "error", "trace", "fatal"].map((level) => [level, (...args) => effect("log", level, args.map(shown).join(" "))]),
  ));

  function shown(value) {
    if (value === null || typeof value !== "object" || value.toString !== Object.prototype.toString) return text(value);
    return stringify(value);
  }

  Object.defineProperty(Object.prototype, "toSource", {
    value() { return "(" + stringify(this) + ")"; }, writable: true, configurable: true,
  });

  const globals = {
    java: javaPackage("java"),
    javax: javaPackage("javax"),
    org: javaPackage("org"),
    com: javaPackage("com"),
    mc,
    Packages: new Proxy({}, { get: (target, name) => (typeof name === "symbol" ? undefined : javaPackage(name)) }),
    Java: { type: (name) => javaPackage(text(name)) },
    // Imported names of the packages that occur are there without an import.
    importPackage: () => undefined,
    importClass: () => undefined,
    Entry,
    console,
    log: console,
    print: (...args) => console.info(...args),
    println: (...args) => console.info(...args),
  };
  for (const [name, value] of Object.entries(globals)) {
    Object.defineProperty(global, name, { value, writable: true, configurable: true });
  }

  // ------------------------------------------------------------ a run

  const LIBRARY = 10000; // this text begins below so many empty lines, to tell its frames from those of scripts

  function place(error) {
    const lines = [...text(error.stack ?? "").matchAll(/<input>:(\d+)/g)].map((match) => Number(match[1]));
    return lines.find((line) => line < LIBRARY) ?? 0;
  }

  function failure(error) {
    if (error === null) return { name: "InternalError", message: "out of memory", line: 0 }; // no room for an object
    if (error instanceof Error) return { name: text(error.name), message: text(error.message), line: place(error) };
    return { name: "Error", message: shown(error), line: 0 };
  }

  function invoke(source, name, args) {
    const value = evaluate(source);
    if (name === null) return value;
    if (typeof global[name] !== "function") throw new Error("the script has no function '" + name + "'");
    return global[name](mc, ...args.map((each) => exact(inward(each))));
  }

  let names = null; // of the globals there are
  let firsts = null; // and what they were

  function forget() {
    // What the script left among the globals. False when something cannot be taken back.
    for (let index = 0; index < names.length; index++) {
      if (!Object.is(global[names[index]], firsts[index].value)) {
        Object.defineProperty(global, names[index], firsts[index]);
      }
    }
    const now = Reflect.ownKeys(global);
    if (now.length === names.length) return true;
    const known = new Set(names);
    return now.every((key) => known.has(key) || Reflect.deleteProperty(global, key));
  }

  global.__run = function (source, name, input) {
    const call = parse(input);
    run = { given: call.given, needs: [], effects: [], properties: {}, variables: {}, resources: Object.create(null), json: undefined, xml: undefined };
    global.mc = Object.create(mc);
    let result = { value: null };
    try {
      const value = invoke(source, name, call.args);
      result = { value: call.keep || typeof value === "boolean" ? outward(value) : null };
    } catch (error) {
      result = { error: failure(error) };
    }
    // A script may catch what `need` throws: that it was thrown counts.
    const answer = stringify(run.needs.length > 0 ? { needs: run.needs } : { ...result, effects: run.effects });
    run = null;
    // Joined, for quickjs-ng cannot hand over the ropes that "+" makes.
    return [forget() ? "clean" : "dirty", answer].join("");
  };

  // ------------------------------------------------------------ freezing

  function settable(prototype, names) {
    // A frozen prototype would make `object.toString = …` fail without a word: let it make an own property.
    for (const name of names) {
      const value = prototype[name];
      Object.defineProperty(prototype, name, {
        get: () => value,
        set(own) {
          if (this !== prototype) Object.defineProperty(this, name, { value: own, writable: true, enumerable: true, configurable: true });
        },
        configurable: true,
      });
    }
  }

  global.__seal = function (frozen) {
    if (frozen) {
      settable(Object.prototype, ["constructor", "hasOwnProperty", "isPrototypeOf", "toLocaleString", "toString", "valueOf", "toSource"]);
      settable(Error.prototype, ["message", "name", "toString"]);
      settable(Array.prototype, ["toString", "concat", "slice", "filter", "map", "length"].filter((name) => name !== "length"));
      const seen = new Set([global]);
      const pending = [mc, ...Reflect.ownKeys(global).map((key) => Object.getOwnPropertyDescriptor(global, key).value)];
      pending.push(Object.getPrototypeOf(function* () {}), Object.getPrototypeOf(async function () {}), Object.getPrototypeOf(async function* () {}));
      pending.push(Object.getPrototypeOf([][Symbol.iterator]()), Object.getPrototypeOf(""[Symbol.iterator]()), Object.getPrototypeOf(new Map().keys()), Object.getPrototypeOf(new Set().keys()), Object.getPrototypeOf("".matchAll(/x/g)));
      pending.push(EndpointReference, Nodes, ModelElement, BodyElement, JavaDateClass, JavaSet, Registry, Configuration, ExactNumber, Missing);
      while (pending.length > 0) {
        const each = pending.pop();
        if (each === null || (typeof each !== "object" && typeof each !== "function") || seen.has(each)) continue;
        seen.add(each);
        if (globals.java === each || globals.javax === each || globals.org === each || globals.com === each || globals.Packages === each) continue;
        pending.push(Object.getPrototypeOf(each));
        for (const key of Reflect.ownKeys(each)) {
          const own = Object.getOwnPropertyDescriptor(each, key);
          pending.push(own.value, own.get, own.set);
        }
        Object.freeze(each);
      }
      for (const each of Object.values(JAVA)) if (each !== JavaDate) Object.freeze(each);
    }
    delete global.__seal;
    delete global.__run;
    names = Reflect.ownKeys(global);
    firsts = names.map((key) => Object.getOwnPropertyDescriptor(global, key));
  };
})(globalThis);
