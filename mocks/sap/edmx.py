"""What a service says about itself: its `$metadata` (EDMX) and its service document."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mocks.sap.model import AVAILABILITY_RECORD, EntitySet, Function, Navigation, Property, Service
from mocks.sap.render import METADATA, document, wrapped

EDMX = "http://schemas.microsoft.com/ado/2007/06/edmx"
EDM = "http://schemas.microsoft.com/ado/2008/09/edm"
APP = "http://www.w3.org/2007/app"
ATOM = "http://www.w3.org/2005/Atom"


def metadata(service: Service) -> bytes:
    types = "".join(_entity_type(service, one) for one in service.sets.values())
    record = f'<ComplexType Name="AvailabilityRecord">{"".join(map(_property, AVAILABILITY_RECORD))}</ComplexType>'
    associations = "".join(_association(service, *ends) for ends in _ends(service))
    return document(
        f'<edmx:Edmx Version="1.0" xmlns:edmx="{EDMX}">'
        f'<edmx:DataServices m:DataServiceVersion="2.0" xmlns:m="{METADATA}">'
        f'<Schema Namespace="{service.name}" xmlns="{EDM}">{types}{record if service.functions else ""}{associations}'
        f"{_container(service)}</Schema></edmx:DataServices></edmx:Edmx>"
    )


def service_json(service: Service) -> bytes:
    return wrapped({"EntitySets": list(service.sets)})


def service_atom(service: Service, root: str) -> bytes:
    collections = "".join(
        f'<app:collection href="{name}"><atom:title type="text">{name}</atom:title></app:collection>'
        for name in service.sets
    )
    return document(
        f'<app:service xml:base="{root}/" xmlns:app="{APP}" xmlns:atom="{ATOM}"><app:workspace>'
        f'<atom:title type="text">Data</atom:title>{collections}</app:workspace></app:service>'
    )


def _container(service: Service) -> str:
    types = {one.name: f"{service.name}.{one.type}" for one in service.sets.values()}
    sets = "".join(f'<EntitySet Name="{name}" EntityType="{type}"/>' for name, type in types.items())
    links = "".join(
        f'<AssociationSet Name="{_name(on, by)}Set" Association="{service.name}.{_name(on, by)}">'
        f'<End EntitySet="{on.name}" Role="From"/><End EntitySet="{by.target}" Role="To"/></AssociationSet>'
        for on, by in _ends(service)
    )
    functions = "".join(_function(service, one) for one in service.functions.values())
    name = f'<EntityContainer Name="{service.name}_Entities" m:IsDefaultEntityContainer="true">'
    return f"{name}{sets}{links}{functions}</EntityContainer>"


def _entity_type(service: Service, of: EntitySet) -> str:
    keys = "".join(f'<PropertyRef Name="{name}"/>' for name in of.keys)
    properties = "".join(_property(one, one.name not in of.keys) for one in of.properties)
    navigations = "".join(
        f'<NavigationProperty Name="{by.name}" Relationship="{service.name}.{_name(of, by)}" '
        'FromRole="From" ToRole="To"/>'
        for by in of.navigations
    )
    return f'<EntityType Name="{of.type}"><Key>{keys}</Key>{properties}{navigations}</EntityType>'


def _property(one: Property, nullable: bool = True) -> str:
    facets = _attributes((*one.facets, *(() if nullable else (("Nullable", "false"),))))
    return f'<Property Name="{one.name}" Type="{one.type}"{facets}/>'


def _association(service: Service, on: EntitySet, by: Navigation) -> str:
    many = "*" if by.many else "0..1"
    ends = (
        f'<End Type="{service.name}.{on.type}" Multiplicity="{"1" if by.many else "*"}" Role="From"/>'
        f'<End Type="{service.name}.{service.sets[by.target].type}" Multiplicity="{many}" Role="To"/>'
    )
    return f'<Association Name="{_name(on, by)}">{ends}</Association>'


def _function(service: Service, of: Function) -> str:
    record = f"{service.name}.AvailabilityRecord"
    returns = f"Collection({record})" if of.many else record
    parameters = "".join(
        f'<Parameter Name="{one.name}" Type="{one.type}" Mode="In"{_attributes(one.facets)}/>' for one in of.parameters
    )
    return f'<FunctionImport Name="{of.name}" ReturnType="{returns}" m:HttpMethod="GET">{parameters}</FunctionImport>'


def _attributes(pairs: Iterable[tuple[str, str]]) -> str:
    return "".join(f' {name}="{value}"' for name, value in pairs)


def _ends(service: Service) -> Iterator[tuple[EntitySet, Navigation]]:
    return ((on, by) for on in service.sets.values() for by in on.navigations)


def _name(on: EntitySet, by: Navigation) -> str:
    return f"assoc_{on.name}_{by.name}"
