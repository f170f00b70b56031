"""What objects of llmaz declare and refer to: OpenModels, and the Playgrounds and Services that claim them."""

from __future__ import annotations

from modelspec_ls.spec.environment import environment_of
from modelspec_ls.spec.openmodel import FAMILY, FLAVORS, URI
from modelspec_ls.spec.openmodel import MODEL_ID as MODEL
from modelspec_ls.spec.view import ANNOTATIONS, LABELS
from modelspec_ls.syntax.nodes import Document as SyntaxDocument

from .document import Document
from .entries import HINTS, Claim
from .facts import MODEL_ID, NAME, SpecFacts, hints_of, is_repaired, marks_of, values_at
from .kinds import Role
from .views import view_of


def model_facts(document: Document, part: SyntaxDocument) -> SpecFacts:
    """An OpenModel. The marks of what a ModelSpec says elsewhere go by the ModelSpec's path."""
    view = view_of(document, part.number)
    origin = next((path for path in (MODEL, URI) if view.text(*path)), MODEL)
    labels = view.map(*LABELS)
    name = view.text(*NAME).value or ""
    count = view.length(*FLAVORS)
    annotations = view.keys(*ANNOTATIONS)
    marks = marks_of(document, part, view, NAME, *HINTS, *((*FLAVORS, n, "name") for n in range(count)))
    if found := values_at(document, part, view, origin):
        marks[MODEL_ID] = found[origin]
    return SpecFacts(
        document=part.number,
        kind="OpenModel",
        name=name,
        environment=environment_of(labels, name),
        model=view.text(*origin).value or "",
        family=view.text(*FAMILY).value or "",
        labels=tuple(labels.items()),
        annotations=annotations,
        **hints_of(view, annotations),
        flavors=tuple(view.text(*FLAVORS, n, "name").value or "" for n in range(count)),
        flavors_at=FLAVORS,
        broken=is_repaired(document, part),
        marks=marks,
    )


def claim_facts(document: Document, part: SyntaxDocument, role: Role) -> SpecFacts:
    """A Playground or Service: which models it claims, in which roles, and which of their flavors."""
    view = view_of(document, part.number)
    one, many = ("spec", "modelClaim"), ("spec", "modelClaims")
    claims: list[Claim] = []
    if view.find((*one, "modelName")) is not None:
        claims.append(Claim(0, "", "main", view.text(*one, "modelName").value or "", entry=one, key="modelName"))
    for n in range(view.length(*many, "models")):
        entry = (*many, "models", n)
        stated = view.text(*entry, "role")
        # Without a role it is the main model; one that cannot be read is none.
        role_name = stated.value or ("main" if stated.state == "missing" else "")
        claims.append(Claim(len(claims), "", role_name, view.text(*entry, "name").value or "", entry=entry))
    holder = one if view.length(*one, "inferenceFlavors") else many
    at = (*holder, "inferenceFlavors")
    count = view.length(*at)
    places = [claim.path(name) for claim in claims for name in ("specRef", "role")]
    return SpecFacts(
        document=part.number,
        kind=role.kind or "",
        name=view.text(*NAME).value or "",
        references=tuple(claims),
        flavors=tuple(view.text(*at, n).value or "" for n in range(count)),
        flavors_at=at,
        broken=is_repaired(document, part),
        marks=marks_of(document, part, view, NAME, one, many, *places, *((*at, n) for n in range(count))),
    )
