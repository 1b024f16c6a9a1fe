//! Values.

use bistro_ir::{Function, JsonStep, Operand, Root};
use bistro_schema::{FieldId, FieldKind};
use bistro_store::StoreError;

use super::relation::no_new;
use super::{Emitter, Hint, Piece, Slot};
use crate::encode::{Encode, Round};
use crate::form::Form;

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
                Ok(Piece { text, form: value.form })
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
                Ok(Piece { text: format!("CASE WHEN {when} THEN {} END", then.text), form: then.form })
            }
            Operand::Choose(when, a, b) => {
                let when = self.expr(when)?;
                let (parts, form) = self.alike(&[a, b], hint)?;
                Ok(Piece { text: format!("CASE WHEN {when} THEN {} ELSE {} END", parts[0], parts[1]), form })
            }
            Operand::Truth(expr) => Ok(Piece::new(self.expr(expr)?, Form::Bool)),
            Operand::Call(function, args) => self.call(*function, args, hint),
        }
    }

    fn bound(&mut self, hint: Hint, make: impl FnOnce(Encode) -> Slot) -> Piece {
        let how = hint.form.map_or(Encode::Natural, |form| Encode::As(form, hint.round));
        Piece { text: self.slot(make(how)), form: hint.form }
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
            Some(alias) => Piece::new(self.column(&alias, ty, field), form),
            None => Piece::new("NULL", form),
        })
    }

    fn json(&mut self, base: &Operand, path: &[JsonStep], text: bool) -> Result<Piece, StoreError> {
        let base = self.operand(base, Hint::form(Some(Form::Json)))?;
        let mut steps = Vec::new();
        for step in path {
            match step {
                JsonStep::Key(key) => {
                    let mut out = Vec::new();
                    bistro_schema::text::write_json_string(key, &mut out);
                    steps.push(String::from_utf8_lossy(&out).into_owned());
                }
                JsonStep::Index(index) => steps.push(index.to_string()),
            }
        }
        let steps = self.dialect.text(&format!("[{}]", steps.join(",")));
        let name = if text { "bistro_json_text" } else { "bistro_json" };
        Ok(Piece::new(format!("{name}({}, {steps})", base.text), if text { Form::Text } else { Form::Json }))
    }

    /// Writes values so that all have one form: the first known one, or the loose form of decimals where they differ.
    pub(super) fn alike(
        &mut self,
        operands: &[&Operand],
        hint: Hint,
    ) -> Result<(Vec<String>, Option<Form>), StoreError> {
        let mut pieces = Vec::with_capacity(operands.len());
        for operand in operands {
            pieces.push(if untyped(operand) { None } else { Some(self.operand(operand, hint)?) });
        }
        let known: Vec<Form> = pieces.iter().flatten().filter_map(|p| p.form).collect();
        let form = match known.as_slice() {
            [] => hint.form,
            [first, rest @ ..] if rest.iter().all(|f| f == first) => Some(*first),
            all if all.contains(&Form::Real) => Some(Form::Real),
            all if all.iter().any(|f| f.is_decimal()) => Some(Form::Decimal),
            all => Some(all[0]),
        };
        let mut out = Vec::with_capacity(operands.len());
        for (operand, piece) in operands.iter().zip(pieces) {
            let piece = match piece {
                Some(piece) => piece,
                None => self.operand(operand, Hint { form, round: Round::Exact })?,
            };
            out.push(cast(piece, form));
        }
        Ok((out, form))
    }

    fn call(&mut self, function: Function, args: &[Operand], hint: Hint) -> Result<Piece, StoreError> {
        let first = args.first().ok_or_else(|| StoreError::bug("a function without arguments"))?;
        match function {
            Function::Lower => self.text_call("bistro_lower", first),
            Function::Upper => self.text_call("bistro_upper", first),
            Function::Trim => self.text_call("bistro_trim", first),
            Function::Size => {
                let value = self.operand(first, Hint::NONE)?;
                let name = match value.form {
                    Some(Form::List(_) | Form::Json) => "json_array_length",
                    Some(_) => "length",
                    None => "bistro_size",
                };
                Ok(Piece::new(format!("{name}({})", value.text), Form::Int))
            }
            Function::Concat => {
                let parts = args.iter().map(|a| self.as_text(a)).collect::<Result<Vec<_>, _>>()?;
                Ok(Piece::new(format!("({})", parts.join(" || ")), Form::Text))
            }
            Function::Text => {
                let value = self.operand(first, Hint::NONE)?;
                Ok(match value.form {
                    Some(Form::Text) => value,
                    Some(form) => {
                        Piece::new(format!("bistro_text({}, '{}')", value.text, form.code()), Form::Text)
                    }
                    None => {
                        let text = self.operand(first, Hint::form(Some(Form::Text)))?;
                        Piece::new(text.text, Form::Text)
                    }
                })
            }
            Function::Coalesce => {
                let (parts, form) = self.alike(&args.iter().collect::<Vec<_>>(), hint)?;
                Ok(match parts.as_slice() {
                    [one] => Piece { text: one.clone(), form },
                    many => Piece { text: format!("coalesce({})", many.join(", ")), form },
                })
            }
            Function::AddMicros => {
                let at = self.operand(first, Hint::form(Some(Form::DateTime)))?;
                let by = args.get(1).ok_or_else(|| StoreError::bug("AddMicros without a number"))?;
                let by = self.operand(by, Hint::form(Some(Form::Int)))?;
                Ok(Piece::new(format!("bistro_int('+', {}, {})", at.text, by.text), Form::DateTime))
            }
            Function::Add => self.arithmetic("+", args),
            Function::Subtract => self.arithmetic("-", args),
            Function::Multiply => self.arithmetic("*", args),
            Function::Divide => self.arithmetic("/", args),
            Function::Remainder => self.arithmetic("%", args),
        }
    }

    fn text_call(&mut self, name: &str, of: &Operand) -> Result<Piece, StoreError> {
        let value = self.operand(of, Hint::form(Some(Form::Text)))?;
        Ok(Piece::new(format!("{name}({})", value.text), Form::Text))
    }

    /// Numbers of one form: floats natively, integers and decimals by exact functions that refuse to overflow.
    fn arithmetic(&mut self, sign: &str, args: &[Operand]) -> Result<Piece, StoreError> {
        let [a, b] = args else { return Err(StoreError::bug("arithmetic takes two numbers")) };
        let (parts, form) = self.alike(&[a, b], Hint::NONE)?;
        let [a, b] = [&parts[0], &parts[1]];
        Ok(match form {
            Some(Form::Real) if sign == "%" => Piece::new(format!("bistro_rem({a}, {b})"), Form::Real),
            Some(Form::Real) => Piece::new(format!("({a} {sign} {b})"), Form::Real),
            Some(form) if form.is_decimal() => {
                let (a, b) = (loose(a, form), loose(b, form));
                Piece::new(format!("bistro_decimal('{sign}', {a}, {b})"), Form::Decimal)
            }
            Some(form) => Piece::new(format!("bistro_int('{sign}', {a}, {b})"), form),
            None => Piece { text: format!("bistro_any('{sign}', {a}, {b})"), form: None },
        })
    }
}

/// Whether only its binds know the form of a value.
pub(super) fn untyped(operand: &Operand) -> bool {
    match operand {
        Operand::Param(_) | Operand::Literal(..) => true,
        Operand::If(_, then) => untyped(then),
        Operand::Choose(_, a, b) => untyped(a) && untyped(b),
        Operand::Call(Function::Coalesce, args) => args.iter().all(untyped),
        Operand::Call(
            Function::Add | Function::Subtract | Function::Multiply | Function::Divide | Function::Remainder,
            args,
        ) => args.iter().all(untyped),
        _ => false,
    }
}

/// A value in another form of number.
fn cast(piece: Piece, to: Option<Form>) -> String {
    match (piece.form, to) {
        (Some(from), Some(Form::Real)) if from.is_decimal() => {
            format!("bistro_real({})", loose(&piece.text, from))
        }
        (Some(from), Some(Form::Decimal)) => loose(&piece.text, from),
        _ => piece.text,
    }
}

/// An exact number in the loose form.
pub(super) fn loose(text: &str, from: Form) -> String {
    match from.scale() {
        Some(scale) => format!("bistro_loose({text}, {scale})"),
        None => text.to_owned(),
    }
}
