"""What hovers and lenses say of a whole pipeline, and of references that lead nowhere."""

from modelspec_ls.ide.hover import hover
from modelspec_ls.ide.pipeline import lenses
from support.specs import spec
from support.workspace import folder


def uri(name):
    return f"file:///ws/{name}"


def entry(ident, ref, more=""):
    return f"      - {{id: {ident}, role: input, specRef: {ref}{more}}}\n"


def calling(*entries):
    return f"{spec(name='top')}  pipeline:\n    dependencies:\n{''.join(entries)}"


def said(files, mark):
    at = files["top.yaml"].index(mark) + 1
    return hover(folder(files), uri("top.yaml"), at).markdown


def test_the_lens_tells_latency_and_optional_ones_and_what_is_not_counted():
    files = {
        "top.yaml": calling(
            entry("a", "./a.yaml", ", interface: {maxLatencyMs: 40}"),
            entry("b", "./b.yaml", ", required: false, interface: {maxLatencyMs: 20}"),
            entry("c", "./gone.yaml"),
        ),
        "a.yaml": spec(name="a"),
        "b.yaml": spec(name="b"),
    }
    (lens,) = lenses(folder(files), uri("top.yaml"))
    assert lens.title == (
        "Whole pipeline: 2 specs, 2 accelerators (2 l40s), 89 GiB of accelerator memory; dependencies may take 40 ms; "
        "with optional ones 3 specs, 3 accelerators, 133 GiB, 60 ms; not counted: c"
    )


def test_the_hover_says_why_a_reference_leads_nowhere():
    two = f"{spec(name='m1')}---\n{spec(name='m2')}"
    files = {"top.yaml": calling(entry("a", "./two.yaml#m9")), "two.yaml": two}
    assert "No spec in `./two.yaml` is called `m9`." in said(files, "./two")
    files = {"top.yaml": calling(entry("a", "same")), "x/s.yaml": spec(name="same"), "y/s.yaml": spec(name="same")}
    assert "Several specs are called `same`, and none of them is nearer" in said(files, "same")
    files = {"top.yaml": calling(entry("a", "nobody"))}
    assert "No spec of the workspace is called `nobody`." in said(files, "nobody")


def test_the_hover_says_what_its_sums_are_of():
    middle = calling(entry("z", "./z.yaml")).replace("name: top", "name: middle")
    files = {"top.yaml": calling(entry("a", "./m.yaml")), "m.yaml": middle, "z.yaml": spec(name="z")}
    assert "With what it requires: 2 specs, 2 accelerators (2 `l40s`)" in said(files, "./m.yaml")


def test_a_spec_without_a_name_is_not_offered_as_one():
    files = {"top.yaml": calling(entry("a", "./two.yaml#m9")), "two.yaml": "kind: ModelSpec\nmetadata: [\n"}
    assert "`two.yaml` has no spec called `m9`; it has none." in said(files, "./two")
