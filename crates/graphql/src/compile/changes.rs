//! `postChanges`: which changes of a type a subscriber is told of, and what of their rows.

use std::sync::Arc;

use bistro_engine::{Context, Engine, Event, Hindsight, Types};
use bistro_ir::{Compare, Expr, Input, Operand, ParamId, Root};
use bistro_problem::{Code, Problem};
use bistro_schema::{FieldId, TypeId, Value};

use super::connection::Hang;
use super::row::{Row, print};
use super::select::read;
use super::{Compiler, Draft, Field};
use crate::describe::output_name;
use crate::failure::Failure;
use crate::plan::Reading;
use crate::render::{Form, Print};

/// A subscription to the changes of a type.
pub(crate) struct Changes {
    pub(crate) ty: TypeId,
    /// The kinds of change that are told.
    pub(crate) events: Vec<Event>,
    /// What each `node` shows of the row, under the condition that it is the row of the key and meets the filter. The first
    /// decides whether the change is told; where no node is asked for it does nothing else.
    pub(crate) nodes: Vec<Reading>,
    /// Where the key's values go among the values of each node.
    pub(crate) key: Vec<ParamId>,
    /// The condition of the nodes for rows that are gone.
    pub(crate) hindsight: Arc<Hindsight>,
    /// The object of a change, from brace to brace.
    pub(crate) pieces: Vec<Piece>,
}

/// A piece of the object of a change.
#[derive(Debug)]
pub(crate) enum Piece {
    /// JSON as it stands.
    Text(Box<str>),
    /// The name of the event.
    Event,
    /// A value of the key, by its place in it.
    Key(usize, Print),
    /// The global id of the row, of a type with this name.
    GlobalId(Box<str>),
    /// The member of a node by its place among them, its name and colon included; null under this name where the row is gone.
    Node(usize, Box<str>),
}

impl Changes {
    /// What `postChanges` asks.
    pub(crate) fn compile<'a>(
        compiler: &Compiler<'a>,
        field: &Field<'a>,
        ty: TypeId,
    ) -> Result<Self, Failure> {
        let at = |problem: Problem| Failure::at(problem, field.place);
        let mut object =
            Object { compiler, field, ty, pieces: Vec::new(), nodes: Vec::new(), key: Vec::new() };
        object.members()?;
        if object.nodes.is_empty() {
            object.unseen()?;
        }
        let roles = compiler.view.roles();
        let condition = object.nodes.first().and_then(|node| node.parts.first());
        let condition = condition.ok_or_else(|| Problem::bug("a node of a change is not read"))?;
        let hindsight = compiler.engine.hindsight(roles, &condition.operation).map_err(at)?;
        let events = events(compiler, field).map_err(at)?;
        let Object { pieces, nodes, key, .. } = object;
        Ok(Self { ty, events, nodes, key, hindsight, pieces })
    }

    /// Refuses a subscriber who may run none of it, before there is a change whose timing could tell of rows.
    pub(crate) fn permitted(&self, engine: &Engine, cx: &Context) -> Result<(), Problem> {
        self.nodes.iter().flat_map(|node| &node.parts).try_for_each(|part| engine.permits(cx, &part.ready))
    }

    /// The type, as a set.
    pub(crate) fn types(&self) -> Types {
        [self.ty].into_iter().collect()
    }

    /// Puts the key of a changed row among the values of a node.
    pub(crate) fn put_key(&self, input: &mut Input, key: &[Value]) {
        for (slot, value) in self.key.iter().zip(key) {
            if let Some(place) = input.params.get_mut(usize::from(slot.0)) {
                place.clone_from(value);
            }
        }
    }
}

/// The kinds of change that are asked for.
fn events(compiler: &Compiler<'_>, field: &Field<'_>) -> Result<Vec<Event>, Problem> {
    let Some(given) = compiler.said(field, "events") else {
        return Ok(vec![Event::Insert, Event::Update, Event::Delete]);
    };
    let event = |name: Option<&str>| match name {
        Some("INSERT") => Ok(Event::Insert),
        Some("UPDATE") => Ok(Event::Update),
        Some("DELETE") => Ok(Event::Delete),
        _ => Err(Problem::new(Code::BadParameter, "events holds INSERT, UPDATE or DELETE, and no null")),
    };
    let events = given.elements().iter().map(|one| event(one.name())).collect::<Result<Vec<_>, _>>()?;
    if events.is_empty() {
        let message = "events is empty, so that nothing would ever be told";
        return Err(Problem::new(Code::BadParameter, message).hint("Leave events out to be told of all."));
    }
    Ok(events)
}

/// The object of a change while it is made.
struct Object<'c, 'a> {
    compiler: &'c Compiler<'a>,
    field: &'c Field<'a>,
    ty: TypeId,
    pieces: Vec<Piece>,
    nodes: Vec<Reading>,
    key: Vec<ParamId>,
}

impl<'a> Object<'_, 'a> {
    fn text(&mut self, text: String) {
        self.pieces.push(Piece::Text(text.into()));
    }

    fn members(&mut self) -> Result<(), Failure> {
        let (compiler, name) = (self.compiler, &self.compiler.view.schema().ty(self.ty).name);
        let change = format!("{name}Change");
        self.text("{".into());
        for (n, member) in compiler.collect(&change, &self.field.sets)?.iter().enumerate() {
            if n > 0 {
                self.text(",".into());
            }
            if member.name != "node" {
                self.text(format!("\"{}\":", member.key));
            }
            match member.name {
                "__typename" => self.text(format!("\"{change}\"")),
                "event" => {
                    self.text("\"".into());
                    self.pieces.push(Piece::Event);
                    self.text("\"".into());
                }
                "key" => self.key_object(member)?,
                "nodeId" => self.pieces.push(Piece::GlobalId(name.as_str().into())),
                _ => {
                    let node = self.node(member, true)?;
                    self.pieces.push(Piece::Node(self.nodes.len(), member.key.into()));
                    self.nodes.push(node);
                }
            }
        }
        self.text("}".into());
        Ok(())
    }

    fn key_object(&mut self, member: &Field<'a>) -> Result<(), Failure> {
        let (compiler, of) = (self.compiler, self.compiler.view.schema().ty(self.ty));
        let name = format!("{}ChangeKey", of.name);
        let node = compiler.described.node_types().contains(&self.ty);
        self.text("{".into());
        for (n, part) in compiler.collect(&name, &member.sets)?.iter().enumerate() {
            let comma = if n > 0 { "," } else { "" };
            self.text(format!("{comma}\"{}\":", part.key));
            if part.name == "__typename" {
                self.text(format!("\"{name}\""));
                continue;
            }
            let place = of.key.iter().position(|f| output_name(of.field(*f), node) == part.name);
            let place = place.ok_or_else(|| Problem::bug("a key has a field that is not described"))?;
            self.pieces.push(Piece::Key(place, print(of.field(of.key[place]).scalar)));
        }
        self.text("}".into());
        Ok(())
    }

    /// Where no node is asked for, the row must still be one that the caller sees.
    fn unseen(&mut self) -> Result<(), Failure> {
        let node = self.node(self.field, false)?;
        self.nodes.push(node);
        Ok(())
    }

    /// A read of the row that changed.
    fn node(&mut self, member: &Field<'a>, shown: bool) -> Result<Reading, Failure> {
        let (compiler, ty) = (self.compiler, self.ty);
        let name = &compiler.view.schema().ty(ty).name;
        let mut key = Vec::new();
        let reading = compiler.reading(member, |draft, row, hang| {
            let filter = self.condition(draft, &mut key)?;
            let (items, level) = match shown {
                true => compiler.object(draft, ty, name, &member.sets, 0)?,
                false => {
                    let mut nothing = Row::default();
                    compiler.read_something(&mut nothing, ty)?;
                    nothing.finish()
                }
            };
            let level = draft.level(level);
            let hang: &mut Hang = hang;
            draft.hang(row, hang, (member.key.into(), read(ty, items, filter)), (Form::One, level, None));
            Ok(())
        });
        self.key = key;
        reading
    }

    /// That the row meets the filter and has the key, whose values come with each change.
    fn condition(&self, draft: &mut Draft, key: &mut Vec<ParamId>) -> Result<Expr, Failure> {
        let compiler = self.compiler;
        let at = |problem: Problem| Failure::at(problem, self.field.place);
        let filter = compiler.said(self.field, "filter");
        let filter = filter.map(|filter| compiler.condition(&mut draft.slots, self.ty, &filter));
        let filter = filter.transpose().map_err(at)?.unwrap_or(Expr::TRUE);
        let of = compiler.view.schema().ty(self.ty);
        let mut equal = |f: &FieldId| {
            let slot = draft.slots.fixed(of.field(*f).scalar, Value::Null)?;
            key.push(slot);
            Ok(Expr::Compare(Compare::Eq, Operand::Field(Root::Scope(0), *f), Operand::Param(slot)))
        };
        let equal = of.key.iter().map(&mut equal).collect::<Result<Vec<_>, Problem>>().map_err(at)?;
        Ok(Expr::all(equal.into_iter().chain([filter])))
    }
}
