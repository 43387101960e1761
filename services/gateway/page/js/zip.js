// A zip archive without compression: pictures are compressed already. ZIP's own 4 GiB limits are far away.

const TABLE = Uint32Array.from({ length: 256 }, (_, n) => {
  for (let k = 0; k < 8; k++) n = n & 1 ? 0xedb88320 ^ (n >>> 1) : n >>> 1;
  return n;
});

/** CRC-32 of bytes (Uint8Array). */
export function crc32(bytes) {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = TABLE[(crc ^ byte) & 255] ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}

/** A Blob with the files `[{name, bytes: Uint8Array}]`; equal names get a number, so that none is lost. */
export function zip(files, when = new Date()) {
  const parts = [];
  const directory = [];
  let offset = 0;
  for (const { name, bytes } of apart(files)) {
    const encoded = new TextEncoder().encode(name);
    const fields = header(encoded, bytes, when);
    const local = joined(words(0x04034b50, 4), words(20, 2), fields, words(0, 2), encoded);
    directory.push(
      joined(words(0x02014b50, 4), words(20, 2), words(20, 2), fields, new Uint8Array(12), words(offset, 4), encoded),
    );
    parts.push(local, bytes);
    offset += local.length + bytes.length;
  }
  const listing = joined(...directory);
  const end = joined(
    words(0x06054b50, 4),
    words(0, 4),
    words(directory.length, 2),
    words(directory.length, 2),
    words(listing.length, 4),
    words(offset, 4),
    words(0, 2),
  );
  return new Blob([...parts, listing, end], { type: "application/zip" });
}

/** Flags, method, time, date, checksum, two sizes and the name's length: the part both headers share. */
function header(name, bytes, when) {
  const time = (when.getHours() << 11) | (when.getMinutes() << 5) | (when.getSeconds() >> 1);
  const date = ((when.getFullYear() - 1980) << 9) | ((when.getMonth() + 1) << 5) | when.getDate();
  return joined(
    words(0x0800, 2),
    words(0, 2),
    words(time, 2),
    words(date, 2),
    words(crc32(bytes), 4),
    words(bytes.length, 4),
    words(bytes.length, 4),
    words(name.length, 2),
  );
}

function apart(files) {
  const taken = new Set();
  return files.map(({ name, bytes }) => {
    const [, stem, ending] = name.match(/^(.*?)(\.[^.]*)?$/);
    let free = name;
    for (let n = 2; taken.has(free); n++) free = `${stem}-${n}${ending ?? ""}`;
    taken.add(free);
    return { name: free, bytes };
  });
}

function words(value, size) {
  return Uint8Array.from({ length: size }, (_, at) => (value / 2 ** (8 * at)) & 255);
}

function joined(...arrays) {
  const whole = new Uint8Array(arrays.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of arrays) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
