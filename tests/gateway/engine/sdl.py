"""Graphs whose categories stand in their SDL: `@is(why: "contact")`. A type with one has rows of its own. Where nothing is
said, fields of rows and arguments are public, and fields of values belong to what leads to them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphql import GraphQLInputObjectType, GraphQLInterfaceType, GraphQLObjectType, GraphQLSchema

from schema import Category

IS = """
directive @is(why: String!) on OBJECT | FIELD_DEFINITION | ARGUMENT_DEFINITION | INPUT_FIELD_DEFINITION
"""


def categories(built: GraphQLSchema) -> Mapping[str, Category]:
    found: dict[str, Category] = {}
    for named in built.type_map.values():
        if not isinstance(named, GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType):
            continue
        if why := _why(named.ast_node):
            found[named.name] = why
        alone = isinstance(named, GraphQLInputObjectType) or why is not None
        for name, one in named.fields.items():
            found[f"{named.name}.{name}"] = _why(one.ast_node) or (Category.PUBLIC if alone else Category.INHERITED)
            for spelled, argument in getattr(one, "args", {}).items():
                found[f"{named.name}.{name}({spelled}:)"] = _why(argument.ast_node) or Category.PUBLIC
    return found


def _why(node: Any) -> Category | None:
    for directive in (node.directives if node else None) or ():
        if directive.name.value == "is":
            return Category(directive.arguments[0].value.value)
    return None
