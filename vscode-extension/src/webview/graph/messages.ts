/** What the graph view and its host say to each other. */
import type { Tone } from "../memory/messages.ts";

export interface Range {
  start: { line: number; character: number };
  end: { line: number; character: number };
}

export interface GraphNode {
  id: string;
  uri: string | null;
  name: string;
  kind: "spec" | "missing" | "external" | "not-modelspec";
  task?: string | null;
  model?: string | null;
  accelerator?: { type: string | null; count: number | null } | null;
  verdict?: string | null;
  errors?: number;
  warnings?: number;
  range?: Range | null;
}

export interface GraphEdge {
  from: string;
  to: string;
  dependency: string;
  role?: string | null;
  required?: boolean | null;
  specRef?: string | null;
  status: "ok" | "missing" | "not-modelspec" | "external";
  inCycle?: boolean;
  maxLatencyMs?: number | null;
  uri?: string;
  range?: Range | null;
}

export interface DependencyGraph {
  root: string | null;
  nodes: readonly GraphNode[];
  edges: readonly GraphEdge[];
  totals?: Record<string, unknown> | null;
}

export type { Tone };

export type ToView = { type: "graph"; title: string; whole: boolean; graph: DependencyGraph | undefined };

export type ToHost =
  | { type: "ready" }
  | { type: "open"; uri: string; range: Range | null }
  | { type: "whole"; whole: boolean };
