"""Renaming specs and ids, and moving files: what changes, what does not, and that the way back gives the same bytes."""

import posixpath
import re

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from modelspec_ls.core.text import apply_edits
from modelspec_ls.ide import move as moving
from modelspec_ls.ide.move import move
from modelspec_ls.ide.rename import prepare_rename, rename
from modelspec_ls.ide.results import Refusal
from modelspec_ls.workspace.references import uri_of
from modelspec_ls.workspace.scopes import projects_of
from support.workspace import folder
from support.worlds import IDS, worlds

ROOT = "/home/us/git/ws"
CALLER = """\
apiVersion: piqc.ai/v1alpha1
kind: ModelSpec
metadata:
  name: caller  # was embedder
  description: calls embedder, not ./embedder.modelspec.yaml
spec:
  pipeline:
    dependencies:
      # embedder: see ./embedder.modelspec.yaml
      - id: embedder
        role: input
        specRef: {}
"""
WITHOUT = CALLER.replace("        specRef: {}\n", "").replace("\n      # embedder: see ./embedder.modelspec.yaml", "")
TARGET = "apiVersion: piqc.ai/v1alpha1\nkind: ModelSpec\nmetadata:\n  name: {}\n"


def uri(name):
    return f"file://{ROOT}/{name}"


def renamed(files, name, mark, new):
    """The files after renaming what starts at a mark in one of them, or the refusal."""
    text = files[name]
    found = rename(folder(files, ROOT), uri(name), text.index(mark) + len(mark), new)
    if isinstance(found, Refusal):
        return found.message
    out = dict(files)
    for file in found:
        key = file.uri.removeprefix(f"file://{ROOT}/")
        out[key] = apply_edits(files[key], list(file.edits))
    return out


def moved(files, renames, memory):
    """The files after a move, under their new names, and the memory for the way back."""
    pairs = {f"{ROOT}/{old}": f"{ROOT}/{new}" for old, new in renames.items()}
    found = move(folder(files, ROOT), pairs, memory)
    out = dict(files)
    for file in found.edits:
        key = file.uri.removeprefix(f"file://{ROOT}/")
        out[key] = apply_edits(files[key], list(file.edits))
    return {_new(renames, key): text for key, text in out.items()}, found.memory


def _new(renames, key):
    for old, new in renames.items():
        if key == old or key.startswith(f"{old}/"):
            return new + key[len(old) :]
    return key


@pytest.mark.parametrize("ref, after", [("embedder", "vectors"), ("name:embedder", "name:vectors")])
@pytest.mark.parametrize("quote", ["", "'", '"'])
def test_a_name_changes_where_it_is_referred_to(ref, after, quote):
    files = {"a.modelspec.yaml": CALLER.format(f"{quote}{ref}{quote}"), "b.modelspec.yaml": TARGET.format("embedder")}
    found = renamed(files, "b.modelspec.yaml", "name: ", "vectors")
    assert found == {
        "a.modelspec.yaml": CALLER.format(f"{quote}{after}{quote}"),
        "b.modelspec.yaml": TARGET.format("vectors"),
    }


def test_a_fragment_follows_and_a_path_stays():
    two = TARGET.format("one") + "---\n" + TARGET.format("embedder")
    files = {
        "a.modelspec.yaml": CALLER.format("./b.modelspec.yaml#embedder"),
        "b.modelspec.yaml": two,
        "c.modelspec.yaml": CALLER.format("./b.modelspec.yaml#one").replace("name: caller", "name: other"),
    }
    found = renamed(
        files, "b.modelspec.yaml", "---\napiVersion: piqc.ai/v1alpha1\nkind: ModelSpec\nmetadata:\n  name: ", "v"
    )
    assert found["a.modelspec.yaml"] == CALLER.format("./b.modelspec.yaml#v")
    assert found["c.modelspec.yaml"] == files["c.modelspec.yaml"]


@pytest.mark.parametrize(
    "new, message",
    [
        ("caller", "is the name of another spec already"),
        ("a b", "cannot be a name here"),
        ("./x.yaml", "cannot be a name here"),
        ("yes", "would need quotes"),
        ("ghost", "1 reference to `ghost` would then lead to this spec"),
    ],
)
def test_names_that_are_refused(new, message):
    files = {
        "a.modelspec.yaml": CALLER.format("ghost"),
        "b.modelspec.yaml": TARGET.format("embedder"),
        "c.modelspec.yaml": CALLER.format("caller").replace("name: caller", "name: second"),
    }
    assert message in renamed(files, "b.modelspec.yaml", "name: ", new)


SHARED = {
    "prod/a.modelspec.yaml": CALLER.format("embedder"),
    "prod/e.modelspec.yaml": TARGET.format("embedder"),
    "staging/e.modelspec.yaml": TARGET.format("embedder"),
}


def test_a_shared_name_changes_for_those_who_mean_it():
    there = renamed(SHARED, "prod/e.modelspec.yaml", "name: ", "vectors")
    assert there == SHARED | {
        "prod/a.modelspec.yaml": CALLER.format("vectors"),
        "prod/e.modelspec.yaml": TARGET.format("vectors"),
    }
    assert renamed(there, "prod/e.modelspec.yaml", "name: ", "embedder") == SHARED


@pytest.mark.parametrize(
    "body, where",
    [
        (CALLER.format("embedder"), "apps/x.modelspec.yaml"),  # Two are equally near; then there would be one.
        (CALLER.format("name:embedder"), "apps/x.modelspec.yaml"),
        (WITHOUT, "apps/x.modelspec.yaml"),
    ],
)
def test_a_shared_name_stays_where_others_would_be_led_elsewhere(body, where):
    files = SHARED | {where: body.replace("name: caller", "name: x")}
    message = renamed(files, "prod/e.modelspec.yaml", "name: ", "vectors")
    assert "../staging/e.modelspec.yaml is called `embedder` too" in message
    assert f"in ../{where} would then mean another spec" in message


def test_a_name_is_not_given_where_the_way_back_is_closed():
    """Two dependencies of one id: only the one without a reference goes by the spec's name."""
    twice = WITHOUT + "      - id: embedder\n        specRef: ./c.modelspec.yaml\n"
    files = {"a.modelspec.yaml": twice, "b.modelspec.yaml": TARGET.format("embedder")}
    message = renamed(files, "b.modelspec.yaml", "name: ", "vectors")
    assert message.startswith("Renaming back to `embedder` would not work: `embedder` is the id of another dependency")


@pytest.mark.parametrize(
    "ref, mark, after",
    [
        ("embedder", "specRef: ", "vectors"),
        ("name:embedder", "specRef: name:", "name:vectors"),
        ("'./b.modelspec.yaml#embedder'", "specRef: './b.modelspec.yaml#", "'./b.modelspec.yaml#vectors'"),
    ],
)
def test_a_spec_is_renamed_from_a_use_of_its_name(ref, mark, after):
    files = {"a.modelspec.yaml": CALLER.format(ref), "b.modelspec.yaml": TARGET.format("embedder")}
    at = files["a.modelspec.yaml"].index(mark) + len(mark)
    span, placeholder = prepare_rename(folder(files, ROOT), uri("a.modelspec.yaml"), at)
    assert files["a.modelspec.yaml"][slice(*span)] == placeholder == "embedder"
    found = renamed(files, "a.modelspec.yaml", mark, "vectors")
    assert found == {"a.modelspec.yaml": CALLER.format(after), "b.modelspec.yaml": TARGET.format("vectors")}


def test_a_spec_is_renamed_with_the_ids_that_name_it():
    files = {
        "a.modelspec.yaml": WITHOUT,
        "b.modelspec.yaml": TARGET.format("embedder"),
        "c.modelspec.yaml": WITHOUT.replace("name: caller", "name: second") + "      - id: vectors\n",
    }
    for name, mark in (("a.modelspec.yaml", "- id: "), ("b.modelspec.yaml", "name: ")):
        assert "`vectors` would then lead to this spec" in renamed(files, name, mark, "vectors")
        found = renamed(files, name, mark, "vec")
        assert found["b.modelspec.yaml"] == TARGET.format("vec")
        assert found["a.modelspec.yaml"] == WITHOUT.replace("- id: embedder", "- id: vec")
        assert "- id: vec\n" in found["c.modelspec.yaml"] and "- id: vectors" in found["c.modelspec.yaml"]


def test_an_id_without_a_reference_does_not_come_to_mean_another_spec():
    files = {"a.modelspec.yaml": WITHOUT.replace("- id: embedder", "- id: x"), "b.modelspec.yaml": TARGET.format("b")}
    assert "is the name of a spec (b.modelspec.yaml)" in renamed(files, "a.modelspec.yaml", "- id: ", "b")


def test_the_path_of_a_use_cannot_be_renamed():
    files = {"a.modelspec.yaml": CALLER.format("./b.modelspec.yaml#b"), "b.modelspec.yaml": TARGET.format("b")}
    at = files["a.modelspec.yaml"].index("./b.modelspec.yaml#b")
    assert prepare_rename(folder(files, ROOT), uri("a.modelspec.yaml"), at) is None


def test_a_name_that_would_lead_elsewhere_becomes_a_path_and_a_name_again():
    files = {
        "prod/a.modelspec.yaml": CALLER.format("embedder"),
        "prod/b.modelspec.yaml": TARGET.format("embedder"),
        "staging/b.modelspec.yaml": TARGET.format("embedder"),
    }
    there, memory = moved(files, {"prod/a.modelspec.yaml": "staging/a.modelspec.yaml"}, ())
    assert there["staging/a.modelspec.yaml"] == CALLER.format("../prod/b.modelspec.yaml")
    assert moved(there, {"staging/a.modelspec.yaml": "prod/a.modelspec.yaml"}, memory)[0] == files
    # All of it together: nothing changes.
    assert moved(files, {"prod": "live"}, ())[0]["live/a.modelspec.yaml"] == CALLER.format("embedder")


def test_a_dependency_id_changes_wherever_the_same_spec_is_called_so():
    caller = CALLER.format("./b.modelspec.yaml")
    files = {
        "a.modelspec.yaml": caller,
        "b.modelspec.yaml": TARGET.format("embedder"),
        "c.modelspec.yaml": caller.replace("name: caller", "name: second"),
        "d.modelspec.yaml": CALLER.format("./a.modelspec.yaml").replace("name: caller", "name: third"),
    }
    found = renamed(files, "a.modelspec.yaml", "- id: ", "vectors")
    assert "- id: vectors" in found["a.modelspec.yaml"] and "- id: vectors" in found["c.modelspec.yaml"]
    assert found["b.modelspec.yaml"] == files["b.modelspec.yaml"]
    assert found["d.modelspec.yaml"] == files["d.modelspec.yaml"]


def test_an_id_that_stands_twice_is_not_renamed_where_the_way_back_is_closed():
    """Both lead to the name of two files, so nothing says that they mean the same."""
    twice = CALLER.format("x") + "      - id: embedder\n        specRef: x\n"
    files = {
        "a.modelspec.yaml": twice,
        "b/x.modelspec.yaml": TARGET.format("x"),
        "c/x.modelspec.yaml": TARGET.format("x"),
    }
    message = renamed(files, "a.modelspec.yaml", "- id: ", "vectors")
    assert message.startswith("Renaming back to `embedder` would not work: a.modelspec.yaml has another dependency")


def test_only_names_and_ids_can_be_renamed():
    text = CALLER.format("./b.modelspec.yaml")
    snapshot = folder({"a.modelspec.yaml": text}, ROOT)
    assert prepare_rename(snapshot, uri("a.modelspec.yaml"), text.index("input")) is None
    assert rename(snapshot, uri("a.modelspec.yaml"), text.index("input"), "x") == ()
    span, placeholder = prepare_rename(snapshot, uri("a.modelspec.yaml"), text.index("caller"))
    assert text[slice(*span)] == placeholder == "caller"


WORDS = ("one", "two-2", "three_3", "x.y", "ünï", "no", "12", "on-prem")
NAMES = st.sampled_from(WORDS)
QUOTES = st.sampled_from(["", "'", '"'])
PATHS = (
    "a.modelspec.yaml",
    "b.modelspec.yaml",
    "deps/c.modelspec.yaml",
    "deps/deep/d.modelspec.yaml",
    "e e.modelspec.yaml",
)


@st.composite
def refs(draw, base):
    """A specRef as somebody might write it in the file ``base``."""
    target = draw(st.sampled_from(PATHS))
    relative = posixpath.relpath(target, posixpath.dirname(base) or ".")
    forms = [relative, f"./{relative}" if not relative.startswith("../") else relative, f"/{target}", target]
    forms += [
        f"./{posixpath.dirname(relative) or '.'}/../{relative}",
        "one",
        "name:two-2",
        "https://x.y/z",
        "./gone.yaml",
    ]
    ref = draw(st.sampled_from(forms)) + draw(st.sampled_from(["", "", "#one"]))
    style = draw(st.sampled_from(["", "", "", "'", '"', "escaped", "folded", "doubled", "backslash", "anchor"]))
    comment = f"  # {base}"
    if style == "folded":
        return f">-\n          {ref}"
    if style == "escaped":
        return f'"{ref.replace("e", chr(92) + "x65", 1)}"{comment}'
    if style in {"doubled", "backslash"} and "://" not in ref:
        ref = ref.replace("/", "//" if style == "doubled" else "\\")
    quote = style if len(style) == 1 else "'" * (" " in ref)
    return f"{'&ref ' * (style == 'anchor')}{quote}{ref}{quote}{comment}"


@st.composite
def workspaces(draw, *, shared=False):
    """Files that refer to each other; ``shared``: some have the same name."""
    files = {}
    names = draw(st.lists(st.sampled_from(WORDS[:3]), min_size=5, max_size=5) if shared else st.permutations(WORDS))
    for path, name in zip(PATHS, names, strict=False):
        body = [f"kind: ModelSpec\nmetadata: {{name: {name!r}}}  # one two-2\nspec:\n  pipeline:\n    dependencies:\n"]
        for n in range(draw(st.integers(0, 3))):
            alias = "&ref" in "".join(body) and draw(st.booleans())
            written = "*ref" if alias else draw(refs(path))
            if draw(st.integers(0, 3)):
                body.append(f"      - id: dep-{draw(st.integers(0, 2)) * 10 + n}\n        specRef: {written}\n")
            else:
                body.append(f"      - id: {draw(st.sampled_from(WORDS))}\n")
        files[path] = "".join(body).replace("\n", draw(st.sampled_from(["\n", "\r\n"])))
    return files


def meanings(files):
    return meanings_in(folder(files, ROOT))


def meanings_in(snapshot):
    graph = snapshot.graph
    edges = [edge for node, _ in graph.parts() for edge in graph.edges(node)]
    return [(edge.source, edge.reference.index, edge.target.outcome, graph.meant(edge)) for edge in edges]


@given(st.booleans().flatmap(lambda shared: workspaces(shared=shared)), st.sampled_from(PATHS), NAMES)
def test_renaming_a_spec_and_back_gives_the_same_bytes(files, path, new):
    text = files[path]
    old = text[text.index("{name: '") + 8 : text.index("'}")]
    there = renamed(files, path, "{name: '", new)
    assume(isinstance(there, dict))
    assert meanings(there) == meanings(files)
    assert renamed(there, path, "{name: '", old) == files


@given(workspaces(), st.sampled_from(PATHS), st.integers(0, 5), st.sampled_from([*WORDS, "new", "dep-1"]))
def test_renaming_from_a_use_and_back_gives_the_same_bytes(files, path, number, new):
    text = files[path]
    places = [found.end() for found in re.finditer(r"(?:specRef|- id): (?:&ref )?['\"]?", text)]
    assume(number < len(places))
    for at in (places[number], text.find("\n", places[number])):
        found = prepare_rename(folder(files, ROOT), uri(path), at)
        if found is None:
            continue
        there = renamed(files, path, text[:at], new)
        if isinstance(there, dict) and there != files:
            span, old = found
            assert span.start <= at <= span.end
            # What stands before it may have been renamed too.
            edits = next(f.edits for f in rename(folder(files, ROOT), uri(path), at, new) if f.uri == uri(path))
            start = span.start + sum(
                len(e.new_text) - (e.span.end - e.span.start) for e in edits if e.span.end < span.start
            )
            assert renamed(there, path, there[path][:start], old) == files


@given(workspaces(), st.sampled_from(PATHS), st.sampled_from(["new", "dep-1", "dep-99"]))
def test_renaming_an_id_and_back_gives_the_same_bytes(files, path, new):
    text = files[path]
    assume("- id: " in text)
    old = text[text.index("- id: ") + 6 :].split()[0]
    there = renamed(files, path, "- id: ", new)
    assume(isinstance(there, dict))
    assert renamed(there, path, "- id: ", old) == files


SAID = re.compile(r"(?:specRef|- id|\{name): (?:&ref )?['\"]?([^\s'\"}]*)")


@settings(max_examples=50)
@given(st.data())
def test_renaming_whatever_can_be_and_back_gives_the_same_bytes(data):
    """Where several documents of a file, or several files, have the same names and ids too."""
    world = data.draw(worlds())
    snapshot = world.snapshot()

    def spots(text):
        return [at for said in SAID.finditer(text) for at in said.span(1)]

    places = [
        (name, number)
        for name, text in sorted(world.files.items())
        for number, at in enumerate(spots(text))
        if prepare_rename(snapshot, uri_of(f"{ROOT}/{name}"), at) is not None
    ]
    name, number = data.draw(st.sampled_from(places))
    at = spots(world.files[name])[number]
    found = prepare_rename(snapshot, uri_of(f"{ROOT}/{name}"), at)
    there = world.renamed(name, at, data.draw(st.sampled_from([*IDS, "new", "no", "12"])))
    assert meanings_in(there.snapshot()) == meanings_in(snapshot)
    if there != world:
        assert there.renamed(name, spots(there.files[name])[number], found[1]) == world


def test_the_moved_file_takes_its_own_references_along():
    files = {"a.modelspec.yaml": CALLER.format("./deps/c.modelspec.yaml"), "deps/c.modelspec.yaml": TARGET.format("c")}
    there, _ = moved(files, {"a.modelspec.yaml": "teams/rag/a.modelspec.yaml"}, ())
    assert there["teams/rag/a.modelspec.yaml"] == CALLER.format("../../deps/c.modelspec.yaml")
    assert there["deps/c.modelspec.yaml"] == files["deps/c.modelspec.yaml"]


BROKEN = "{}  runtime:\n    batch:\n      maxBatchSize:4\n    accelerator:\n      count: {{{{ .Values.count }}}}\n"


def test_a_move_keeps_references_true_in_a_text_with_mistakes():
    files = {"a.modelspec.yaml": BROKEN.format(CALLER.format("./b.modelspec.yaml")), "b.modelspec.yaml": TARGET}
    there, memory = moved(files, {"b.modelspec.yaml": "deps/b.modelspec.yaml"}, ())
    assert there["a.modelspec.yaml"] == files["a.modelspec.yaml"].replace("Ref: ./b", "Ref: ./deps/b")
    assert moved(there, {"deps/b.modelspec.yaml": "b.modelspec.yaml"}, memory)[0] == files


def test_no_reference_is_written_that_leads_elsewhere():
    """A path with `#` in it cannot be said."""
    files = {"a.modelspec.yaml": CALLER.format("./b.modelspec.yaml"), "b.modelspec.yaml": TARGET.format("b")}
    found = move(folder(files, ROOT), {f"{ROOT}/b.modelspec.yaml": f"{ROOT}/x#y/b.modelspec.yaml"}, ())
    assert found.edits == ()


def test_a_repository_without_specs_that_a_file_moves_to_is_known(tmp_path):
    """There `/x` starts at the inner repository, of which the graph knows nothing."""
    for place in (".git", "team/.git"):
        (tmp_path / place).mkdir(parents=True)
    files = {"a.modelspec.yaml": CALLER.format("/b.modelspec.yaml"), "b.modelspec.yaml": TARGET.format("b")}
    root = tmp_path.as_posix()
    for file in ("a.modelspec.yaml", "b.modelspec.yaml"):
        found = move(folder(files, root), {f"{root}/{file}": f"{root}/team/x/{file}"}, (), projects_of)
        (text,) = (edit.new_text for file in found.edits for edit in file.edits)
        assert text == ("../../b.modelspec.yaml" if file == "a.modelspec.yaml" else "/team/x/b.modelspec.yaml")
    both = {f"{root}/{file}": f"{root}/team/{file}" for file in files}
    # Those that move together: the reference stays as it is.
    assert move(folder(files, root), both, (), projects_of).edits == ()


@pytest.mark.parametrize("style", ["deps/", "/deps/"])
def test_moving_a_folder_asks_for_the_new_key_of_each_file_a_few_times(monkeypatch, style):
    """Not for those of all files at each reference."""
    asked = []
    monkeypatch.setattr(moving, "new_key", lambda renames, key: asked.append(key) or _new(renames, key))
    count = 100
    names = [f"deps/s{n}.modelspec.yaml" for n in range(count)]
    refs = [f"{style}s{(n + 1) % count}.modelspec.yaml" for n in range(count)]
    files = {name: CALLER.format(ref) for name, ref in zip(names, refs, strict=True)}
    found = move(folder(files, ROOT), {f"{ROOT}/deps": f"{ROOT}/moved"}, ())
    assert len(found.edits) == count
    assert len(asked) < 20 * count


@pytest.mark.parametrize("ref", ["*ref", ">-\n          embedder", '"emb\\x65dder"'])
def test_a_name_is_not_changed_where_it_could_not_be_restored(ref):
    first = "metadata:\n  name: caller\n  labels: {x: &ref embedder}\n"
    caller = CALLER.format(ref).replace("metadata:\n  name: caller  # was embedder\n", first)
    files = {"a.modelspec.yaml": caller, "b.modelspec.yaml": TARGET.format("embedder")}
    message = renamed(files, "b.modelspec.yaml", "name: ", "vectors")
    assert "a.modelspec.yaml:" in message and "would not restore" in message
