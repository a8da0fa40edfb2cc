"""The commands on a store, as its operator runs them: keys, tokens, audit log, backup, replay; and its migrations."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from click.testing import Result
from sqlalchemy import inspect, text

from recommender.likely import load_population
from recommender.policy import Policy
from recommender.store import Engine, create_store, read_keys, recommendations
from recommender.store.database import engine_for
from recommender.store.migrating import downgrade, upgrade
from recommender.store.tables import METADATA
from tests.models import run
from tests.stores import assessed, staffed


class Operator:
    """Somebody with the database and the keys, at the command line."""

    def __init__(self, folder: Path, database: str) -> None:
        self.database, self.keys = database, folder / "keys"
        if not self.keys.exists():
            assert run("keys", "new", self.keys).exit_code == 0

    @property
    def heads(self) -> Path:
        return Path(f"{self.keys}.heads")

    def run(self, *arguments: object) -> Result:
        return run(*arguments, "--database", self.database, "--keys", self.keys)

    def at(self, database: str, folder: Path) -> Operator:
        """The same person with the same keys at another database."""
        folder.mkdir()
        (folder / "keys").write_bytes(self.keys.read_bytes())
        (folder / "keys").chmod(0o600)
        return Operator(folder, database)


@pytest.fixture
def operator(tmp_path: Path, database: str) -> Operator:
    return Operator(tmp_path, database)


@pytest.fixture
def recommendation(operator: Operator, policy: Policy) -> str:
    """The id of a recommendation in the operator's store."""
    store = create_store(operator.database, read_keys(operator.keys), heads=operator.heads)
    desk = staffed(store)
    engine = Engine(policy, load_population(policy.questionnaire))
    kept = recommendations.issue(store, engine, assessed(store, policy, desk, "clear_iop").id, event=desk.coordinator)[
        1
    ]
    store.close()
    return kept.id


def change(database: str, statement: str) -> None:
    """Changes a record past the program."""
    engine = engine_for(database)
    with engine.begin() as connection:
        connection.execute(text(statement))
    engine.dispose()


def test_a_recommendation_is_computed_again_from_a_backup_in_another_database(
    operator: Operator, recommendation: str, tmp_path: Path
) -> None:
    copy = tmp_path / "backup"
    assert operator.run("backup", copy).exit_code == 0
    elsewhere = operator.at(f"sqlite:///{tmp_path / 'other.db'}", tmp_path / "elsewhere")
    done = elsewhere.run("restore", copy)
    assert done.exit_code == 0, done.stderr
    assert elsewhere.run("audit", "verify").exit_code == 0
    again = [place.run("replay", recommendation, "--print") for place in (operator, elsewhere)]
    assert [done.exit_code for done in again] == [0, 0]
    assert json.loads(again[0].stdout) == json.loads(again[1].stdout)
    refused = elsewhere.run("restore", copy)
    assert refused.exit_code == 10, "nothing is overwritten"


def test_an_audit_log_that_was_edited_is_found_out(operator: Operator, recommendation: str) -> None:
    whole = operator.run("audit", "verify")
    assert "The audit log is whole" in whole.stdout
    change(operator.database, "UPDATE audit SET actor = 'nobody' WHERE number = 2")
    found = operator.run("audit", "verify")
    assert found.exit_code == 19
    assert "2" in found.stderr


def test_a_changed_answer_makes_the_replay_say_so(operator: Operator, recommendation: str) -> None:
    change(operator.database, "UPDATE answers SET value = '17' WHERE question = 'age'")
    done = operator.run("replay", recommendation)
    assert done.exit_code == 19
    assert "answers" in done.stderr


def test_new_keys_read_what_the_old_ones_sealed(operator: Operator, recommendation: str) -> None:
    before = operator.keys.read_text()
    done = operator.run("keys", "rotate")
    assert done.exit_code == 0, done.stderr
    assert operator.keys.read_text() != before
    assert operator.run("audit", "verify").exit_code == 0
    assert operator.run("replay", recommendation).exit_code == 0


def test_a_token_is_made_listed_and_revoked_and_its_text_shown_once(operator: Operator, recommendation: str) -> None:
    made = operator.run("tokens", "new", "--label", "ward", "--scope", "assess", "--site", "north")
    secret, token = made.stdout.strip(), made.stderr.split()[1]
    listed = operator.run("tokens", "list").stdout
    assert token in listed
    assert "holds" in listed
    assert secret not in listed
    assert operator.run("tokens", "revoke", token).exit_code == 0
    assert "revoked" in operator.run("tokens", "list").stdout
    assert operator.run("tokens", "revoke", "nothing").exit_code == 18


def test_each_step_of_the_tables_goes_up_and_down_again(database: str) -> None:
    engine = engine_for(database)
    for target in ("0001", "head"):
        upgrade(engine, target)
    with engine.connect() as connection:
        compared = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(compared, METADATA) == []
    for target in ("-1", "base"):
        downgrade(engine, target)
    assert set(inspect(engine).get_table_names()) <= {"alembic_version"}
    upgrade(engine)
    engine.dispose()
