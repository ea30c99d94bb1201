"""Contentful: what editors publish about our products, by the Content Delivery API.

Acts as a service: `connection.password` is the delivery token. `connection.options`: `space` (c360), `environment`
(master), `default_locale` (the space's own), used when the caller names none, and `content_type` (article), the type
whose entries are articles; their fields are title, kind, skus, body and image. What this adapter chose:

* a filter on fields is for one content type, so articles of all kinds are one type: one question, not one for each;
* a list is parted at its commas and there is no escape, so a SKU with a comma is asked for by itself, as equal;
* full-text search looks into fields that nobody may read here, and would tell what is in them; so what it finds counts
  only when every word of the text stands in title, body or SKUs. It looks through 1,000 articles at most;
* linked entries and assets come whole (`select` is about articles only), and so only when a body or an image is asked
  for; of a linked entry nothing is read but its title and text;
* an answer in one language does not say what was filled in from another: who asks for `locale`, and for a language
  that others stand in for, has all languages sent; and the space's list of locales, read every ten minutes. A search
  is in one language, so there it takes a second question;
* `published_at` is `sys.updatedAt`: the delivery API shows an entry as it was published last.
"""

from __future__ import annotations

from resolvers.backends.contentful.adapter import Contentful
from resolvers.backends.contentful.records import Body, ContentItem, ContentPage, Image

__all__ = ["Body", "ContentItem", "ContentPage", "Contentful", "Image"]
