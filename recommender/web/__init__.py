"""The coordinator's desk: pages on the store, rendered on the server and complete without JavaScript.

app        the application: its parts put together
desk       what every page stands on: the store, the engine, and the settings of this desk
doors      which page needs which permission; what is not listed is shut
begun      an assessment as it stands: answers, what was carried forward, red flags to be read
answering  a form of the interview read, checked and written
batch_room tables that were sent, scored one after another
visit      one request of one user: who it is, what they may see, and how what they do is told to the audit log
armour     headers, cookies, and the faults of users as pages
card       the Markdown of a model's card as HTML
words      the strings of the pages, in one catalogue
pages/     one module a page
templates/ how they look in HTML; static/ the one style sheet and the one small script
"""

from recommender.web.app import create_app
from recommender.web.batch_room import BatchRoom
from recommender.web.desk import Desk

__all__ = ["BatchRoom", "Desk", "create_app"]
