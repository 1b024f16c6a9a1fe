//! All rules of a schema, compiled once.

use std::sync::Arc;

use bistro_ir::{Expr, Operand};
use bistro_problem::Diagnostic;
use bistro_schema::{Action, Allow, Default, FieldId, FieldKind, RelationId, Roles, Schema, TypeId};

use crate::codes;
use crate::compile::{Compiler, Purpose};

/// The stack of the thread that compiles: parsers and walks are recursive, and texts may be 4 KB of brackets.
const STACK: usize = 64 << 20;

/// The compiled rules of a schema.
#[derive(Clone, Debug)]
pub struct Rules {
    schema: Arc<Schema>,
    types: Vec<TypeRules>,
    headers: Vec<String>,
}

/// A compiled check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedCheck {
    /// The constraint's name.
    pub name: String,
    /// The condition over [`bistro_ir::Root::New`]; the row keeps the check unless this is false (unknown passes, as in SQL).
    pub condition: Expr,
    /// What to tell a caller whose row breaks it.
    pub message: Option<String>,
}

/// One compiled `@allow`.
#[derive(Clone, Debug)]
pub(crate) struct Rule {
    pub(crate) actions: Vec<Action>,
    pub(crate) roles: Roles,
    /// Over the row in scope 0, and over the new row.
    pub(crate) condition: Expr,
    /// Whether it names `row`.
    pub(crate) row: bool,
    /// Whether it names `new`.
    pub(crate) new: bool,
    /// The text of `when`.
    pub(crate) text: Option<String>,
}

/// The compiled rules of one type.
#[derive(Clone, Debug, Default)]
pub(crate) struct TypeRules {
    pub(crate) allows: Vec<Rule>,
    pub(crate) fields: Vec<FieldRules>,
    pub(crate) relations: Vec<Vec<Rule>>,
    pub(crate) checks: Vec<NamedCheck>,
}

/// The compiled rules of one field.
#[derive(Clone, Debug, std::default::Default)]
pub(crate) struct FieldRules {
    pub(crate) allows: Vec<Rule>,
    pub(crate) computed: Option<Operand>,
    pub(crate) default: Option<Operand>,
}

impl Rules {
    /// Compiles every rule text of the schema. All mistakes come from one run; rules with a mistake are closed.
    pub fn compile(schema: Arc<Schema>) -> (Rules, Vec<Diagnostic>) {
        let for_thread = Arc::clone(&schema);
        let thread = std::thread::Builder::new().stack_size(STACK).spawn(move || compile(for_thread));
        let made =
            thread.map_err(|e| e.to_string()).and_then(|t| t.join().map_err(|_| "it ended early".to_owned()));
        made.unwrap_or_else(|why| {
            let message = format!("the rules could not be compiled, since their thread could not run: {why}");
            let rules = Rules { types: closed(&schema), schema, headers: Vec::new() };
            (rules, vec![Diagnostic::error(codes::LIMIT, (0, 0), message)])
        })
    }

    /// The schema that the rules belong to.
    pub fn schema(&self) -> &Arc<Schema> {
        &self.schema
    }

    /// The checks of a type, in file order.
    pub fn checks(&self, ty: TypeId) -> &[NamedCheck] {
        &self.of(ty).checks
    }

    /// What a new row gets where the caller says nothing: always a [`Operand::Literal`], [`Operand::Auth`],
    /// [`Operand::Now`] or [`Operand::Request`], of the field's type.
    pub fn default(&self, ty: TypeId, field: FieldId) -> Option<&Operand> {
        self.of(ty).fields[field.0 as usize].default.as_ref()
    }

    /// The value of a computed field over the row in scope 0, with computed fields in it already put in.
    pub fn computed(&self, ty: TypeId, field: FieldId) -> Option<&Operand> {
        self.of(ty).fields[field.0 as usize].computed.as_ref()
    }

    /// The names of all headers that rules mention, in lower case and in order.
    pub fn headers(&self) -> &[String] {
        &self.headers
    }

    pub(crate) fn of(&self, ty: TypeId) -> &TypeRules {
        &self.types[ty.0 as usize]
    }

    pub(crate) fn field(&self, ty: TypeId, field: FieldId) -> &FieldRules {
        &self.of(ty).fields[field.0 as usize]
    }

    pub(crate) fn relation(&self, ty: TypeId, relation: RelationId) -> &[Rule] {
        &self.of(ty).relations[relation.0 as usize]
    }
}

/// Rules that let nobody do anything.
fn closed(schema: &Schema) -> Vec<TypeRules> {
    let of = |t: &bistro_schema::Type| TypeRules {
        fields: vec![FieldRules::default(); t.fields.len()],
        relations: vec![Vec::new(); t.relations.len()],
        ..TypeRules::default()
    };
    schema.types.iter().map(of).collect()
}

fn compile(schema: Arc<Schema>) -> (Rules, Vec<Diagnostic>) {
    let mut compiler = Compiler::new(Arc::clone(&schema));
    let types = schema.types().map(|(id, _)| type_rules(&mut compiler, &schema, id)).collect();
    let mut diagnostics = std::mem::take(&mut compiler.diagnostics);
    diagnostics.sort_by(|a, b| b.severity.cmp(&a.severity).then(a.span.cmp(&b.span)));
    // A foreign key's field and its relation hold the same @allow; what is wrong with it is said once.
    diagnostics.dedup();
    let headers = compiler.headers.into_iter().collect();
    (Rules { schema, types, headers }, diagnostics)
}

fn type_rules(compiler: &mut Compiler, schema: &Schema, id: TypeId) -> TypeRules {
    let ty = schema.ty(id);
    let mut list = |allows: &[Allow]| allows.iter().map(|a| rule(compiler, id, a)).collect::<Vec<Rule>>();
    let allows = list(&ty.allows);
    let field_allows: Vec<Vec<Rule>> = ty.fields.iter().map(|f| list(&f.allows)).collect();
    // An undeclared other side holds the @allow of the foreign key, which speak of the other type's rows; the way there is
    // judged by the foreign key's own field.
    let relations =
        ty.relations.iter().map(|r| if r.declared { list(&r.allows) } else { Vec::new() }).collect();
    let fields = ty.fields().zip(field_allows).map(|((field, f), allows)| FieldRules {
        allows,
        computed: match f.kind {
            FieldKind::Computed(_) => compiler.computed(id, field).ok().flatten().map(|(operand, _)| operand),
            FieldKind::Stored | FieldKind::Counter | FieldKind::Generated => None,
        },
        default: match &f.default {
            Some(Default::Value(value)) => Some(Operand::Literal(value.clone(), f.scalar)),
            Some(Default::Expr(rule)) => {
                compiler.value(id, rule, Purpose::Default, f.scalar).ok().map(|(o, _)| o)
            }
            None => None,
        },
    });
    let fields = fields.collect();
    unjudged(compiler, &ty.allows, &allows);
    let checks = ty.checks.iter().map(|c| NamedCheck {
        name: c.name.clone(),
        condition: compiler.condition(id, &c.rule, Purpose::Check).map_or(Expr::FALSE, |made| made.expr),
        message: c.message.clone(),
    });
    TypeRules { allows, fields, relations, checks: checks.collect() }
}

fn rule(compiler: &mut Compiler, ty: TypeId, allow: &Allow) -> Rule {
    let (actions, roles) = (allow.actions.clone(), allow.roles);
    let Some(when) = &allow.when else {
        return Rule { actions, roles, condition: Expr::TRUE, row: false, new: false, text: None };
    };
    let lacking = |wanted: &[Action]| {
        let word = actions.iter().find(|a| wanted.contains(a)).map(|a| a.word());
        word.map_or(Ok(()), Err)
    };
    let row = lacking(&[Action::Create]);
    let new = lacking(&[Action::Read, Action::Delete]);
    let made = compiler.condition(ty, when, Purpose::Allow { row, new });
    let text = Some(when.text.clone());
    match made {
        Ok(made) => Rule { actions, roles, condition: made.expr, row: made.row, new: made.new, text },
        Err(_) => Rule { actions, roles, condition: Expr::FALSE, row: false, new: false, text },
    }
}

/// Warns of UPDATE rules of a type that never look at the stored row.
fn unjudged(compiler: &mut Compiler, allows: &[Allow], rules: &[Rule]) {
    let rules =
        allows.iter().zip(rules).filter(|(_, r)| r.actions.contains(&Action::Update) && r.new && !r.row);
    for when in rules.filter_map(|(allow, _)| allow.when.as_ref()) {
        let message =
            "this UPDATE rule looks at `new` alone, so it lets callers change any row that they can read";
        let told = Diagnostic::warning(codes::UNJUDGED, (when.span.start, when.span.end), message);
        compiler.diagnostics.push(told.hint("add what must hold of the stored `row`"));
    }
}
