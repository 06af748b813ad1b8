/** The frames of a document's websocket: y-websocket's kinds, and the gateway's own `saved`, `denied` and `live`. */
import * as decoding from "lib0/decoding";
import * as encoding from "lib0/encoding";

export const PROTOCOL = "gemeinwerk.v1";

/**
 * What the gateway says. `saved`: the first `count` sync messages of this socket are durable; `position` is that of the
 * last of them in the stream of documents, 0 if the gateway does not tell it.
 */
export type Frame =
  | { kind: "step1" | "step2" | "update" | "awareness"; payload: Uint8Array }
  | { kind: "query" }
  | { kind: "saved"; count: number; position: number }
  | { kind: "denied"; reason: string }
  | { kind: "live"; told: unknown }
  | { kind: "unknown" };

const SYNC = ["step1", "step2", "update"] as const;
const AWARENESS = 1;
const QUERY_AWARENESS = 3;
const SAVED = 100;
const DENIED = 101;
const LIVE = 102;

/** Reads one frame; kinds of a later gateway are `unknown` and left alone. */
export function read(data: ArrayBuffer): Frame {
  const decoder = decoding.createDecoder(new Uint8Array(data));
  const outer = decoding.readVarUint(decoder);
  if (outer === 0) {
    const kind = SYNC[decoding.readVarUint(decoder)];
    return kind ? { kind, payload: decoding.readVarUint8Array(decoder) } : { kind: "unknown" };
  }
  if (outer === AWARENESS) return { kind: "awareness", payload: decoding.readVarUint8Array(decoder) };
  if (outer === QUERY_AWARENESS) return { kind: "query" };
  if (outer === SAVED) return saved(decoder);
  if (outer === DENIED) return { kind: "denied", reason: decoding.readVarString(decoder) };
  if (outer === LIVE) return { kind: "live", told: JSON.parse(decoding.readVarString(decoder)) as unknown };
  return { kind: "unknown" };
}

function saved(decoder: decoding.Decoder): Frame {
  const count = decoding.readVarUint(decoder);
  return { kind: "saved", count, position: decoding.hasContent(decoder) ? decoding.readVarUint(decoder) : 0 };
}

/** A sync frame: a state vector (`step1`) or an update (`step2`, `update`). */
export function sync(kind: (typeof SYNC)[number], payload: Uint8Array): Uint8Array<ArrayBuffer> {
  return frame(0, (encoder) => {
    encoding.writeVarUint(encoder, SYNC.indexOf(kind));
    encoding.writeVarUint8Array(encoder, payload);
  });
}

export function awareness(states: Uint8Array): Uint8Array<ArrayBuffer> {
  return frame(AWARENESS, (encoder) => encoding.writeVarUint8Array(encoder, states));
}

function frame(kind: number, write: (encoder: encoding.Encoder) => void): Uint8Array<ArrayBuffer> {
  const encoder = encoding.createEncoder();
  encoding.writeVarUint(encoder, kind);
  write(encoder);
  return new Uint8Array(encoding.toUint8Array(encoder));
}
