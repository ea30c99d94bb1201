"""What we hope to sell, what became of it, and what customers have of us. Siebel owns all of it."""

from __future__ import annotations

from enum import Enum

import strawberry


@strawberry.enum(description="What has become of an opportunity.")
class OpportunityStatus(Enum):
    OPEN = strawberry.enum_value("OPEN", description="Being worked on.")
    WON = strawberry.enum_value("WON", description="Sold.")
    LOST = strawberry.enum_value("LOST", description="Not sold, and given up.")
