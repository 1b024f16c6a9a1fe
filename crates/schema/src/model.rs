//! The resolved schema: what the data is, how it relates, and the text of its rules.
//!
//! Built by `bistro-sdl` alone; read by everybody. Rule texts stay text here: `bistro-policy` compiles them.

use crate::roles::{Action, Roles};
use crate::scalar::{Kind, Scalar};
use crate::value::Value;

/// Index of a type in [`Schema::types`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TypeId(pub u16);

/// Index of a field in its type's [`Type::fields`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FieldId(pub u16);

/// Index of a relation in its type's [`Type::relations`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RelationId(pub u16);

/// Index of an enum in [`Schema::enums`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EnumId(pub u16);

/// A range of bytes in the schema file; empty for what the file does not say itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Span {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

/// A whole schema.
#[derive(Clone, Debug, Default)]
pub struct Schema {
    /// Models, views and join tables, in file order; join tables come last.
    pub types: Vec<Type>,
    /// Enums in file order, without the one that declares roles.
    pub enums: Vec<EnumType>,
    /// Declared roles in file order; the n-th is [`Roles::declared`]`(n)`.
    pub roles: Vec<Role>,
    /// What was called otherwise before (`@was`).
    pub was: Vec<Was>,
    /// Whether these are Bistro's own tables, which follow a text of their own beside the project's.
    pub system: bool,
}

/// An earlier name, so that a change of it is a rename and not another thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Was {
    /// The type that has another name now, or that has the field.
    pub ty: TypeId,
    /// The field or many-to-many list that has another name now; `None` for the type itself.
    pub field: Option<String>,
    /// The name before. For a field that is a foreign key, the relation's.
    pub name: String,
}

/// A declared role and what it includes.
#[derive(Clone, Debug)]
pub struct Role {
    /// The name as the file writes it.
    pub name: String,
    /// The role itself and all roles that it includes, directly or not.
    pub closure: Roles,
    /// The description, if any.
    pub description: Option<String>,
}

/// An enum of the schema.
#[derive(Clone, Debug)]
pub struct EnumType {
    /// The name as the file writes it.
    pub name: String,
    /// The description, if any.
    pub description: Option<String>,
    /// The values in file order, with their descriptions.
    pub values: Vec<(String, Option<String>)>,
}

/// Where the rows of a type come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TypeKind {
    /// A table of rows (`@model`).
    Model,
    /// The table of accounts (`@account`).
    Account,
    /// The result of a query (`@view`); `sql` is the text for SQLite or for all engines.
    View {
        /// `sql:` of the directive.
        sql: String,
        /// `postgres:` of the directive.
        postgres: Option<String>,
        /// `mysql:` of the directive.
        mysql: Option<String>,
    },
    /// The join table of a many-to-many relation that the file did not name.
    Join {
        /// The type that declares the list.
        owner: TypeId,
        /// The list in `owner`.
        relation: RelationId,
    },
}

/// A type of the schema.
#[derive(Clone, Debug)]
pub struct Type {
    /// The name as the file writes it: `BlogPost`.
    pub name: String,
    /// Table name and REST path: `blog_posts`.
    pub collection: String,
    /// The plural words in snake case, from which GraphQL's and SOAP's list names are made.
    pub plural: String,
    /// The description, if any.
    pub description: Option<String>,
    /// Where rows come from.
    pub kind: TypeKind,
    /// Every column, foreign keys included, in file order.
    pub fields: Vec<Field>,
    /// Every way to other types, declared ones first.
    pub relations: Vec<Relation>,
    /// The fields of the key, in order; empty for a view without one.
    pub key: Vec<FieldId>,
    /// Unique sets besides the key.
    pub uniques: Vec<Unique>,
    /// Indexes besides the key, the uniques and the foreign keys' own.
    pub indexes: Vec<Index>,
    /// Conditions that every stored row keeps.
    pub checks: Vec<Check>,
    /// The type's `@allow`s in file order.
    pub allows: Vec<Allow>,
    /// Where the type stands in the file.
    pub span: Span,
}

/// A set of fields whose values are unique together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unique {
    /// The constraint's name: `posts_slug_key`.
    pub name: String,
    /// The fields.
    pub fields: Vec<FieldId>,
}

/// An index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Index {
    /// Its name: `posts_status_published_at_idx`.
    pub name: String,
    /// The fields in order.
    pub fields: Vec<FieldId>,
}

/// A condition over `new` that every stored row keeps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// The constraint's name: `posts_check`, `posts_check1` …
    pub name: String,
    /// The CEL text.
    pub rule: RuleText,
    /// What to tell a caller whose row breaks it.
    pub message: Option<String>,
}

/// CEL text and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleText {
    /// The text, unescaped.
    pub text: String,
    /// The string literal in the file.
    pub span: Span,
}

/// One `@allow`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allow {
    /// What it allows.
    pub actions: Vec<Action>,
    /// Who: [`Roles::EVERYBODY`] without `roles:`.
    pub roles: Roles,
    /// On which condition; always without `when:`.
    pub when: Option<RuleText>,
    /// Where it stands.
    pub span: Span,
}

/// A column.
#[derive(Clone, Debug)]
pub struct Field {
    /// The name on every wire: `author_id`.
    pub name: String,
    /// The column's name where it differs (`@column(name:)`).
    pub column: String,
    /// The column's type in the engine's words, where Bistro did not make the table; the store converts by it.
    pub declared: Option<String>,
    /// For a foreign key of one column: the relation field's name (`author`), an alias on input and in `select`.
    pub alias: Option<String>,
    /// The description, if any (a foreign key inherits its relation field's).
    pub description: Option<String>,
    /// What one value is.
    pub scalar: Scalar,
    /// Whether null is a value.
    pub nullable: bool,
    /// Stored, computed, or counted up by the store.
    pub kind: FieldKind,
    /// What a new row gets when the caller says nothing.
    pub default: Option<Default>,
    /// Set to the time of each write (`@updated`).
    pub updated: bool,
    /// Written at creation only (`@immutable`).
    pub immutable: bool,
    /// Never leaves the server (`@hidden`); rules may use it.
    pub hidden: bool,
    /// In the type's full-text index (`@search`).
    pub search: bool,
    /// Shortest and longest text in characters (`@length`).
    pub length: Option<(Option<u64>, Option<u64>)>,
    /// Least and greatest value (`@range`), of the field's own scalar.
    pub range: Option<(Option<Value>, Option<Value>)>,
    /// A regular expression that the whole text is searched for (`@pattern`).
    pub pattern: Option<String>,
    /// Why it is deprecated, if it is.
    pub deprecated: Option<String>,
    /// The field's own `@allow`s; empty means as the type.
    pub allows: Vec<Allow>,
    /// Where the field stands in the file.
    pub span: Span,
}

/// How a field's value comes to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FieldKind {
    /// Written by callers, or by its default.
    Stored,
    /// An integer key that the store counts up unless given.
    Counter,
    /// The value of a CEL expression over `row` (`@computed`); never written.
    Computed(RuleText),
    /// A column that the database calculates (`@generated`); read like any other, never written.
    Generated,
}

/// `@default`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Default {
    /// `value:`, of the field's scalar.
    Value(Value),
    /// `expr:`, CEL over `auth`, `now` and `request`.
    Expr(RuleText),
}

/// What happens to a row whose related row is deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnDelete {
    /// The delete is refused.
    NoAction,
    /// The delete is refused at once.
    Restrict,
    /// The row is deleted too.
    Cascade,
    /// The reference becomes null.
    SetNull,
}

/// How many rows a relation leads to, and over what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RelationKind {
    /// This type owns the foreign key; leads to one row or none.
    ToOne,
    /// The target owns the foreign key and may repeat it.
    ToMany,
    /// The target owns the foreign key, which is unique: leads to one row or none.
    ToOneInverse,
    /// Over a join type.
    ManyToMany(Through),
}

/// The join type of a many-to-many relation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Through {
    /// The join type.
    pub join: TypeId,
    /// The relation of `join` that leads back to the owning type.
    pub near: RelationId,
    /// The relation of `join` that leads to the target.
    pub far: RelationId,
}

/// A way from a type to another.
#[derive(Clone, Debug)]
pub struct Relation {
    /// The field's name in the file; for the undeclared other side of a foreign key, the owning collection's name.
    pub name: String,
    /// Whether the file declares it. Undeclared ones can be embedded by the target's name only.
    pub declared: bool,
    /// The description, if any.
    pub description: Option<String>,
    /// The type it leads to.
    pub target: TypeId,
    /// How.
    pub kind: RelationKind,
    /// Pairs of (field of this type, field of the target) that are equal; empty for many-to-many.
    pub pairs: Vec<(FieldId, FieldId)>,
    /// The foreign key's constraint name, `<table>_<column>_fkey`; for many-to-many the near side's.
    pub constraint: String,
    /// What deleting the target does (meaningful on [`RelationKind::ToOne`]).
    pub on_delete: OnDelete,
    /// The same way seen from the target, if it has one.
    pub inverse: Option<RelationId>,
    /// The relation field's own `@allow`s (a foreign key's field holds the same).
    pub allows: Vec<Allow>,
    /// Where it stands in the file.
    pub span: Span,
}

impl Relation {
    /// Whether it leads to at most one row.
    pub const fn to_one(&self) -> bool {
        matches!(self.kind, RelationKind::ToOne | RelationKind::ToOneInverse)
    }
}

impl Schema {
    /// Under which name a store keeps the text that these tables follow.
    pub const fn record(&self) -> &'static str {
        if self.system { "system" } else { "schema" }
    }

    /// The type with this id.
    pub fn ty(&self, id: TypeId) -> &Type {
        &self.types[id.0 as usize]
    }

    /// What the file calls a kind of value: `String`, `Status`.
    pub fn kind_name(&self, kind: Kind) -> &str {
        match kind {
            Kind::Enum(id) => &self.enum_type(id).name,
            kind => kind.word().unwrap_or_default(),
        }
    }

    /// The enum with this id.
    pub fn enum_type(&self, id: EnumId) -> &EnumType {
        &self.enums[id.0 as usize]
    }

    /// All types with their ids.
    pub fn types(&self) -> impl Iterator<Item = (TypeId, &Type)> {
        self.types.iter().enumerate().map(|(i, t)| (TypeId(i as u16), t))
    }

    /// The type with this collection name.
    pub fn by_collection(&self, collection: &str) -> Option<TypeId> {
        self.types().find(|(_, t)| t.collection == collection).map(|(id, _)| id)
    }

    /// The type with this name in the file.
    pub fn by_name(&self, name: &str) -> Option<TypeId> {
        self.types().find(|(_, t)| t.name == name).map(|(id, _)| id)
    }

    /// The type whose rows are accounts.
    pub fn account(&self) -> Option<TypeId> {
        self.types().find(|(_, t)| t.kind == TypeKind::Account).map(|(id, _)| id)
    }

    /// The closed set of bits for role names; names that the schema does not declare are ignored (`admin` is built in).
    pub fn roles_named<'a>(&self, names: impl IntoIterator<Item = &'a str>) -> Roles {
        names.into_iter().fold(Roles::NONE, |set, name| match name {
            "admin" => set.with(Roles::ADMIN),
            _ => self.roles.iter().find(|r| r.name == name).map_or(set, |r| set.with(r.closure)),
        })
    }

    /// The names in a set, built-in ones first: what `auth.roles` holds.
    pub fn role_names(&self, set: Roles) -> Vec<&str> {
        let built_in = [
            (Roles::ANON, "anon"),
            (Roles::AUTHENTICATED, "authenticated"),
            (Roles::SERVICE, "service_role"),
            (Roles::ADMIN, "admin"),
        ];
        let mut names: Vec<&str> = built_in.iter().filter(|(r, _)| set.meets(*r)).map(|(_, n)| *n).collect();
        names.extend(
            self.roles
                .iter()
                .enumerate()
                .filter(|(n, _)| set.meets(Roles::declared(*n)))
                .map(|(_, r)| r.name.as_str()),
        );
        names
    }
}

impl Field {
    /// Whether the field of a row may be null: by the file, or where a rule hides it. The same for every caller.
    pub fn may_be_null(&self) -> bool {
        self.nullable || self.allows.iter().any(|a| a.when.is_some() && a.actions.contains(&Action::Read))
    }
}

impl Type {
    /// The field with this id.
    pub fn field(&self, id: FieldId) -> &Field {
        &self.fields[id.0 as usize]
    }

    /// The relation with this id.
    pub fn relation(&self, id: RelationId) -> &Relation {
        &self.relations[id.0 as usize]
    }

    /// All fields with their ids.
    pub fn fields(&self) -> impl Iterator<Item = (FieldId, &Field)> {
        self.fields.iter().enumerate().map(|(i, f)| (FieldId(i as u16), f))
    }

    /// All relations with their ids.
    pub fn relations(&self) -> impl Iterator<Item = (RelationId, &Relation)> {
        self.relations.iter().enumerate().map(|(i, r)| (RelationId(i as u16), r))
    }

    /// The field with this name or alias.
    pub fn field_named(&self, name: &str) -> Option<FieldId> {
        let exact = self.fields().find(|(_, f)| f.name == name);
        exact.or_else(|| self.fields().find(|(_, f)| f.alias.as_deref() == Some(name))).map(|(id, _)| id)
    }

    /// The declared relation with this name.
    pub fn relation_named(&self, name: &str) -> Option<RelationId> {
        self.relations().find(|(_, r)| r.declared && r.name == name).map(|(id, _)| id)
    }

    /// Whether rows can be written (views cannot).
    pub fn writable(&self) -> bool {
        !matches!(self.kind, TypeKind::View { .. })
    }

    /// Whether the field repeats what the account itself holds: `email` and `phone` of the account type. Only who passes
    /// rules writes it beside the account.
    pub fn mirrors(&self, field: FieldId) -> bool {
        let f = self.field(field);
        let named = matches!(f.name.as_str(), "email" | "phone");
        self.kind == TypeKind::Account && named && f.kind == FieldKind::Stored
    }

    /// Whether a relation has the field's name. The typed surfaces call the relation by it, whoever asks, so that a name
    /// means one thing to everybody.
    pub fn is_shadowed(&self, field: &Field) -> bool {
        self.relation_named(&field.name).is_some()
    }

    /// Whether the field is a reference to another type, or a part of one.
    pub fn refers(&self, field: FieldId) -> bool {
        let mut owned = self.relations.iter().filter(|r| r.kind == RelationKind::ToOne);
        owned.any(|r| r.pairs.iter().any(|(near, _)| *near == field))
    }

    /// Whether every new row must be given the field.
    pub fn requires(&self, id: FieldId) -> bool {
        let field = self.field(id);
        let own_key = field.scalar.kind == Kind::Id && self.key.contains(&id) && !self.refers(id);
        let made = field.default.is_some() || field.updated || field.kind != FieldKind::Stored || own_key;
        !field.nullable && !made
    }

    /// Whether `fields` are exactly the key or one unique set, in any order.
    pub fn unique_over(&self, fields: &[FieldId]) -> bool {
        let same = |set: &[FieldId]| set.len() == fields.len() && set.iter().all(|f| fields.contains(f));
        (!self.key.is_empty() && same(&self.key)) || self.uniques.iter().any(|u| same(&u.fields))
    }

    /// The fields of the full-text index, in order.
    pub fn search_fields(&self) -> Vec<FieldId> {
        self.fields().filter(|(_, f)| f.search).map(|(id, _)| id).collect()
    }
}
