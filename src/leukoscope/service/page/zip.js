/* A small reader of zips: the list at the end, and each member on its own. What it cannot do is said by throwing. */

const END = 0x06054b50;
const LISTED = 0x02014b50;
const LOCAL = 0x04034b50;
const END_SIZE = 22;
const LONGEST_COMMENT = 65_535;
const MOST_BYTES = 1e9;
const STORED = 0;
const DEFLATED = 8;

/**
 * Return the members of a zip whose names are wanted, unpacked.
 * @param {Blob} zip The zip.
 * @param {(name: string) => boolean} wanted Of which members.
 * @returns {Promise<{members: {name: string, file: Blob}[], others: string[]}>} In the zip's order, and the names of the rest.
 * @throws {Error} It is no zip, or one that takes more than this reader: encrypted, split, above 4 GB, another method.
 */
export async function unpack(zip, wanted) {
  const rows = await listing(zip);
  const files = rows.filter((row) => !row.name.endsWith("/"));
  const kept = files.filter((row) => wanted(row.name));
  if (kept.reduce((sum, row) => sum + row.size, 0) > MOST_BYTES) throw new Error("more than 1 GB");
  const members = [];
  for (const row of kept) members.push({ name: row.name, file: await content(zip, row) });
  return { members, others: files.filter((row) => !wanted(row.name)).map((row) => row.name) };
}

async function listing(zip) {
  const tail = await view(zip, Math.max(zip.size - END_SIZE - LONGEST_COMMENT, 0), zip.size);
  let at = tail.byteLength - END_SIZE;
  while (at >= 0 && tail.getUint32(at, true) !== END) at -= 1;
  if (at < 0) throw new Error("no zip, or its end is missing");
  const [number, length, start] = [
    tail.getUint16(at + 10, true),
    tail.getUint32(at + 12, true),
    tail.getUint32(at + 16, true),
  ];
  if (number === 0xffff || start === 0xffffffff) throw new Error("a zip of the large kind");
  const list = await view(zip, start, start + length);
  const rows = [];
  for (let place = 0; rows.length < number;) {
    if (place + 46 > list.byteLength || list.getUint32(place, true) !== LISTED) throw new Error("its list is damaged");
    const [flags, method] = [list.getUint16(place + 8, true), list.getUint16(place + 10, true)];
    const [packed, size] = [list.getUint32(place + 20, true), list.getUint32(place + 24, true)];
    const [named, extra, comment] = [28, 30, 32].map((offset) => list.getUint16(place + offset, true));
    if (place + 46 + named > list.byteLength) throw new Error("its list is damaged");
    const bytes = new Uint8Array(list.buffer, list.byteOffset + place + 46, named);
    const name = decoded(bytes, Boolean(flags & 0x800));
    rows.push({ name, method, packed, size, encrypted: Boolean(flags & 1), at: list.getUint32(place + 42, true) });
    place += 46 + named + extra + comment;
  }
  return rows;
}

async function content(zip, row) {
  if (row.encrypted) throw new Error("it is encrypted");
  if (row.method !== STORED && row.method !== DEFLATED) throw new Error("it is packed in an uncommon way");
  const head = await view(zip, row.at, row.at + 30);
  if (head.byteLength < 30 || head.getUint32(0, true) !== LOCAL) throw new Error("a member is missing");
  const start = row.at + 30 + head.getUint16(26, true) + head.getUint16(28, true);
  const packed = zip.slice(start, start + row.packed);
  if (packed.size < row.packed) throw new Error("it ends too early");
  return row.method === STORED ? packed : inflated(packed, row.size);
}

/** Inflate, but never to more than the list said: a bomb is let go of as soon as it shows. */
async function inflated(packed, size) {
  const reader = packed.stream().pipeThrough(new DecompressionStream("deflate-raw")).getReader();
  const parts = [];
  for (let read = 0; ;) {
    const { done, value } = await reader.read();
    if (done) return new Blob(parts);
    read += value.byteLength;
    if (read > size) {
      await reader.cancel();
      throw new Error("a member is larger than it says");
    }
    parts.push(value);
  }
}

function decoded(bytes, utf8) {
  if (utf8) return new TextDecoder().decode(bytes);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder("windows-1252").decode(bytes);
  }
}

async function view(blob, start, end) {
  return new DataView(await blob.slice(start, end).arrayBuffer());
}
