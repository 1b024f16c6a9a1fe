//! The fields of `Query`, `Mutation` and `Subscription`.

use apollo_compiler::ast::OperationType;
use bistro_ir::{Body, Operation};
use bistro_problem::{Code, Problem};
use bistro_schema::{Schema, TypeId};

use super::connection::{Hang, List};
use super::row::Row;
use super::select::read;
use super::{Changes, Compiler, Draft, Field, Reading as How, global_id, write};
use crate::describe::{Described, RootField};
use crate::failure::Failure;
use crate::plan::{Kind, Part, Plan, Reading, Root, Size, Work};
use crate::render::{Form, Level, Piece, Shape};

/// How many fields of `Mutation` one document may ask for.
const WRITES_MAX: usize = 100;

impl<'a> Compiler<'a> {
    /// The plan of the whole operation, or everything that is wrong with it.
    pub(crate) fn plan(&self) -> Result<Plan, Vec<Failure>> {
        let set = &self.operation.selection_set;
        let fields = self.collect(self.operation.object_type(), &[set]).map_err(|failure| vec![failure])?;
        if self.kind() == OperationType::Mutation && fields.len() > WRITES_MAX {
            let message = format!("The document writes more than {WRITES_MAX} times");
            return Err(vec![Problem::new(Code::TooComplex, message).hint("Write in smaller parts.").into()]);
        }
        let (mut roots, mut failures) = (Vec::with_capacity(fields.len()), Vec::new());
        // One variable can be the rows of every field: they are counted as they come, and nothing goes on past a mistake.
        let mut written = 0;
        for field in &fields {
            match self.root(field).and_then(|work| self.within(work, &mut written)) {
                Ok(work) => roots.push(Root { key: field.key.into(), place: field.place, work }),
                Err(mut failure) => {
                    if failure.places.is_empty() {
                        failure.places.push(field.place);
                    }
                    failures.push(failure);
                    if self.kind() == OperationType::Mutation {
                        break;
                    }
                }
            }
        }
        if !failures.is_empty() {
            return Err(failures);
        }
        let kind = match self.kind() {
            OperationType::Query => Kind::Query,
            OperationType::Mutation => Kind::Mutation,
            OperationType::Subscription => Kind::Subscription,
        };
        let introspects = fields.iter().any(|field| matches!(field.name, "__schema" | "__type" | "_service"));
        let atomic = self.operation.directives.has("atomic");
        Ok(Plan { kind, atomic, introspects, roots, judged: self.judged.take(), size: Size::default() })
    }

    /// The work, unless the rows that are written come to too many with it.
    fn within(&self, work: Work, written: &mut u64) -> Result<Work, Failure> {
        if let Work::Write(writing) = &work {
            *written += writing.rows();
        }
        if *written <= self.limits.rows {
            return Ok(work);
        }
        let message = format!("The document writes more than the limit of {} rows", self.limits.rows);
        Err(Problem::new(Code::TooComplex, message).hint("Write in smaller parts.").into())
    }

    fn root(&self, field: &Field<'a>) -> Result<Work, Failure> {
        match field.name {
            "__typename" => return Ok(known(field, &format!("\"{}\"", self.operation.object_type()))),
            "__schema" | "__type" => return self.introspect(field),
            _ => {}
        }
        let means = self.described.root(self.kind(), field.name);
        let means = means.ok_or_else(|| Problem::bug("a root field that is not described was asked for"))?;
        match means {
            RootField::One(ty) | RootField::By(ty) => self.one(field, ty, means).map(Work::Read),
            RootField::Many(ty) => self.many(field, ty, self.limits.page_most).map(|reading| {
                // What nothing has to be read for is known.
                if reading.parts.is_empty() { close(&reading) } else { Work::Read(reading) }
            }),
            RootField::Live(ty) => self.many(field, ty, self.limits.live_most).map(Work::Live),
            RootField::Node => self.node(field),
            RootField::Service => self.service(field),
            RootField::Entities => self.entities(field),
            RootField::Empty => Ok(known(field, "null")),
            RootField::Changes(ty) => {
                Changes::compile(self, field, ty).map(|changes| Work::Changes(Box::new(changes)))
            }
            _ => write::Writing::compile(self, field, means).map(|writing| Work::Write(Box::new(writing))),
        }
    }

    /// One row by its key.
    fn one(&self, field: &Field<'a>, ty: TypeId, means: RootField) -> Result<Reading, Failure> {
        let at = |problem: Problem| Failure::at(problem, field.place);
        self.reading(field, |draft, row, hang| {
            let filter = match (means, self.argument(field, "key")) {
                (RootField::By(_), Some(key)) => self.by_key(&mut draft.slots, ty, &key).map_err(at)?,
                _ => self.by_arguments(&mut draft.slots, ty, field).map_err(at)?,
            };
            self.single(draft, row, hang, (ty, filter), field)
        })
    }

    fn single(
        &self,
        draft: &mut Draft,
        row: &mut Row,
        hang: &mut Hang,
        (ty, filter): (TypeId, bistro_ir::Expr),
        field: &Field<'a>,
    ) -> Result<(), Failure> {
        let name = &self.view.schema().ty(ty).name;
        let (select, level) = self.object(draft, ty, name, &field.sets, 0)?;
        let level = draft.level(level);
        draft.hang(row, hang, (field.key.into(), read(ty, select, filter)), (Form::One, level, None));
        Ok(())
    }

    /// A page of rows.
    fn many(&self, field: &Field<'a>, ty: TypeId, most: u64) -> Result<Reading, Failure> {
        self.reading(field, |draft, row, hang| {
            self.connection(draft, row, hang, &List { ty, field, depth: 0, most })
        })
    }

    /// A row of whatever type its id says; its type is a part of what is asked, though it is a value.
    fn node(&self, field: &Field<'a>) -> Result<Work, Failure> {
        let Some(id) = self.said(field, "id") else { return Ok(known(field, "null")) };
        let schema = self.view.schema();
        let json = id.json();
        // No id of ours: a row that cannot be seen.
        let Some(ty) = json.as_str().and_then(|id| node_type(self.described, schema, id)) else {
            return Ok(known(field, "null"));
        };
        let reading = self.reading(field, |draft, row, hang| {
            let of = schema.ty(ty);
            let parts = of.key.iter().enumerate().map(|(at, f)| {
                let how = (of.field(*f).scalar.compared(), How::Key { at, ty: ty.0 });
                let right = draft.slots.operand(self.rules(), how, &id)?;
                let left = bistro_ir::Operand::Field(bistro_ir::Root::Scope(0), *f);
                Ok(bistro_ir::Expr::Compare(bistro_ir::Compare::Eq, left, right))
            });
            let parts =
                parts.collect::<Result<Vec<_>, Problem>>().map_err(|p| Failure::at(p, field.place))?;
            self.single(draft, row, hang, (ty, bistro_ir::Expr::all(parts)), field)
        });
        reading.map(Work::Read)
    }

    /// The reads that a root field comes to, authorised and prepared.
    pub(super) fn reading(
        &self,
        field: &Field<'a>,
        make: impl FnOnce(&mut Draft, &mut Row, &mut Hang) -> Result<(), Failure>,
    ) -> Result<Reading, Failure> {
        let (mut draft, mut row, mut hang) = (Draft::default(), Row::default(), Hang::Parts(Vec::new()));
        // The row of the parts is the first level; it is known when they are.
        draft.levels.push(Level::default());
        row.text.name(field.key, true);
        make(&mut draft, &mut row, &mut hang)?;
        draft.levels[0] = row.finish().1;
        let Hang::Parts(parts) = hang else {
            return Err(Problem::bug("the parts of a reading hang on it").into());
        };
        let parts = parts.into_iter().map(|(read, slots)| {
            let operation = Operation { body: Body::Read(read), params: slots.params };
            let ready = self.engine.ready(self.view.roles(), &operation)?;
            Ok(Part { operation, ready, sources: slots.sources })
        });
        let parts = parts.collect::<Result<Vec<_>, Problem>>().map_err(|p| Failure::at(p, field.place))?;
        let shape = Shape { levels: draft.levels }.into();
        Ok(Reading { parts, shape, pages: draft.pages, cost: draft.cost })
    }
}

/// The type of the row with this global id. Of a variable of type `ID` it is a part of the structure, so that plans of
/// `node` are kept.
pub(crate) fn node_type(described: &Described, schema: &Schema, id: &str) -> Option<TypeId> {
    let nodes = described.node_types();
    if nodes.is_empty() {
        return None;
    }
    let (name, key) = global_id::split(id)?;
    nodes.iter().copied().find(|ty| schema.ty(*ty).name == name && schema.ty(*ty).key.len() == key.len())
}

/// A value that is known now, under the field's name.
pub(super) fn known(field: &Field<'_>, json: &str) -> Work {
    Work::Known(format!("\"{}\":{json}", field.key).into_bytes().into())
}

fn close(reading: &Reading) -> Work {
    let pieces = reading.shape.levels.first().map_or(&[][..], |level| &level.close.0);
    let bytes = pieces.iter().filter_map(|piece| match piece {
        Piece::Bytes(bytes) => Some(&**bytes),
        _ => None,
    });
    Work::Known(bytes.collect::<Vec<_>>().concat().into())
}
