/* A zip of files as they are: pictures are packed already. */

const [LOCAL, LISTED, END] = [0x04034b50, 0x02014b50, 0x06054b50];
const UTF8 = 0x0800;
const DAY = 0x0021; // 1 January 1980: the zip says nothing of when it was made

const TABLE = Uint32Array.from({ length: 256 }, (_, start) => {
  let value = start;
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

/** Make a zip. @param {{name: string, file: Blob}[]} files Names may hold folders. @returns {Promise<Blob>} */
export async function zipOf(files) {
  const [bodies, list] = [[], []];
  let at = 0;
  for (const { name, file } of files) {
    const [title, content] = [new TextEncoder().encode(name), new Uint8Array(await file.arrayBuffer())];
    const facts = [
      [2, 20],
      [2, UTF8],
      [2, 0],
      [2, 0],
      [2, DAY],
      [4, checksum(content)],
      [4, content.length],
      [4, content.length],
      [2, title.length],
    ];
    const head = numbers([[4, LOCAL], ...facts, [2, 0]]);
    list.push(numbers([[4, LISTED], [2, 20], ...facts, [2, 0], [2, 0], [2, 0], [2, 0], [4, 0], [4, at]]), title);
    bodies.push(head, title, content);
    at += head.length + title.length + content.length;
  }
  const length = list.reduce((sum, part) => sum + part.length, 0);
  const end = numbers([
    [4, END],
    [2, 0],
    [2, 0],
    [2, files.length],
    [2, files.length],
    [4, length],
    [4, at],
    [2, 0],
  ]);
  return new Blob([...bodies, ...list, end], { type: "application/zip" });
}

function numbers(fields) {
  const found = new DataView(new ArrayBuffer(fields.reduce((sum, [bytes]) => sum + bytes, 0)));
  let at = 0;
  for (const [bytes, value] of fields) {
    if (bytes === 2) found.setUint16(at, value, true);
    else found.setUint32(at, value, true);
    at += bytes;
  }
  return new Uint8Array(found.buffer);
}

function checksum(content) {
  let value = 0xffffffff;
  for (const byte of content) value = TABLE[(value ^ byte) & 0xff] ^ (value >>> 8);
  return (value ^ 0xffffffff) >>> 0;
}
