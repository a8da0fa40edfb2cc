"""People: who somebody is. Everything that identifies a person is sealed; the database alone does not tell it.

Somebody is found by exact search over keyed hashes (a blind index): by name, by family name, by date of birth, by
telephone or by record number. Reading identifiers is an event like a change, and stands in the audit log.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import ForeignKey, delete, select
from sqlalchemy.orm import Mapped, mapped_column

from recommender.errors import Fault, InputError
from recommender.store.audit import Event, record
from recommender.store.database import Work
from recommender.store.found import found
from recommender.store.schema import Base, Code, Hash, Id, Sealed, new_id

LONGEST = 200


@dataclass(frozen=True, repr=False)
class Identity:
    """What identifies a person. All of it may be left blank; `born` is YYYY-MM-DD. Never part of a URL or a log."""

    given_name: str = ""
    family_name: str = ""
    born: str = ""
    telephone: str = ""
    email: str = ""
    address: str = ""
    record_number: str = ""

    @property
    def name(self) -> str:
        """Given and family name."""
        return f"{self.given_name} {self.family_name}".strip()


class Person(Base):
    """Somebody who asks for help. `site` is who may see them; `sealed` is their identity, blank once it is erased."""

    __tablename__ = "people"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    site: Mapped[str] = mapped_column(Code, index=True)
    sealed: Mapped[str] = mapped_column(Sealed)
    created_at: Mapped[datetime]
    erased_at: Mapped[datetime | None]


class PersonToken(Base):
    """One entry of the blind index: the keyed hash of one thing that a person can be found by."""

    __tablename__ = "people_index"

    person_id: Mapped[str] = mapped_column(Id, ForeignKey("people.id"), primary_key=True)
    token: Mapped[str] = mapped_column(Hash, primary_key=True, index=True)


def add(work: Work, identity: Identity, site: str, *, event: Event) -> Person:
    """A new person at a site."""
    person = Person(id=new_id(), site=site, sealed="", created_at=work.now)
    seal(work, person, identity)
    work.session.add(person)
    work.session.flush()
    index(work, person.id, identity)
    record(work, event, "person added", subject(person.id), site=site)
    return person


def change(work: Work, person_id: str, identity: Identity, *, event: Event) -> Person:
    """Replaces what identifies a person."""
    person = get(work, person_id)
    if person.erased_at:
        raise InputError(Fault("this person's identity was erased", remedy="Add the person again."))
    seal(work, person, identity)
    index(work, person.id, identity)
    record(work, event, "person changed", subject(person.id))
    return person


def get(work: Work, person_id: str) -> Person:
    """A person without their identity. Raises NotFound."""
    return found(work, Person, person_id)


def identify(work: Work, person_ids: Iterable[str], *, event: Event, purpose: str = "care") -> dict[str, Identity]:
    """The identities of some people by id: who saw whose name, and what for, is kept. Blank for the erased."""
    people = list(work.session.scalars(select(Person).where(Person.id.in_(list(person_ids)))))
    for person in people:
        record(work, event, "person identified", subject(person.id), purpose=purpose)
    return {person.id: unsealed(work, person) for person in people}


def search(work: Work, site: str | None = None, *, event: Event, **by: str) -> list[Person]:
    """The people for whom all of `by` (see `SEARCHED`) is exactly so, at one site or at all.

    Case, accents, spaces and the punctuation of numbers make no difference. Raises InputError for a blank search.
    """
    wanted = {kind: normal(kind, text) for kind, text in by.items()}
    if not wanted or not all(wanted.values()):
        raise InputError(Fault("a search needs something to look for", allowed=", ".join(SEARCHED)))
    query = select(Person).order_by(Person.created_at.desc(), Person.id)
    for kind, text in wanted.items():
        having = select(PersonToken.person_id).where(PersonToken.token.in_(work.keys.tokens(kind, text)))
        query = query.where(Person.id.in_(having))
    people = list(work.session.scalars(query if site is None else query.filter_by(site=site)))
    record(work, event, "people searched", "people", by=sorted(wanted), found=len(people))
    return people


def erase(work: Work, person_id: str, *, event: Event) -> Person:
    """Takes away everything that identifies a person; what was answered and decided stays, about nobody."""
    person = get(work, person_id)
    person.sealed, person.erased_at = "", work.now
    work.session.execute(delete(PersonToken).filter_by(person_id=person.id))
    record(work, event, "person erased", subject(person.id))
    return person


# ----------------------------------------------------------------------------------------------- sealing and searching
def subject(person_id: str) -> str:
    """The person as the audit log names them."""
    return f"person {person_id}"


def seal(work: Work, person: Person, identity: Identity) -> None:
    """Puts an identity into a person, sealed for this person alone."""
    too_long = [name for name, text in asdict(identity).items() if len(text) > LONGEST]
    if too_long:
        raise InputError([Fault("is too long", field=name, allowed=f"{LONGEST} characters") for name in too_long])
    work.seal(person, "sealed", json.dumps(asdict(identity), ensure_ascii=False))


def unsealed(work: Work, person: Person) -> Identity:
    return Identity(**json.loads(work.unsealed(person, "sealed"))) if person.sealed else Identity()


def index(work: Work, person_id: str, identity: Identity) -> None:
    """Renews a person's entries in the blind index, under the current key."""
    work.session.execute(delete(PersonToken).filter_by(person_id=person_id))
    tokens = {work.keys.token(kind, text) for kind, text in searchable(identity)}
    work.session.add_all(PersonToken(person_id=person_id, token=token) for token in sorted(tokens))
    work.session.flush()


def searchable(identity: Identity) -> Iterator[tuple[str, str]]:
    """What a person can be found by: kind and normal form."""
    for kind in SEARCHED:
        text = normal(kind, getattr(identity, kind))
        if text:
            yield kind, text


def normal(kind: str, text: str) -> str:
    """The form in which two spellings of the same are the same."""
    if kind not in SEARCHED:
        raise InputError(Fault("people are not searched by this", given=kind, allowed=", ".join(SEARCHED)))
    plain = unicodedata.normalize("NFKD", text).casefold()
    if kind in NUMBERS:
        return "".join(letter for letter in plain if letter.isalnum())
    return " ".join("".join(letter for letter in plain if not unicodedata.combining(letter)).split())


NUMBERS = frozenset({"telephone", "record_number"})
SEARCHED: Mapping[str, str] = {
    "name": "given and family name",
    "family_name": "family name",
    "born": "date of birth",
    "telephone": "telephone",
    "record_number": "record number",
}
