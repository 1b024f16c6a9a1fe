//! What a name of the described schema stands for, so that nobody reads names apart again.

use bistro_schema::{EnumId, FieldId, Kind, RelationId, TypeId};

/// What a type of the described schema is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Meaning {
    /// `Query`.
    Query,
    /// `Mutation`.
    Mutation,
    /// `Subscription`.
    Subscription,
    /// A row.
    Object(TypeId),
    /// A page of rows and what is said of all that match.
    Connection(TypeId),
    /// A row and its cursor.
    Edge(TypeId),
    /// Whether there are pages before and after.
    PageInfo,
    /// What is calculated over all rows that match.
    Aggregate(TypeId),
    /// Sums, one member a field.
    Sum(TypeId),
    /// Averages, one member a field.
    Avg(TypeId),
    /// Least values, one member a field.
    Min(TypeId),
    /// Greatest values, one member a field.
    Max(TypeId),
    /// Rows that agree in some fields, counted together.
    Group(TypeId),
    /// The fields in which the rows of a group agree.
    GroupKey(TypeId),
    /// What a mutation of many rows wrote.
    Written(TypeId),
    /// One change of a row.
    Change(TypeId),
    /// The key of a row that changed.
    ChangeKey(TypeId),
    /// The input of conditions on rows.
    Filter(TypeId),
    /// The input of conditions on related rows.
    ListFilter(TypeId),
    /// The input of conditions on one value of this kind (a decimal's digits mean nothing here).
    ScalarFilter(Kind),
    /// The input of conditions on a list of such values.
    ScalarListFilter(Kind),
    /// The input of a condition on a place within a JSON value.
    JsonPathFilter,
    /// The input of one term of an order.
    Order(TypeId),
    /// The input that names one row by its key or by a unique set.
    Key(TypeId),
    /// The input of several fields that are unique together.
    KeySet(TypeId, UniqueSet),
    /// The input of a new row.
    Create(TypeId),
    /// The input of what changes of a row.
    Update(TypeId),
    /// The input that sets a relation to one row of this type.
    Link(TypeId),
    /// The input that links rows of this type to a new row.
    Links(TypeId),
    /// The input that links and unlinks rows of this type.
    Relinks(TypeId),
    /// The names of a type's fields, as values.
    Fields(TypeId),
    /// An enum of the file.
    Enum(EnumId),
    /// `OrderDirection`.
    OrderDirection,
    /// `ChangeEvent`.
    ChangeEvent,
    /// The interface of everything with a global id.
    Node,
    /// Federation: `_Service`.
    Service,
    /// Federation: the union `_Entity`.
    Entity,
}

impl Meaning {
    /// The type of the file that it is made of, if it is one.
    pub(super) fn ty(self) -> Option<TypeId> {
        use Meaning::{
            Aggregate, Avg, Change, ChangeEvent, ChangeKey, Connection, Create, Edge, Entity, Enum, Fields,
            Filter, Group, GroupKey, JsonPathFilter, Key, KeySet, Link, Links, ListFilter, Max, Min,
            Mutation, Node, Object, Order, OrderDirection, PageInfo, Query, Relinks, ScalarFilter,
            ScalarListFilter, Service, Subscription, Sum, Update, Written,
        };
        match self {
            Object(ty)
            | Connection(ty)
            | Edge(ty)
            | Aggregate(ty)
            | Sum(ty)
            | Avg(ty)
            | Min(ty)
            | Max(ty)
            | Group(ty)
            | GroupKey(ty)
            | Written(ty)
            | Change(ty)
            | ChangeKey(ty)
            | Filter(ty)
            | ListFilter(ty)
            | Order(ty)
            | Key(ty)
            | KeySet(ty, _)
            | Create(ty)
            | Update(ty)
            | Link(ty)
            | Links(ty)
            | Relinks(ty)
            | Fields(ty) => Some(ty),
            Query | Mutation | Subscription | PageInfo | ScalarFilter(_) | ScalarListFilter(_)
            | JsonPathFilter | Enum(_) | OrderDirection | ChangeEvent | Node | Service | Entity => None,
        }
    }
}

impl RootField {
    /// The type whose rows it is about, if it is about one.
    pub(super) fn ty(self) -> Option<TypeId> {
        use RootField::{
            By, Changes, Create, CreateMany, Delete, DeleteMany, Live, Many, One, Update, UpdateMany, Upsert,
        };
        match self {
            One(ty) | By(ty) | Many(ty) | Create(ty) | CreateMany(ty) | Update(ty) | UpdateMany(ty)
            | Upsert(ty) | Delete(ty) | DeleteMany(ty) | Live(ty) | Changes(ty) => Some(ty),
            RootField::Node | RootField::Service | RootField::Entities | RootField::Empty => None,
        }
    }
}

/// Fields of a type whose values no two rows share.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum UniqueSet {
    /// The key.
    Key,
    /// The n-th of [`bistro_schema::Type::uniques`].
    Unique(usize),
}

/// What a field of `Query`, `Mutation` or `Subscription` does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RootField {
    /// One row by the fields of its key.
    One(TypeId),
    /// One row by any unique set.
    By(TypeId),
    /// Rows.
    Many(TypeId),
    /// A row of any type by its global id.
    Node,
    /// Federation: `_service`.
    Service,
    /// Federation: `_entities`.
    Entities,
    /// Makes a row.
    Create(TypeId),
    /// Makes rows.
    CreateMany(TypeId),
    /// Changes a row.
    Update(TypeId),
    /// Changes all rows that match.
    UpdateMany(TypeId),
    /// Makes rows, or changes those that are there.
    Upsert(TypeId),
    /// Removes a row.
    Delete(TypeId),
    /// Removes all rows that match.
    DeleteMany(TypeId),
    /// Rows, and again whenever they change.
    Live(TypeId),
    /// Changes of rows, one by one.
    Changes(TypeId),
    /// `_empty`, where nothing else can be asked; always null.
    Empty,
}

/// What a field of an object type, or a member of an input, is of the file's type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FieldMeaning {
    /// The id that is unique over all types.
    GlobalId,
    /// A field.
    Field(FieldId),
    /// A declared relation. It hides a field of the same name: the column of `@relation(column:)`.
    Relation(RelationId),
}

/// A way to name one row in the input [`Meaning::Key`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyMember {
    /// The member's name: `slug`, `room_and_seat`.
    pub name: String,
    /// Which set it is.
    pub set: UniqueSet,
    /// The set's fields in order. One field: the member is its value. Several: the member is an object of them.
    pub fields: Vec<FieldId>,
}
