"""The pages, one module each."""

from recommender.web.pages import clearing, deciding, interview, packet, people, result, rules, sign_in, users, worklist

ROUTERS = tuple(
    module.router for module in (sign_in, worklist, people, interview, result, clearing, deciding, packet, rules, users)
)
