//! Values.

use bistro_ir::{Function, JsonStep, Operand, Root};
use bistro_schema::{FieldId, FieldKind, Kind};
use bistro_store::StoreError;

use super::relation::no_new;
use super::{Emitter, Hint, Piece, Slot};
use crate::encode::{Encode, Round};
use crate::form::Form;
use crate::words::{Recase, Sign};

impl Emitter<'_> {
    /// Writes a value; `hint` gives binds the form of what stands beside them.
    pub(super) fn operand(&mut self, operand: &Operand, hint: Hint) -> Result<Piece, StoreError> {
        match operand {
            Operand::Field(root, field) => self.field(*root, *field),
            Operand::Via { root, via, operand } => {
                let way = self.way(*root, via)?;
                self.scopes.push(way.last);
                let value = self.operand(operand, hint);
                self.scopes.pop();
                let value = value?;
                let text = format!("(SELECT {} FROM {} WHERE {} LIMIT 1)", value.text, way.from, way.tie);
                Ok(Piece { text, ..value })
            }
            Operand::Param(id) => Ok(self.bound(hint, |how| Slot::Bind(*id, how))),
            Operand::Literal(value, scalar) => {
                let hint = Hint { form: hint.form.or(Some(Form::loose(*scalar))), ..hint };
                Ok(self.bound(hint, |how| Slot::Constant(value.clone(), how)))
            }
            Operand::Auth(..) | Operand::Now | Operand::Request(_) => {
                Err(StoreError::bug("a statement still speaks of the caller or the request"))
            }
            Operand::Json { base, path, text } => self.json(base, path, *text),
            Operand::If(when, then) => {
                let when = self.expr(when)?;
                let then = self.operand(then, hint)?;
                Ok(Piece { text: format!("CASE WHEN {when} THEN {} END", then.text), ..then })
            }
            Operand::Choose(when, a, b) => {
                let when = self.expr(when)?;
                let (parts, form) = self.alike(&[a, b], hint)?;
                Ok(Piece::of(format!("CASE WHEN {when} THEN {} ELSE {} END", parts[0], parts[1]), form))
            }
            Operand::Truth(expr) => Ok(Piece::new(self.expr(expr)?, Form::Bool)),
            Operand::Call(function, args) => self.call(*function, args, hint),
        }
    }

    fn bound(&mut self, hint: Hint, make: impl FnOnce(Encode) -> Slot) -> Piece {
        let form = hint.form.or(self.words.unknown()).map(|form| self.widened(form));
        let label = hint.label.and_then(|of| self.words.label(of));
        let how = label.or(form.map(|form| Encode::As(form, hint.round))).unwrap_or(Encode::Natural);
        Piece::of(self.slot(make(how)), form)
    }

    /// A field of a row in scope or of the new row.
    pub(super) fn field(&mut self, root: Root, field: FieldId) -> Result<Piece, StoreError> {
        let (ty, alias) = match root {
            Root::Scope(back) => {
                let scope = self.scope(back)?;
                (scope.ty, Some(scope.alias.clone()))
            }
            Root::New => {
                let new = self.new.as_ref().ok_or_else(no_new)?;
                let bind = new.row.0.iter().find(|(f, _)| *f == field).map(|(_, id)| *id);
                let (ty, stored) = (new.ty, new.stored.clone());
                if let Some(id) = bind {
                    let form = self.form_of(ty, field);
                    return Ok(Piece::new(self.slot(Slot::Bind(id, Encode::As(form, Round::Store))), form));
                }
                (ty, stored)
            }
        };
        let form = self.form_of(ty, field);
        let declared = self.schema.ty(ty).field(field);
        if matches!(declared.kind, FieldKind::Computed(_)) {
            let name = &declared.name;
            return Err(StoreError::bug(format!(
                "a statement reads the computed field {name}, which is not stored"
            )));
        }
        Ok(match alias {
            Some(alias) => {
                let label = match declared.scalar.kind {
                    Kind::Enum(id) => Some(id),
                    _ => None,
                };
                Piece { label, ..Piece::new(self.column(&alias, ty, field), form) }
            }
            None => Piece::new(self.words.null(form), form),
        })
    }

    fn json(&mut self, base: &Operand, path: &[JsonStep], text: bool) -> Result<Piece, StoreError> {
        let base = self.operand(base, Hint::form(Some(Form::Json)))?;
        let form = if text { Form::Text } else { Form::Json };
        Ok(Piece::new(self.words.json(&base.text, path, text), form))
    }

    /// The text of a part of a document, as it goes out.
    pub(super) fn shown(&mut self, base: &Operand, path: &[JsonStep]) -> Result<Piece, StoreError> {
        let base = self.operand(base, Hint::form(Some(Form::Json)))?;
        Ok(Piece::new(self.words.json_shown(&base.text, path), Form::Text))
    }

    /// The form in which a bind is read in this run of the statement.
    pub(super) fn widened(&self, form: Form) -> Form {
        match form {
            Form::Int if self.width.numbers => Form::Decimal,
            Form::List(Kind::Int | Kind::BigInt) if self.width.numbers => Form::List(WIDEST),
            form => form,
        }
    }

    /// Writes values so that all have one form: the first known one, or the loose form of decimals where they differ.
    pub(super) fn alike(
        &mut self,
        operands: &[&Operand],
        hint: Hint,
    ) -> Result<(Vec<String>, Option<Form>), StoreError> {
        let mut pieces = Vec::with_capacity(operands.len());
        for operand in operands {
            pieces.push(if self.untyped(operand) { None } else { Some(self.operand(operand, hint)?) });
        }
        let known: Vec<Form> = pieces.iter().flatten().filter_map(|p| p.form).collect();
        let form = match known.as_slice() {
            [] => hint.form,
            [first, rest @ ..] if rest.iter().all(|f| f == first) => Some(*first),
            all if all.contains(&Form::Real) => Some(Form::Real),
            all if all.iter().any(|f| f.is_decimal()) => Some(Form::Decimal),
            all => Some(all[0]),
        };
        // Where only binds are given, each has the form of what nobody knows.
        let binds = pieces.iter().any(Option::is_none);
        let form = form.or(self.words.unknown()).map(|f| if binds { self.widened(f) } else { f });
        let mut out = Vec::with_capacity(operands.len());
        for (operand, piece) in operands.iter().zip(pieces) {
            let piece = match piece {
                Some(piece) => piece,
                None => self.operand(operand, Hint::form(form))?,
            };
            out.push(self.cast(piece, form));
        }
        Ok((out, form))
    }

    fn call(&mut self, function: Function, args: &[Operand], hint: Hint) -> Result<Piece, StoreError> {
        let first = args.first().ok_or_else(|| StoreError::bug("a function without arguments"))?;
        match function {
            Function::Lower => self.recase(Recase::Lower, first),
            Function::Upper => self.recase(Recase::Upper, first),
            Function::Trim => self.recase(Recase::Trim, first),
            Function::Size => {
                let value = self.operand(first, Hint::NONE)?;
                // A bind in the form of what nobody knows may be a text or a list.
                let form = value.form.filter(|f| !self.untyped(first) || Some(*f) != self.words.unknown());
                Ok(Piece::new(self.words.size(&value.text, form), Form::Int))
            }
            Function::Concat => {
                let parts = args.iter().map(|a| self.as_text(a)).collect::<Result<Vec<_>, _>>()?;
                Ok(Piece::new(self.words.concat(&parts), Form::Text))
            }
            Function::Text => self.text_of(first),
            Function::Coalesce => {
                let (parts, form) = self.alike(&args.iter().collect::<Vec<_>>(), hint)?;
                Ok(match parts.as_slice() {
                    [one] => Piece::of(one.clone(), form),
                    many => Piece::of(format!("coalesce({})", many.join(", ")), form),
                })
            }
            Function::AddMicros => {
                let at = self.operand(first, Hint::form(Some(Form::DateTime)))?;
                let by = args.get(1).ok_or_else(|| StoreError::bug("AddMicros without a number"))?;
                let by = self.operand(by, Hint::form(Some(Form::Int)))?;
                Ok(Piece::new(self.words.later(&at.text, &by.text), Form::DateTime))
            }
            Function::Add => self.arithmetic(Sign::Add, args),
            Function::Subtract => self.arithmetic(Sign::Subtract, args),
            Function::Multiply => self.arithmetic(Sign::Multiply, args),
            Function::Divide => self.arithmetic(Sign::Divide, args),
            Function::Remainder => self.arithmetic(Sign::Remainder, args),
        }
    }

    /// The text of any value.
    fn text_of(&mut self, of: &Operand) -> Result<Piece, StoreError> {
        if self.untyped(of) && self.words.unknown().is_some() {
            return self.operand(of, Hint::form(Some(Form::Text)));
        }
        let value = self.operand(of, Hint::NONE)?;
        Ok(match value.form {
            Some(Form::Text) => value,
            Some(form) => Piece::new(self.words.text(&value.text, form), Form::Text),
            None => Piece::new(self.operand(of, Hint::form(Some(Form::Text)))?.text, Form::Text),
        })
    }

    fn recase(&mut self, how: Recase, of: &Operand) -> Result<Piece, StoreError> {
        let value = self.operand(of, Hint::form(Some(Form::Text)))?;
        Ok(Piece::new(self.words.recase(how, &value.text), Form::Text))
    }

    /// Numbers of one form.
    fn arithmetic(&mut self, sign: Sign, args: &[Operand]) -> Result<Piece, StoreError> {
        let [a, b] = args else { return Err(StoreError::bug("arithmetic takes two numbers")) };
        let (parts, form) = self.alike(&[a, b], Hint::NONE)?;
        let (text, form) = self.words.arithmetic(sign, &parts[0], &parts[1], form);
        Ok(Piece::of(text, form))
    }

    /// Whether only its binds know the form of a value. Where slots have types, calculations make it a number.
    pub(super) fn untyped(&self, operand: &Operand) -> bool {
        match operand {
            Operand::Param(_) | Operand::Literal(..) => true,
            Operand::If(_, then) => self.untyped(then),
            Operand::Choose(_, a, b) => self.untyped(a) && self.untyped(b),
            Operand::Call(Function::Coalesce, args) => args.iter().all(|a| self.untyped(a)),
            Operand::Call(
                Function::Add
                | Function::Subtract
                | Function::Multiply
                | Function::Divide
                | Function::Remainder,
                args,
            ) => self.words.unknown().is_none() && args.iter().all(|a| self.untyped(a)),
            _ => false,
        }
    }

    /// A value in another form of number.
    fn cast(&self, piece: Piece, to: Option<Form>) -> String {
        match (piece.form, to) {
            (Some(from), Some(Form::Real)) if from.is_decimal() => self.words.real(&piece.text, from),
            (Some(from), Some(Form::Decimal)) => self.words.loose(&piece.text, from),
            _ => piece.text,
        }
    }
}

/// Numbers of any size.
const WIDEST: Kind = Kind::Decimal { precision: 38, scale: 9, bare: true };
