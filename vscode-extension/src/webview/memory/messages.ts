/** What the memory view and its host say to each other. The server makes it all; nothing here knows what it means. */
export type Tone = "good" | "warning" | "bad" | "unknown";

export interface Amount {
  gib: number;
  low: number;
  high: number;
  exactness: string;
  why: string;
}

export interface Part extends Amount {
  key: string;
  label: string;
}

export interface Slider {
  kind: "slider";
  key: string;
  label: string;
  stops: readonly number[];
  value: number;
  /** What the file says; null: nothing. */
  stated: number | null;
  unit: string;
}

export interface Menu {
  kind: "menu";
  key: string;
  label: string;
  options: readonly { value: string; label: string; group: string }[];
  value: string;
  stated: string;
}

export type Control = Slider | Menu;

export interface Spec {
  document: number;
  name: string | null;
  changed: boolean;
  ignored: readonly string[];
  tone: Tone;
  label: string;
  summary: string;
  sentence: string;
  verdict?: string;
  parts: readonly Part[];
  budget?: Amount | null;
  capacity?: Amount | null;
  devices: number;
  facts: readonly { label: string; value: string }[];
  assumptions: readonly string[];
  missing: readonly { fact: string; how: string }[];
  controls: readonly Control[];
}

export interface Row {
  value: string;
  name: string;
  vendor: string;
  count: number;
  totalGiB: number;
  usedShare: number;
  tone: Tone;
  verdict: string;
  current: boolean;
}

export interface MemoryView {
  /** The spec at the position that was asked for. */
  document?: number;
  views?: readonly Spec[];
  accelerators?: readonly Row[];
}

export interface MemoryEdit {
  edit: unknown;
  message: string;
}

export type Overrides = Record<string, string | number>;

export type ToView =
  | {
      type: "spec";
      file: string;
      spec: Spec | undefined;
      specs: readonly { document: number; name: string }[];
    }
  | { type: "accelerators"; rows: readonly Row[] }
  | { type: "gone"; message: string };

export type ToHost =
  | { type: "ready" }
  | { type: "set"; changes: Overrides }
  | { type: "reset" }
  | { type: "apply" }
  | { type: "document"; document: number };
