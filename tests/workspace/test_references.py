"""What every form of a ``specRef`` means, where it may lead, and that names of files survive the way back."""

import posixpath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelspec_ls.workspace.graph import Graph
from modelspec_ls.workspace.references import candidates, key_of, parse_ref, relative_ref, uri_of

FORMS = {
    # A path
    "x.yaml": ("path", "x.yaml", ""),
    "./x.modelspec.yaml": ("path", "./x.modelspec.yaml", ""),
    "../y/x.yaml": ("path", "../y/x.yaml", ""),
    "a/b": ("path", "a/b", ""),
    "X.YAML": ("path", "X.YAML", ""),
    "x.json": ("path", "x.json", ""),
    ".": ("path", ".", ""),
    "..": ("path", "..", ""),
    "./": ("path", "./", ""),
    "my specs/chat model.yaml": ("path", "my specs/chat model.yaml", ""),
    "模型/嵌入.yaml": ("path", "模型/嵌入.yaml", ""),
    "a%20b.yaml": ("path", "a%20b.yaml", ""),
    "  ./x.yaml ": ("path", "./x.yaml", ""),
    # A document of a file
    "x.yaml#chat": ("path", "x.yaml", "chat"),
    "#chat": ("path", "", "chat"),
    "word#chat": ("path", "word", "chat"),
    "./a#b#c": ("path", "./a", "b#c"),
    # From the workspace
    "/specs/x.yaml": ("path", "/specs/x.yaml", ""),
    # Windows
    "..\\y\\x.yaml": ("path", "../y/x.yaml", ""),
    "C:\\specs\\x.yaml": ("path", "C:/specs/x.yaml", ""),
    "c:/specs/x.yaml#chat": ("path", "c:/specs/x.yaml", "chat"),
    # As URIs of files
    "file:///specs/a%20b.yaml": ("path", "/specs/a b.yaml", ""),
    "file:///specs/x.yaml#a%20b": ("path", "/specs/x.yaml", "a b"),
    "file:///c%3A/specs/x.yaml": ("path", "C:/specs/x.yaml", ""),
    "file://localhost/specs/x.yaml": ("path", "/specs/x.yaml", ""),
    # A name
    "embedder": ("name", "embedder", ""),
    "Embedder_v1": ("name", "Embedder_v1", ""),
    "llama-3.1": ("name", "llama-3.1", ""),
    "模型": ("name", "模型", ""),
    "name:embedder": ("name", "embedder", ""),
    "name: embedder": ("name", "embedder", ""),
    "name:x.yaml": ("name", "x.yaml", ""),
    "...": ("name", "...", ""),
    # Never fetched
    "git://host/repo.git#main": ("external", "git://host/repo.git#main", ""),
    "git+ssh://git@host/repo//x.yaml": ("external", "git+ssh://git@host/repo//x.yaml", ""),
    "https://host/x.yaml": ("external", "https://host/x.yaml", ""),
    "HTTPS://host/x.yaml": ("external", "HTTPS://host/x.yaml", ""),
    "oci://host/x:1": ("external", "oci://host/x:1", ""),
    "hf://org/model": ("external", "hf://org/model", ""),
    "s3://bucket/x.yaml": ("external", "s3://bucket/x.yaml", ""),
    "oci:image": ("external", "oci:image", ""),
    "git@host.example:org/repo.git": ("external", "git@host.example:org/repo.git", ""),
    # Still to be filled in
    "${SPEC}": ("template", "${SPEC}", ""),
    "./{{ .Values.spec }}.yaml": ("template", "./{{ .Values.spec }}.yaml", ""),
    "$(SPECS)/x.yaml": ("template", "$(SPECS)/x.yaml", ""),
    "<%= spec %>": ("template", "<%= spec %>", ""),
    # Nothing
    "": ("empty", "", ""),
    " \t": ("empty", "", ""),
}


@pytest.mark.parametrize("text", FORMS)
def test_form(text):
    ref = parse_ref(text)
    assert (ref.kind, ref.text, ref.fragment) == FORMS[text]


@pytest.mark.parametrize(
    ("text", "rooted"),
    [("/x.yaml", True), ("\\x.yaml", True), ("file:///x.yaml", False), ("x.yaml", False), ("C:/x.yaml", False)],
)
def test_only_a_leading_slash_starts_at_the_workspace(text, rooted):
    assert parse_ref(text).rooted is rooted


BASE = "/ws/team/app/chat.yaml"
ROOT = "/ws/team"
LEADS = {
    "x.yaml": ("/ws/team/app/x.yaml", "/ws/team/x.yaml"),
    "y/x.yaml": ("/ws/team/app/y/x.yaml", "/ws/team/y/x.yaml"),
    "./x.yaml": ("/ws/team/app/x.yaml",),
    "../x.yaml": ("/ws/team/x.yaml",),
    "../../../../../x.yaml": ("/x.yaml",),
    "..\\x.yaml": ("/ws/team/x.yaml",),
    "/x.yaml": ("/ws/team/x.yaml", "/x.yaml"),
    "a/../x.yaml": ("/ws/team/app/x.yaml", "/ws/team/x.yaml"),
    ".": ("/ws/team/app",),
    "#chat": (BASE,),
    "C:\\specs\\x.yaml": ("C:/specs/x.yaml",),
    "c:/specs/x.yaml": ("C:/specs/x.yaml",),
    "file:///specs/x.yaml": ("/specs/x.yaml",),
    "file:///ws/team/x.yaml": ("/ws/team/x.yaml",),
    "file:///c:/specs/x.yaml": ("C:/specs/x.yaml",),
    "chat": (),
    "https://host/x.yaml": (),
    "${X}": (),
    "": (),
}


@pytest.mark.parametrize("text", LEADS)
def test_leads(text):
    assert candidates(BASE, parse_ref(text), ROOT) == LEADS[text]


def test_a_root_may_be_missing_or_that_of_the_system():
    assert candidates("/ws/a.yaml", parse_ref("/x.yaml"), "") == ("/x.yaml",)
    assert candidates("/ws/d/a.yaml", parse_ref("/x.yaml"), "/ws/") == ("/ws/x.yaml", "/x.yaml")
    assert candidates("/a.yaml", parse_ref("x/y.yaml"), "/") == ("/x/y.yaml",)


def test_the_root_of_a_file():
    graph = Graph(roots=("/ws", "/ws/sub", "/wsx"), projects={"/ws/team/app": "/ws/team", "/ws/team": "/ws/team"})
    assert graph.root_of("/ws/team/app/a.yaml") == "/ws/team"
    # Nobody has looked there yet.
    assert graph.root_of("/ws/team/app/new/a.yaml") == "/ws/team"
    assert graph.root_of("/ws/sub/a.yaml") == "/ws"
    assert graph.root_of("/other/a.yaml") == ""


def test_beside_a_file_of_another_machine():
    assert candidates("vscode-remote://host/ws/d/a.yaml", parse_ref("../x.yaml"), "") == (
        "vscode-remote://host/ws/x.yaml",
    )


URIS = {
    "file:///ws/a.yaml": "/ws/a.yaml",
    "file:///ws/a%20b.yaml": "/ws/a b.yaml",
    "file:///ws/%E6%A8%A1.yaml": "/ws/模.yaml",
    "file:///ws/模.yaml": "/ws/模.yaml",
    "file:///ws/a%23b.yaml": "/ws/a#b.yaml",
    "file:///ws/a%3Fb.yaml": "/ws/a?b.yaml",
    "file:///ws/a%25b.yaml": "/ws/a%b.yaml",
    "file:///c%3A/ws/a.yaml": "C:/ws/a.yaml",
    "file:///C:/ws/a.yaml": "C:/ws/a.yaml",
    "file:///C:\\ws\\a.yaml": "C:/ws/a.yaml",
    "file:///c%3A%5Cws%5Ca.yaml": "C:/ws/a.yaml",
    "file://server/share/a.yaml": "//server/share/a.yaml",
    "file://localhost/ws/a.yaml": "/ws/a.yaml",
    "untitled:Untitled-1": "untitled:Untitled-1",
    "vscode-remote://host/ws/a.yaml": "vscode-remote://host/ws/a.yaml",
}


@pytest.mark.parametrize("uri", URIS)
def test_key(uri):
    assert key_of(uri) == URIS[uri]


NAMES = st.text(st.characters(exclude_characters="/\\\0", exclude_categories=("Cs",)), min_size=1, max_size=8).filter(
    lambda name: name not in {".", ".."}
)
KEYS = st.lists(NAMES, min_size=1, max_size=4).map(lambda parts: "/" + "/".join(parts))


@given(KEYS, st.sampled_from(["", "C:", "//server"]))
def test_a_key_survives_its_uri(path, before):
    key = before + path
    if not before and path[2:3] == ":":
        return  # Would be a drive.
    assert key_of(uri_of(key)) == key


@given(KEYS, KEYS)
def test_a_reference_from_one_file_to_another_leads_there(base, target):
    text = relative_ref(base, target)
    ref = parse_ref(text)
    if base == target or target.startswith(f"{base}/"):
        return
    # What templates, comments and blanks at the ends would mean is not asked here.
    if ref.kind != "path" or ref.fragment or ref.text != text:
        return
    assert ref.dotted
    assert candidates(base, ref, "/") == (posixpath.normpath(target),)


def test_relative():
    assert relative_ref("/ws/a/x.yaml", "/ws/a/y.yaml") == "./y.yaml"
    assert relative_ref("/ws/a/x.yaml", "/ws/b/y.yaml") == "../b/y.yaml"
    assert relative_ref("/ws/a/x.yaml", "/ws/a/b/y.yaml") == "./b/y.yaml"
    assert relative_ref("/x.yaml", "/y.yaml") == "./y.yaml"
    assert relative_ref("C:/a/x.yaml", "C:/b/y.yaml") == "../b/y.yaml"
    assert relative_ref("/ws/x.yaml", "untitled:y") is None
    assert relative_ref("/ws/x.yaml", "vscode-remote://host/y.yaml") is None
    # A drive cannot be left by `..`.
    assert relative_ref("C:/a/x.yaml", "D:/b/y.yaml") is None
    assert relative_ref("vscode-remote://host/a/x.yaml", "vscode-remote://host/b/y.yaml") == "../b/y.yaml"
    assert relative_ref("vscode-remote://one/a/x.yaml", "vscode-remote://two/b/y.yaml") is None
