"""Need-to-know vocabulary: every coordinate of the graph belongs to exactly one category.

A category says *why* somebody would need the value, never *who* may see it. Who may see what is data, in
``gateway/policy/roles.toml``. Where a category is stated:

* a field: the annotation of its type (``Contact[str]``) or ``@edge(Category.LOGISTICS)``;
* an argument or input field: the same annotations (``Annotated[int, Category.PUBLIC]`` when it cannot be null);
* a value of an enum that only callers give, such as a sort order: ``choice("NAME_ASC", Category.IDENTITY, …)``;
* a row of a type that stands on its own: ``@entity(Category.PRESENCE)``, which says why one would need to know that
  such a row exists at all. Every edge that leads to the row needs that category as well as its own;
* a leaf of a value type (``Money``, a connection, an address): ``Inherited``, the category of the field that leads
  to it.

``schema.build()`` refuses a coordinate that nobody has classified, and a non-null promise that policy may break.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from enum import StrEnum
from typing import Annotated, Any, TypeVar

import strawberry
from strawberry.schema_directive import Location
from strawberry.types.field import StrawberryField

T = TypeVar("T")


class Category(StrEnum):
    """Why a value is needed. One sentence each; ``why`` gives it."""

    PUBLIC = "public"
    PRESENCE = "presence"
    IDENTITY = "identity"
    CONTACT = "contact"
    COMMERCIAL = "commercial"
    LINKAGE = "linkage"
    LOGISTICS = "logistics"
    DELIVERY = "delivery"
    TRACKING = "tracking"
    FINANCIAL = "financial"
    BILLING = "billing"
    MEANS = "means"
    CREDIT = "credit"
    CATALOGUE = "catalogue"
    INVENTORY = "inventory"
    CONTENT = "content"
    SUPPLY = "supply"
    OUTLOOK = "outlook"
    GUIDANCE = "guidance"
    SALES = "sales"
    ASSETS = "assets"
    SERVICE = "service"
    INTERNAL = "internal"
    MARKETING = "marketing"
    ENGAGEMENT = "engagement"
    CONSENT = "consent"
    COMMUNITY = "community"
    OPERATIONS = "operations"
    ACCESS = "access"
    ACCESSOR = "accessor"
    INHERITED = "inherited"

    @property
    def why(self) -> str:
        return WHY[self]


WHY: dict[Category, str] = {
    Category.PUBLIC: "Needed to use the graph at all: opaque ids, paging, who I am.",
    Category.PRESENCE: "Needed to know that somebody is a customer of ours at all.",
    Category.IDENTITY: "Needed to know who the customer is: name and language.",
    Category.CONTACT: "Needed to reach the customer: e-mail, telephone, postal address.",
    Category.COMMERCIAL: "Needed to judge the relationship: tier, how long, what it is worth.",
    Category.LINKAGE: "Needed to find the same customer in another system: its keys there.",
    Category.LOGISTICS: "Needed to move goods: orders, their lines, quantities, states and dates.",
    Category.DELIVERY: "Needed to hand the goods over: the name and address they go to.",
    Category.TRACKING: "Needed to follow a parcel: who carries it, where it was seen, when it will be there.",
    Category.FINANCIAL: "Needed to account for money: prices, amounts, totals, who is billed.",
    Category.BILLING: "Needed to follow up what is owed: invoices, when they are due and whether they are settled.",
    Category.MEANS: "Needed to trace a payment: how it was made, and the last digits of the card or account.",
    Category.CREDIT: "Needed to release or stop an order: holds and the reasons given for them.",
    Category.CATALOGUE: "Needed to know what we sell: names, descriptions, units.",
    Category.INVENTORY: "Needed to promise goods: stock and availability by plant.",
    Category.CONTENT: "Needed to tell people what we publish: pages, guides, notices.",
    Category.SUPPLY: "Needed to keep goods coming: who supplies what, what they have and promise, what is foreseen.",
    Category.OUTLOOK: "Needed to keep promises: whether supply covers what is ordered, foreseen and advertised.",
    Category.GUIDANCE: "Needed to decide what to do next: which complaint first, which action, by stated rules.",
    Category.SALES: "Needed to sell: opportunities, how likely they are and what they would bring.",
    Category.ASSETS: "Needed to look after what was sold: who has what, its serial number and warranty.",
    Category.SERVICE: "Needed to help: tickets, where they stand, and what the requester may read of them.",
    Category.INTERNAL: "Needed to work on a ticket: what colleagues write to each other about it.",
    Category.MARKETING: "Needed to plan campaigns: what was run, when, for which products, and what came of it.",
    Category.ENGAGEMENT: "Needed to know how somebody responded: what reached them, what they opened or sent in.",
    Category.CONSENT: "Needed to keep to what somebody agreed to: the channels and purposes they allow us.",
    Category.COMMUNITY: "Needed to hear what customers propose: suggestions, votes, and what became of them.",
    Category.OPERATIONS: "Needed to run the gateway: which systems stand behind it and how they are doing.",
    Category.ACCESS: "Needed to account for who has seen somebody: when, in which role, for what.",
    Category.ACCESSOR: "Needed to ask back whoever has seen somebody: their name, and the application they used.",
    Category.INHERITED: "Belongs to the category of the field that leads here.",
}

# What may be withheld is nullable, by construction: only `Public` and `Inherited` can promise a value.
Public = Annotated[T, Category.PUBLIC]
Inherited = Annotated[T, Category.INHERITED]
Identity = Annotated[T | None, Category.IDENTITY]
Contact = Annotated[T | None, Category.CONTACT]
Commercial = Annotated[T | None, Category.COMMERCIAL]
Linkage = Annotated[T | None, Category.LINKAGE]
Logistics = Annotated[T | None, Category.LOGISTICS]
Delivery = Annotated[T | None, Category.DELIVERY]
Tracking = Annotated[T | None, Category.TRACKING]
Financial = Annotated[T | None, Category.FINANCIAL]
Billing = Annotated[T | None, Category.BILLING]
Means = Annotated[T | None, Category.MEANS]
Credit = Annotated[T | None, Category.CREDIT]
Catalogue = Annotated[T | None, Category.CATALOGUE]
Inventory = Annotated[T | None, Category.INVENTORY]
Content = Annotated[T | None, Category.CONTENT]
Supply = Annotated[T | None, Category.SUPPLY]
Sales = Annotated[T | None, Category.SALES]
Assets = Annotated[T | None, Category.ASSETS]
Service = Annotated[T | None, Category.SERVICE]
Internal = Annotated[T | None, Category.INTERNAL]
Marketing = Annotated[T | None, Category.MARKETING]
Engagement = Annotated[T | None, Category.ENGAGEMENT]
Consents = Annotated[T | None, Category.CONSENT]
Community = Annotated[T | None, Category.COMMUNITY]
Operations = Annotated[T | None, Category.OPERATIONS]
Accessor = Annotated[T | None, Category.ACCESSOR]


@strawberry.schema_directive(
    name="needToKnow",
    description="Why this would be needed; a caller sees it when their role needs to know that category.",
    locations=[
        Location.OBJECT,
        Location.FIELD_DEFINITION,
        Location.ARGUMENT_DEFINITION,
        Location.INPUT_FIELD_DEFINITION,
        Location.ENUM_VALUE,
    ],
)
class NeedToKnow:
    category: str


def entity(category: Category) -> NeedToKnow:
    """For ``@strawberry.type(directives=[entity(...)])``: why one would need to know that such a row exists."""
    return NeedToKnow(category=category.value)


def choice(name: str, category: Category, description: str) -> Any:
    """A value of an enum that only callers give: what one would need to know to choose it."""
    return strawberry.enum_value(name, directives=[NeedToKnow(category=category.value)], description=description)


def optional(description: str, name: str | None = None) -> Any:
    """An input field that may be left out: then it is not there, rather than null."""
    return strawberry.field(name=name, default=strawberry.UNSET, description=description)


def edge(category: Category) -> Callable[[Callable[..., Any]], StrawberryField]:
    """Declare a field by its signature and docstring alone; its values come from whatever is bound to it elsewhere."""

    def declare(shape: Callable[..., Any]) -> StrawberryField:
        async def resolve(root: Any, info: strawberry.Info, **arguments: Any) -> Any:
            return await info.context.follow(info, root, arguments)

        declared_as = inspect.signature(shape)
        _, *arguments = declared_as.parameters.values()
        root, info, _ = inspect.signature(resolve).parameters.values()
        resolve.__signature__ = declared_as.replace(parameters=[root, info, *arguments])  # type: ignore[attr-defined]
        resolve.__annotations__ |= shape.__annotations__
        resolve.__module__ = shape.__module__
        metadata = {"category": category}
        description = inspect.cleandoc(shape.__doc__ or "")
        declared: StrawberryField = strawberry.field(resolver=resolve, description=description, metadata=metadata)
        return declared

    return declare
