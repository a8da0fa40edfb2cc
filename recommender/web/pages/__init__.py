"""The pages, one module each."""

from recommender.web.pages import (
    batches,
    capacity,
    clearing,
    deciding,
    interview,
    keeping,
    models,
    packet,
    people,
    result,
    rules,
    sign_in,
    tokens,
    users,
    worklist,
)

ROUTERS = tuple(
    module.router
    for module in (
        sign_in,
        worklist,
        people,
        interview,
        result,
        clearing,
        deciding,
        packet,
        batches,
        capacity,
        rules,
        models,
        users,
        tokens,
        keeping,
    )
)
