import { isIPv6 } from "node:net";
import { type NativeFunction, native } from "./native-function.ts";

interface Network {
  readonly address: bigint;
  /** Significant bits, counted from the left. */
  readonly prefix: number;
}

const octets = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})(?:\/(\d{1,2}))?$/;

/** An IPv4 address, alone or as a network `a.b.c.d/n`. */
function parseIpv4(text: string): Network | null {
  const found = octets.exec(text.trim());
  if (found === null) return null;
  const numbers = found.slice(1, 5).map(Number);
  const prefix = found[5] === undefined ? 32 : Number(found[5]);
  if (numbers.some((number) => number > 255) || prefix > 32) return null;
  return { address: numbers.reduce((sum, number) => sum * 256n + BigInt(number), 0n), prefix };
}

/** An IPv6 address, or an IPv4 one as IPv6 writes it. */
function parseIpv6(text: string): Network | null {
  const [address = "", length] = text.trim().split("/");
  const v4 = parseIpv4(address);
  if (v4 !== null) return { address: 0xffff00000000n + v4.address, prefix: 96 + Number(length ?? 32) };
  const prefix = Number(length ?? 128);
  if (!isIPv6(address) || !(prefix >= 0 && prefix <= 128)) return null;
  const [head = "", tail] = address.split("::");
  const groups = (part: string) =>
    part
      .split(":")
      .filter((group) => group !== "")
      .flatMap(groupValues);
  const [left, right] = [groups(head), groups(tail ?? "")];
  const middle = Array<number>(tail === undefined ? 0 : 8 - left.length - right.length).fill(0);
  const all = [...left, ...middle, ...right];
  return { address: all.reduce((sum, group) => (sum << 16n) + BigInt(group), 0n), prefix };
}

function groupValues(group: string): number[] {
  const v4 = parseIpv4(group);
  return v4 === null ? [Number.parseInt(group, 16)] : [Number(v4.address >> 16n), Number(v4.address & 0xffffn)];
}

/** The bits that both networks call significant, and so many at most as asked. */
function compare(bits: number, parse: (text: string) => Network | null) {
  return (a: string, b: string, most: bigint): bigint | null => {
    const [left, right] = [parse(a), parse(b)];
    if (left === null || right === null) return null;
    const prefix = Math.min(left.prefix, right.prefix, Number(most));
    const [x, y] = [left.address >> BigInt(bits - prefix), right.address >> BigInt(bits - prefix)];
    return x === y ? 0n : x < y ? -1n : 1n;
  };
}

function inRange(bits: number, parse: (text: string) => Network | null) {
  return (address: string, range: string): boolean | null => {
    const [inner, outer] = [parse(address), parse(range)];
    if (inner === null || outer === null) return null;
    const shift = BigInt(bits - outer.prefix);
    return inner.address >> shift === outer.address >> shift;
  };
}

const privateNetworks = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"];

function isPrivate(text: string): boolean | null {
  const network = parseIpv4(text);
  if (network === null) return null;
  return privateNetworks.some((range) => {
    const outer = parseIpv4(range) as Network;
    return network.prefix >= outer.prefix && inRange(32, parseIpv4)(text.split("/")[0] ?? "", range) === true;
  });
}

function dotted(address: bigint): string {
  return [24n, 16n, 8n, 0n].map((shift) => String((address >> shift) & 255n)).join(".");
}

function masked({ address, prefix }: Network): bigint {
  const shift = BigInt(32 - prefix);
  return (address >> shift) << shift;
}

/** All IPv4 addresses in a text that stand apart from letters, digits and further dots. */
function addressesIn(text: string): string[] {
  return [...text.matchAll(/(?<![\p{L}\p{N}.])(?:\d{1,3}\.){3}\d{1,3}(?![\p{L}\p{N}]|\.\d)/gu)]
    .map(([found]) => found)
    .filter((found) => parseIpv4(found) !== null);
}

function full(text: string): string | null {
  const network = parseIpv6(text);
  if (network === null) return null;
  const shift = BigInt(128 - network.prefix);
  const digits = ((network.address >> shift) << shift).toString(16).padStart(32, "0");
  return (digits.match(/.{4}/g) ?? []).join(":");
}

export const ipFunctions: Readonly<Record<string, NativeFunction>> = {
  kql_parse_ipv4: native(["text"], "long", (text) => {
    const network = parseIpv4(text);
    return network === null ? null : masked(network);
  }),
  kql_parse_ipv4_mask: native(["text", "long"], "long", (text, prefix) => {
    const network = parseIpv4(text);
    return network === null || prefix < 0n || prefix > 32n
      ? null
      : masked({ address: network.address, prefix: Number(prefix) });
  }),
  kql_format_ipv4: native(["long", "long"], "text", (address, prefix) =>
    address < 0n || address > 0xffffffffn || prefix < 0n || prefix > 32n
      ? ""
      : dotted(masked({ address, prefix: Number(prefix) })),
  ),
  kql_ipv4_netmask_suffix: native(["text"], "long", (text) => {
    const network = parseIpv4(text);
    return network === null ? null : BigInt(network.prefix);
  }),
  kql_ipv4_compare: native(["text", "text", "long"], "long", compare(32, parseIpv4)),
  kql_ipv4_in_range: native(["text", "text"], "bool", inRange(32, parseIpv4)),
  kql_ipv4_is_private: native(["text"], "bool", isPrivate),
  kql_parse_ipv6: native(["text"], "text", full),
  kql_ipv6_compare: native(["text", "text", "long"], "long", compare(128, parseIpv6)),
  kql_ipv6_in_range: native(["text", "text"], "bool", inRange(128, parseIpv6)),
  kql_has_ipv4: native(["text", "text"], "bool", (text, address) => addressesIn(text).includes(address)),
  kql_has_ipv4_prefix: native(["text", "text"], "bool", (text, prefix) =>
    addressesIn(text).some((found) => (prefix.endsWith(".") ? found.startsWith(prefix) : found === prefix)),
  ),
};
