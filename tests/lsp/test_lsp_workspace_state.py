"""Whatever order things happen in, what is found in the end is what a fresh start finds."""

import asyncio
import os
import shutil
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from lsprotocol import types

from modelspec_ls.lsp.capabilities import ClientFeatures
from modelspec_ls.lsp.indexing import index_folders
from modelspec_ls.lsp.publish import Publisher
from modelspec_ls.lsp.session import Session
from modelspec_ls.lsp.workspace import WorkspaceReports
from support.policies import asking, policy

FILES = ("a.modelspec.yaml", "b.modelspec.yaml", "deps/c.modelspec.yaml", "deps/d.yaml")
LINK = "a-link.modelspec.yaml"
REFS = (
    "./a.modelspec.yaml", "b.modelspec.yaml", "./deps/c.modelspec.yaml", "../a.modelspec.yaml", "d.yaml#two",
    "/deps/d.yaml", "one", "two", "./deps", "./gone.modelspec.yaml", "https://example.com/x", "deps/d.yaml",
)  # fmt: skip


BASES = ("./a.modelspec.yaml", "/b.modelspec.yaml", "deps/c.modelspec.yaml#one", "./gone.yaml", "../b.modelspec.yaml")


def spec(name, task, refs, extra, base=(), model="qwen3-8b"):
    lines = [
        "apiVersion: piqc.ai/v1alpha1", "kind: ModelSpec", "metadata:", f"  name: {name}",
        *(f"  annotations: {{modelspec/base-model: {path}}}" for path in base), "spec:", "  identity:",
        "    model:", f"      id: {model}", "      family: qwen3", f"      task: {task}",
        "      framework: transformers",
        "  runtime:", "    accelerator:", "      vendor: nvidia", "      type: l40s", "      count: 1",
    ]  # fmt: skip
    if refs:
        lines += ["  pipeline:", "    dependencies:"]
        for n, (ref, role) in enumerate(refs):
            lines += [f"      - id: dep-{n}", f"        role: {role}", f"        specRef: {ref}"]
    return "\n".join([*extra, *lines, ""])


TEXTS = st.one_of(
    st.builds(
        spec,
        st.sampled_from(["one", "two", "three"]),
        st.sampled_from(["embedding", "rerank", "chat-completion"]),
        st.lists(st.tuples(st.sampled_from(REFS), st.sampled_from(["reranker", "custom", "nonsense"])), max_size=3),
        st.lists(st.just("# é comment"), max_size=2),
        st.lists(st.sampled_from(BASES), max_size=1),
        st.sampled_from(["qwen3-8b", "acme-llm", "qwen3-32b"]),
    ),
    st.builds(
        lambda a, b: f"{a}---\n{b}",
        st.builds(spec, st.just("one"), st.just("rerank"), st.just([]), st.just([])),
        st.builds(spec, st.just("two"), st.just("embedding"), st.just([("one", "custom")]), st.just([])),
    ),
    st.just("kind: Service\n"),
    st.just("kind: ModelSpec\nmetadata: [\n"),
    st.just(""),
)

POLICY, BASE = "modelspec-policy.yaml", "deps/base.yaml"
POLICIES = st.sampled_from(
    [
        asking("metadata.labels.team", "{present: true}", severity="error"),
        asking("metadata.name", "{in: [two]}", match="{paths: [deps/]}"),
        asking("spec.identity.model.task", "{in: $params.tasks}"),
        policy("extends: [./deps/base.yaml]\nparams: {tasks: [rerank]}\noverrides: [{rules: {pipeline: hint}}]\n"),
        policy("overrides: [{match: {names: [one]}, rules: {spec-ref-not-found: off}}]\n"),
        "kind: ModelSpecPolicy\nspec: [\n",
        "",
    ]
)


class Server:
    """The state of a server without its wire."""

    def __init__(self, root):
        self.session = Session()
        self.session.client = ClientFeatures(related_information=True)
        self.session.folders = [root]
        self.reports = WorkspaceReports(self.session)
        self.session.on_disk_change = self.reports.forget
        self.publisher = Publisher(self.session, self._note, lambda: None, lambda: None)
        self.publisher.on_change = self.reports.touched
        self.reports.on_judged = self.publisher.judged
        self.pushed = {}
        self.known = {}
        self.shown = {}

    def _note(self, params: types.PublishDiagnosticsParams):
        self.pushed[params.uri] = params.diagnostics

    async def index(self):
        await index_folders(self.session, lambda _: None, lambda: None)

    async def settle(self):
        """Everything that is waiting: pushes, and what a client would know after asking for the workspace."""
        while self.publisher.publish_next():
            pass
        for item in await self.reports.report(dict(self.known), None):
            if isinstance(item, types.WorkspaceFullDocumentDiagnosticReport):
                self.shown[item.uri] = item.items
                self.known[item.uri] = item.result_id or ""
            if not item.result_id:
                self.known.pop(item.uri, None)
        while self.publisher.publish_next():
            pass


class Workspace(RuleBasedStateMachine):
    """A folder, a server that is told of every change, and the buffers of an editor."""

    @initialize(texts=st.lists(TEXTS, min_size=4, max_size=4))
    def start(self, texts):
        self.root = os.path.realpath(tempfile.mkdtemp())
        Path(self.root, "deps").mkdir()
        Path(self.root, ".git").mkdir()
        for name, text in zip(FILES, texts, strict=True):
            Path(self.root, name).write_text(text, encoding="utf-8")
        self.loop = asyncio.new_event_loop()
        self.server = Server(self.root)
        self.buffers = {}
        self.version = 0
        self.loop.run_until_complete(self.server.index())

    def uri(self, name):
        return Path(self.root, name).as_uri()

    def told(self, *names):
        self.server.session.disk_changed([f"{self.root}/{name}" for name in names])

    @rule(name=st.sampled_from(FILES), text=TEXTS)
    def write(self, name, text):
        Path(self.root, name).write_text(text, encoding="utf-8")
        self.told(name)

    @rule(name=st.sampled_from(FILES))
    def spoil(self, name):
        """Nobody can read it."""
        Path(self.root, name).write_bytes(b"kind: ModelSpec\n\xff")
        self.told(name)

    @rule(name=st.sampled_from(FILES))
    def delete(self, name):
        Path(self.root, name).unlink(missing_ok=True)
        self.told(name)

    @rule(to=st.sampled_from(FILES))
    def link(self, to):
        Path(self.root, LINK).unlink(missing_ok=True)
        Path(self.root, LINK).symlink_to(Path(self.root, to))
        self.told(LINK)

    @rule(old=st.sampled_from(FILES), new=st.sampled_from(FILES))
    def rename(self, old, new):
        if Path(self.root, old).exists() and old != new and old not in self.buffers and new not in self.buffers:
            Path(self.root, old).replace(Path(self.root, new))
            self.told(old, new)

    @rule(name=st.sampled_from(FILES))
    def open(self, name):
        if name not in self.buffers and Path(self.root, name).exists():
            text = Path(self.root, name).read_text(encoding="utf-8", errors="replace")
            self.buffers[name] = text
            self.version += 1
            self.server.session.open(self.uri(name), text, self.version, "yaml")
            self.server.publisher.touch(self.uri(name))

    @rule(name=st.sampled_from(FILES), text=TEXTS)
    def change(self, name, text):
        if name in self.buffers:
            self.buffers[name] = text
            self.version += 1
            self.server.session.change(
                self.uri(name), [types.TextDocumentContentChangeWholeDocument(text)], self.version
            )
            self.server.publisher.touch(self.uri(name))

    def changed(self, before):
        """What the server does once policies are others."""
        if self.server.session.scopes.differs(before):
            self.server.reports.forget()
            self.server.publisher.touch_all()

    @rule(name=st.sampled_from([POLICY, BASE]), text=POLICIES, gone=st.booleans())
    def write_policy(self, name, text, gone):
        path, before = Path(self.root, name), self.server.session.scopes
        path.unlink(missing_ok=True) if gone else path.write_text(text, encoding="utf-8")
        self.server.session.reread_rows([self.uri(name)])
        self.changed(before)
        self.told(name)

    @rule(text=POLICIES)
    def type_policy(self, text):
        before = self.server.session.scopes
        self.version += 1
        if POLICY in self.buffers:
            whole = types.TextDocumentContentChangeWholeDocument(text)
            self.server.session.change(self.uri(POLICY), [whole], self.version)
        else:
            self.server.session.open(self.uri(POLICY), text, self.version, "yaml")
        self.buffers[POLICY] = text
        self.server.publisher.touch(self.uri(POLICY))
        self.changed(before)

    @rule()
    def close_policy(self):
        if self.buffers.pop(POLICY, None) is not None:
            before = self.server.session.scopes
            self.server.session.close(self.uri(POLICY))
            self.server.publisher.close(self.uri(POLICY))
            self.changed(before)

    @rule(name=st.sampled_from(FILES))
    def save(self, name):
        if name in self.buffers:
            Path(self.root, name).write_text(self.buffers[name], encoding="utf-8")
            self.told(name)

    @rule(name=st.sampled_from(FILES))
    def close(self, name):
        if self.buffers.pop(name, None) is not None:
            self.server.session.close(self.uri(name))
            self.server.publisher.close(self.uri(name))

    @rule()
    def ask(self):
        self.loop.run_until_complete(self.server.settle())

    @precondition(lambda self: hasattr(self, "server"))
    @invariant()
    def same_as_a_fresh_start(self):
        self.loop.run_until_complete(self.server.settle())
        fresh = Server(self.root)
        self.loop.run_until_complete(fresh.index())
        for name, text in self.buffers.items():
            fresh.session.open(self.uri(name), text, 1, "yaml")
            fresh.publisher.touch(self.uri(name))
        for name in self.buffers:  # A policy may be opened after a spec.
            fresh.publisher.touch(self.uri(name))
        self.loop.run_until_complete(fresh.settle())
        assert self.shown(self.server) == self.shown(fresh)
        pushed = {uri: found for uri, found in self.server.pushed.items() if found}
        assert pushed == {uri: found for uri, found in fresh.pushed.items() if found}

    @staticmethod
    def shown(server):
        return {uri: found for uri, found in server.shown.items() if found}

    def teardown(self):
        if hasattr(self, "root"):
            shutil.rmtree(self.root, ignore_errors=True)
            self.loop.close()


TestWorkspace = Workspace.TestCase
TestWorkspace.settings = settings(
    max_examples=8,
    stateful_step_count=8,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    # Without a trace of every line, which takes ten times as long.
    phases=[Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink],
)
