"""Moves in workspaces of all sorts: references stay true, and moving back gives the same bytes."""

import pytest
from attrs import evolve
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from support.worlds import PLACES, ROOT, World, moves, new_name, reverse, texts, worlds


@given(st.data())
def test_moves_are_taken_back_with_the_same_bytes(data):
    world, memory, done = data.draw(worlds()), (), []
    for _ in range(data.draw(st.integers(1, 3))):
        renames = data.draw(moves(world))
        done.append((world, renames))
        world, memory = world.moved(renames, memory)
    for before, renames in reversed(done):
        world, memory = world.moved(reverse(renames), memory)
        assert world == before


def _kept(before, renames, after):
    """What led to a file before a move and leads elsewhere after it."""

    def new(key):
        return f"{ROOT}/{new_name(renames, key.removeprefix(f'{ROOT}/'))}"

    leads = after.leads()
    expected = {(new(key), *where): (new(target), n) for (key, *where), (target, n) in before.leads().items()}
    return {place: (led, leads.get(place)) for place, led in expected.items() if leads.get(place) != led}


@settings(max_examples=50)
@given(st.data())
def test_a_move_keeps_references_true(data):
    world = data.draw(worlds())
    renames = data.draw(moves(world))
    assert _kept(world, renames, world.moved(renames)[0]) == {}


@settings(max_examples=50)
@given(st.data())
def test_what_is_remembered_makes_nothing_untrue(data):
    """After an edit between, the way back restores only what is still true, or what led to nothing before."""
    first = data.draw(worlds())
    renames = data.draw(moves(first))
    world, memory = first.moved(renames)
    path = data.draw(st.sampled_from(sorted([*world.files, *(f"{name}.modelspec.yaml" for name in PLACES)])))
    text = data.draw(st.one_of(st.none(), texts(path)))
    files = {**world.files, path: text}
    world = evolve(world, files={name: text for name, text in files.items() if text is not None})
    back = reverse(renames)
    assume(not any(new_name(back, name) in world.files for name in world.files if new_name(back, name) != name))
    there, _ = world.moved(back, memory)
    led = first.leads()
    wrong = _kept(world, back, there)
    assert {place: led for place, (_, now) in wrong.items() if place in led or now is not None} == {}


def spec(name, *refs):
    entries = "".join(f"      - id: dep-{n}\n        specRef: {ref}\n" for n, ref in enumerate(refs))
    return f"kind: ModelSpec\nmetadata:\n  name: {name}\nspec:\n  pipeline:\n    dependencies:\n{entries}"


def written(world, name):
    """The specRefs of a file as they stand there."""
    return [line.partition("specRef: ")[2] for line in world.files[name].splitlines() if "specRef: " in line]


def there_and_back(world, *renames):
    """The world after some moves, once it is known that taking them back restores it."""
    worlds, memory = [world], ()
    for some in renames:
        world, memory = world.moved(some, memory)
        worlds.append(world)
    for some, before in zip(reversed(renames), reversed(worlds[:-1]), strict=True):
        world, memory = world.moved(reverse(some), memory)
        assert world == before
    return worlds[-1]


@pytest.mark.parametrize(
    "ref", ["./gone.yaml", "gone.yaml", "/gone.yaml#b", ".//gone.yaml", f"file://{ROOT}/gone.yaml"]
)
def test_a_reference_to_nothing_stays_when_what_came_there_goes_back(ref):
    world = World({"a.yaml": spec("a", ref), "b.yaml": spec("b")})
    assert written(there_and_back(world, {"b.yaml": "gone.yaml"}), "a.yaml") == [ref]
    # Once it leads to a file, it goes with it wherever that goes.
    there, memory = world.moved({"b.yaml": "gone.yaml"})
    there, _ = there.moved({"gone.yaml": "deps/gone.yaml"}, memory)
    assert "deps/gone.yaml" in written(there, "a.yaml")[0]


def test_a_folder_takes_the_place_of_one_that_is_missed():
    """What still leads to nothing, such as `deps/c.yaml`, must not follow the folder back either."""
    refs = ("./deps/b.yaml", "./deps/c.yaml", "deps/c.yaml#x", "parts/b.yaml", "./parts/gone.yaml")
    world = World({"a.yaml": spec("a", *refs), "parts/b.yaml": spec("b", "./gone.yaml", "../deps/c.yaml")})
    there = there_and_back(world, {"parts": "deps"})
    assert written(there, "a.yaml") == [*refs[:3], "deps/b.yaml", "./deps/gone.yaml"]


def test_a_name_that_another_bears_nearer_becomes_a_path_and_a_name_again():
    """Neither the file that says it moves, nor the one that it means."""
    files = {"apps/rag/a.yaml": spec("a", "x", "name:x"), "apps/x.yaml": spec("x"), "other/x.yaml": spec("x")}
    there = there_and_back(World(files), {"other/x.yaml": "apps/rag/x.yaml"})
    assert written(there, "apps/rag/a.yaml") == ["../x.yaml", "../x.yaml"]


def test_an_ambiguous_name_is_left_alone_both_ways():
    world = World({"a.yaml": spec("a", "x"), "one/x.yaml": spec("x"), "two/x.yaml": spec("x") + "---\n" + spec("x")})
    assert written(there_and_back(world, {"one/x.yaml": "x.yaml"}), "a.yaml") == ["x"]


def test_a_file_that_would_be_found_first_takes_no_reference_over():
    """`deps/c.yaml` may start at the file's folder or at the project."""
    world = World({"deps/a.yaml": spec("a", "deps/c.yaml"), "deps/c.yaml": spec("c"), "b.yaml": spec("b")})
    there = there_and_back(world, {"b.yaml": "deps/deps/c.yaml"})
    assert written(there, "deps/a.yaml") == ["./c.yaml"]


def test_moves_in_turn_are_taken_back_in_reverse():
    world = World({"a.yaml": spec("a", ".//b.yaml", "'./gone.yaml'"), "b.yaml": spec("b", '"\\x61.yaml"')})
    turns = {"b.yaml": "deps/b.yaml"}, {"a.yaml": "x/a.yaml"}, {"deps": "x/deps"}, {"x/deps/b.yaml": "gone.yaml"}
    there_and_back(world, *turns)


def test_a_move_that_was_made_twice_is_taken_back_each_time_to_what_was_there():
    """What the last remembers is not what the first does: `b.yaml` was elsewhere then."""
    world = World({"b.yaml": spec("b", "./team/c.yaml"), "deps/c.yaml": spec("c")})
    there_and_back(world, {"deps": "team"}, {"team": "deps", "b.yaml": "x/z.yaml"}, {"deps": "team"})


def test_a_reference_that_leads_to_another_file_since_is_not_taken_back():
    world = World({"sub/a.yaml": spec("a", "c.yaml"), "c.yaml": spec("c")})
    there, memory = world.moved({"c.yaml": "deps/c.yaml"})
    assert written(there, "sub/a.yaml") == ["deps/c.yaml"]
    there = evolve(there, files={**there.files, "sub/deps/c.yaml": spec("new")})
    assert written(there.moved({"deps/c.yaml": "c.yaml"}, memory)[0], "sub/a.yaml") == ["deps/c.yaml"]


def test_a_reference_that_led_to_nothing_is_not_led_to_another_file():
    """It follows its file back once there is one that it would find instead, and to wherever else that goes."""
    world = World({"sub/a.yaml": spec("a", "gone.yaml"), "b.yaml": spec("b"), "c.yaml": spec("c")})
    there, memory = world.moved({"b.yaml": "sub/gone.yaml", "c.yaml": "d.yaml"})
    elsewhere, _ = there.moved({"sub/gone.yaml": "e.yaml", "d.yaml": "c.yaml"}, memory)
    assert written(elsewhere, "sub/a.yaml") == ["../e.yaml"]
    there = evolve(there, files={**there.files, "gone.yaml": spec("new")})
    assert written(there.moved({"sub/gone.yaml": "b.yaml"}, memory)[0], "sub/a.yaml") == ["../b.yaml"]


def test_a_file_and_the_project_that_it_moves_to_move_at_once():
    files = {"team/a.yaml": spec("a", "/b.yaml"), "team/b.yaml": spec("b"), "c.yaml": spec("c", "/team/b.yaml")}
    there = there_and_back(World(files, frozenset({"team"})), {"team": "squad", "c.yaml": "squad/c.yaml"})
    assert (written(there, "squad/a.yaml"), written(there, "squad/c.yaml")) == (["/b.yaml"], ["/b.yaml"])


def test_part_of_a_move_is_taken_back():
    world = World(
        {"a.yaml": spec("a", ".//deps/b.yaml", ".//deps/c.yaml"), "deps/b.yaml": spec("b"), "deps/c.yaml": spec("c")}
    )
    there, memory = world.moved({"deps": "parts"})
    there, memory = there.moved({"parts/b.yaml": "deps/b.yaml"}, memory)
    assert written(there, "a.yaml") == [".//deps/b.yaml", "./parts/c.yaml"]
    # Something else that moves is no way back.
    there, memory = world.moved({"deps": "parts"})
    assert written(there.moved({"parts/b.yaml": "b.yaml"}, memory)[0], "a.yaml") == ["./b.yaml", "./parts/c.yaml"]


def test_what_was_edited_since_is_not_undone():
    world = World({"a.yaml": spec("a", "&x .//b.yaml", "*x", "x"), "b.yaml": spec("b"), "deps/x.yaml": spec("x")})
    there, memory = world.moved({"b.yaml": "deps/b.yaml"})
    assert written(there, "a.yaml") == ["&x ./deps/b.yaml", "./deps/b.yaml", "x"]
    text = there.files["a.yaml"].replace("&x ./deps/b.yaml", "&x ./deps/x.yaml")
    there, _ = evolve(there, files={**there.files, "a.yaml": text}).moved({"deps/b.yaml": "b.yaml"}, memory)
    # The alias would stand for another file by now.
    assert written(there, "a.yaml") == ["&x ./deps/x.yaml", "./b.yaml", "x"]


def test_a_file_that_somebody_made_since_is_not_referred_to():
    """The reference led to nothing, but `gone.yaml` is there by now."""
    world = World({"a.yaml": spec("a", "gone.yaml"), "deps/a.yaml": spec("d", "gone.yaml"), "b.yaml": spec("b")})
    there, memory = world.moved({"b.yaml": "gone.yaml"})
    there = evolve(there, files={**there.files, "deps/gone.yaml": spec("new")})
    there, _ = there.moved({"gone.yaml": "b.yaml"}, memory)
    assert (written(there, "a.yaml"), written(there, "deps/a.yaml")) == (["gone.yaml"], ["gone.yaml"])
