/** Lines that are looked at: what a file is, it says at its top or at the top of its first documents. */
const LINES = 400;
const KIND = /^["']?kind["']?:\s*["']?(ModelSpec|OpenModel|Playground|Service)["']?\s*(?:#.*)?,?\s*$/;
const LLMAZ = /^["']?apiVersion["']?:\s*["']?(inference\.)?llmaz\.io\//;
const NEXT_DOCUMENT = /^---(?:\s|$)/;

/** Whether a YAML text says that it is a ModelSpec, or an object of llmaz that the server reads. */
export function declaresModelSpec(text: string): boolean {
  let kind: string | undefined;
  let group: string | undefined;
  let from = 0;
  for (let line = 0; line < LINES && from < text.length; line++) {
    const end = text.indexOf("\n", from);
    const stop = end < 0 ? text.length : end;
    const content = text.slice(from, stop).replace(/\r$/, "");
    if (NEXT_DOCUMENT.test(content)) kind = group = undefined;
    kind = KIND.exec(content)?.[1] ?? kind;
    const llmaz = LLMAZ.exec(content);
    if (llmaz) group = llmaz[1] ? "inference" : "core";
    if (kind === "ModelSpec" || (kind && group && (kind === "OpenModel") === (group === "core"))) return true;
    from = stop + 1;
  }
  return false;
}
