"""What we publish: product pages, guides and notices. The content hub owns it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from schema.classification import Category, Content, Inherited, Public, edge, entity
from schema.scalars import PUBLIC_ID, Node

if TYPE_CHECKING:
    from schema.inventory import Product


@strawberry.type(description="A text to be shown to people, made safe by the gateway.")
class RichText:
    html: Inherited[str] = strawberry.field(
        description="Safe HTML: no script, style, form or frame; links are http, https or mailto."
    )
    locale: Inherited[str | None] = strawberry.field(description="The language this text is in, BCP 47.")
    text: Inherited[str] = strawberry.field(description="The same as plain text, paragraphs apart by blank lines.")


@strawberry.type(description="A picture that we have published.")
class Image:
    url: Inherited[str] = strawberry.field(description="Absolute https address of the picture, in its original size.")
    alt: Inherited[str | None] = strawberry.field(description="What it shows, for who cannot see it; null when unsaid.")


@strawberry.type(
    description="Something we have published: a page, a guide, a notice. The content hub owns it; never a draft.",
    directives=[entity(Category.CONTENT)],
)
class ContentItem(Node):
    id: Public[strawberry.ID] = strawberry.field(description=PUBLIC_ID)
    kind: Content[str] = strawberry.field(description="What it is, as the content hub calls it, like `productPage`.")
    title: Content[str] = strawberry.field(description="Headline as plain text, in the language served.")
    body: Content[RichText] = strawberry.field(description="The text, in the language served; null when it has none.")
    image: Content[Image] = strawberry.field(description="The main picture; null when it has none.")
    locale: Content[str] = strawberry.field(
        description="The language served, BCP 47: the one asked for, or the one the hub falls back to."
    )
    published_at: Content[datetime] = strawberry.field(
        description="When this version was published; ISO 8601 with offset."
    )

    @edge(Category.CATALOGUE)
    def products(self) -> list[Annotated[Product, strawberry.lazy("schema.inventory")]] | None:
        """The products it is about; empty when it is about none."""
