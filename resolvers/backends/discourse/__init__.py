"""Discourse: what customers suggest in the community, with votes, and what became of it.

Acts as a service: `connection.password` is an API key, `connection.username` the account it acts as. Settings
(`connection.options`): `category` and `category_id` (ideas, 5), where suggestions are; `sku_tag` (sku-), what the tags
of products begin with; `per_minute` (60), the key's own limit, 0 for none. What this adapter chose:

* there is no question for several topics, nor for several accounts. So a list is a search (by account, one each; by
  product, ten tags together), and what a search does not tell, text and votes, is asked of each topic by itself, and
  only when it is wanted;
* a search looks through posts by their words and filters. Whose a topic is and which product it is about is looked at
  again; of what a caller types only words are passed on, never a filter;
* status is a tag; a suggestion without one is open;
* what members wrote is sanitised; replies are not read, so neither is what staff whispers there;
* accounts are learned from the administrators' list, newest first, by e-mail address.
"""

from __future__ import annotations

from resolvers.backends.discourse.adapter import Discourse
from resolvers.backends.discourse.records import Body, Suggestion, SuggestionPage, User

__all__ = ["Body", "Discourse", "Suggestion", "SuggestionPage", "User"]
