/** The server's own requests. What the values mean is the server's business: views only show them. */
import type { Position, Range, WorkspaceEdit } from "vscode-languageclient/node";

export type { DependencyGraph } from "./webview/graph/messages.ts";
export type { MemoryEdit, MemoryView } from "./webview/memory/messages.ts";

export const MEMORY_FIT = "modelspec/memoryFit";
export const MEMORY_FIT_EDIT = "modelspec/memoryFitEdit";
export const DEPENDENCY_GRAPH = "modelspec/dependencyGraph";
export const RULES = "modelspec/rules";

export interface Summary {
  reports: readonly {
    name: string | null;
    /** The flavor of an OpenModel. */
    flavor?: string;
    tone: string;
    label: string;
    summary: string;
  }[];
}

export interface EditAnswer {
  edit: WorkspaceEdit | null;
  message: string;
}

export interface RuleInfo {
  code: string;
  name: string;
  summary: string;
  severity: string;
  page: string | null;
}

export interface Location {
  uri: string;
  range: Range;
}

export type { Position, Range };
